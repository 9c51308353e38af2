package stix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"entente/stix"
)

// Whatever comes in, Scan ends, and what it yields is an object that the
// standard library reads too and that stands in the input as it is given.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		campaign, address + "\n" + old + "\r\n", `[` + campaign + `,{},null,"x",[]]`, "\xef\xbb\xbf" + old,
		`{"type":"bundle","spec_version":"2.0","objects":[` + old + `,{"type":"bundle"}]}` + "\n" + campaign,
		`{"more":true,"objects":[` + address + `],"next":"]"}`, `{"objects":{"0":{"type":"url","value":"http://a"}},"type":"observed-data","id":"o"}`,
		`{"type":"indicator","id":"i","pattern":"[file:hashes.'MD5' = 'a' OR ipv4-addr:value IN ('198.51.100.7')]","a":[1e5,-0.1,12345678901234567890]}`,
		good1 + "\n" + `{"type":"tool","id":"to` + "\n" + good2, `{"type":"x","id":"\ud83d\ude00\u00e9","object_refs":["tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]}`,
		`{"type":"x","id":"y","granular_markings":[{"marking_ref":"m"}],"object_marking_refs":["m"],"revoked":true}`,
		good1 + "\n" + `{"name":"\ud}` + "\n" + good2 + "\n" + `{"name":"\u00` + "\n" + `{"name":"\`,
		`[{"x":"` + strings.Repeat("x", 600) + `","id":"beyond what may be looked at","type":"t"},` + good1 + `]`,
		`[{"id":"y","type":"x","x":["` + strings.Repeat(`","`, 200) + `"]},{"type":"bundle","objects":[` + good2 + `]}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		whole := scanned(bytes.NewReader(raw), stix.MaxObject(512))
		for o, err := range stix.Scan(bytes.NewReader(raw), stix.MaxObject(512)) {
			if err != nil {
				var fault *stix.ScanError
				if !errors.As(err, &fault) || fault.Offset < 0 || fault.Offset > int64(len(raw)) || fault.Line < 1 {
					t.Fatalf("%q: %v", raw, err)
				}
				if at := 1 + bytes.Count(raw[:fault.Offset], []byte("\n")); at != fault.Line {
					t.Fatalf("%q: line %d of byte %d is %d", raw, fault.Line, fault.Offset, at)
				}
				continue
			}
			check(t, raw, o)
		}
		bits := scanned(readers(string(raw))["byte by byte"], stix.MaxObject(512))
		if !reflect.DeepEqual(whole, bits) {
			t.Fatalf("%q\nwhole: %q\nin bits: %q", raw, whole, bits)
		}
	})
}

// check holds an object that was scanned against the standard library.
func check(t *testing.T, raw []byte, o *stix.Object) {
	if !bytes.Contains(raw, o.Raw) || len(o.Raw) > 512 {
		t.Fatalf("%q does not hold %q", raw, o.Raw)
	}
	var m map[string]any
	if err := json.Unmarshal(o.Raw, &m); err != nil {
		t.Fatalf("%q: %v", o.Raw, err)
	}
	if m["type"] != o.Type || m["id"] != o.ID {
		t.Fatalf("%q: type %q, id %q", o.Raw, o.Type, o.ID)
	}
	again, err := stix.Read(o.Raw, stix.MaxObject(512))
	if err != nil {
		t.Fatalf("%q cannot be read again: %v", o.Raw, err)
	}
	if again.SpecVersion == "" {
		again.SpecVersion = o.SpecVersion
	}
	if !reflect.DeepEqual(again.Clone(), o.Clone()) {
		t.Fatalf("%q: %+v, then %+v", o.Raw, o, again)
	}
	if _, err := stix.Canonical(nil, o.Raw); err != nil {
		t.Fatalf("%q has no canonical form: %v", o.Raw, err)
	}
	for _, v := range o.Values {
		if n, ok := stix.NewValue(v.Kind, v.Text); !ok || n.Text == "" {
			t.Fatalf("%q: %+v is no value when it is read again", o.Raw, v)
		}
	}
}

// The canonical form is a fixed point and means what was written.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{
		campaign, address, `[1e21,1E-7,0.1,-0,123456789012345678901]`, `{"\u20ac":1,"\r":2,"\ufb33":3,"\ud83d\ude00":5}`,
		`"\u0000\b\/\ud83e\udd8b"`, `{"b":{"a":[]},"a":{"c":1,"b":2}}`, ` 1.50 `, `{"a":1,"a":2}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		one, err := stix.Canonical(nil, raw)
		if err != nil {
			return
		}
		if two, err := stix.Canonical(nil, one); err != nil || !bytes.Equal(one, two) {
			t.Fatalf("%q\nthen %q\nthen %q (%v)", raw, one, two, err)
		}
		var a, b any
		if err := json.Unmarshal(raw, &a); err != nil {
			t.Fatalf("%q is no JSON: %v", raw, err)
		}
		if err := json.Unmarshal(one, &b); err != nil || !reflect.DeepEqual(a, b) {
			t.Fatalf("%q reads otherwise than %q (%v)", one, raw, err)
		}
	})
}

// What is accepted as a timestamp is one for the standard library too, and
// orders as it does there.
func FuzzTimestamp(f *testing.F) {
	for i, same := range instants {
		f.Add(same[0], instants[(i+1)%len(instants)][0])
	}
	f.Add("2026-02-29T00:00:00Z", "2026-04-06T20:03:48+00:00")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errA := stix.ParseTimestamp(a)
		y, errB := stix.ParseTimestamp(b)
		if stix.CompareVersions(a, b) != -stix.CompareVersions(b, a) {
			t.Fatalf("%q and %q have no order", a, b)
		}
		if errA != nil || errB != nil {
			return
		}
		if stix.CompareVersions(a, b) != x.Compare(y) || bytes.Compare(x.AppendKey(nil), y.AppendKey(nil)) != x.Compare(y) {
			t.Fatalf("%q and %q have several orders", a, b)
		}
		if strings.Contains(a, ":60") || strings.Contains(b, ":60") {
			return // leap seconds, which package time does not know
		}
		p, errA := time.Parse(time.RFC3339Nano, a)
		q, errB := time.Parse(time.RFC3339Nano, b)
		if errA != nil || errB != nil {
			t.Fatalf("%q or %q is none for package time: %v, %v", a, b, errA, errB)
		}
		if !p.Equal(x.Time()) || p.Before(q) && x.Compare(y) >= 0 || p.After(q) && x.Compare(y) <= 0 {
			t.Fatalf("%q and %q are ordered otherwise than by package time", a, b)
		}
	})
}
