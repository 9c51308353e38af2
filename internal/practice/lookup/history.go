package lookup

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/stix"
)

// Bounds of what is read to tell of one object, the newest first.
const (
	mostVersions = 1000
	historyBytes = 8 << 20
	historyStep  = 16 // contents read at once
)

// membership is one content of an object in one collection, without its bytes.
type membership struct {
	store.Place
	version    string
	collection string // its alias
	source     string // the organisation that brought it first
}

// membershipsOf lists what a reader may see of an object, the newest version
// first, and of one version what was added last.
func membershipsOf(ctx context.Context, view *exchange.View, id string) ([]membership, error) {
	var all []membership
	for _, c := range view.Readable() {
		page, err := view.Versions(ctx, c.ID, id)
		if errors.Is(err, exchange.ErrNotFound) {
			continue // not there, or removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		for i := range page.Len() {
			all = append(all, membership{page.Place(i), strings.Clone(page.Version(i)), c.Alias, page.Source(i)})
		}
		page.Close()
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("object %q: %w", id, exchange.ErrNotFound)
	}
	slices.SortStableFunc(all, func(a, b membership) int {
		return cmp.Or(stix.CompareVersions(b.version, a.version), cmp.Compare(b.Added, a.Added))
	})
	return all, nil
}

// inVersion gives those of a version, in any precision of its timestamp; of the
// latest for none.
func inVersion(all []membership, id, version string) ([]membership, error) {
	if version == "" {
		version = all[0].version
	}
	var these []membership
	for _, m := range all {
		if (m.version == "") == (version == "") && stix.CompareVersions(m.version, version) == 0 {
			these = append(these, m)
		}
	}
	if len(these) == 0 {
		return nil, fmt.Errorf("object %q has no version %q: %w", id, version, exchange.ErrNotFound)
	}
	return these, nil
}

// contents reads memberships, the same content in several collections as one,
// until the bounds are reached. Oldest first; more tells that it left some out.
func contents(ctx context.Context, view *exchange.View, all []membership) (told []Content, more bool, err error) {
	size := 0
	for len(all) > 0 && len(told) < mostVersions && size < historyBytes {
		step := all[:min(historyStep, len(all), mostVersions-len(told))]
		all = all[len(step):]
		places, alias, source := make([]store.Place, len(step)), map[store.Collection]string{}, map[store.Place]string{}
		for i, m := range step {
			places[i], alias[m.Collection], source[m.Place] = m.Place, m.collection, m.source
		}
		page, err := view.Contents(ctx, places)
		if err != nil {
			return nil, false, err
		}
		for i := range page.Len() {
			before := len(told)
			told = together(told, Content{Version: strings.Clone(page.Version(i)), Collections: []string{alias[page.Collection(i)]},
				TLP: page.Class(i).TLP.String(), BroughtBy: []string{source[page.Place(i)]}, raw: page.Bytes(i), at: int64(page.Added(i))})
			if len(told) > before {
				told[before].raw = bytes.Clone(told[before].raw)
				size += len(told[before].raw)
			}
		}
		page.Close()
	}
	for i := range told {
		told[i].Added = time.UnixMicro(told[i].at).UTC().Format("2006-01-02T15:04:05.000000Z")
	}
	slices.SortStableFunc(told, func(a, b Content) int {
		return cmp.Or(stix.CompareVersions(a.Version, b.Version), cmp.Compare(a.at, b.at))
	})
	return told, len(all) > 0, nil
}

// together adds a content, or its collection to the same content.
func together(all []Content, v Content) []Content {
	for i := range all {
		if all[i].Version == v.Version && all[i].TLP == v.TLP && bytes.Equal(all[i].raw, v.raw) {
			all[i].Collections = append(all[i].Collections, v.Collections...)
			if !slices.Contains(all[i].BroughtBy, v.BroughtBy[0]) {
				all[i].BroughtBy = append(all[i].BroughtBy, v.BroughtBy...)
			}
			all[i].at = min(all[i].at, v.at)
			return all
		}
	}
	return append(all, v)
}

// versionOf reads an object in a version, or the latest.
func versionOf(ctx context.Context, view *exchange.View, all []membership, id, version string) (*Content, error) {
	these, err := inVersion(all, id, version)
	if err != nil {
		return nil, err
	}
	told, _, err := contents(ctx, view, these)
	if err != nil {
		return nil, err
	}
	if len(told) == 0 { // removed meanwhile
		return nil, fmt.Errorf("object %q: %w", id, exchange.ErrNotFound)
	}
	if version == "" {
		return &told[len(told)-1], nil
	}
	return &told[0], nil
}
