package device

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// opinions are what organisations say of indicators, each its newest word, and what
// follows from it for lists (docs/reference/lists.md). Who brought what is for the own
// member's accounts alone to know, and so is what depends on it: for others nobody has
// said anything.
type opinions struct {
	rule Rule
	own  string            // the own member, in lower case
	said map[string][]word // by the id of what it is about

	mu        sync.Mutex
	speakers  *exchange.Speakers
	explained int
}

// word is the newest opinion of an organisation on an indicator.
type word struct {
	org      string
	version  string
	position position
	why      string
}

type position int8

const (
	neutral position = iota
	favours
	against
)

// positions of STIX's opinion-ov.
var positions = map[string]position{"strongly-disagree": against, "disagree": against, "agree": favours, "strongly-agree": favours}

// Bounds of what is read of opinions.
const (
	mostWords     = 100_000 // of those that one organisation brought; the first count
	mostExplained = 1000    // reasons that are told with what their author says
	mostWhy       = 120     // characters of that
	mostNamed     = 3       // organisations that are named in a reason
)

// opinion is the newest version of one that an organisation brought under an identifier.
type opinion struct {
	word
	revoked bool
	about   []string
}

// opinionsFor reads what an account's view has of opinions.
func (c *Chooser) opinionsFor(ctx context.Context, by account.Principal, view *exchange.View) (*opinions, error) {
	o := &opinions{own: strings.ToLower(by.Org), said: map[string][]word{}, speakers: view.Speakers()}
	if !by.Own {
		return o, nil
	}
	var err error
	if o.rule, err = c.Rule(); err != nil {
		return nil, err
	}
	h := hearing{o.speakers, map[[2]string]*opinion{}, map[string]int{}}
	for _, in := range view.Readable() {
		// Others may bring versions under the same identifier, so that all are read.
		q := exchange.Query{Types: []string{"opinion"}, Limit: pageSize, MaxBytes: pageBytes, Bodies: true, Once: true, Versions: store.VersionFilter{All: true}}
		for page, err := range view.Pages(ctx, in.ID, q) {
			if err == nil {
				err = h.page(ctx, page)
			}
			if err != nil {
				return nil, fmt.Errorf("opinions in collection %q: %w", in.Alias, err)
			}
		}
	}
	for _, one := range h.newest {
		if one.revoked {
			continue
		}
		for _, id := range one.about {
			o.take(id, one.word)
		}
	}
	return o, nil
}

// take keeps an organisation's newest word on an object.
func (o *opinions) take(id string, w word) {
	words := o.said[id]
	i := slices.IndexFunc(words, func(old word) bool { return strings.EqualFold(old.org, w.org) })
	if i < 0 {
		o.said[id] = append(words, w)
		return
	}
	if w.compare(words[i]) > 0 {
		words[i] = w
	}
}

// compare puts the older of two words of one organisation first.
func (w word) compare(o word) int {
	return cmp.Or(stix.CompareVersions(w.version, o.version), cmp.Compare(w.position, o.position), cmp.Compare(o.why, w.why))
}

// hearing reads opinions.
type hearing struct {
	speakers *exchange.Speakers
	newest   map[[2]string]*opinion // by organisation, in lower case, and identifier
	words    map[string]int         // by organisation
}

func (h *hearing) page(ctx context.Context, page *exchange.Page) error {
	for i := range page.Len() {
		org, err := h.speakers.Of(ctx, page, i)
		if err != nil {
			return err
		}
		if org == "" {
			continue // it is nobody's word
		}
		key := [2]string{strings.ToLower(org), page.ID(i)}
		old := h.newest[key]
		if old != nil && stix.CompareVersions(page.Version(i), old.version) <= 0 {
			continue
		}
		one := readOpinion(page.Bytes(i))
		if old == nil && h.words[key[0]]+len(one.about) > mostWords {
			continue
		}
		if old != nil {
			h.words[key[0]] -= len(old.about)
		}
		h.words[key[0]] += len(one.about)
		one.org, one.version = strings.Clone(org), strings.Clone(page.Version(i))
		key[1] = strings.Clone(key[1])
		h.newest[key] = one
	}
	return nil
}

func readOpinion(raw []byte) *opinion {
	one := &opinion{}
	for name, value := range stix.Split(raw) {
		switch string(name) {
		case "opinion":
			one.position = positions[stix.Text(value)]
		case "explanation":
			one.why = brief(stix.Text(value))
		case "revoked":
			one.revoked = string(value) == "true"
		case "object_refs":
			var refs []string
			if json.Unmarshal(value, &refs) != nil {
				continue
			}
			slices.Sort(refs)
			one.about = slices.DeleteFunc(slices.Compact(refs), func(id string) bool { return !strings.HasPrefix(id, "indicator--") })
		}
	}
	return one
}

// brief is a text as one line that is not too long.
func brief(text string) string {
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if runes := []rune(text); len(runes) > mostWhy {
		text = string(runes[:mostWhy]) + "…"
	}
	return text
}

// against tells why an indicator, as a page has it, is in no list; empty when it may be.
func (o *opinions) against(ctx context.Context, page *exchange.Page, i int) (string, error) {
	words := o.said[page.ID(i)]
	if len(words) == 0 {
		return "", nil
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	producer, err := o.speakers.Of(ctx, page, i)
	if err != nil {
		return "", err
	}
	why, deciding := o.rule.judge(words, o.own, strings.ToLower(producer))
	for _, w := range deciding {
		if w.why != "" && o.explained < mostExplained {
			o.explained++
			return why + ": " + w.why, nil
		}
	}
	return why, nil
}

// judge tells why what organisations said so of is a false positive, and by whose words;
// empty when it is none.
func (r Rule) judge(words []word, own, producer string) (why string, deciding []word) {
	var others []word
	favour := 0
	var mine, his *word
	for i := range words {
		w := &words[i]
		switch strings.ToLower(w.org) {
		case own:
			mine = w
		case producer:
			his = w
		default:
			if w.position == against {
				others = append(others, *w)
			} else if w.position == favours {
				favour++
			}
		}
	}
	switch {
	case mine != nil && mine.position == favours:
		return "", nil
	case mine != nil && mine.position == against:
		return "a false positive, says " + mine.org, []word{*mine}
	case his != nil && his.position == against:
		return "a false positive, says " + his.org + ", who made it", []word{*his}
	case r.Others == 0 || len(others) < r.Others || len(others) <= favour:
		return "", nil
	}
	slices.SortFunc(others, func(a, b word) int { return cmp.Compare(strings.ToLower(a.org), strings.ToLower(b.org)) })
	return "a false positive, say " + names(others), others
}

// names are those of organisations, for people.
func names(words []word) string {
	list := make([]string, 0, mostNamed+1)
	for i, w := range words {
		if i == mostNamed && len(words) > mostNamed+1 {
			list = append(list, fmt.Sprintf("%d others", len(words)-i))
			break
		}
		list = append(list, w.org)
	}
	if len(list) == 1 {
		return list[0]
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}
