package author

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"
)

func TestPathsAreReadAsTheyAreWritten(t *testing.T) {
	for text, want := range map[string]string{
		"name": "name", "kill_chain_phases[0].phase_name": "kill_chain_phases[0].phase_name", "labels[]": "labels[]",
		"hashes.SHA-256": "hashes.SHA-256", "hashes.'SHA-256'": "hashes.SHA-256",
		`a.'b.c'.'it\'s'`: `a.'b.c'.'it\'s'`, "a[0][1]": "a[0][1]",
		"": "!", ".": "!", "a.": "!", "a..b": "!", "a[": "!", "a[x]": "!", "a[-1]": "!", "[0]": "!", "a['b']": "!", "a.'b": "!", "a b": "!", "a.''": "!",
		"a[10000]": "!", "a[99999999999]": "!",
	} {
		p, err := ParsePath(text)
		if got := p.String(); err == nil && got != want || err != nil && want != "!" {
			t.Errorf("%q is read as %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestPathsLeadThroughAnObject(t *testing.T) {
	o := map[string]any{}
	set := func(path string, v any) {
		t.Helper()
		p, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.set(o, v); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	set("a[].b", "one")
	set("a[].b", "two")
	set("a[0].c.d", "three")
	set("e", "four")
	if got, _ := json.Marshal(o); string(got) != `{"a":[{"b":"one","c":{"d":"three"}},{"b":"two"}],"e":"four"}` {
		t.Errorf("the object is %s", got)
	}
	for path, want := range map[string]string{"e.f": "e holds text; it has no f", "e[0]": "e holds text, not a list", "a[5]": "a has 2 elements; the next is a[2]", "a.b": "a holds a list; it has no b"} {
		p, _ := ParsePath(path)
		if err := p.set(o, "x"); err == nil || err.Error() != want {
			t.Errorf("%s is answered %v, want %s", path, err, want)
		}
	}
	for _, path := range []string{"a[0].c.d", "a[1].b", "e"} {
		p, _ := ParsePath(path)
		if p.unset(o) == nil || p.unset(o) != nil {
			t.Errorf("%s is not taken away once", path)
		}
	}
	if got, _ := json.Marshal(o); string(got) != `{"a":[{"b":"one"}]}` {
		t.Errorf("what is left is %s", got)
	}
}

func FuzzPath(f *testing.F) {
	for _, s := range []string{"name", "a[0].b", "a[]", `'a.b'.c`, `'\'`, "a[99999]", "ä", "a.'ä\\'b'[1]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePath(text)
		if err != nil {
			return
		}
		again, err := ParsePath(p.String())
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("%q is %v, printed %q is %v, %v", text, p, p.String(), again, err)
		}
		o := map[string]any{}
		if p.set(o, "v") != nil {
			return // an index that is not the next
		}
		if v, ok := p.get(o); p[len(p)-1].Index != End && !hasEnd(p) && (!ok || v != "v") {
			t.Fatalf("%q was set and holds %v", text, v)
		}
		if !hasEnd(p) && (len(p.unset(o)) != 1 || len(o) != 0) {
			t.Fatalf("%q leaves %v", text, o)
		}
	})
}

func hasEnd(p Path) bool {
	for _, s := range p {
		if s.Index == End {
			return true
		}
	}
	return false
}

func FuzzAssignment(f *testing.F) {
	for _, s := range []string{"name=x", `labels:=["a"]`, "labels[]=a", "created=2026", "confidence=1e400", "confidence=85", "is_family=true", "a:=null", "a:={\"b\":1,\"b\":2}", "hashes.MD5=x"} {
		f.Add("malware", s)
	}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, typ, text string) {
		a, err := ParseAssignment(text)
		if err != nil {
			return
		}
		o := map[string]any{"type": typ}
		if a.apply(o, now) == nil {
			_, _ = canonical(o)
		}
	})
}

func FuzzSubject(f *testing.F) {
	for _, s := range []string{"198.51.100.7", "hxxp://evil[.]example", "file:a'b\\c", `HKLM\Soft`, "as64496", "aa:bb:cc:dd:ee:ff", "[.]", "domain:198.51.100.7", "agent:x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSubject(text)
		if err == nil && (s.Pattern == "" || s.said() == "" || s.Type == "") {
			t.Fatalf("%q is %+v", text, s)
		}
	})
}

func TestMomentsAsPeopleWriteThem(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 30, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"now": "2026-05-01T12:30:00.000Z", "30d": "2026-05-31T12:30:00.000Z", "-2h": "2026-05-01T10:30:00.000Z", "+2w": "2026-05-15T12:30:00.000Z",
		"2026-01-02": "2026-01-02T00:00:00.000Z", "2026-01-02 03:04": "2026-01-02T03:04:00.000Z", "2026-01-02T03:04:05+02:00": "2026-01-02T01:04:05.000Z",
		"2026-01-02T03:04:05.123456Z": "2026-01-02T03:04:05.123456Z",
		"":                            "", "soon": "", "d": "", "30": "", "9999999999d": "", "2026-13-01": "",
	} {
		if got, ok := Moment(text, now); got != want || ok != (want != "") {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}
