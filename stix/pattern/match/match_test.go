package match

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// told matches a pattern and writes what it bound: offset, place, times.
func told(t *testing.T, text string, all []Observation) string {
	t.Helper()
	m, err := Compile(text)
	if err != nil {
		t.Fatal(err)
	}
	found, err := m.Match(all)
	if err != nil {
		t.Fatal(err)
	}
	if found == nil {
		return "none"
	}
	var out []string
	for _, b := range found.Bindings {
		if !strings.HasPrefix(text[b.Offset:], "[") || !strings.HasPrefix(b.Text, "[") {
			t.Errorf("%s: %+v points at no bracket", text, b)
		}
		out = append(out, fmt.Sprintf("%d:%d*%d", b.Offset, b.Observation, b.Times))
	}
	return strings.Join(out, " ")
}

func TestTheEarliestIsTold(t *testing.T) {
	at := func(second int, count int64, letter string) Observation {
		return Observation{First: time.Unix(int64(second), 0), Count: count,
			Objects: []*Object{{Type: "x", Properties: map[string]any{"v": letter}}}}
	}
	all := []Observation{at(50, 1, "a"), at(10, 2, "a"), at(40, 1, "b"), at(20, 1, "b"), at(30, 4, "a"), at(20, 1, "b")}
	for text, want := range map[string]string{
		"[x:v = 'a']":                 "0:1*1",
		"[x:v = 'b']":                 "0:3*1", // of equal times the one that was given first
		"[x:v = 'a'] REPEATS 4 TIMES": "0:1*2 0:4*2",
		"[x:v = 'a'] AND [x:v = 'a'] AND [x:v = 'a']":                             "0:1*1 16:1*1 32:4*1",
		"[x:v = 'b'] FOLLOWEDBY [x:v = 'a']":                                      "0:3*1 23:4*1",
		"[x:v = 'a'] FOLLOWEDBY [x:v = 'b'] FOLLOWEDBY [x:v = 'a']":               "0:1*1 23:3*1 46:4*1",
		"[x:v = 'a'] OR [x:v = 'b']":                                              "0:1*1",
		"[x:v = 'c'] OR [x:v = 'b']":                                              "15:3*1",
		"[x:v = 'b'] REPEATS 3 TIMES OR [x:v = 'c']":                              "0:3*1 0:5*1 0:2*1",
		"([x:v = 'b'] AND [x:v = 'a']) WITHIN 10 SECONDS":                         "1:3*1 17:1*1",
		"[x:v = 'a'] REPEATS 4 TIMES WITHIN 5 SECONDS":                            "0:4*4",
		"[x:v != 'c'] START t'1970-01-01T00:00:30Z' STOP t'1971-01-01T00:00:00Z'": "0:4*1",
		// The first bracket would like what only the second can use.
		"[x:v IN ('a', 'b')] REPEATS 3 TIMES AND [x:v = 'a'] REPEATS 7 TIMES": "0:3*1 0:5*1 0:2*1 40:1*2 40:4*4 40:0*1",
		"[x:v = 'a'] REPEATS 8 TIMES":                                         "none",
	} {
		text, want := text, want
		if got := told(t, text, all); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

// TestOneMovesTheOthers: the last bracket can use the first observation alone,
// so that each before it must take the next one.
func TestOneMovesTheOthers(t *testing.T) {
	var text []string
	var all []Observation
	for i := range 8 {
		text = append(text, fmt.Sprintf("[x:v IN (%d, %d)]", i, i+1))
		all = append(all, Observation{First: time.Unix(int64(i), 0), Count: 2, Objects: []*Object{{Type: "x", Values: map[string][]any{"v": {i}}}}})
	}
	all = append(all, Observation{First: time.Unix(8, 0), Count: 2, Objects: []*Object{{Type: "x", Values: map[string][]any{"v": {8}}}}})
	pattern := strings.Join(text, " REPEATS 2 TIMES AND ") + " REPEATS 2 TIMES AND [x:v = 0]"
	got := told(t, pattern+" REPEATS 2 TIMES", all)
	var want []string
	for i := range 8 {
		want = append(want, fmt.Sprintf("%d:%d*2", strings.Index(pattern, text[i]), i+1))
	}
	want = append(want, fmt.Sprintf("%d:0*2", strings.Index(pattern, "[x:v = 0]")))
	if got != strings.Join(want, " ") {
		t.Errorf("%s, want %s", got, want)
	}
	if got := told(t, pattern+" REPEATS 3 TIMES", all); got != "none" {
		t.Errorf("%s, want none", got)
	}
}

// TestPlainEvents matches what is no STIX: values by path.
func TestPlainEvents(t *testing.T) {
	event := func(second int, typ string, values map[string][]any) Observation {
		return Observation{First: time.Unix(int64(second), 0), Objects: []*Object{{Type: typ, Values: values}}}
	}
	all := []Observation{
		event(1, "network-traffic", map[string][]any{"dst_ref.value": {"198.51.100.9"}, "dst_ref.type": {"ipv4-addr"}, "dst_port": {443}, "protocols[*]": {"tcp", "tls"}}),
		event(2, "file", map[string][]any{"name": {"a.exe"}, "hashes.'SHA-256'": {"AB"}, "size": {int64(7), 9.5}, "magic_number_hex": {[]byte{0xff, 0xd8}}, "mtime": {time.Unix(60, 0)}}),
	}
	for text, want := range map[string]string{
		"[network-traffic:dst_ref.value ISSUBSET '198.51.100.0/24' AND network-traffic:dst_port = 443]": "0:0*1",
		"[network-traffic:protocols[*] = 'tls']":                                                        "0:0*1",
		"[network-traffic:protocols[1] = 'tls']":                                                        "0:0*1",
		"[network-traffic:protocols[0] = 'tls']":                                                        "none",
		"[network-traffic:protocols[7] = 'tls']":                                                        "none",
		"[file:hashes.'SHA-256' = 'ab' AND file:size > 9]":                                              "0:1*1",
		"[file:magic_number_hex = h'ffd8' AND file:mtime = t'1970-01-01T00:01:00Z']":                    "0:1*1",
		"[network-traffic:dst_port = 443] FOLLOWEDBY [EXISTS file:name]":                                "0:0*1 44:1*1",
		"[NOT EXISTS file:ctime]":                                                                       "0:1*1",
		"[file:size NOT IN (7, 8)]":                                                                     "0:1*1",
	} {
		if got := told(t, text, all); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestReader(t *testing.T) {
	one := func(id, modified, rest string) string {
		return `{"type":"observed-data","id":"observed-data--` + id + `","modified":"` + modified + `","first_observed":"2024-05-01T12:00:00Z",` + rest + `}`
	}
	url := func(value string) string { return `{"type":"url","id":"url--1","value":"` + value + `"}` }
	const old, young = "2024-05-01T12:00:00Z", "2024-05-02T12:00:00.5Z"
	for name, c := range map[string]struct {
		inputs  []string
		pattern string
		want    string // yes or no, or a part of the error
	}{
		"a mark and lines":         {[]string{"\xef\xbb\xbf" + one("1", old, `"object_refs":["url--1"]`) + "\n\n" + url("a") + "\r\n"}, "[url:value = 'a']", "yes"},
		"another input":            {[]string{one("1", old, `"object_refs":["url--1"]`), url("a")}, "[url:value = 'a']", "yes"},
		"the own bundle first":     {[]string{url("b"), `[{"type":"bundle","objects":[` + one("1", old, `"object_refs":["url--1"]`) + `,` + url("a") + `]},[]]`}, "[url:value = 'a']", "yes"},
		"not the other's":          {[]string{url("b"), `{"objects":[` + one("1", old, `"object_refs":["url--1"]`) + `,` + url("a") + `],"type":"bundle"}`}, "[url:value = 'b']", "no"},
		"named twice, seen once":   {[]string{url("a"), one("1", old, `"object_refs":["url--1","url--1"]`)}, "[url:value = 'a'] REPEATS 2 TIMES", "no"},
		"read twice, seen once":    {[]string{url("a"), one("1", old, `"object_refs":["url--1"]`), one("1", old, `"object_refs":["url--1"]`)}, "[url:value = 'a'] REPEATS 2 TIMES", "no"},
		"the newest version":       {[]string{url("a"), one("1", old, `"number_observed":9,"object_refs":["url--1"]`), one("1", young, `"number_observed":2,"object_refs":["url--1"]`)}, "[url:value = 'a'] REPEATS 3 TIMES", "no"},
		"whatever the order":       {[]string{url("a"), one("1", young, `"number_observed":2,"object_refs":["url--1"]`), one("1", old, `"number_observed":9,"object_refs":["url--1"]`)}, "[url:value = 'a'] REPEATS 2 TIMES", "yes"},
		"revoked":                  {[]string{url("a"), one("1", old, `"object_refs":["url--1"]`), one("1", young, `"revoked":true,"object_refs":["url--1"]`)}, "[url:value = 'a']", "no"},
		"both kinds of objects":    {[]string{url("a"), one("1", old, `"objects":{"0":{"type":"file","name":"f"}},"object_refs":["url--1"]`)}, "[url:value = 'a' OR file:name = 'g']", "yes"},
		"nothing to see":           {[]string{one("1", old, `"objects":{"0":7,"1":{"name":"f"}},"object_refs":[3,null]`)}, "[url:value = 'a']", "no"},
		"never seen":               {[]string{one("1", old, `"number_observed":0`)}, "[a:b = 1]", "number_observed 0 is no number from 1"},
		"half a time":              {[]string{one("1", old, `"number_observed":1.5`)}, "[a:b = 1]", "number_observed 1.5 is no number"},
		"the end before the start": {[]string{one("1", old, `"last_observed":"2024-05-01T11:00:00Z"`)}, "[a:b = 1]", "is before first_observed"},
		"a local time":             {[]string{one("1", old, `"last_observed":"2024-05-01T13:00:00+01:00"`)}, "[a:b = 1]", "no timestamp"},
		"no time":                  {[]string{`{"type":"observed-data"}`}, "[a:b = 1]", "observed-data without id: it has no first_observed"},
		"no object":                {[]string{`[1]`}, "[a:b = 1]", `"1" is no STIX object`},
		"cut":                      {[]string{`{"objects":[{"type":"x"`}, "[a:b = 1]", "ends in the middle"},
		"broken":                   {[]string{`{"type" "x"}`}, "[a:b = 1]", "byte 8"},
		"too deep":                 {[]string{strings.Repeat("[", 1_000_000)}, "[a:b = 1]", "nested more than 8 deep"},
	} {
		t.Run(name, func(t *testing.T) {
			var r Reader
			for i, input := range c.inputs {
				if err := r.Read(fmt.Sprintf("input %d", i), strings.NewReader(input)); err != nil {
					holds(t, err, c.want)
					return
				}
			}
			all, unusable := r.Observations()
			if len(unusable) > 0 {
				holds(t, unusable[0], c.want)
				return
			}
			got := "yes"
			if told(t, c.pattern, Plain(all)) == "none" {
				got = "no"
			}
			if got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
		})
	}
}

func holds(t *testing.T, err error, want string) {
	t.Helper()
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %q, want %q", err, want)
	}
}

// TestRefusalsSayWhere: the place of what hinders, not of the pattern.
func TestRefusalsSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"[a:b = 1]\nAND [a:c MATCHES 'x(?!y)']":                                "2:20: error: ",
		"[a:b = 1]\nAND [a:c = t'2023-02-30T00:00:00Z']":                       "2:10: error: ",
		"([a:b = 1] FOLLOWEDBY [a:c = 2])\nREPEATS 100000 TIMES":               "2:1: error: ",
		"[a:b = 1] WITHIN 0 SECONDS":                                           "1:18: error: ",
		"[a:b = 1] START t'2023-02-30T00:00:00Z' STOP t'2023-03-30T00:00:00Z'": "1:17: error: ",
	} {
		_, err := Compile(text)
		if err == nil || !strings.HasPrefix(err.Error(), "pattern at "+want) {
			t.Errorf("%s\n%v, want it at %s", text, err, want)
		}
	}
}

// TestRingsOfReferences: each step of the path sees each object once, so that
// the work is bounded by steps times references.
func TestRingsOfReferences(t *testing.T) {
	var refs []string
	for i := range 60 {
		refs = append(refs, fmt.Sprintf("%q", fmt.Sprint(i)))
	}
	list := strings.Join(refs, ",")
	var objects []string
	for i := range 60 {
		objects = append(objects, fmt.Sprintf(`"%d":{"type":"ring","n":%d,"all_refs":[%s]}`, i, i, list))
	}
	input := `{"type":"observed-data","first_observed":"2024-05-01T12:00:00Z","objects":{` + strings.Join(objects, ",") + `}}`
	path := "ring:" + strings.Repeat("all_refs[*].", 20) + "n"
	decide(t, "["+path+" = 59]", "yes", input)
	decide(t, "["+path+" = 60]", "no", input)
	decide(t, "["+path+" != 60]", "yes", input)
}

func TestMatcherMayBeShared(t *testing.T) {
	m, err := Compile("[x:v = 'a'] REPEATS 3 TIMES WITHIN 9 SECONDS")
	if err != nil {
		t.Fatal(err)
	}
	all := row(50, time.Second)
	results := make(chan string, 8)
	for range cap(results) {
		go func() {
			found, err := m.Match(all)
			results <- fmt.Sprint(found, err)
		}()
	}
	var got []string
	for range cap(results) {
		got = append(got, <-results)
	}
	if slices.Sort(got); got[0] != got[len(got)-1] {
		t.Errorf("%s and %s", got[0], got[len(got)-1])
	}
}
