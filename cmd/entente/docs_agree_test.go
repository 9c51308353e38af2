package main

import (
	"net"
	"regexp"
	"strings"
	"testing"
)

// changing is what differs from run to run, and what stands for it.
var changing = []struct {
	form *regexp.Regexp
	is   string
}{
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "TIME"},
	{regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b`), "DAY"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "SHA256"},
	{regexp.MustCompile(`\bent_a_[0-9A-Za-z]+`), "TOKEN"},
	{regexp.MustCompile(`/setup/[0-9A-Za-z]+`), "/setup/CODE"},
	{regexp.MustCompile(`\b\d+(\.\d+)?(ns|µs|ms|s)\b`), "DURATION"},
	{regexp.MustCompile(`[ \t]+`), " "},
}

func plain(text string) []string {
	for _, c := range changing {
		text = c.form.ReplaceAllString(text, c.is)
	}
	return strings.Split(strings.TrimSpace(text), "\n")
}

// agrees tells whether a command says what a page shows of it.
func agrees(shown, said string) bool { return agree(plain(shown), plain(said)) }

func agree(shown, said []string) bool {
	if len(shown) == 0 {
		return len(said) == 0
	}
	if strings.TrimSpace(shown[0]) == "..." {
		return agree(shown[1:], said) || len(said) > 0 && agree(shown, said[1:])
	}
	return len(said) > 0 && lineAgrees(shown[0], said[0]) && agree(shown[1:], said[1:])
}

func lineAgrees(shown, said string) bool {
	form := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(shown)), `\.\.\.`, ".*")
	return regexp.MustCompile("^" + form + "$").MatchString(strings.TrimSpace(said))
}

func TestPagesAgreeUpToWhatChanges(t *testing.T) {
	for _, c := range []struct {
		shown, said string
		want        bool
	}{
		{"made it", "made it\n", true},
		{"made it", "made that\n", false},
		{"made it", "made it\nand more\n", false},
		{"made it\n...", "made it\nand\nmore\n", true},
		{"...\nmore", "made it\nand\nmore\n", true},
		{"0  2026-01-01T00:00:00Z grant", "0 2026-11-23T20:23:12.412127Z   grant", true},
		{"valid since 2026-01-01", "valid since 2026-11-27", true},
		{"took 3s, id a9", "took 12.5ms, id a9", true},
		{"a ... b", "a long way to b", true},
		{"a.b", "axb", false},
	} {
		if got := agrees(c.shown, c.said); got != c.want {
			t.Errorf("%q of %q: %v, want %v", c.shown, c.said, got, c.want)
		}
	}
}

// ports gives each address on loopback that a page names one that is free.
type ports struct {
	t     *testing.T
	given map[string]string
}

func freePorts(t *testing.T) *ports { return &ports{t, map[string]string{}} }

var localAddress = regexp.MustCompile(`127\.0\.0\.1:[1-9]\d{3,4}`)

func (p *ports) replace(text string) string {
	return localAddress.ReplaceAllStringFunc(text, func(address string) string {
		if p.given[address] == "" {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				p.t.Fatal(err)
			}
			defer l.Close()
			p.given[address] = l.Addr().String()
		}
		return p.given[address]
	})
}
