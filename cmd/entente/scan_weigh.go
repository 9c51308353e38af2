package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/intake"
	"entente/internal/practice/lookup"
	"entente/internal/practice/warninglist"
	"entente/internal/score"
	"entente/stix"
)

// scanWorth is what is told beside an indicator: what it is worth, which warninglists the
// value is on that it asks for, and what to do.
type scanWorth struct {
	Score *int     `json:"score,omitempty"`
	Lists []string `json:"warninglists,omitempty"`
	scanAdvice
}

// words say it to people, behind what was said before.
func (w *scanWorth) words() (text string) {
	if w.Score != nil {
		text = fmt.Sprintf(", score %d", *w.Score)
	}
	for _, l := range w.Lists[:min(len(w.Lists), mostListed)] {
		text += ", on the warninglist " + l
	}
	if more := len(w.Lists) - mostListed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + w.scanAdvice.words()
}

// weighing finds what is told beside hits. The node is asked of many values at once, so
// that hits wait until somebody waits for them or there are many.
type weighing struct {
	paths   []string           // of warninglists
	lists   *warninglist.Set   // of those
	ask     func([]stix.Value) // the node; nil when its indicators are not those that are looked for
	asked   map[askedOf]bool
	known   map[stix.Value]*lookup.Answer
	actions map[string][]scanAction // against what indicators indicate, by its id
	waiting []waitingHit
}

// askedOf is an indicator and a value of it.
type askedOf struct {
	indicator string
	value     stix.Value
}

// waitingHit is a hit that is not written yet.
type waitingHit struct {
	what  *scanWhat
	value stix.Value
	write func() error
}

const (
	mostWaiting = 4096 // hits
	weighAtOnce = 200  // values of one request
)

// loadLists reads the warninglists of --warninglists.
func (s *scan) loadLists(ctx context.Context) error {
	s.weigh.asked, s.weigh.known, s.weigh.actions = map[askedOf]bool{}, map[stix.Value]*lookup.Answer{}, map[string][]scanAction{}
	if len(s.sets) == 0 {
		s.weigh.ask = func(values []stix.Value) { s.askWorth(context.WithoutCancel(ctx), values) } // what was found is told before the scan ends
	}
	if len(s.weigh.paths) == 0 {
		return nil
	}
	b := warninglist.NewBuilder()
	for source, err := range intake.Sources(s.weigh.paths, letGo(ctx, s.stdin)) {
		var l *warninglist.List
		if err == nil {
			l, err = readWarninglist(source)
		}
		if err == nil {
			_, err = b.Add(l)
		}
		if err != nil {
			return fmt.Errorf("scan: --warninglists %w", err)
		}
	}
	if s.weigh.lists = b.Set(); s.weigh.lists.Lists() == 0 {
		return fmt.Errorf("scan: --warninglists: no JSON file is in %s", strings.Join(s.weigh.paths, ", "))
	}
	return nil
}

// later writes a hit once it is known what is told beside it.
func (s *scan) later(what *scanWhat, matched stix.Value, write func() error) error {
	s.weigh.waiting = append(s.weigh.waiting, waitingHit{what, matched, write})
	if s.prompt || len(s.weigh.waiting) == mostWaiting {
		return s.writeWaiting()
	}
	return nil
}

// writeWaiting writes the hits that wait.
func (s *scan) writeWaiting() error {
	waiting := s.weigh.waiting
	s.weigh.waiting = nil
	s.weighAll(waiting)
	for _, w := range waiting {
		if err := w.write(); err != nil {
			return err
		}
	}
	return nil
}

// weighAll puts in what is told beside hits. The node is asked once for an indicator and
// a value of it, and not of what it told before.
func (s *scan) weighAll(hits []waitingHit) {
	if s.weigh.ask != nil {
		var values []stix.Value
		for _, h := range hits {
			of := askedOf{h.what.Indicator, h.value}
			if s.weigh.asked[of] {
				continue
			}
			s.weigh.asked[of] = true
			if s.findingOf(h.value, h.what.Indicator) == nil && !slices.Contains(values, h.value) {
				values = append(values, h.value)
			}
		}
		if len(values) > 0 {
			s.weigh.ask(values)
		}
	}
	for _, h := range hits {
		h.what.scanWorth = s.worth(h.what, h.value)
	}
}

// findingOf is what the node has told of an indicator, asked of a value; nil for nothing.
func (s *scan) findingOf(v stix.Value, id string) *lookup.Finding {
	a := s.weigh.known[v]
	if a == nil {
		return nil
	}
	i := slices.IndexFunc(a.Findings, func(f lookup.Finding) bool { return f.ID == id })
	if i < 0 {
		return nil
	}
	return &a.Findings[i]
}

// worth is what is told beside an indicator and a value of it.
func (s *scan) worth(what *scanWhat, v stix.Value) (w scanWorth) {
	if a := s.weigh.known[v]; a != nil {
		if f := s.findingOf(v, what.Indicator); f != nil {
			w.Score, w.scanAdvice = f.Score, s.advice(f)
		}
		for _, l := range a.Lists {
			w.Lists = append(w.Lists, l.Words)
		}
	}
	if s.weigh.ask == nil {
		n := what.scoreByItself(v, s.sights.now)
		w.Score = &n
	}
	for _, h := range s.weigh.lists.On(v) {
		if text := h.String(); !slices.Contains(w.Lists, text) {
			w.Lists = append(w.Lists, text)
		}
	}
	return w
}

// askWorth asks the node what it knows of values, as the reader whose indicators are
// looked for. Where it cannot be asked, that is told once.
func (s *scan) askWorth(ctx context.Context, values []stix.Value) {
	err := s.withNode(ctx, func(n *admin.Client) error {
		for some := range slices.Chunk(values, weighAtOnce) {
			ask := api.Question{Limit: api.MaxFindings / weighAtOnce}
			for _, v := range some {
				ask.Values = append(ask.Values, v.Text)
			}
			var answers client.List[lookup.Answer]
			if err := n.As(s.as).Do(ctx, http.MethodPost, "/api/v1/find", ask, &answers); err != nil {
				return err
			}
			for i := range answers.Items {
				s.weigh.known[some[i]] = &answers.Items[i]
			}
			if err := s.askActions(ctx, n, answers.Items); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.weigh.ask = func([]stix.Value) {}
		s.tell("scores, warninglists and what to do are left out: the node could not be asked: %s", printable(err.Error()))
	}
}

// scoreByItself is the score of an indicator of a set, of which nobody else's word is
// there.
func (w *scanWhat) scoreByItself(v stix.Value, now time.Time) int {
	f := score.Facts{Kind: kindOfValue(v.Kind), Confidence: -1}
	if w.Confidence != nil {
		f.Confidence = *w.Confidence
	}
	if w.Since != nil {
		f.Since = *w.Since
	}
	if w.Until != nil {
		f.Until = *w.Until
	}
	n, _ := score.Usual.Score(&f, now)
	return n
}

func kindOfValue(k stix.ValueKind) score.Kind {
	switch k {
	case stix.ValueIP:
		return score.Address
	case stix.ValueURL:
		return score.URL
	case stix.ValueDomain:
		return score.Name
	case stix.ValueEmail:
		return score.Mail
	case stix.ValueHash, stix.ValueFile, stix.ValueCert:
		return score.File
	}
	return score.Other
}

// weighRows puts in what is told beside each indicator of a summary.
func (s *scan) weighRows() {
	var rows []waitingHit
	for _, r := range s.order {
		rows = append(rows, waitingHit{what: &r.scanWhat, value: r.value})
	}
	s.weighAll(rows)
}
