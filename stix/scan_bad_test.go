package stix_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"entente/stix"
)

const (
	good1 = `{"type":"tool","id":"tool--1"}`
	good2 = `{"type":"tool","id":"tool--2"}`
)

// step is one thing that a scan gave: an id, or an error's reason and place.
type step struct {
	id     string // of a good object
	reason string // a part of it
	broken bool
}

func gave(id string) step         { return step{id: id} }
func refused(reason string) step  { return step{reason: reason} }
func brokenAt(reason string) step { return step{reason: reason, broken: true} }

// expect scans text in several portions and compares the steps.
func expect(t *testing.T, text string, want []step, opts ...stix.ScanOption) {
	t.Helper()
	for how, r := range readers(text) {
		i := 0
		for o, err := range stix.Scan(r, opts...) {
			if i >= len(want) {
				t.Errorf("%s: %.200s: one step too many: %v %v", how, text, o, err)
				break
			}
			w := want[i]
			i++
			if err == nil {
				if o.ID != w.id {
					t.Errorf("%s: %.200s: step %d is %s, want %+v", how, text, i, o.ID, w)
				}
				continue
			}
			var fault *stix.ScanError
			if !errors.As(err, &fault) {
				t.Fatalf("%s: %v is no ScanError", how, err)
			}
			if w.reason == "" || !strings.Contains(fault.Reason, w.reason) || errors.Is(err, stix.ErrBroken) != w.broken {
				t.Errorf("%s: %.200s: step %d is %q (broken: %v), want %+v", how, text, i, err, errors.Is(err, stix.ErrBroken), w)
			}
		}
		if i < len(want) {
			t.Errorf("%s: %.200s: ends after %d steps, want %d", how, text, i, len(want))
		}
	}
}

