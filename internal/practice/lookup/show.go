package lookup

import (
	"context"
	"encoding/json"
	"time"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Subject is all that a reader is told of one object.
type Subject struct {
	Finding
	Version     string          `json:"version,omitempty"`      // which of its versions is shown
	Latest      bool            `json:"latest"`                 // no newer one is there for the reader
	Properties  json.RawMessage `json:"properties"`             // the object as its producer wrote it, or without what is withheld
	Withheld    int             `json:"withheld,omitempty"`     // parts of it that are not for the reader
	History     []Content       `json:"history"`                // oldest first
	MoreHistory bool            `json:"more_history,omitempty"` // there are older versions than those told
	Conflicts   []Aside         `json:"conflicts,omitempty"`
	Feedback    *Feedback       `json:"feedback,omitempty"`     // what others have made of an indicator
	Lists       []Listed        `json:"warninglists,omitempty"` // that a value of it is on; for accounts of the own member
}

// Content is one content of an object. What has no version has contents of
// other sources beside each other (variants).
type Content struct {
	Version     string       `json:"version,omitempty"`
	Added       string       `json:"added"` // when it first came here
	Collections []string     `json:"collections"`
	TLP         string       `json:"tlp"`
	BroughtBy   []string     `json:"brought_by,omitempty"`   // organisations that brought it first to a collection; told to the own member's accounts alone
	Changes     []Difference `json:"changes,omitempty"`      // against the one before it
	MoreChanges bool         `json:"more_changes,omitempty"` // beyond those told

	raw []byte
	at  int64
}

// Aside is other content under the same id and version, kept aside for curators.
type Aside struct {
	Version    string       `json:"version,omitempty"`
	Source     string       `json:"source"` // the organisation that brought it
	Collection string       `json:"collection"`
	Changes    []Difference `json:"changes,omitempty"` // against what is shown
}

// Show tells all of an object, in a version or the latest. Conflicts are told
// to curators alone. Errors: exchange.ErrNotFound.
func Show(ctx context.Context, x *exchange.Exchange, by account.Principal, id, version string, now time.Time, beside *Beside) (*Subject, error) {
	view := x.View(by)
	all, err := membershipsOf(ctx, view, id)
	if err != nil {
		return nil, err
	}
	shown, err := versionOf(ctx, view, all, id, version)
	if err != nil {
		return nil, err
	}
	history, more, err := contents(ctx, view, all)
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(history); i++ {
		history[i].Changes, history[i].MoreChanges = diff(history[i-1].raw, history[i].raw)
	}
	if !by.Own { // who brings what is between the member and its partners
		for i := range history {
			history[i].BroughtBy = nil
		}
	}
	f := read(shown.raw).describe(now)
	f.TLP, f.Collections = shown.TLP, shown.Collections
	around := []Answer{{Findings: []Finding{f}}}
	if err := NewFinder(view, 1, now).With(beside).lookAround(ctx, around); err != nil {
		return nil, err
	}
	s := &Subject{Finding: around[0].Findings[0], Version: shown.Version, Latest: shown.Version == all[0].version,
		Properties: shown.raw, Withheld: handling.Withheld(shown.raw), History: history, MoreHistory: more}
	if o, err := stix.Read(shown.raw, stix.MaxObject(len(shown.raw))); err == nil && beside.Lists != nil {
		for _, v := range o.Values {
			s.Lists = beside.on(v, s.Lists)
		}
	}
	if f.worth != nil {
		told, err := feedbackOn(ctx, view, []string{id}, false)
		if err != nil {
			return nil, err
		}
		if len(told) > 0 {
			s.Feedback = &told[0]
		}
	}
	if by.Curates() {
		s.Conflicts, err = conflicts(x, by, view, id, shown.raw)
	}
	return s, err
}

// Source gives the bytes of an object as its producer wrote them, of a version
// or the latest. Errors: exchange.ErrNotFound.
func Source(ctx context.Context, view *exchange.View, id, version string) ([]byte, error) {
	all, err := membershipsOf(ctx, view, id)
	if err != nil {
		return nil, err
	}
	shown, err := versionOf(ctx, view, all, id, version)
	if err != nil {
		return nil, err
	}
	return shown.raw, nil
}

// conflicts finds what was kept aside under an id.
func conflicts(x *exchange.Exchange, by account.Principal, view *exchange.View, id string, shown []byte) (found []Aside, err error) {
	for _, c := range view.Collections() {
		all, err := x.Conflicts(by, c.ID, id)
		if err != nil {
			return nil, err
		}
		for a, err := range all {
			if err != nil {
				return nil, err
			}
			changes, _ := diff(shown, a.Raw)
			found = append(found, Aside{a.Version, a.Source, c.Alias, changes})
		}
	}
	return found, nil
}
