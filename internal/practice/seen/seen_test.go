package seen_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/practice/seen"
	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/stix"
)

const own = "CERT Example"

var operator = account.Operator(own)

// house is an exchange beside which events are taken.
type house struct {
	testing.TB
	dir  string
	x    *exchange.Exchange
	s    *seen.Seen
	late atomic.Int64 // seconds that the clock is ahead
	log  *strings.Builder
	stop func()
}

func build(t testing.TB, set seen.Settings) *house {
	t.Helper()
	h := &house{TB: t, dir: t.TempDir(), log: &strings.Builder{}}
	db, err := pebble.Open(t.Context(), filepath.Join(h.dir, "store"), pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if h.x, err = exchange.Open(t.Context(), db, exchange.Options{Own: own}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.x.AddCollection(t.Context(), operator, exchange.Collection{Alias: "c"}); err != nil {
		t.Fatal(err)
	}
	h.start(set)
	t.Cleanup(func() {
		h.stop()
		h.x.Close()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

func (h *house) start(set seen.Settings) {
	h.Helper()
	var err error
	h.s, err = seen.New(h.x, seen.Options{Matching: node.Detection(), Dir: filepath.Join(h.dir, "seen"), As: operator, Logger: slog.New(slog.NewTextHandler(h.log, nil)),
		Now: func() time.Time { return time.Now().Add(time.Duration(h.late.Load()) * time.Second) }})
	if err != nil {
		h.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.s.Run(ctx, set) }()
	h.stop = func() { end(); <-done }
	h.until("it runs", func() bool {
		_, err := h.s.Begin(h.Context())
		return err == nil
	})
}

// again stops, and starts on what is there, so many days later.
func (h *house) again(set seen.Settings, days int64) {
	h.Helper()
	h.stop()
	h.late.Add(days * 24 * 60 * 60)
	h.start(set)
}

// until waits for what comes by itself.
func (h *house) until(what string, is func() bool) {
	h.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	end := time.After(20 * time.Second)
	for !is() {
		select {
		case <-look.C:
		case <-end:
			h.Fatalf("not in time: %s", what)
		}
	}
}

// send sends lines, and tells in how many something hit.
func (h *house) send(lines ...string) int64 {
	h.Helper()
	source, err := h.s.Begin(h.Context())
	if err != nil {
		h.Fatal(err)
	}
	for _, line := range lines {
		if err := source.Add([]byte(line + "\n")); err != nil {
			h.Fatal(err)
		}
	}
	taken, err := source.End()
	if err = errors.Join(err, h.s.Write(h.Context())); err != nil {
		h.Fatal(err)
	}
	if taken.Lines != int64(len(lines)) {
		h.Errorf("%d lines were read of %d", taken.Lines, len(lines))
	}
	return *taken.Matched
}

func id(i int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", i) }

func (h *house) publish(i, version int, pattern, more string) {
	h.Helper()
	o, err := stix.Read(fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1","id":"%s","created":"2026-01-01T00:00:00Z","modified":"2026-01-%02dT00:00:00Z",
  "name":"i%d","pattern":"%s","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"%s}`, id(i), version, i, pattern, more))
	if err != nil {
		h.Fatal(err)
	}
	if _, err := h.x.Publish(h.Context(), operator, exchange.Publication{Collection: "c", Objects: []stix.Object{o}}); err != nil {
		h.Fatal(err)
	}
}

// hits are those that a reader is told, by their indicators and values.
func (h *house) hits() map[string]seen.Hit {
	h.Helper()
	list, err := h.s.Hits(h.Context(), operator)
	if err != nil {
		h.Fatal(err)
	}
	all := map[string]seen.Hit{}
	for _, one := range list {
		all[one.Indicator[len(one.Indicator)-1:]+" "+one.Value] = one
	}
	return all
}

// hit waits for a hit.
func (h *house) hit(key string) (hit seen.Hit) {
	h.Helper()
	h.until(key, func() (is bool) { hit, is = h.hits()[key]; return is })
	return hit
}

var month = seen.Settings{Days: 30, Bytes: 64 << 20}

func TestWhatWasSeenBeforeItWasKnownIsTold(t *testing.T) {
	h := build(t, month)
	h.send("query www.evil.com from 10.0.0.1", "again WWW.EVIL.COM.", "GET http://198.51.100.7/gate 200", "answer 203.0.113.9")
	h.publish(1, 1, "[domain-name:value = 'evil.com']", "")
	got := h.hit("1 www.evil.com")
	if !got.Before || got.Count != 2 || got.How != "below" || got.Asked != "evil.com" || got.Name != "i1" || got.First.After(got.Last) || time.Since(got.First) > 25*time.Hour {
		t.Errorf("%+v", got)
	}
	h.publish(2, 1, "[url:value = 'http://198.51.100.7/gate']", "")
	h.publish(3, 1, "[ipv4-addr:value = '203.0.113.0/24']", "")
	h.hit("2 http://198.51.100.7/gate")
	if got := h.hit("3 203.0.113.9"); got.How != "in" {
		t.Errorf("%+v", got)
	}
	if len(h.hits()) != 3 {
		t.Errorf("%+v", h.hits())
	}
	// What was on disk only is found as well, once more or for the first time.
	h.again(month, 0)
	h.publish(4, 1, "[ipv4-addr:value = '198.51.100.7']", "")
	h.hit("4 198.51.100.7")
	if got := h.hits()["1 www.evil.com"]; got.Count != 2 {
		t.Errorf("held against the same history twice, it counts %d", got.Count)
	}
	h.stop()
	h.stop = func() {}
	if log := h.log.String(); !strings.Contains(log, id(1)) || strings.Contains(log, "evil") {
		t.Errorf("the log is to name the indicator, and not what was seen: %s", log)
	}
}

func TestWhatHitsIsCountedAtOnce(t *testing.T) {
	h := build(t, seen.Settings{})
	h.publish(1, 1, "[domain-name:value = 'evil.com']", "")
	h.publish(2, 1, "[domain-name:value = 'evil.com' AND ipv4-addr:value = '198.51.100.7']", "")
	h.until("both are looked for", func() bool { return h.send("198.51.100.7 evil.com") == 1 && len(h.hits()) == 2 })
	before := h.hits()["1 evil.com"].Count
	lines := make([]string, 1000)
	for i := range lines {
		lines[i] = `{"ts":"2026-03-01T10:00:00Z","query":"evil.com"}`
	}
	if n := h.send(lines...); n != 1000 {
		t.Errorf("%d lines", n)
	}
	got := h.hits()["1 evil.com"]
	if got.Before || got.Count != before+1000 || !got.First.Equal(time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v", got)
	}
	h.publish(1, 2, "[domain-name:value = 'evil.com']", `,"revoked":true`)
	if _, told := h.hits()["1 evil.com"]; told {
		t.Error("a hit of a revoked indicator is told")
	}
	h.until("it is looked for no more", func() bool { return h.send("evil.com") == 0 })
}

// The history knows days alone. Gone over again, as at each start, it takes nothing from when
// something was seen that hit at once.
func TestAStartLeavesTheTimesOfHits(t *testing.T) {
	h := build(t, month)
	h.publish(1, 1, "[domain-name:value = 'evil.com']", "")
	h.until("it is looked for", func() bool { return h.send("www.evil.com") == 1 })
	h.send(`{"ts":"2026-03-01T10:00:00Z","query":"evil.com"}`, "198.51.100.7")
	was := h.hit("1 evil.com")
	h.again(month, 0)
	h.publish(2, 1, "[ipv4-addr:value = '198.51.100.7']", "")
	h.hit("2 198.51.100.7")
	if got := h.hits()["1 evil.com"]; got != was {
		t.Errorf("after a start it is %+v, and was %+v", got, was)
	}
}

// A hit is told as the reader sees the indicator at that moment.
func TestHitsAreForWhoSeesTheIndicator(t *testing.T) {
	h := build(t, month)
	h.send("evil.com other.com")
	h.publish(1, 1, "[domain-name:value IN ('evil.com', 'other.com')]", "")
	h.hit("1 evil.com")
	h.hit("1 other.com")
	h.publish(1, 2, "[domain-name:value = 'other.com']", "")
	if _, told := h.hits()["1 evil.com"]; told {
		t.Error("the indicator does not ask for it any more, and it is told")
	}
	if _, err := h.x.Recall(h.Context(), operator, "c", id(1), exchange.Query{Versions: store.VersionFilter{All: true}}); err != nil {
		t.Fatal(err)
	}
	if all := h.hits(); len(all) > 0 {
		t.Errorf("it is gone, and %+v are told", all)
	}
	for _, role := range []account.Role{account.Contributor, account.Auditor, account.Sensor, account.Device} {
		who := account.Principal{ID: "1", Account: "x", Org: own, Own: true, Role: role}
		_, hits := h.s.Hits(h.Context(), who)
		_, state := h.s.State(who)
		_, forget := h.s.Forget(h.Context(), who, "", true)
		for _, err := range []error{hits, state, forget} {
			if !errors.Is(err, exchange.ErrForbidden) {
				t.Errorf("a %s is answered %v", role, err)
			}
		}
	}
}

func TestWhatIsForgottenIsGone(t *testing.T) {
	h := build(t, month)
	h.publish(1, 1, "[domain-name:value = 'evil.com']", "")
	h.until("a hit", func() bool { return h.send("evil.com ana@water.org") == 1 })
	h.again(month, 0)
	h.send("ana@water.org")
	for value, least := range map[string]uint64{"evil.com": 1, "Ana@Water.org": 2, "never.com": 0} {
		n, err := h.s.Forget(h.Context(), operator, value, false)
		if err != nil || n < least || least == 0 && n > 0 {
			t.Errorf("%s was seen %d times (%v)", value, n, err)
		}
	}
	if all := h.hits(); len(all) > 0 {
		t.Errorf("hits are left: %+v", all)
	}
	h.publish(2, 1, "[email-addr:value = 'ana@water.org']", "")
	h.publish(3, 1, "[domain-name:value = 'water.org']", "")
	h.hit("3 water.org")
	if _, told := h.hits()["2 ana@water.org"]; told {
		t.Error("it was forgotten, and hits")
	}
	if _, err := h.s.Forget(h.Context(), operator, "", true); err != nil {
		t.Fatal(err)
	}
	if got, err := h.s.State(operator); err != nil || got.Values != 0 || got.Bytes != 0 || got.Hits != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if files, err := filepath.Glob(filepath.Join(h.dir, "seen", "*")); err != nil || len(files) > 0 {
		t.Errorf("files are left: %q (%v)", files, err)
	}
}

func TestDaysGoWhenTheyAreOver(t *testing.T) {
	week := seen.Settings{Days: 7, Bytes: 64 << 20}
	h := build(t, week)
	h.send("first.com")
	h.again(week, 3)
	h.send("second.com")
	h.again(week, 5)
	h.publish(1, 1, "[domain-name:value IN ('first.com', 'second.com')]", "")
	got := h.hit("1 second.com")
	if _, told := h.hits()["1 first.com"]; told {
		t.Error("after eight days of seven it is there")
	}
	if got.Last.Sub(got.First) > 24*time.Hour {
		t.Errorf("seen on one day: %+v", got)
	}
	h.again(week, 8)
	if _, err := h.s.State(operator); err != nil {
		t.Fatal(err)
	}
	h.until("the hit goes with its days", func() bool { return len(h.hits()) == 0 })
	h.send("third.com")
	h.again(seen.Settings{}, 0)
	if got, err := h.s.State(operator); err != nil || got.Values != 0 || got.Bytes != 0 {
		t.Errorf("none are to be kept: %+v, %v", got, err)
	}
}
