package lookup

import (
	"strings"

	"entente/internal/exchange"
	"entente/stix"
)

// withHost adds to the readings of a domain or an address the URLs on it.
func withHost(readings []Reading) []Reading {
	for _, r := range readings {
		if r.Wider == "" && (r.Kind == stix.ValueDomain || r.Kind == stix.ValueIP && !strings.Contains(r.Text, "/")) {
			return append(readings, Reading{exchange.OnHost(r.Text), OnIt})
		}
	}
	return readings
}

// kindOf is the kind of the value that a finding was found by.
func kindOf(r Reading) string {
	if r.Wider == OnIt {
		return stix.ValueURL.String()
	}
	return r.Kind.String()
}