// Each of these is refused, and the objects around it are not.
func TestBadObjectDoesNotHideGoodOnes(t *testing.T) {
	deep := func(n int) string {
		return `{"type":"t","id":"i","a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}`
	}
	for _, c := range []struct{ bad, reason string }{
		{`{}`, "no type"},
		{`{"type":"tool"}`, "no id"},
		{`{"id":"tool--3"}`, "no type"},
		{`{"type":"","id":""}`, "no type"},
		{`null`, "not a JSON object"},
		{`12`, "not a JSON object"},
		{`-1.5e3`, "not a JSON object"},
		{`true`, "not a JSON object"},
		{`"{\"type\":\"tool\"}"`, "not a JSON object"},
		{`[` + good1 + `]`, "not a JSON object"},
		{`{"type":"bundle","id":"bundle--1","objects":[` + good1 + `]}`, "bundle inside a bundle"},
		{`{"id":"bundle--1","objects":[{"type":"bundle"},` + good1 + `],"type":"bundle"}`, "bundle inside a bundle"},
		{`{"type":"t","id":"i","a":1,"a":2}`, "twice"},
		{`{"type":"t","id":"i","a":1,"\u0061":2}`, "twice"},
		{`{"type":"t","id":"i","x":[{"b":{},"c":0,"b":[]}]}`, "twice"},
		{`{"type":"t","type":"t","id":"i"}`, "twice"},
		{`{"type":"t","id":"i",` + manyNames(5000) + `,"n1234":0}`, "twice"},
		{`{"type":"t","id":"i","é":1,"\u00e9":2}`, "twice"},
		{`{"type":"t","id":"i","a":9007199254740992}`, "2^53-1"},
		{`{"type":"t","id":"i","a":[-9007199254740992]}`, "2^53-1"},
		{`{"type":"t","id":"i","a":123456789012345678901234567890}`, "2^53-1"},
		{`{"type":"t","id":"i","a":1e400}`, "double"},
		{"{\"type\":\"t\",\"id\":\"i\",\"a\":\"\xff\"}", "UTF-8"},
		{"{\"type\":\"t\",\"id\":\"i\",\"a\":\"\xc0\xaf\"}", "UTF-8"},
		{"{\"type\":\"t\",\"id\":\"i\",\"a\":\"\xed\xa0\x80\"}", "UTF-8"},
		{"{\"type\":\"t\",\"id\":\"i\",\"\xe2\x82\":1}", "UTF-8"},
		{`{"type":"t","id":"i","a":"\ud800"}`, "surrogate"},
		{`{"type":"t","id":"i","a":"\udc00\ud800"}`, "surrogate"},
		{`{"type":"t","id":"i","a":"\ud800\u0041"}`, "surrogate"},
		{`{"type":"t","id":"i","a":"\x"}`, "escape"},
		{`{"type":"t","id":"i","a":"\u12g4"}`, "escape"},
		{"{\"type\":\"t\",\"id\":\"i\",\"a\":\"\t\"}", "control"},
		{"{\"type\":\"t\",\"id\":\"i\",\"a\":\"\x00\"}", "control"},
		{`{"type":"t","id":"i","a":01}`, "number"},
		{`{"type":"t","id":"i","a":-}`, "number"},
		{`{"type":"t","id":"i","a":1.}`, "number"},
		{`{"type":"t","id":"i","a":1e}`, "number"},
		{`{"type":"t","id":"i","a":.5}`, "broken here"},
		{`{"type":"t","id":"i","a":+1}`, "broken here"},
		{`{"type":"t","id":"i","a":NaN}`, "broken here"},
		{`{"type":"t","id":"i","a":tru}`, "no JSON value"},
		{`{"type":"t","id":"i","a":nulls}`, "broken here"},
		{`{"type":"t","id":"i",}`, "broken here"},
		{`{"type":"t" "id":"i"}`, "broken here"},
		{`{"type":"t","id":"i","a":[1,]}`, "broken here"},
		{`{"type":"t","id":"i","a":[1 2]}`, "broken here"},
		{`{"type":"t","id":"i","a"}`, "broken here"},
		{`{"type":"t","id":"i",'a':1}`, "broken here"},
		{`{"type":"t","id":"i" /* why */}`, "broken here"},
		{deep(64), "deeper than 64"},
		{deep(100_000), "deeper than 64"},
		{`{"type":7,"id":"i"}`, "type must be a string"},
		{`{"type":"t","id":null}`, "id must be a string"},
		{`{"type":"t","id":["i"]}`, "id must be a string"},
		{`{"type":"t","id":"i","created":1}`, "created must be a string"},
		{`{"type":"t","id":"i","modified":{}}`, "modified must be a string"},
		{`{"type":"t","id":"i","spec_version":2.1}`, "spec_version must be a string"},
		{`{"type":"t","id":"i","created_by_ref":false}`, "created_by_ref must be a string"},
		{`{"type":"t","id":"i","revoked":"true"}`, "revoked must be true or false"},
		{`{"type":"t","id":"i","revoked":null}`, "revoked must be true or false"},
		{`{"type":"t","id":"i","object_marking_refs":"m"}`, "object_marking_refs must be a list of strings"},
		{`{"type":"t","id":"i","object_marking_refs":["m",1]}`, "object_marking_refs must be a list of strings"},
		{`{"type":"t","id":"i","granular_markings":{}}`, "granular_markings must be a list of objects"},
		{`{"type":"t","id":"i","granular_markings":["m"]}`, "granular_markings must be a list of objects"},
		{`{"type":"t","id":"i","granular_markings":[{"marking_ref":7}]}`, "marking_ref must be a string"},
		{`{"type":"t","id":"i","granular_markings":[{"marking_ref":[]}]}`, "marking_ref must be a string"},
		{`{"type":"t","id":"i\u0000"}`, "id is longer than 1024 bytes or holds control characters"},
		{`{"type":"t","id":"` + strings.Repeat("i", 1025) + `"}`, "id is longer than 1024 bytes or holds control characters"},
		{`{"type":"t","id":"i","a":"` + strings.Repeat("x", 1<<20) + `"}`, "more than 1048576 bytes"},
	} {
		expect(t, `{"type":"bundle","objects":[`+good1+",\n"+c.bad+" ,"+good2+`]}`,
			[]step{gave("tool--1"), refused(c.reason), gave("tool--2")})
		if c.reason == "bundle inside a bundle" {
			continue // anywhere else, the bundle is good
		}
		expect(t, "["+good1+","+c.bad+","+good2+"]", []step{gave("tool--1"), refused(c.reason), gave("tool--2")})
		if c.bad == `{}` || c.bad[0] == '[' || c.reason == "broken here" && !strings.Contains(c.bad, "[") {
			continue // means something else on its own line; see the tests below
		}
		if c.reason == "broken here" {
			expect(t, good1+"\n"+c.bad+"\n"+good2+"\n", []step{gave("tool--1"), brokenAt(c.reason), gave("tool--2")})
			continue
		}
		expect(t, good1+"\n"+c.bad+"\n"+good2+"\n", []step{gave("tool--1"), refused(c.reason), gave("tool--2")})
	}
}

