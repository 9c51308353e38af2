package stix_test

import (
	"testing"

	"entente/stix"
)

func TestHostOf(t *testing.T) {
	for url, want := range map[string]string{
		"https://Example.org/a?b#c": "example.org", "http://a:b@example.org:8080": "example.org", "http://198.51.100.7:80/": "198.51.100.7",
		"http://[2001:db8::1]:8080/x": "2001:db8::1", "http://[2001:db8::1]/x": "2001:db8::1", "ftp://example.org?x=@other.example": "example.org",
	} {
		if host, ok := stix.HostOf(url); !ok || host.Text != want {
			t.Errorf("HostOf(%q) = %v, %v; want %s", url, host, ok, want)
		}
	}
	for _, url := range []string{"", "example.org", "http://", "http:///a"} {
		if host, ok := stix.HostOf(url); ok {
			t.Errorf("HostOf(%q) = %v", url, host)
		}
	}
}

func TestPrefixOf(t *testing.T) {
	for text, want := range map[string]string{"198.51.100.7": "198.51.100.7/32", "198.51.100.7/24": "198.51.100.0/24", "::ffff:198.51.100.7": "198.51.100.7/32",
		"::ffff:198.51.100.7/120": "198.51.100.0/24", "fe80::1%eth0": "fe80::1/128", "2001:DB8::1/32": "2001:db8::/32"} {
		if p, ok := stix.PrefixOf(text); !ok || p.String() != want {
			t.Errorf("PrefixOf(%q) = %v, %v; want %s", text, p, ok, want)
		}
	}
	for _, text := range []string{"", "198.51.100", "198.51.100.7/33", "example.org"} {
		if p, ok := stix.PrefixOf(text); ok {
			t.Errorf("PrefixOf(%q) = %v", text, p)
		}
	}
}

func TestWhatLooksLikeAnAddressAndIsNone(t *testing.T) {
	for text, almost := range map[string]bool{
		"203.0.113.300": true, "198.51.100.007": true, "198.51.100.7/33": true, "1.2.3": true, "1.2.3/24": true, "fe80::xyz": true,
		"2001:db8::1::2": true, "2001:db8:1": true, "1.2.3.": true, "203.0.113.300:80": true, "2001:db8::1/129": true,
		"198.51.100.7": false, "198.51.100.7:443": false, "198.51.100.0/24": false, "2001:db8::1": false, "fe80::1%eth0": false,
		"a.b.c.de": false, "24.12.2026": false, "1.5": false, "std::string": false, "aa:bb:cc:dd:ee:ff": false, "36:f7:d4:32": false,
		"example.com": false, "": false, "::": false, "/": false, ".": false, "12:30": false,
	} {
		if reason := stix.AlmostAddress(text); (reason != "") != almost {
			t.Errorf("%q: %q", text, reason)
		}
	}
}
