package device

import (
	"context"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/store"
	"entente/stix"
)

// Reasons of this package; others are detect's and the guards'.
const (
	leftEarly      = "it is not valid yet"
	leftLate       = "it is no longer valid"
	leftUnreviewed = "a machine made it, and nobody has reviewed it"
	leftPAP        = "PAP does not allow blocking it"
	leftTogether   = "it condemns values only together, and none of them by itself"
	leftConfidence = "its confidence is lower than asked for, or not said"
	leftScore      = "its score is lower than asked for"
	leftKind       = "the format says no values of this kind"
	leftUnfit      = "a value that this format cannot hold"
	leftSpecial    = "an address that is private or special"
	leftWider      = "another entry covers it"
	leftLimit      = "the limit is reached by better ones"
)

// judgement is by what rows of what indicators say become rows of a list.
type judgement struct {
	wish   Wish
	at     time.Time
	kinds  []blocklist.Kind
	guards guarding
	worths *worths
	wrong  *wrongs
	again  bool // the places of the indicators are asked for
}

// judged is what some rows came to.
type judged struct {
	rows   rows
	left   leftOut
	turns  time.Time
	places []store.Place // of the indicators
}

// all gives the rows of a list, in the order of their values, and adds up the rest of what
// rows come to.
func (j *judgement) all(of iter.Seq2[[]byte, error], sum *judged) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for one, err := range inTurn(blocksOf(of), j.judge) {
			if err != nil {
				yield(nil, err)
				return
			}
			sum.add(one)
			for i := range one.rows.at {
				if !yield(one.rows.row(i), nil) {
					return
				}
			}
		}
	}
}

func (s *judged) add(one *judged) {
	for reason, l := range one.left {
		s.left.leave(reason, l.Example, l.Count)
	}
	s.turns = sooner(s.turns, one.turns)
	s.places = append(s.places, one.places...)
}

// sooner is the first of two moments; zero is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func (j *judgement) judge(of *rows) *judged {
	out := &judged{left: leftOut{}}
	var f facts
	for i := range of.at {
		row := of.row(i)
		j.row(out, &f, row, f.read(row))
	}
	return out
}

// row judges one row, of which rest is what stands behind the facts.
func (j *judgement) row(out *judged, f *facts, row, rest []byte) {
	first := f.flags&isFirst != 0
	leave := func(reason string) {
		if first {
			out.left.leave(reason, string(f.id), 1)
		}
	}
	if first {
		if j.again {
			out.places = append(out.places, f.place)
		}
		for _, t := range [...]time.Time{f.since, f.until} {
			if t.After(j.at) {
				out.turns = sooner(out.turns, t)
			}
		}
	}
	if f.flags&isBarren != 0 {
		why, _ := nextRemark(rest)
		leave(why.text)
		return
	}
	why, rank := j.against(f)
	if why != "" {
		leave(why)
		return
	}
	wrong := j.wrong.why(f)
	if wrong != "" {
		leave(wrong)
	}
	if row[0] == remarked {
		j.remarks(out, f, rest, wrong != "")
		return
	}
	key := row[:keyLen(row)]
	kind, value := blocklist.Kind(key[0]), valueOf(key)
	entry, v := blocklist.Entry{Kind: kind, Value: value}, stix.Value{Kind: lookedUp[kind], Text: value}
	if wrong != "" && !j.guards.insisted[v] {
		return
	}
	if why := j.fit(&entry, v, f); why != "" {
		out.left.leave(why, value, 1)
		return
	}
	out.rows.addJudged(key, f, rank)
}

// against tells why nothing of an indicator is taken; empty when something may be, with
// its rank.
func (j *judgement) against(f *facts) (why string, rank byte) {
	switch {
	case !f.since.IsZero() && j.at.Before(f.since):
		return leftEarly, 0
	case !f.until.IsZero() && !j.at.Before(f.until):
		return leftLate, 0
	case j.wish.Format.Blocks && !mayBlock(f.pap):
		return leftPAP, 0
	case j.wish.Reviewed && f.flags&isUnreviewed != 0:
		return leftUnreviewed, 0
	case j.wish.MinConfidence > 0 && confidenceOf(f.confidence) < j.wish.MinConfidence:
		return leftConfidence, 0
	}
	rank = j.worths.rank(f)
	if j.wish.MinScore > 0 && scoreOf(rank) < j.wish.MinScore {
		return leftScore, 0
	}
	return "", rank
}

// remarks tells of what an indicator says besides its values. Of a false positive what is
// wrong with its values is not told.
func (j *judgement) remarks(out *judged, f *facts, rest []byte, wrong bool) {
	told := map[string]bool{}
	for len(rest) > 0 {
		var r remark
		r, rest = nextRemark(rest)
		why, example := r.text, string(f.id)
		switch {
		case r.what == isTogether:
			why = leftTogether
		case r.what == isUnfit && wrong:
			continue
		case r.what == isUnfit:
			if why, example = leftUnfit, r.text; !slices.Contains(j.kinds, r.kind) {
				why = leftKind
			}
		}
		if !told[why] {
			told[why] = true
			out.left.leave(why, example, 1)
		}
	}
}

// fit tells why a value is not taken.
func (j *judgement) fit(e *blocklist.Entry, v stix.Value, f *facts) string {
	switch {
	case !slices.Contains(j.kinds, e.Kind):
		return leftKind
	case !j.wish.Format.Takes(e):
		return leftUnfit
	case j.wish.Format.Blocks && f.flags&isPrivate != 0:
		return leftSpecial
	}
	return j.guards.against(v)
}

// wrongs tells why what opinions are about is a false positive; empty where it is none.
type wrongs struct {
	at map[store.Place]string
	of map[string]string // by id, where one of that id is
}

// why is that of an indicator, which may stand elsewhere by now than where it was heard.
func (w *wrongs) why(f *facts) string {
	if why, found := w.at[f.place]; found {
		return why
	}
	return w.of[string(f.id)]
}

func (o *opinions) wrongs(ctx context.Context, view *exchange.View) (*wrongs, error) {
	wrong := &wrongs{map[store.Place]string{}, map[string]string{}}
	for page, err := range view.NewestPages(ctx, slices.Sorted(maps.Keys(o.said))) {
		if err != nil {
			return nil, err
		}
		for i := range page.Len() {
			why, err := o.against(ctx, page, i)
			if err != nil {
				return nil, err
			}
			if wrong.at[page.Place(i)] = why; why != "" {
				wrong.of[strings.Clone(page.ID(i))] = why
			}
		}
	}
	return wrong, nil
}
