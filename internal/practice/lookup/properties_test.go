package lookup

import (
	"encoding/json"
	"testing"
)

// FuzzProperties: of valid JSON, a property is what encoding/json says it is;
// of anything else, nothing goes wrong.
func FuzzProperties(f *testing.F) {
	for _, seed := range []string{
		`{"type":"indicator","id":"indicator--1","labels":["a","b]"],"x":{"y":"}"},"confidence":85,"revoked":true}`,
		" {\n\t\"na\\u006de\" : \"tab\\t and \\\"quotes\\\"\" , \"name\":null } ",
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
		}
		for _, p := range got {
			if _, ok := want[p.name]; !ok {
				t.Errorf("%q is there and should not be", p.name)
			}
		}
	})
}
