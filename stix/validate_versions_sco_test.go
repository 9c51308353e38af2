package stix_test

import (
	"strings"
	"testing"

	"entente/stix"
)

// Observables have neither versions nor a creator: two feeds may bring one address, each
// with properties of its own.
func TestObservablesOfTwoFeedsDoNotClash(t *testing.T) {
	const bundle = `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[` +
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--1b68e9f4-1c2d-5a07-a1a6-1b1a6f3e9c10","value":"198.51.100.7","created_by_ref":"identity--00000000-0000-4000-8000-000000000001","created":"2024-01-01T00:00:00.000Z"},` +
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--1b68e9f4-1c2d-5a07-a1a6-1b1a6f3e9c10","value":"198.51.100.7","created_by_ref":"identity--00000000-0000-4000-8000-000000000002","created":"2024-02-01T00:00:00.000Z"}]}`
	for _, f := range stix.Validate([]byte(bundle)) {
		if f.Severity == stix.Error && strings.Contains(f.String(), "version") {
			t.Errorf("%v", f)
		}
	}
}
