package taxii_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"entente/taxii"
)

func TestPullDeliversEveryObjectByteForByte(t *testing.T) {
	for _, limit := range []int{0, 1, 7, 100, 1000} {
		t.Run(fmt.Sprintf("limit %d", limit), func(t *testing.T) {
			f := newForeign(t).hold(250)
			r := f.reader(t, taxii.WithPageLimit(limit))
			r.mustPull()
			r.has(f)
			if len(r.problems) > 0 {
				t.Errorf("problems with a good server: %v", r.problems)
			}
		})
	}
}

func TestNothingNewIsOneRequest(t *testing.T) {
	f := newForeign(t).hold(25)
	r := f.reader(t, taxii.WithPageLimit(10))
	r.mustPull()
	if r.pull(-1); len(r.cursor().Seen) != 12 {
		t.Errorf("the cursor remembers %d bytes of keys, want those of the last object", len(r.cursor().Seen))
	}
	before := len(f.log())

	again := f.reader(t, taxii.WithPageLimit(10)) // a new process with the stored cursor
	again.stored = r.stored
	again.mustPull()
	if got := f.log()[before:]; len(got) != 1 || len(again.ids) != 0 {
		t.Errorf("%d objects by requests %q; want none by one", len(again.ids), got)
	}
}

func TestNothingNewFromDiscoveryIsOneRequest(t *testing.T) {
	f := newForeign(t).hold(3)
	ask := func(cursor taxii.Cursor) taxii.Cursor {
		client, err := taxii.New(f.URL)
		if err != nil {
			t.Fatal(err)
		}
		defer client.CloseIdleConnections()
		for batch, err := range client.Pull(t.Context(), collectionID, cursor, taxii.Filter{}) {
			if err != nil {
				t.Fatal(err)
			}
			cursor = batch.Cursor
		}
		return cursor
	}
	cursor := ask(taxii.Cursor{})
	before := len(f.log())
	ask(cursor)
	if got := f.log()[before:]; len(got) != 1 {
		t.Errorf("requests %q; want one", got)
	}
}

func TestWhatIsAddedLaterComesNext(t *testing.T) {
	f := newForeign(t).hold(5)
	r := f.reader(t, taxii.WithPageLimit(3))
	r.mustPull()
	f.hold(4)
	r.mustPull()
	r.has(f)
}

func TestResumedNextKeepsItsAddedAfter(t *testing.T) {
	f := newForeign(t).hold(5)
	r := f.reader(t, taxii.WithPageLimit(2))
	r.mustPull()
	f.hold(9)
	if err := r.pull(2); !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	before := len(f.objectRequests())
	r.mustPull()
	r.has(f)
	const want = "added_after=2024-05-01T12%3A00%3A00.000003Z&limit=2&next=at-"
	if got := f.objectRequests()[before]; !strings.HasPrefix(got, want) {
		t.Errorf("resumed with %q, want %q", got, want)
	}
}

func TestNewVersionUnderTheSameDateIsDelivered(t *testing.T) {
	f := newForeign(t).hold(1)
	r := f.reader(t)
	r.mustPull()
	e := f.entries[0]
	e.raw = strings.Replace(e.raw, `"modified": "2024-01-01`, `"modified": "2024-01-02`, 1)
	f.entries = append(f.entries, e)
	r.mustPull()
	r.has(f)
}

func TestAPageGoesInBatches(t *testing.T) {
	f := newForeign(t).hold(2500)
	r := f.reader(t, taxii.WithPageLimit(0))
	if err := r.pull(2); !errors.Is(err, errEnough) {
		t.Fatal(err)
	}
	if len(r.ids) != 2000 {
		t.Errorf("two batches hold %d objects, want 2000", len(r.ids))
	}
	r.mustPull() // in the middle of the page
	r.has(f)
}

func TestNextPageIsFetchedWhileThisOneIsTaken(t *testing.T) {
	f := newForeign(t).hold(20)
	second := make(chan struct{})
	f.answer = answerNth(2, func() { close(second) })
	for batch, err := range f.client(t, taxii.WithPageLimit(10)).Pull(t.Context(), collectionID, taxii.Cursor{}, taxii.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		select {
		case <-second:
		case <-t.Context().Done():
			t.Fatalf("%d objects are taken and the next page was not asked for", len(batch.Objects))
		}
	}
}

func TestCancelledPullSaysSo(t *testing.T) {
	f := newForeign(t).hold(20)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var last error
	for _, err := range f.client(t, taxii.WithPageLimit(1)).Pull(ctx, collectionID, taxii.Cursor{}, taxii.Filter{}) {
		cancel()
		last = err
	}
	if last != nil && !errors.Is(last, context.Canceled) {
		t.Errorf("%v, want the cancellation", last)
	}
}

func TestCursorOfAnotherPullIsRefused(t *testing.T) {
	f := newForeign(t).hold(1)
	r := f.reader(t)
	r.mustPull()
	client := f.client(t)
	cursor := r.cursor()
	for name, c := range map[string]struct {
		collection string
		filter     taxii.Filter
		change     func(*taxii.Cursor)
	}{
		"collection": {collection: "another"},
		"filter":     {collection: collectionID, filter: taxii.Filter{Types: []string{"malware"}}},
		"server":     {collection: collectionID, change: func(c *taxii.Cursor) { c.Server = "https://other.example/api/"; c.Address = "" }},
	} {
		cursor := cursor
		if c.change != nil {
			c.change(&cursor)
		}
		for _, err := range client.Pull(t.Context(), c.collection, cursor, c.filter) {
			wrong, ok := errors.AsType[*taxii.CursorError](err)
			if !ok || wrong.What != name {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestCursorNeverSendsCredentialsElsewhere(t *testing.T) {
	other := newForeign(t).hold(1)
	f := newForeign(t).hold(1)
	cursor := taxii.Cursor{Address: f.URL + "/api/", Server: other.URL + "/api/", Collection: collectionID}
	for _, err := range f.client(t).Pull(t.Context(), collectionID, cursor, taxii.Filter{}) {
		if _, ok := errors.AsType[*taxii.CursorError](err); !ok {
			t.Errorf("%v, want a refusal of the cursor", err)
		}
	}
	if len(other.log()) > 0 {
		t.Errorf("the other server was asked %q", other.log())
	}
}

func TestFilterStaysTheSameOnEveryPage(t *testing.T) {
	f := newForeign(t).hold(5)
	filter := taxii.Filter{Types: []string{"indicator", "malware"}, Versions: []string{"all"}}
	for _, err := range f.client(t, taxii.WithPageLimit(2)).Pull(t.Context(), collectionID, taxii.Cursor{}, filter) {
		if err != nil {
			t.Fatal(err)
		}
	}
	requests := f.objectRequests()
	if len(requests) != 3 {
		t.Fatalf("requests %q, want 3", requests)
	}
	for _, q := range requests {
		if !strings.Contains(q, "match%5Btype%5D=indicator%2Cmalware") || !strings.Contains(q, "match%5Bversion%5D=all") {
			t.Errorf("request %q without the filter", q)
		}
	}
}
