package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"entente/client"
	"entente/internal/door/api"
)

// campaignMarked is object i with a marking.
func campaignMarked(i int, marking string) string {
	return strings.TrimSuffix(campaign(i), "}") + `,"object_marking_refs":["` + marking + `"]}`
}

// following is an open stream.
type following struct {
	t      *testing.T
	events chan event
	end    context.CancelFunc
	status int
}

// event is one that came.
type event struct{ name, id, data string }

// follow opens a stream; it ends with the test.
func (c *caller) follow(t *testing.T, query string, header ...string) *following {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+"/api/v1/stream"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = c.header.Clone()
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	f := &following{t: t, events: make(chan event, 100), end: end, status: resp.StatusCode}
	if resp.StatusCode == http.StatusOK && resp.Header.Get("Content-Type") != "text/event-stream" {
		t.Errorf("a stream is of type %q", resp.Header.Get("Content-Type"))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(f.events)
		readEvents(resp, f.events)
	}()
	t.Cleanup(func() { end(); resp.Body.Close(); <-done })
	return f
}

// readEvents reads a stream to its end.
func readEvents(resp *http.Response, events chan<- event) {
	defer resp.Body.Close()
	var e event
	for in := bufio.NewScanner(resp.Body); in.Scan(); {
		name, value, _ := strings.Cut(in.Text(), ": ")
		switch name {
		case "event":
			e.name = value
		case "id":
			e.id = value
		case "data":
			e.data = value
		case "":
			if e != (event{}) {
				events <- e
			}
			e = event{}
		}
	}
}

// next is the next event; the empty one at the end.
func (f *following) next() event {
	f.t.Helper()
	select {
	case e := <-f.events:
		return e
	case <-time.After(20 * time.Second):
		f.t.Fatal("nothing comes")
		return event{}
	}
}

// object is the id of the next object, which must be one.
func (f *following) object() (id string, e event) {
	f.t.Helper()
	if e = f.next(); e.name != "object" {
		f.t.Fatalf("an event %+v, want an object", e)
	}
	var o struct {
		client.StreamedObject
		Object struct{ ID string } `json:"object"`
	}
	if err := json.Unmarshal([]byte(e.data), &o); err != nil || o.Added.IsZero() || o.Collection == "" {
		f.t.Fatalf("%v: %s", err, e.data)
	}
	return strings.TrimLeft(o.Object.ID[len(o.Object.ID)-12:], "0"), e
}

// ended is the last event, which must have a name and a code.
func (f *following) ended(name, code string) client.StreamEnd {
	f.t.Helper()
	e := f.next()
	var end client.StreamEnd
	if err := json.Unmarshal([]byte(e.data), &end); err != nil || e.name != name || end.Code != code || end.Detail == "" || end.Cursor != e.id {
		f.t.Errorf("the last event is %+v, want %s by %s", e, name, code)
	}
	if e := f.next(); e != (event{}) {
		f.t.Errorf("after the end came %+v", e)
	}
	return end
}

func TestAStreamGivesWhatIsThereAndWhatComes(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	n.collection(t, "hidden")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	ina := n.account(t, client.NewAccount{Name: "ina"}, "feeds:rw", "hidden:rw")
	ina.bring(t, "feeds", campaign(1)+"\n"+campaign(2))
	f := ana.follow(t, "")
	if e := f.next(); e.name != "" || e.id == "" {
		t.Errorf("it begins with %+v, want where it begins", e)
	}
	f.object()
	_, second := f.object()
	ina.bring(t, "hidden", campaign(3))
	ina.bring(t, "feeds", strings.ReplaceAll(spaced, "\n", "\r\n"))
	id, third := f.object()
	if want := strings.ReplaceAll(spaced, "\n", "  "); !strings.Contains(third.data, want) {
		t.Errorf("object %s came as %s, want %s", id, third.data, want)
	}
	for _, again := range []*following{ana.follow(t, "?wait=0&cursor="+second.id), ana.follow(t, "?wait=0&cursor="+third.id, "Last-Event-ID", second.id)} {
		again.next()
		if _, e := again.object(); e != third {
			t.Errorf("gone on with, there comes %+v, want %+v", e, third)
		}
		again.ended("end", "wait")
	}
	one := ana.follow(t, "?collection=feeds&type=campaign&limit=1&fields=name")
	one.next()
	if e := one.next(); !strings.HasSuffix(e.data, `"object":{"name":"c1"}}`) {
		t.Errorf("the view is %+v", e)
	}
	if end := one.ended("end", "limit"); end.Cursor == "" {
		t.Error("the end has no cursor")
	}
	if slip := ana.follow(t, "?type=campain&wait=0"); slip.status != http.StatusUnprocessableEntity {
		t.Errorf("a stream of a type that there is not: %d", slip.status)
	}
	if own := ana.follow(t, "?type=x-ours,plan-b&wait=0"); own.status != http.StatusOK {
		t.Errorf("a stream of types of extensions: %d", own.status)
	}
	none := ana.follow(t, "?from=now&wait=0")
	none.next()
	none.ended("end", "wait")
	ana.refused(t, http.MethodGet, "/stream?collection=hidden", nil, api.NotFound)
	ana.refused(t, http.MethodGet, "/stream?cursor="+second.id[:20], nil, api.BadCursor)
	ina.refused(t, http.MethodGet, "/stream?cursor="+second.id, nil, api.BadCursor)
}

