package device_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"entente/internal/exchange"
	"entente/internal/practice/device"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
)

// So is it when it is the view that becomes another one: by agreements, embargoes that end,
// markings that are explained later, parts that not all may read, and collections that come
// and go; and when guards, insistence and the rule on false positives do.
func TestAListOfNewsFollowsItsView(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		by := account.Principal{Org: orgs[1], Own: false}
		if rapid.Bool().Draw(rt, "own") {
			by = account.Principal{Org: member, Own: true}
		}
		s := newStocked(t, by, device.Device{Format: rapid.SampledFrom([]string{"rpz", "ndjson", "misp-feed"}).Draw(rt, "format")})
		guards := 0
		s.Chooser.Own = func(context.Context, account.Principal) (device.Guards, error) {
			on := guards%2 > 0
			return func(v stix.Value) (string, bool) { return "guarded", on && v.Text == "good.example" }, nil
		}
		s.Chooser.Listed = func(account.Principal) (device.Guards, error) {
			return func(v stix.Value) (string, bool) { return "listed", strings.Contains(v.Text, "evil") }, nil
		}
		s.Chooser.Stamp = func() (any, error) { return guards, nil }
		private := func(n int) string { return fmt.Sprintf("marking-definition--00000000-0000-4000-8000-%012d", n) }
		agreed, there, n, definitions := false, false, 10, 0
		evil := stix.Value{Kind: stix.ValueDomain, Text: "evil.example"}
		in := func(rt *rapid.T) string {
			if there {
				return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "in")
			}
			return rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "in")
		}
		rt.Repeat(map[string]func(*rapid.T){
			"publish": func(rt *rapid.T) {
				mark := rapid.SampledFrom([]string{green, "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", red, private(rapid.IntRange(1, 3).Draw(rt, "private"))}).Draw(rt, "mark")
				more := rapid.SampledFrom([]string{"", `,"confidence":90,"description":"seen at Lock Seven","granular_markings":[{"marking_ref":"` + red + `","selectors":["description"]}]`,
					`,"revoked":true`, fmt.Sprintf(`,"created_by_ref":%q`, identityOf(1))}).Draw(rt, "more")
				s.publish(rt, rapid.SampledFrom([]string{"", orgs[1], orgs[2]}).Draw(rt, "source"), in(rt), s.written(rapid.IntRange(1, 4).Draw(rt, "n"),
					rapid.SampledFrom([]string{"domain=evil.example", "domain=good.example,domain=deep.evil.example", "ip=198.51.100.7"}).Draw(rt, "pattern"),
					fmt.Sprintf(`,"object_marking_refs":[%q]%s`, mark, more)))
			},
			"define": func(rt *rapid.T) {
				if definitions == 3 {
					return
				}
				definitions++
				until := s.clock().Add(time.Duration(rapid.IntRange(-1, 3).Draw(rt, "hours"))*time.Hour + time.Minute).UTC().Format(time.RFC3339)
				s.publish(rt, "", "a", fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":"2026-01-01T00:00:00Z","name":"x","object_marking_refs":[%q],"extensions":{"extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35":{"extension_type":"property-extension","embargo_until":%q}}}`,
					private(definitions), green, until))
			},
			"agree": func(rt *rapid.T) {
				history, _ := s.book.History("one")
				var err error
				if agreed = !agreed; agreed {
					_, err = s.book.Add(t.Context(), s.bench.by, handling.Agreement{Name: "one", Kind: handling.Bilateral, To: []handling.Name{"org:brook"},
						TLP: rapid.SampledFrom([]handling.Level{handling.Green, handling.Amber}).Draw(rt, "level"), PAP: handling.PAPRed, Purposes: handling.Defence, Grounds: 1}, len(history))
				} else {
					_, err = s.book.End(t.Context(), s.bench.by, "one")
				}
				if err != nil {
					rt.Fatal(err)
				}
			},
			"collection": func(rt *rapid.T) {
				if there = !there; there {
					c, err := s.AddCollection(t.Context(), s.bench.by, exchange.Collection{Alias: "c"})
					if err != nil {
						rt.Fatal(err)
					}
					s.by.Grants[c.ID] = account.Read
					return
				}
				if err := s.RemoveCollection(t.Context(), s.bench.by, "c", 1<<40); err != nil {
					rt.Fatal(err)
				}
			},
			"recall": func(rt *rapid.T) {
				id := fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", rapid.IntRange(1, 4).Draw(rt, "id"))
				if _, err := s.Recall(t.Context(), s.bench.by, in(rt), id, exchange.Query{Limit: 100}); err != nil && !errors.Is(err, exchange.ErrNotFound) {
					rt.Fatal(err)
				}
			},
			"doubt": func(rt *rapid.T) {
				n++
				who := rapid.IntRange(0, 4).Draw(rt, "who")
				s.publish(rt, orgs[who], in(rt), opinion(n, who, n%60, "disagree", "", rapid.IntRange(1, 4).Draw(rt, "on")))
			},
			"rule": func(rt *rapid.T) {
				if err := s.SetRule(t.Context(), s.bench.by, device.Rule{Others: rapid.IntRange(0, 2).Draw(rt, "others")}); err != nil {
					rt.Fatal(err)
				}
			},
			"insist": func(rt *rapid.T) {
				err := s.Relent(t.Context(), s.bench.by, evil)
				if errors.Is(err, exchange.ErrNotFound) {
					err = s.Insist(t.Context(), s.bench.by, evil, "seen")
				}
				if err != nil {
					rt.Fatal(err)
				}
			},
			"guard": func(*rapid.T) { guards++ },
			"wait":  func(*rapid.T) { s.ahead.Add(int64(time.Hour)) },
			"": func(rt *rapid.T) {
				for {
					before := s.db.Now()
					got, head := s.fetched(rt)
					want := s.anew(rt, head)
					if s.db.Now() != before { // what is explained now came between
						continue
					}
					if diff := cmp.Diff(want, got); diff != "" {
						rt.Fatalf("anew -, of news +\n%s", diff)
					}
					return
				}
			},
		})
	})
}

// clock is that of embargoes.
func (b *bench) clock() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }
