package device_test

import (
	"archive/tar"
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/practice/device"
	"entente/internal/trust/account"
	"entente/stix"
)

// mispEvent is what a MISP asks for in an event and in the manifest.
type mispEvent struct {
	UUID, Info, Date, Timestamp, Analysis, Distribution string
	Threat                                              string `json:"threat_level_id"`
	Published                                           bool
	Orgc                                                struct{ Name, UUID string }
	Tag                                                 []struct{ Name string }
	Attribute                                           []struct {
		UUID, Type, Category, Value, Comment, Timestamp string
		Detect                                          bool `json:"to_ids"`
		Tag                                             []struct{ Name string }
	}
}

// readFeed reads a feed as a MISP does, and fails where it would not take it.
func readFeed(t *testing.T, archive []byte) map[string]mispEvent {
	t.Helper()
	files, r := map[string][]byte{}, tar.NewReader(bytes.NewReader(archive))
	for h, err := r.Next(); err != io.EOF; h, err = r.Next() {
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name], _ = io.ReadAll(r)
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	var manifest map[string]mispEvent
	if err := json.Unmarshal(files["manifest.json"], &manifest); err != nil {
		t.Fatal(err)
	}
	events, hashes, seen := map[string]mispEvent{}, map[string]bool{}, map[string]bool{}
	for id, m := range manifest {
		var e struct{ Event mispEvent }
		if err := json.Unmarshal(files[id+".json"], &e); err != nil {
			t.Fatalf("event %s: %v", id, err)
		}
		events[id] = e.Event
		if e.Event.UUID != id || !uuid.MatchString(id) || !uuid.MatchString(m.Orgc.UUID) || m.Orgc.Name == "" || m.Info == "" || m.Date == "" || m.Analysis == "" || m.Threat == "" {
			t.Errorf("the manifest has of %s %+v", id, m)
		}
		if m.Timestamp != e.Event.Timestamp || m.Info != e.Event.Info || !e.Event.Published || e.Event.Distribution == "" {
			t.Errorf("the manifest has %+v, the event is %+v", m, e.Event)
		}
		for _, a := range e.Event.Attribute {
			if n, err := strconv.Atoi(a.Timestamp); err != nil || n == 0 || !a.Detect || a.Value == "" || a.Comment == "" || !uuid.MatchString(a.UUID) || seen[a.UUID] {
				t.Errorf("an attribute is %+v", a)
			}
			seen[a.UUID] = true
			sum := md5.Sum([]byte(a.Value))
			hashes[hex.EncodeToString(sum[:])+","+id] = true
		}
	}
	for line := range strings.Lines(string(files["hashes.csv"])) {
		if line = strings.TrimSuffix(line, "\n"); !hashes[line] {
			t.Errorf("hashes.csv has %q", line)
		}
		delete(hashes, line)
	}
	if len(hashes) > 0 || len(files) != len(events)+2 {
		t.Errorf("hashes.csv lacks %v; there are %d files for %d events", hashes, len(files), len(events))
	}
	return events
}

