package lookup_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/practice/lookup"
)

const (
	first  = `{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"Faux","is_family":false,"labels":["a","b"],"object_marking_refs":["` + green + `"]}`
	second = `{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-02T00:00:00Z","name":"Faux\u006cock", "is_family":false,"labels":["a"],"capabilities":["x"],"object_marking_refs":["` + green + `"]}`
	third  = `{"type":"malware","spec_version":"2.1","id":"malware--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00Z","modified":"2026-01-03T00:00:00Z","name":"hidden","is_family":false,"object_marking_refs":["` + red + `"]}`
)

func TestShowTellsHistoryToEachReaderTheirs(t *testing.T) {
	w := newWorld(t)
	p := w.place(t)
	p.publish(second)
	p.publish(first)
	p.publish(third)
	const id = "malware--00000000-0000-4000-8000-000000000001"
	s, err := lookup.Show(t.Context(), w.x, p.partner, id, "", noon, &lookup.Beside{})
	if err != nil {
		t.Fatal(err)
	}
	if s.Name != "Fauxlock" || !s.Latest || len(s.History) != 2 || string(s.Properties) != second || s.TLP != "green" {
		t.Errorf("a partner is shown %s", p.told(s))
	}
	var changes []string
	for _, c := range s.History[1].Changes {
		changes = append(changes, c.Path+": "+string(c.Was)+" > "+string(c.Is))
	}
	want := `capabilities:  > ["x"]; created: "2026-01-01T00:00:00Z" > "2026-01-01T00:00:00.000Z"; labels[1]: "b" > ; name: "Faux" > "Faux\u006cock"`
	if got := strings.Join(changes, "; "); got != want {
		t.Errorf("what changed: %s\nwant %s", got, want)
	}
	old, err := lookup.Show(t.Context(), w.x, p.partner, id, "2026-01-01T00:00:00.000Z", noon, &lookup.Beside{})
	if err != nil || old.Name != "Faux" || old.Latest {
		t.Errorf("the first version: %v, %+v", err, old)
	}
	raw, err := lookup.Source(t.Context(), p.view(), id, "2026-01-02T00:00:00Z")
	if err != nil || string(raw) != second {
		t.Errorf("the source is %s, %v", raw, err)
	}
	for _, version := range []string{"2026-01-03T00:00:00Z", "yesterday"} {
		if _, err := lookup.Source(t.Context(), p.view(), id, version); !errors.Is(err, exchange.ErrNotFound) {
			t.Errorf("version %s is answered with %v", version, err)
		}
	}
	all, err := lookup.Show(t.Context(), w.x, w.operator, id, "", noon, &lookup.Beside{})
	if err != nil || len(all.History) != 3 || all.Name != "hidden" {
		t.Fatalf("a curator is shown %v, %+v", err, all)
	}
	// Who brought a version is told to the own member's accounts alone.
	var brought []string
	for _, v := range all.History {
		brought = append(brought, v.BroughtBy...)
	}
	if want := []string{"Cedar", "Cedar", "Fernwood"}; !slices.Equal(brought, want) {
		t.Errorf("brought by %q, want %q", brought, want)
	}
	for _, v := range append(s.History, old.History...) {
		if v.BroughtBy != nil {
			t.Errorf("a partner is told that %q brought %s", v.BroughtBy, v.Version)
		}
	}
}

func TestShowTellsCuratorsOfConflicts(t *testing.T) {
	w := newWorld(t)
	p := w.place(t)
	p.publish(first)
	p.publish(strings.Replace(first, "Faux", "Other", 1))
	const id = "malware--00000000-0000-4000-8000-000000000001"
	s, err := lookup.Show(t.Context(), w.x, w.operator, id, "", noon, &lookup.Beside{})
	if err != nil || len(s.Conflicts) != 1 || len(s.Conflicts[0].Changes) != 1 || s.Conflicts[0].Changes[0].Path != "name" {
		t.Errorf("a curator is shown %v, %s", err, p.told(s))
	}
	if s, err = lookup.Show(t.Context(), w.x, p.partner, id, "", noon, &lookup.Beside{}); err != nil || len(s.Conflicts) != 0 {
		t.Errorf("a partner is shown %v, %s", err, p.told(s))
	}
}

// Of an object with very many versions the newest are told, and any is shown.
func TestShowGivesTheLatestOfVeryManyVersions(t *testing.T) {
	w := newWorld(t)
	p := w.place(t)
	const id, versions = "malware--00000000-0000-4000-8000-000000000001", 1005
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	modified := func(i int) string { return begin.Add(time.Duration(i) * time.Second).Format(time.RFC3339) }
	var all []string
	for i := range versions {
		all = append(all, strings.Replace(first, `"modified":"2026-01-01T00:00:00Z"`, `"modified":"`+modified(i)+`"`, 1))
	}
	p.publish(all...)
	s, err := lookup.Show(t.Context(), w.x, p.partner, id, "", noon, &lookup.Beside{})
	if err != nil {
		t.Fatal(err)
	}
	if last := modified(versions - 1); s.Version != last || !s.Latest || !s.MoreHistory || s.History[len(s.History)-1].Version != last || len(s.History) < 1000 {
		t.Errorf("the latest is %s, %v, with %d versions and more %v", s.Version, s.Latest, len(s.History), s.MoreHistory)
	}
	if raw, err := lookup.Source(t.Context(), p.view(), id, ""); err != nil || string(raw) != all[versions-1] {
		t.Errorf("the source is %s, %v", raw, err)
	}
	if s, err = lookup.Show(t.Context(), w.x, p.partner, id, modified(0), noon, &lookup.Beside{}); err != nil || s.Version != modified(0) || s.Latest {
		t.Errorf("the oldest is %+v, %v", s, err)
	}
}

// The bytes that are held to tell of versions are bounded.
func TestHistoryIsBoundedInBytes(t *testing.T) {
	w := newWorld(t)
	p := w.place(t)
	for i := range 30 {
		large := strings.Replace(first, `"name":"Faux"`, `"name":"Faux","description":"`+strings.Repeat("x", 900_000)+`"`, 1)
		p.publish(strings.Replace(large, `"modified":"2026-01-01T00:00:00Z"`, fmt.Sprintf(`"modified":"2026-01-01T00:00:%02dZ"`, i), 1))
	}
	s, err := lookup.Show(t.Context(), w.x, p.partner, "malware--00000000-0000-4000-8000-000000000001", "", noon, &lookup.Beside{})
	if err != nil || !s.MoreHistory || len(s.History) >= 30 || s.Version != "2026-01-01T00:00:29Z" {
		t.Errorf("%v: %s with %d versions", err, s.Version, len(s.History))
	}
}