// An agreement opens what was there before, and its end closes it, on a stream that
// stays open. What may not be seen sends nothing: the next event is the next object
// that may.
func TestAnOpenStreamFollowsWhatItsReaderMaySee(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ina := n.account(t, client.NewAccount{Name: "ina"}, "feeds:rw")
	n.operator.do(t, http.MethodPost, "/orgs", client.NewOrg{Name: "Water"}, nil)
	bo := n.account(t, client.NewAccount{Name: "bo", Org: "Water"}, "feeds:r")
	ina.bring(t, "feeds", campaignMarked(1, amber)+"\n"+campaignMarked(2, green))
	f := bo.follow(t, "")
	f.next()
	come := func(want string) {
		t.Helper()
		if got, _ := f.object(); got != want {
			t.Fatalf("object %s came, want %s", got, want)
		}
	}
	come("2")
	agreement := client.NewAgreement{Name: "with-water", To: []string{"org:Water"}, TLP: "amber", LegalGrounds: []string{"nis2-29"}}
	n.operator.do(t, http.MethodPost, "/agreements", agreement, nil)
	come("1")
	ina.bring(t, "feeds", campaignMarked(3, amber))
	come("3")
	n.operator.do(t, http.MethodPost, "/agreements/with-water/end", nil, nil)
	ina.bring(t, "feeds", campaignMarked(4, amber))
	ina.bring(t, "feeds", campaignMarked(5, green))
	come("5")
	n.operator.do(t, http.MethodPatch, "/accounts/bo", map[string]any{"grants": []client.Grant{{Collection: "feeds", Access: "-"}}}, nil)
	ina.bring(t, "feeds", campaignMarked(6, green))
	n.operator.do(t, http.MethodPatch, "/accounts/bo", map[string]any{"grants": []client.Grant{{Collection: "feeds", Access: "r"}}}, nil)
	ina.bring(t, "feeds", campaignMarked(7, green))
	come("6") // as to who polls with the same cursor
	come("7")
	named := bo.follow(t, "?collection=feeds&from=now")
	named.next()
	n.operator.do(t, http.MethodPatch, "/accounts/bo", map[string]any{"grants": []client.Grant{{Collection: "feeds", Access: "-"}}}, nil)
	named.ended("cut", "not_found")
	n.operator.do(t, http.MethodPost, "/accounts/bo/revoke", nil, nil)
	f.ended("cut", "unauthorized")
}

func TestStreamsAreBounded(t *testing.T) {
	n := openWith(t, api.PublicOptions{Streams: 3, AccountStreams: 2})
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	bo := n.account(t, client.NewAccount{Name: "bo"}, "feeds:rw")
	open := []*following{ana.follow(t, ""), ana.follow(t, ""), bo.follow(t, "")}
	for _, f := range open {
		f.next()
	}
	ana.refused(t, http.MethodGet, "/stream", nil, api.Busy)
	bo.refused(t, http.MethodGet, "/stream", nil, api.Busy)
	n.operator.do(t, http.MethodDelete, "/accounts/ana", nil, nil)
	open[0].ended("cut", "unauthorized")
	open[1].ended("cut", "unauthorized")
	bo.follow(t, "").next()
	bo.refused(t, http.MethodGet, "/stream", nil, api.Busy)
	n.server.Stop()
	open[2].ended("cut", "stopping")
	bo.follow(t, "").next()
}

// Whoever is slow is told so, with the cursor to go on with, and misses nothing.
func TestASlowReaderIsCutAndGoesOn(t *testing.T) {
	n := openWith(t, api.PublicOptions{StreamPatience: 1}) // everybody is slow
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	var lines strings.Builder
	for i := range 2500 {
		lines.WriteString(campaign(i+1) + "\n")
	}
	ana.bring(t, "feeds", lines.String())
	var ids []string
	for cursor, cuts := "", 0; len(ids) < 2500; cuts++ {
		if cuts > 10 {
			t.Fatalf("after %d cuts %d objects have come", cuts, len(ids))
		}
		f := ana.follow(t, "?cursor="+cursor)
		f.next()
		e := f.next()
		for ; e.name == "object"; e = f.next() {
			ids = append(ids, e.data)
		}
		var end client.StreamEnd
		if err := json.Unmarshal([]byte(e.data), &end); err != nil || end.Code != "slow" || !strings.Contains(end.Detail, "taken only after") {
			t.Fatalf("%v: cut by %+v", err, e)
		}
		cursor = end.Cursor
	}
	if slices.Sort(ids); len(slices.Compact(ids)) != 2500 {
		t.Error("something came twice")
	}
}

// The client connects again by itself.
func TestTheClientGoesOnBehindACut(t *testing.T) {
	n := openWith(t, api.PublicOptions{StreamPatience: 1})
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	ana.bring(t, "feeds", campaign(1))
	c, err := client.New(ana.url, client.WithToken(strings.TrimPrefix(ana.header.Get("Authorization"), "Bearer ")))
	if err != nil {
		t.Fatal(err)
	}
	i := 1
	for e, err := range c.Stream(t.Context(), client.StreamQuery{Collections: []string{"feeds"}, Limit: 3}) {
		if err != nil || e.Collection != "feeds" || string(e.Object) != campaign(i) || e.Cursor == "" {
			t.Fatalf("object %d: %+v, %v", i, e, err)
		}
		if i++; i <= 3 {
			ana.bring(t, "feeds", campaign(i))
		}
	}
	if i != 4 {
		t.Errorf("%d objects came, want 3", i-1)
	}
	for _, err := range c.Stream(t.Context(), client.StreamQuery{Collections: []string{"none"}}) {
		if e, ok := err.(*client.Error); !ok || e.Code != "not_found" {
			t.Errorf("a collection that is not there: %v", err)
		}
	}
}
