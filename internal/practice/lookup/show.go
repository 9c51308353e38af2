package lookup

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// Subject is all that a reader is told of one object.
type Subject struct {
	Finding
	Version    string          `json:"version,omitempty"` // which of its versions is shown
	Latest     bool            `json:"latest"`            // no newer one is there for the reader
	Properties json.RawMessage `json:"properties"`        // the object as its producer wrote it
	History    []Content       `json:"history"`           // oldest first
	Conflicts  []Aside         `json:"conflicts,omitempty"`
}

// Content is one content of an object. What has no version has contents of
// other sources beside each other (variants).
type Content struct {
	Version     string       `json:"version,omitempty"`
	Added       string       `json:"added"` // when it first came here
	Collections []string     `json:"collections"`
	TLP         string       `json:"tlp"`
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
func Show(ctx context.Context, x *exchange.Exchange, by account.Principal, id, version string, now time.Time) (*Subject, error) {
	view := x.View(by)
	all, err := versionsOf(ctx, view, id)
	if err != nil {
		return nil, err
	}
	shown, err := pick(all, id, version)
	if err != nil {
		return nil, err
	}
	for i := 1; i < len(all); i++ {
		all[i].Changes, all[i].MoreChanges = diff(all[i-1].raw, all[i].raw)
	}
	f := describe(shown.raw, now)
	f.TLP, f.Collections = shown.TLP, shown.Collections
	around := []Answer{{Findings: []Finding{f}}}
	if err := NewFinder(view, 1, now).lookAround(ctx, around); err != nil {
		return nil, err
	}
	s := &Subject{Finding: around[0].Findings[0], Version: shown.Version, Latest: shown.Version == all[len(all)-1].Version,
		Properties: shown.raw, History: all}
	if by.Curates() {
		s.Conflicts, err = conflicts(x, by, view, id, shown.raw)
	}
	return s, err
}

// Source gives the bytes of an object as its producer wrote them, of a version
// or the latest. Errors: exchange.ErrNotFound.
func Source(ctx context.Context, view *exchange.View, id, version string) ([]byte, error) {
	all, err := versionsOf(ctx, view, id)
	if err != nil {
		return nil, err
	}
	shown, err := pick(all, id, version)
	if err != nil {
		return nil, err
	}
	return shown.raw, nil
}

// pick finds a version by its timestamp, in any precision; the latest for none.
func pick(all []Content, id, version string) (*Content, error) {
	if version == "" {
		return &all[len(all)-1], nil
	}
	for i := range all {
		if all[i].Version != "" && stix.CompareVersions(all[i].Version, version) == 0 {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("object %q has no version %q: %w", id, version, exchange.ErrNotFound)
}

// mostVersions is how many versions of an object are told in one collection.
const mostVersions = 1000

// versionsOf reads the contents that a reader may see, oldest first; the same
// content in several collections is one.
func versionsOf(ctx context.Context, view *exchange.View, id string) ([]Content, error) {
	var all []Content
	for _, c := range view.Collections() {
		if !c.CanRead {
			continue
		}
		q := exchange.Query{IDs: []string{id}, Limit: mostVersions, Bodies: true}
		q.Versions.All = true
		page, err := view.Page(ctx, c.ID, q)
		if errors.Is(err, exchange.ErrNotFound) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		for i := range page.Len() {
			v := Content{Version: string([]byte(page.Version(i))), Collections: []string{c.Alias}, TLP: page.Class(i).TLP.String(),
				raw: bytes.Clone(page.Bytes(i)), at: int64(page.Added(i))}
			all = together(all, v)
		}
		page.Close()
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("object %q: %w", id, exchange.ErrNotFound)
	}
	for i := range all {
		all[i].Added = time.UnixMicro(all[i].at).UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	slices.SortStableFunc(all, func(a, b Content) int {
		if n := stix.CompareVersions(a.Version, b.Version); n != 0 {
			return n
		}
		return int(a.at - b.at)
	})
	return all, nil
}

// together adds a content, or its collection to the same content.
func together(all []Content, v Content) []Content {
	for i := range all {
		if all[i].Version == v.Version && bytes.Equal(all[i].raw, v.raw) && all[i].TLP == v.TLP {
			all[i].Collections = append(all[i].Collections, v.Collections...)
			all[i].at = min(all[i].at, v.at)
			return all
		}
	}
	return append(all, v)
}

// conflicts finds what was kept aside under an id.
func conflicts(x *exchange.Exchange, by account.Principal, view *exchange.View, id string, shown []byte) (found []Aside, err error) {
	for _, c := range view.Collections() {
		all, err := x.Conflicts(by, c.ID)
		if err != nil {
			return nil, err
		}
		for a, err := range all {
			if err != nil {
				return nil, err
			}
			if a.ID == id {
				changes, _ := diff(shown, a.Raw)
				found = append(found, Aside{a.Version, a.Source, c.Alias, changes})
			}
		}
	}
	return found, nil
}