func manyNames(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"n%d":0,`, i)
	}
	return strings.TrimSuffix(b.String(), ",")
}

func TestLimitsCanBeSet(t *testing.T) {
	nested := `{"type":"t","id":"i","a":{"b":[0]}}`
	expect(t, nested+good1, []step{refused("deeper than 2 levels"), gave("tool--1")}, stix.MaxDepth(2))
	expect(t, nested+good1, []step{gave("i"), gave("tool--1")}, stix.MaxDepth(3))
	expect(t, nested+good1, []step{refused("more than 34 bytes"), gave("tool--1")}, stix.MaxObject(34))
	expect(t, nested+good1, []step{gave("i"), gave("tool--1")}, stix.MaxObject(35))
	big := `{"type":"t","id":"i","a":"` + strings.Repeat("x", 3<<20) + `"}`
	expect(t, "["+big+"]", []step{gave("i")}, stix.MaxObject(4<<20))
}

func TestBrokenStructureEndsTheBundle(t *testing.T) {
	for _, c := range []struct {
		text string
		want []step
	}{
		{`{"type":"bundle","objects":[` + good1, []step{gave("tool--1"), brokenAt("ends in the middle")}},
		{`{"type":"bundle","objects":[` + good1 + `,`, []step{gave("tool--1"), brokenAt("ends in the middle")}},
		{`{"type":"bundle","objects":[` + good1 + `]`, []step{gave("tool--1"), brokenAt("ends in the middle")}},
		{`{"type":"bundle","objects":[` + good1 + `],"id":"bund`, []step{gave("tool--1"), brokenAt("ends in the middle")}},
		{`{"type":"bundle","objects":[` + good1 + `,{"type":"tool","i`, []step{gave("tool--1"), brokenAt("ends in the middle")}},
		{`{"type":"bundle","objects":[` + good1 + ` ` + good2 + `]}`, []step{gave("tool--1"), brokenAt("broken here")}},
		{`{"type":"bundle","objects":[` + good1 + `,]}`, []step{gave("tool--1"), brokenAt("broken here")}},
		{`{"type":"bundle","objects":[` + good1 + `,{"a":[}]},` + good2 + `]}`, []step{gave("tool--1"), brokenAt("broken here")}},
		{`{"type":"bundle","objects":[` + good1 + `}` + "\n", []step{gave("tool--1"), brokenAt("broken here")}},
		{`{"type":"bundle","objects":[` + good1 + `],}`, []step{gave("tool--1"), brokenAt("broken here")}},
		{`{"type":"bundle" "objects":[]}`, []step{brokenAt("broken here")}},
		{`{"type":"bundle","x":{]}}`, []step{brokenAt("do not match")}},
		{`{"type":"bundle","x":nul}`, []step{brokenAt("no JSON value")}},
		{`{"type":"tool","id":"tool--1"`, []step{brokenAt("ends in the middle")}},
		{`{`, []step{brokenAt("ends in the middle")}},
		{`[`, []step{brokenAt("ends in the middle")}},
		{`{"a"`, []step{brokenAt("ends in the middle")}},
		{`{"a":`, []step{brokenAt("ends in the middle")}},
		{`]`, []step{brokenAt("broken here")}},
		{`type,value`, []step{brokenAt("no JSON value")}},
		{"\xff\xfe{\x00}\x00", []step{brokenAt("UTF-16")}},
		{"<html>\n<body>\n", []step{brokenAt("broken here")}},
		// A bundle over several lines is no JSON Lines: nothing after the fault counts.
		{"{\"type\":\"bundle\",\n\"objects\":[\n" + good1 + ",\n" + good2 + "\n" + good1 + "]}", []step{gave("tool--1"), gave("tool--2"), brokenAt("broken here")}},
	} {
		expect(t, c.text, c.want)
	}
}

func TestJSONLinesGoOnAtTheNextLine(t *testing.T) {
	for _, c := range []struct {
		text string
		want []step
	}{
		{good1 + "\n" + `{"type":"tool","id":"to` + "\n" + good2, []step{gave("tool--1"), brokenAt("control"), gave("tool--2")}},
		{`{"type":"tool","id":"to` + "\n" + good1 + "\n" + good2, []step{brokenAt("control"), gave("tool--1"), gave("tool--2")}},
		{good1 + "\n" + `{"type":"tool","id":"tool--3"` + "\n" + good2, []step{gave("tool--1"), brokenAt("broken here"), gave("tool--2")}},
		{`{"type":"tool","id":"tool--3"` + "\n" + good1 + "\n" + good2, []step{brokenAt("broken here"), gave("tool--1"), gave("tool--2")}},
		{good1 + "\nrubbish " + good1 + "\n" + good2, []step{gave("tool--1"), brokenAt("broken here"), gave("tool--2")}},
		{"rubbish\n" + good1 + "\n" + good2, []step{brokenAt("broken here"), gave("tool--1"), gave("tool--2")}},
		{good1 + "\n" + good2 + "}\r\n" + good2, []step{gave("tool--1"), gave("tool--2"), brokenAt("broken here"), gave("tool--2")}},
		{good1 + "\n" + `{"type":"bundle","objects":[{"type":"x","id":"y"}` + "\n" + good2, []step{gave("tool--1"), gave("y"), brokenAt("broken here"), gave("tool--2")}},
		{good1 + "\n" + `{"type":"bundle","objects":[{"type":"x","id":"y` + "\n" + good2, []step{gave("tool--1"), brokenAt("control"), gave("tool--2")}},
		{good1 + "\n[]\n{}\n" + good2, []step{gave("tool--1"), gave("tool--2")}},
		{good1 + "\n" + `{"type":"x","a":{"b":1]}}` + "\n" + good2, []step{gave("tool--1"), brokenAt("broken here"), gave("tool--2")}},
	} {
		expect(t, c.text, c.want)
	}
}

func TestOddBundlesAreReported(t *testing.T) {
	for _, c := range []struct {
		text string
		want []step
	}{
		{`{"type":"bundle","objects":{"a":` + good1 + `}}`, []step{refused("objects of the bundle must be a list")}},
		{`{"objects":null,"type":"bundle"}`, []step{refused("objects of the bundle must be a list")}},
		{`{"objects":[` + good1 + `],"objects":[` + good2 + `],"type":"bundle"}`, []step{gave("tool--1"), refused("objects occurs twice")}},
		{`{"objects":[` + good1 + `],"type":"report"}` + "\n" + good2, []step{gave("tool--1"), refused("only bundles do"), gave("tool--2")}},
		// A list of that name in an object of another type is a property of it.
		{`{"type":"x-box","objects":[` + good1 + `],"id":"x-box--1"}`, []step{gave("x-box--1")}},
		{`{"id":"observed-data--1","objects":{"0":{"type":"url","value":"http://a"}},"type":"observed-data"}`, []step{gave("observed-data--1")}},
		{`{"name":"no type at all","id":"x"}`, []step{refused("no type")}},
		{`{"objects":7}`, []step{refused("no type")}},
	} {
		expect(t, c.text, c.want)
	}
}

func TestErrorsSayWhere(t *testing.T) {
	text := good1 + "\r\n\n" + `{"type":"bundle","objects":[` + "\n" + good2 + ",\n  " + `{"id":"tool--3","a":"é","b":12345678901234567890,"type":"tool"}` + "\n]}"
	for how, r := range readers(text) {
		for _, err := range stix.Scan(r) {
			var fault *stix.ScanError
			if errors.As(err, &fault) {
				want := stix.ScanError{Index: 2, Offset: int64(strings.Index(text, "1234")), Line: 5, ID: "tool--3", Reason: fault.Reason}
				if *fault != want {
					t.Errorf("%s: %+v, want %+v", how, *fault, want)
				}
				const message = "object 2 (tool--3) at line 5, byte 125: the integer is beyond 2^53-1"
				if !strings.HasPrefix(err.Error(), message) {
					t.Errorf("%s: %s, want %s", how, err, message)
				}
			}
		}
	}
}

func TestErrorNamesTheObjectWhereverItsIDStands(t *testing.T) {
	for bad, want := range map[string]string{
		`{"a":"\x","id":"tool--7","type":"tool"}`:                                  "tool--7",
		`{"a":{"id":"no"},"b":["id","no"],"c":"id","d":1 1,"id" : "tool--8"}`:      "tool--8",
		`{"id":"tool--9","type":"tool","x":"` + strings.Repeat("x", 1<<20) + `"}`:  "tool--9",
		`{"a":"` + strings.Repeat("x", 1<<20) + `","id":"tool--10","type":"tool"}`: "",
		"{\"a\":\"\xff\",\"id\":\"tool--11\"}":                                     "tool--11",
		`{"id":7,"type":"tool"}`:                                                   "",
		`{"id":"` + strings.Repeat("x", 2000) + `"}`:                               "",
	} {
		for _, err := range stix.Scan(strings.NewReader("[" + bad + "]")) {
			var fault *stix.ScanError
			if !errors.As(err, &fault) || fault.ID != want {
				t.Errorf("%.60s: %v, want id %q", bad, err, want)
			}
		}
	}
}

// Where a line starts is known although what was before it has left the buffer.
func TestLinesGoOnWhereTheBufferEnds(t *testing.T) {
	for pad := 64<<10 - 40; pad <= 64<<10+40; pad++ {
		first := `["` + strings.Repeat("x", pad) + `"`
		var ids []string
		for o, err := range stix.Scan(strings.NewReader(first + "\n" + good1 + "\n" + good2)) {
			if err == nil {
				ids = append(ids, o.ID)
			}
		}
		if len(ids) != 2 {
			t.Fatalf("after %d bytes: %v", pad, ids)
		}
	}
}

// What ends within an escape is refused, wherever it ends.
func TestReadOfWhatIsCutOff(t *testing.T) {
	const whole = `{"type":"note","id":"note--00000000-0000-4000-8000-000000000001","content":"\u0041\ud83d\ude00\n"}`
	if _, err := stix.Read([]byte(whole)); err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		text := slices.Clip([]byte(whole[:n]))
		if _, err := stix.Read(text); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}