// feed writes the feed of what a reader sees.
func (b *bench) feed(by account.Principal) []byte {
	b.t.Helper()
	list, err := b.Choose(b.t.Context(), by, device.Wish{Format: device.Feed})
	if err != nil {
		b.t.Fatal(err)
	}
	defer list.Close()
	var out bytes.Buffer
	files, err := b.Write(b.t.Context(), by, &out, list, blocklist.Head{}, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, f := range files {
		if got := out.Bytes()[f.At : f.At+f.Length]; f.Name == "manifest.json" && !json.Valid(got) {
			b.t.Errorf("%s is said to be at %d: %.50q", f.Name, f.At, got)
		}
	}
	return out.Bytes()
}

func TestAFeedIsOneThatMISPReads(t *testing.T) {
	b := newBench(t, device.Parts{Listed: func(account.Principal) (device.Guards, error) {
		return func(v stix.Value) (string, bool) { return "listed", v.Text == "popular.example" }, nil
	}})
	const by = "identity--00000000-0000-4000-8000-00000000000a"
	o, err := stix.Read([]byte(`{"type":"identity","spec_version":"2.1","id":"` + by + `","created":"2026-01-01T00:00:00Z","modified":"2026-01-01T00:00:00Z","name":"CERT \"Blue\""}`))
	if err == nil {
		_, err = b.Publish(t.Context(), b.by, exchange.Publication{Collection: "b", Objects: []stix.Object{o}})
	}
	if err != nil {
		t.Fatal(err)
	}
	const green, amber = `,"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]`, `,"object_marking_refs":["marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"]`
	made := `,"created_by_ref":"` + by + `"`
	sum := strings.Repeat("ab", 32)
	b.indicator("a", 1, "domain=evil.example,ip=203.0.113.5,ip=198.51.100.0/24,hash="+sum+",url=http://evil.example/a?b,domain=popular.example", made+green)
	b.indicator("a", 2, "domain=worse.example", made+amber)
	b.indicator("b", 2, "domain=worst.example", made+amber)
	b.indicator("a", 3, "domain=bad.example", "")
	archive := b.feed(b.by)
	if !bytes.Equal(archive, b.feed(b.by)) {
		t.Error("the same feed twice is not the same")
	}
	got := map[string][]string{}
	for _, e := range readFeed(t, archive) {
		for _, a := range e.Attribute {
			got[e.Orgc.Name] = append(got[e.Orgc.Name], a.Type+"/"+a.Category+"/"+a.Value+"/"+fmt.Sprint(a.Tag))
		}
		if !strings.HasPrefix(e.Info, e.Orgc.Name+": ") || e.Date != "2026-03-01" {
			t.Errorf("the event is %+v", e)
		}
		if e.Orgc.Name == `CERT "Blue"` && (fmt.Sprint(e.Tag) != "[{tlp:amber}]" || e.Distribution != "0" || e.Orgc.UUID != strings.TrimPrefix(by, "identity--")) {
			t.Errorf("the event is %+v", e)
		}
		slices.Sort(got[e.Orgc.Name])
	}
	want := []string{"domain/Network activity/evil.example/[{tlp:green}]", "domain/Network activity/worst.example/[{tlp:amber}]",
		"ip-dst/Network activity/198.51.100.0/24/[{tlp:green}]", "ip-dst/Network activity/203.0.113.5/[{tlp:green}]",
		"sha256/Payload delivery/" + sum + "/[{tlp:green}]", "url/Network activity/http://evil.example/a?b/[{tlp:green}]"}
	if !slices.Equal(got[`CERT "Blue"`], want) || len(got) != 2 || len(got["unnamed producer"]) != 1 {
		t.Errorf("the feed has\n%q, want\n%q", got, want)
	}
	nobody := account.Principal{ID: "x", Account: "bo", Org: "CERT Example", Own: true, Role: account.Contributor}
	if got := readFeed(t, b.feed(nobody)); len(got) != 0 {
		t.Errorf("without a grant: %v", got)
	}
}

// What is too much for one event goes into several.
func TestAFeedWithManyValues(t *testing.T) {
	b := newBench(t, device.Parts{})
	const n = 25
	for i := range n {
		var values []string
		for j := range 1000 {
			values = append(values, fmt.Sprintf("domain=host-%d.of-%d.example", j, i))
		}
		b.indicator("a", i, strings.Join(values, ","), "")
	}
	events := readFeed(t, b.feed(b.by))
	total := 0
	for _, e := range events {
		total += len(e.Attribute)
	}
	if len(events) != 3 || total != n*1000 {
		t.Errorf("%d values in %d events", total, len(events))
	}
}

// What says that no identity has made it is in a feed, too, however long what it names is.
func TestAFeedBearsStrangeCreators(t *testing.T) {
	b := newBench(t, device.Parts{})
	for i, kind := range []string{strings.Repeat("x", 70_000), "identity--" + strings.Repeat("x", 70_000), "x-machine"} {
		b.indicator("a", i+1, fmt.Sprintf("domain=d%d.example", i), fmt.Sprintf(`,"created_by_ref":"%s--00000000-0000-4000-8000-000000000009"`, kind))
	}
	list, err := b.Choose(t.Context(), b.by, device.Wish{Format: device.Feed})
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	var got []string
	for e, err := range list.Entries() {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, e.Value+" by "+e.By)
	}
	if want := []string{"d0.example by ", "d1.example by ", "d2.example by "}; !slices.Equal(got, want) {
		t.Errorf("%.200q, want %q", got, want)
	}
}
