package stix_test

import (
	"errors"
	"strings"
	"testing"

	"entente/stix"

	"github.com/google/uuid"
)

func TestParseID(t *testing.T) {
	typ, u, err := stix.ParseID("x-mitre-tactic--8E2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
	if err != nil || typ != "x-mitre-tactic" || uuid.UUID(u).String() != "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f" {
		t.Errorf("%s %x %v", typ, u, err)
	}
	for bad, want := range map[string]string{
		"":          "type--UUID",
		"indicator": "type--UUID",
		"indicator-8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f":                    "type--UUID",
		"--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f":                            "type--UUID",
		"indicator--8e2e2d2b17d44cbf938f98ee46b3cd3f":                       "type--UUID",
		"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f ":                  "type--UUID",
		"indicator--{8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f}":                 "type--UUID",
		"Indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f":                   "a-z",
		"my type--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f":                     "a-z",
		"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3g":                   "not a UUID",
		"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd-f":                   "not a UUID",
		strings.Repeat("x", 300) + "--8e2e2d2b-17d4-4cbf-938f-zzzzzzzzzzzz": "...",
	} {
		if _, _, err := stix.ParseID(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", bad, err, want)
		}
	}
}

func TestNewID(t *testing.T) {
	a, b := stix.NewID("case"), stix.NewID("case")
	typ, u, err := stix.ParseID(a)
	if err != nil || typ != "case" || a == b {
		t.Fatalf("%s, %s, %v", a, b, err)
	}
	if id := uuid.UUID(u); id.Version() != 4 || id.Variant() != uuid.RFC4122 {
		t.Errorf("%s is of version %d", a, id.Version())
	}
}

func TestDeterministicID(t *testing.T) {
	for raw, want := range map[string]string{
		// Widely published: what the OASIS library gives for these values.
		`{"type":"ipv4-addr","value":"198.51.100.3"}`:  "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
		`{"type":"domain-name","value":"example.com"}`: "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7",
		// White space, order, escapes, id and properties that do not contribute change nothing.
		"{ \"value\" :\r\n\"198.51.100\\u002e3\", \"id\": 7, \"spec_version\":\"2.1\", \"ty\\u0070e\":\"ipv4-addr\" }": "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",
		// Several properties, as the same construction by another UUID library has it.
		`{"type":"user-account","user_id":"1001","display_name":"x","account_type":"unix","account_login":"jdoe"}`: byHand("user-account", `{"account_login":"jdoe","account_type":"unix","user_id":"1001"}`),
		`{"type":"autonomous-system","number":1.5139E4,"name":"x"}`:                                                byHand("autonomous-system", `{"number":15139}`),
		`{"type":"windows-registry-key","values":[{"name":"b","data":"a"}],"key":"k"}`:                             byHand("windows-registry-key", `{"key":"k","values":[{"data":"a","name":"b"}]}`),
		`{"type":"file","name":"ü","hashes":{"SHA-512":"5","SHA-256":"2","X":"x"},"size":3}`:                       byHand("file", `{"hashes":{"SHA-256":"2"},"name":"ü"}`),
		`{"type":"file","hashes":{"SHA-1":"1","MD5":"5"}}`:                                                         byHand("file", `{"hashes":{"MD5":"5"}}`),
		`{"type":"file","hashes":{"TLSH":"t","SSDEEP":"s"}}`:                                                       byHand("file", `{"hashes":{"TLSH":"t"}}`),
		`{"type":"file","hashes":{},"name":"n"}`:                                                                   byHand("file", `{"name":"n"}`),
		`{"type":"file","extensions":{"b":{"y":1,"x":2},"a":{}},"parent_directory_ref":"directory--1"}`:            byHand("file", `{"extensions":{"a":{},"b":{"x":2,"y":1}},"parent_directory_ref":"directory--1"}`),
		`{"type":"network-traffic","src_port":1,"protocols":["tcp"],"is_active":true,"dst_ref":"d","start":"s"}`:   byHand("network-traffic", `{"dst_ref":"d","protocols":["tcp"],"src_port":1,"start":"s"}`),
	} {
		if got, err := stix.DeterministicID([]byte(raw)); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", raw, got, err, want)
		}
	}
}

func byHand(typ, name string) string {
	return typ + "--" + uuid.NewSHA1(uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7"), []byte(name)).String()
}

func TestDeterministicIDRefuses(t *testing.T) {
	for raw, want := range map[string]string{
		`{"type":"indicator","pattern":"x"}`:     "not an SCO type",
		`{"type":7}`:                             "not an SCO type",
		`[]`:                                     "not a JSON object",
		``:                                       "not a JSON object",
		`{"type":"url"`:                          "ends in the middle",
		`{"type":"url",`:                         "ends in the middle",
		`{"type" "url"}`:                         "broken",
		`{7:1}`:                                  "broken",
		`{"type":"url","value":tru}`:             "no JSON value",
		`{"type":"url","value":[}`:               "broken",
		`{"type":"url","value":"\ud800"}`:        "surrogate",
		`{"type":"url","value":"a","value":"b"}`: "twice",
	} {
		if id, err := stix.DeterministicID([]byte(raw)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s, %v, want %q", raw, id, err, want)
		}
	}
	for _, raw := range []string{`{"type":"process","pid":7}`, `{"type":"file","size":3}`, `{"type":"url"}`, `{"type":"file","hashes":{}}`} {
		if _, err := stix.DeterministicID([]byte(raw)); !errors.Is(err, stix.ErrRandomID) {
			t.Errorf("%s: %v", raw, err)
		}
	}
}
