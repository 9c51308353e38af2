package taxii

import (
	"encoding/json"
	"testing"
)

func FuzzEnvelope(f *testing.F) {
	for _, s := range []string{`{"objects":[{}]}`, ` { "more" : false , "objects" : [ {"a":"]}"} , 1, "x\"" ] } `, `{"objects":[[{]]}`, `{"objects":[`, `{"a":{"objects":[1]},"objects":[2]}`, `[]`, `{"objects":[1,]}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		elements, err := splitEnvelope(body)
		var want struct {
			Objects []json.RawMessage `json:"objects"`
		}
		var names map[string]json.RawMessage
		valid := json.Valid(body) && json.Unmarshal(body, &names) == nil
		if err != nil || !valid {
			return // what is let through beyond JSON is package stix's to refuse
		}
		if raw, ok := names["objects"]; !ok || json.Unmarshal(raw, &want.Objects) != nil || len(want.Objects) != len(elements) {
			t.Fatalf("%s was split into %q", body, elements)
		}
		for i := range elements {
			if string(elements[i]) != string(want.Objects[i]) {
				t.Fatalf("element %d is %q, want %q", i, elements[i], want.Objects[i])
			}
		}
	})
}
