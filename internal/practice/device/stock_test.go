package device_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/practice/device"
	"entente/internal/trust/account"
	"entente/stix"
)

// stocked is a device whose list is made again and again, and how much is heard for it.
type stocked struct {
	*bench
	devices *device.Devices
	by      account.Principal
	heard   atomic.Int64
	at      time.Time
}

func newStocked(t *testing.T, by account.Principal, dev device.Device) *stocked {
	s := &stocked{bench: coalition(t), by: by, at: now}
	s.Chooser.Now = func() time.Time { return s.at }
	s.Chooser.Hear = func(said *device.Reading, raw []byte) { s.heard.Add(1); hear(said, raw) }
	s.devices = device.NewDevices(s.Chooser, account.New(s.db, member, nil), slog.New(slog.NewTextHandler(t.Output(), nil)))
	a, _, err := s.devices.Add(t.Context(), s.bench.by, account.Application{Name: "edge"}, dev)
	if err != nil {
		t.Fatal(err)
	}
	s.by.ID, s.by.Account, s.by.Role = a.ID, "edge", account.Device
	s.grant("a", "b")
	return s
}

// grant lets the device read some collections alone.
func (s *stocked) grant(aliases ...string) {
	s.by.Grants = map[string]account.Access{}
	for _, alias := range aliases {
		c, err := s.View(s.bench.by).Collection(alias)
		if err != nil {
			s.t.Fatal(err)
		}
		s.by.Grants[c.ID] = account.Read
	}
}

// fetched is the device's list, and the head that it was written with.
func (s *stocked) fetched(t rapid.TB) (string, blocklist.Head) {
	c, err := s.devices.Fetch(s.t.Context(), s.by)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatal(err)
	}
	_, state, err := s.devices.Get(s.by.ID)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), blocklist.Head{At: state.Changed, Entries: state.Entries}
}

// anew is the list as it is chosen out of all there is.
func (s *stocked) anew(t rapid.TB, head blocklist.Head) string {
	dev, _, err := s.devices.Get(s.by.ID)
	if err != nil {
		t.Fatal(err)
	}
	w, err := dev.Wish()
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.Choose(s.t.Context(), s.by, w)
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var b bytes.Buffer
	if _, err := s.Write(s.t.Context(), s.by, &b, list, head, nil); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A list that is made of what was heard before and of the news is the one that is made of
// all there is, whatever happened meanwhile.
func TestAListOfNewsIsThatOfAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		own := rapid.Bool().Draw(rt, "own")
		by := account.Principal{Org: orgs[1]}
		if own {
			by = account.Principal{Org: member, Own: true}
		}
		format := rapid.SampledFrom([]string{"rpz", "ndjson", "hosts", "misp-feed"}).Draw(rt, "format")
		s := newStocked(t, by, device.Device{Format: format, Limit: rapid.SampledFrom([]int{0, 0, 3}).Draw(rt, "limit"),
			MinConfidence: rapid.SampledFrom([]int{0, 50}).Draw(rt, "least"), Reviewed: rapid.Bool().Draw(rt, "reviewed")})
		marks := []string{"", fmt.Sprintf(`,"object_marking_refs":[%q]`, green), `,"object_marking_refs":["marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"]`}
		mores := []string{"", `,"revoked":true`, `,"confidence":90`, `,"confidence":20`, `,"valid_until":"2026-03-01T14:00:00Z"`, fmt.Sprintf(`,"created_by_ref":%q`, identityOf(1))}
		patterns := []string{"domain=evil.example", "domain=deep.evil.example,ip=198.51.100.0/24", "ip=198.51.100.7,asn=64500", "domain=x.example&ip=203.0.113.6", "ip=10.0.0.1", "url=https://evil.example/x", "domain=good.example"}
		id := func(rt *rapid.T) string {
			return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", rapid.IntRange(1, 4).Draw(rt, "id"))
		}
		n := 10
		rt.Repeat(map[string]func(*rapid.T){
			"publish": func(rt *rapid.T) {
				s.publish(rt, rapid.SampledFrom([]string{"", orgs[1]}).Draw(rt, "source"), rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "in"),
					s.written(rapid.IntRange(1, 4).Draw(rt, "n"), rapid.SampledFrom(patterns).Draw(rt, "pattern"), rapid.SampledFrom(mores).Draw(rt, "more")+rapid.SampledFrom(marks).Draw(rt, "mark")))
			},
			"recall": func(rt *rapid.T) {
				if _, err := s.Recall(t.Context(), s.bench.by, rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "in"), id(rt), exchange.Query{Limit: 100}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
					rt.Fatal(err)
				}
			},
			"erase": func(rt *rapid.T) {
				if _, err := s.EraseObjects(t.Context(), s.bench.by, []string{id(rt)}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
					rt.Fatal(err)
				}
				s.devices.Forget()
			},
			"doubt": func(rt *rapid.T) {
				n++
				who := rapid.IntRange(0, 4).Draw(rt, "who")
				s.publish(rt, orgs[who], "a", opinion(n, who, n%60, rapid.SampledFrom([]string{"disagree", "agree"}).Draw(rt, "word"), "", rapid.IntRange(1, 4).Draw(rt, "on")))
			},
			"see": func(rt *rapid.T) {
				n++
				s.publish(rt, "", "a", sighting(n, rapid.IntRange(1, 4).Draw(rt, "of"), "2026-02-28T00:00:00Z", marks[1]))
			},
			"wait": func(rt *rapid.T) {
				s.at = s.at.Add(rapid.SampledFrom([]time.Duration{time.Hour, 24 * time.Hour}).Draw(rt, "time"))
			},
			"grant": func(rt *rapid.T) {
				s.grant([][]string{{"a", "b"}, {"a"}, {}}[rapid.IntRange(0, 2).Draw(rt, "which")]...)
			},
			"": func(rt *rapid.T) {
				got, head := s.fetched(rt)
				if diff := cmp.Diff(s.anew(rt, head), got); diff != "" {
					rt.Fatalf("anew -, of news +\n%s", diff)
				}
			},
		})
	})
}

// publish is bring of what may be refused.
func (s *stocked) publish(t rapid.TB, source, collection, raw string) {
	o, err := stix.Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Publish(s.t.Context(), s.bench.by, exchange.Publication{Collection: collection, Source: source, Objects: []stix.Object{o}}); err != nil {
		t.Fatal(err)
	}
}

// Of a list that is made again only the news are heard; all of it when its account may see
// something else by now, and when something was erased.
func TestOnlyNewsAreHeard(t *testing.T) {
	s := newStocked(t, account.Principal{Org: member, Own: true}, device.Device{Format: "hosts"})
	for n := 2; n <= 30; n++ {
		s.indicator("a", n, fmt.Sprintf("domain=d%d.example", n), "")
	}
	expect := func(why string, heard int64, there, gone string) {
		t.Helper()
		s.heard.Store(0)
		list, _ := s.fetched(t)
		if s.heard.Load() != heard || !strings.Contains(list, there) || gone != "" && strings.Contains(list, gone) {
			t.Errorf("%s: %d heard, want %d; %s", why, s.heard.Load(), heard, list)
		}
	}
	expect("the first time", 30, "d7.example", "")
	s.n = 9 // so that it is a later version
	s.indicator("a", 7, "domain=other.example", "")
	expect("after a new version", 1, "other.example", "d7.example")
	s.indicator("b", 40, "domain=late.example", "")
	expect("after one in another collection", 1, "late.example", "d7.example")
	expect("after nothing", 0, "late.example", "")
	if _, err := s.Recall(t.Context(), s.bench.by, "a", "indicator--00000000-0000-4000-8000-000000000009", exchange.Query{Limit: 9}); err != nil {
		t.Fatal(err)
	}
	expect("after a recall", 0, "late.example", "d9.example")
	s.at = s.at.Add(time.Hour)
	s.indicator("a", 41, "domain=later.example", "")
	expect("later", 1, "later.example", "d9.example")
	s.grant("a")
	expect("with another view", 30, "later.example", "late.example")
	s.devices.Forget()
	expect("after an erasure", 30, "later.example", "late.example")
}

// A stock of which much has moved is written anew, and what moves afterwards counts.
func TestAWornStockIsWrittenAnew(t *testing.T) {
	s := newStocked(t, account.Principal{Org: member, Own: true}, device.Device{Format: "ndjson"})
	const many = 1500
	publish := func(from, to, minute int) {
		t.Helper()
		var all []stix.Object
		for n := from; n <= to; n++ {
			s.n = minute
			o, err := stix.Read([]byte(s.written(n, fmt.Sprintf("domain=d%d.v%d.example", n, minute), "")))
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, o)
		}
		if _, err := s.Publish(t.Context(), s.bench.by, exchange.Publication{Collection: "a", Objects: all}); err != nil {
			t.Fatal(err)
		}
	}
	same := func(heard int64) {
		t.Helper()
		s.heard.Store(0)
		got, head := s.fetched(t)
		if s.heard.Load() != heard {
			t.Errorf("%d heard, want %d", s.heard.Load(), heard)
		}
		if diff := cmp.Diff(s.anew(t, head), got); diff != "" {
			t.Errorf("anew -, of news +\n%s", diff)
		}
	}
	publish(2, many, 1)
	same(many)
	publish(2, many, 2)
	same(many - 1)
	publish(many-2, many+1, 3)
	same(4)
}

// A list whose device does not wait for it is made to the end, and is there when the device
// asks again.
func TestADeviceThatDoesNotWaitFindsItsList(t *testing.T) {
	s := newStocked(t, account.Principal{Org: member, Own: true}, device.Device{Format: "hosts"})
	ctx, leave := context.WithCancel(t.Context())
	s.Chooser.Hear = func(said *device.Reading, raw []byte) { s.heard.Add(1); leave(); hear(said, raw) }
	if c, err := s.devices.Fetch(ctx, s.by); err == nil {
		c.Close()
	}
	if s.heard.Load() != 1 {
		t.Fatalf("%d heard", s.heard.Load())
	}
	if list, _ := s.fetched(t); s.heard.Load() != 1 || !strings.Contains(list, "evil.example") {
		t.Errorf("%d heard: %s", s.heard.Load(), list)
	}
}

// What is a false positive stays one where its indicator moves while a list is made.
func TestAFalsePositiveThatMovesIsLeftOut(t *testing.T) {
	s := newStocked(t, account.Principal{Org: member, Own: true}, device.Device{Format: "hosts"})
	s.bring(member, "a", opinion(1, 0, 1, "disagree", "", 2))
	s.indicator("a", 2, "domain=fine.example", "")
	s.n = 5 // so that it is a later version
	later := s.written(2, "domain=fine.example", "")
	s.Chooser.Hear = func(said *device.Reading, raw []byte) {
		if later != "" {
			s.publish(t, "", "a", later)
		}
		later = ""
		hear(said, raw)
	}
	if list, _ := s.fetched(t); strings.Contains(list, "fine.example") || !strings.Contains(list, "evil.example") || later != "" {
		t.Error(list)
	}
}
