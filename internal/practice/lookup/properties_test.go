package lookup

import (
	"encoding/json"
	"slices"
	"testing"
)

// FuzzProperties: of valid JSON, a property is what encoding/json says it is;
// of anything else, nothing goes wrong.
func FuzzProperties(f *testing.F) {
	for _, seed := range []string{
		`{"type":"indicator","id":"indicator--1","labels":["a","b]"],"x":{"y":"}"},"confidence":85,"revoked":true}`,
		" {\n\t\"na\\u006de\" : \"tab\\t and \\\"quotes\\\"\" , \"name\":null } ",
		`{"a":["x" , "y"],"b":[],"c":["z",null],"d":["\\u0061"],"e":[["f"]],"g":[ "h" ]}`, `{"a":0,"b":-7,"c":1e2,"d":123456789,"e":1234567890123456789012,"f":1.5}`,
		`{"a":1,"a":"two"}`, `{}`, `[]`, `null`, `{"a":`, `{"a":"b`, `{"a":[1,{"b":2}`, `{"a" 1}`, `{"a":1,}`, "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := read(raw)
		var want map[string]json.RawMessage
		if json.Unmarshal(raw, &want) != nil {
			return
		}
		for name, value := range want {
			if string(got.raw(name)) != string(value) {
				t.Errorf("%q is %s, want %s", name, got.raw(name), value)
			}
			var text string
			if json.Unmarshal(value, &text) != nil {
				text = ""
			}
			if got.text(name) != text {
				t.Errorf("%q reads as %q, want %q", name, got.text(name), text)
			}
			var texts []string
			if json.Unmarshal(value, &texts) != nil {
				texts = nil
			}
			if !slices.Equal(got.texts(name), texts) {
				t.Errorf("%q reads as %q, want %q", name, got.texts(name), texts)
			}
			var number int
			isOne := json.Unmarshal(value, &number) == nil
			if n, ok := got.number(name); n != number && isOne || ok != isOne {
				t.Errorf("%q reads as %d, %v, want %d, %v", name, n, ok, number, isOne)
			}
		}
		for _, p := range got {
			if _, ok := want[string(p.name)]; !ok {
				t.Errorf("%q is there and should not be", p.name)
			}
		}
	})
}
