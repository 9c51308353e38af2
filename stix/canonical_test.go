package stix_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"entente/stix"

	"pgregory.net/rapid"
)

func canonical(t *testing.T, raw string) string {
	t.Helper()
	out, err := stix.Canonical(nil, []byte(raw))
	if err != nil {
		t.Fatalf("%s: %v", raw, err)
	}
	return string(out)
}

func TestCanonicalForm(t *testing.T) {
	for raw, want := range map[string]string{
		// The samples of RFC 8785 sections 3.2.2 and 3.2.3.
		`{ "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }`: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`:                                                                                                      "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",

		`  [ ]  `: `[]`,
		"{\r\n}":  `{}`,
		`{"b":{"z":[{"y":1,"x":2}],"a":{}},"a":"","aa":0}`: `{"a":"","aa":0,"b":{"a":{},"z":[{"x":2,"y":1}]}}`,
		`{"B":1,"a":2,"A":3,"":4,"_":5}`:                   `{"":4,"A":3,"B":1,"_":5,"a":2}`,
		`{"\n":1,"\\":2,"]":3,"[":4,"\"":5,"!":6,"#":7}`:   `{"\n":1,"!":6,"\"":5,"#":7,"[":4,"\\":2,"]":3}`,
		`"\b\f\n\r\t\u0008\u000c\u000A\u000d\u0009"`:       `"\b\f\n\r\t\b\f\n\r\t"`,
		`"\u0000\u001F\u007f\u0080\u2028\ud83e\udd8b\/"`:   "\"\\u0000\\u001f\u007f\u0080\u2028🦋/\"",
		`"<script>&\u003c"`:                                `"<script>&<"`,

		`0`: `0`, `-0`: `0`, `0.0`: `0`, `-0e5`: `0`, `1`: `1`, `-1`: `-1`, `1.0`: `1`, `10E-1`: `1`, `100e-2`: `1`,
		`9007199254740991`: `9007199254740991`, `9007199254740993`: `9007199254740992`, `-9007199254740991`: `-9007199254740991`,
		`1e20`: `100000000000000000000`, `1e21`: `1e+21`, `123456789012345678901234567890`: `1.2345678901234568e+29`,
		`0.000001`: `0.000001`, `0.0000001`: `1e-7`, `1e-7`: `1e-7`, `1.5e-10`: `1.5e-10`, `1e-400`: `0`, `1E+2`: `100`,
		`0.1`: `0.1`, `0.30000000000000004`: `0.30000000000000004`, `1.7976931348623157e308`: `1.7976931348623157e+308`,
	} {
		if got := canonical(t, raw); got != want {
			t.Errorf("%s\n got %s\nwant %s", raw, got, want)
		}
	}
}

// The numbers of RFC 8785 appendix B, by their bits.
func TestCanonicalNumbers(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0", 0x8000000000000000: "0",
		0x0000000000000001: "5e-324", 0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308", 0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992", 0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22", 0x44b52d02c7e14af6: "1e+23", 0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000", 0x444b1ae4d6e2ef4f: "999999999999999900000", 0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7", 0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332", 0x41b3de4355555554: "333333333.33333325", 0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334", 0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333", 0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		for _, format := range []byte("efg") {
			raw := strconv.FormatFloat(math.Float64frombits(bits), format, -1, 64)
			if got := canonical(t, raw); got != want {
				t.Errorf("%016x, written %s: got %s, want %s", bits, raw, got, want)
			}
		}
	}
}

func TestCanonicalRefusesWhatItCannotExpress(t *testing.T) {
	for raw, want := range map[string]string{
		`{"a":1,"b":2,"a":3}`: "twice", `{"b":1,"a":2,"\u0062":3}`: "twice", `[{"é":1,"\u00e9":2}]`: "twice",
		`"\ud800"`: "surrogate", `{"\udc00":1}`: "surrogate", "\"\xff\"": "UTF-8", `1e999`: "double", `-1e999`: "double",
		strings.Repeat("9", 400): "double",
		``:                       "ends in the middle", `{`: "ends in the middle", `{"a"`: "ends in the middle", `[1`: "ends in the middle", `"a`: "ends in the middle", `-`: "ends in the middle",
		`{} {}`: "more follows", `1 2`: "more follows", `[1,]`: "broken", `{"a":1,}`: "broken", `{a:1}`: "broken", `[1 2]`: "broken", `{"a" 1}`: "broken",
		`tru`: "ends in the middle", `trux`: "no JSON value", `01`: "JSON writes a number", "\"\n\"": "control",
		strings.Repeat("[", 2000) + strings.Repeat("]", 2000): "nested",
	} {
		before := []byte("kept")
		out, err := stix.Canonical(before, []byte(raw))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40s: %v, want %q", raw, err, want)
		}
		if string(out) != "kept" {
			t.Errorf("%.40s: dst came back as %q", raw, out)
		}
	}
}

func TestCanonicalAppends(t *testing.T) {
	out, err := stix.Canonical([]byte("x: "), []byte(`{"b":1,"a":2}`))
	if err != nil || string(out) != `x: {"a":2,"b":1}` {
		t.Errorf("%s, %v", out, err)
	}
}

func TestDigestIsOfTheContent(t *testing.T) {
	one, err := stix.Digest([]byte(`{"b": 1.0, "a": "\u0041"}`))
	if err != nil {
		t.Fatal(err)
	}
	if one != sha256.Sum256([]byte(`{"a":"A","b":1}`)) {
		t.Error("not the SHA-256 of the canonical form")
	}
	if _, err := stix.Digest([]byte(`{"a":1,"a":1}`)); err == nil {
		t.Error("duplicate names have a digest")
	}
}

// The canonical form reads as the same values, is its own canonical form, and
// does not depend on the order of names.
func TestCanonicalIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		raw := value(4).Draw(t, "value")
		one, err := stix.Canonical(nil, []byte(raw))
		if err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		two, err := stix.Canonical(nil, one)
		if err != nil || !bytes.Equal(one, two) {
			t.Fatalf("%s\nthen %s\nthen %s (%v)", raw, one, two, err)
		}
		var a, b any
		if json.Unmarshal([]byte(raw), &a) != nil || json.Unmarshal(one, &b) != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("%s reads otherwise than %s", one, raw)
		}
		indented, err := json.MarshalIndent(a, " ", "\t") // sorts names in its own order
		if err != nil {
			t.Fatal(err)
		}
		if three, err := stix.Canonical(nil, indented); err != nil || !bytes.Equal(one, three) {
			t.Fatalf("%s\nthen %s (%v)", indented, three, err)
		}
	})
}
