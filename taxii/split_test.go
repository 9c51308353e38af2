package taxii

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

func TestSplitEnvelope(t *testing.T) {
	for _, c := range []struct {
		body  string
		count int
		more  bool
		next  string
		bad   bool
	}{
		{body: ``}, {body: " \n"}, {body: `{}`}, {body: ` { } `}, {body: "\ufeff{}"},
		{body: `{"objects":[]}`}, {body: `{"objects":[ ]}`}, {body: `{"objects":null}`},
		{body: `{"objects":[{},{"a":"]}"},{"b":"\\\"[{"}],"more":true,"next":"x\"\u0041"}`, count: 3, more: true, next: `x"A`},
		{body: `{"next":"n","x":{"objects":[1]},"more":true,"objects":[1]}`, count: 1, more: true, next: "n"},
		{body: `{"next":null,"more":null}`}, {body: `{"next":12,"more":"TRUE"}`, more: true, next: "12"},
		{body: `{`, bad: true}, {body: `{"objects":[`, bad: true}, {body: `{"objects":[{}`, bad: true},
		{body: `{"objects":[{}]`, bad: true}, {body: `{"objects":[{},]}`, bad: true}, {body: `{"objects":[,{}]}`, bad: true},
		{body: `{"objects":[{}{}]}`, bad: true}, {body: `{"objects":[{}],"objects":[]}`, bad: true}, {body: `{"objects":}`, bad: true},
		{body: `{"objects":{}}`, bad: true}, {body: `{"more"}`, bad: true}, {body: `{"more":true,}`, bad: true}, {body: `{x:1}`, bad: true},
		{body: `{"a":1}{`, bad: true}, {body: `[]`, bad: true}, {body: `{"next":"\ud8`, bad: true}, {body: `{"next":"\x"}`, bad: true},
	} {
		s, err := splitEnvelope([]byte(c.body))
		if (err != nil) != c.bad {
			t.Errorf("%s: %v", c.body, err)
			continue
		}
		if err == nil && (s.count != c.count || s.more != c.more || s.next != c.next) {
			t.Errorf("%s: %d objects, more %v, next %q", c.body, s.count, s.more, s.next)
		}
	}
}

// Where encoding/json can read an envelope, split finds the same in it.
func FuzzSplitEnvelope(f *testing.F) {
	f.Add([]byte(`{"more":true,"next":"at-10","objects":[{"type":"indicator","id":"indicator--1"},{"a":[{}]}]}`))
	f.Add([]byte(`{"objects":[{"name":"\\\"]}"}], "extra":{"objects":[]}}`))
	f.Add([]byte(`{"objects":[{}`))
	f.Add([]byte("\ufeff{ }"))
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := splitEnvelope(body)
		body = bytes.TrimPrefix(body, []byte("\ufeff"))
		if !json.Valid(body) || bytes.TrimSpace(body)[0] != '{' {
			return
		}
		var want Envelope
		if json.Unmarshal(body, &want) != nil || strings.Count(strings.ToLower(string(body)), "objects") > 1 ||
			bytes.Contains(body, []byte(`\u`)) { // names in another case or escaped
			return
		}
		if err != nil || s.count != len(want.Objects) && bytes.Contains(body, []byte(`"objects"`)) {
			t.Fatalf("%s: %d objects, %v; want %d", body, s.count, err, len(want.Objects))
		}
		i := 0
		for raw, err := range s.elements() {
			if err != nil || !bytes.Equal(raw, want.Objects[i]) {
				t.Fatalf("%s: object %d is %s, %v; want %s", body, i, raw, err, want.Objects[i])
			}
			i++
		}
	})
}
