package stix_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"entente/stix"
)

func TestSplit(t *testing.T) {
	raw := []byte(" {\"type\" : \"a\\\"b\\\\\" ,\"n\":-1.5e3,\"t\":true,\"\\u0061b\":[ \"x\" , {\"y\":\"]\"},[] ],\"o\":{\"k\":\"}\\\\\"},\"e\":\"\"}\n")
	got := map[string]string{}
	for name, value := range stix.Split(raw) {
		got[string(name)] = string(value)
	}
	want := map[string]string{"type": `"a\"b\\"`, "n": "-1.5e3", "t": "true", "ab": `[ "x" , {"y":"]"},[] ]`, "o": `{"k":"}\\"}`, "e": `""`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var list []string
	for v := range stix.Elements([]byte(want["ab"])) {
		list = append(list, string(v))
	}
	if diff := cmp.Diff([]string{`"x"`, `{"y":"]"}`, "[]"}, list); diff != "" {
		t.Error(diff)
	}
	for value, text := range map[string]string{`"a\"b\\"`: `a"b\`, `"ä"`: "ä", `"\u00e4"`: "ä", "1": "", `"`: "", "": "", `["a"]`: ""} {
		if got := stix.Text([]byte(value)); got != text {
			t.Errorf("Text(%s) = %q, want %q", value, got, text)
		}
	}
}

// What Read accepts, Split gives as encoding/json does; on nothing does it crash.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{`{"type":"x","id":"x--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","a":["b",{"c":null}]}`, `{"a":"\\"}`, `{"a`, `{"a":[}`, "{}", `{"a":1,}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var names, values [][]byte
		for name, value := range stix.Split(raw) {
			names, values = append(names, name), append(values, value)
			for range stix.Elements(value) {
				continue
			}
			_ = stix.Text(value)
		}
		if _, err := stix.Read(raw); err != nil {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatal(err)
		}
		if len(names) != len(want) {
			t.Fatalf("%d properties of %d", len(names), len(want))
		}
		for i, name := range names {
			if !bytes.Equal(want[string(name)], values[i]) {
				t.Fatalf("%q is %s, want %s", name, values[i], want[string(name)])
			}
		}
	})
}
