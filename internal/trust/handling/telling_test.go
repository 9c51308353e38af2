package handling_test

import (
	"fmt"
	"testing"

	"entente/internal/trust/handling"
	"entente/stix"
)

// What is left of an object tells of what it lacks, or does not.
func TestWhatIsLeftTells(t *testing.T) {
	const indicator = `{"type":"indicator","spec_version":"2.1","id":"indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"%s}`
	for _, c := range []struct{ whole, left, path, text string }{
		{`"pattern":"[domain-name:value = 'evil.example']","name":"Evil.Example"`, `"name":"Evil.Example"`, "name", "evil.example"},
		{`"pattern":"[domain-name:value = 'evil.example']"`, `"description":"calls www.evil[.]example."`, "description", "evil.example"},
		{`"pattern":"[domain-name:value = 'evil.example']"`, `"labels":["x","to evil.example"]`, "labels[1]", "evil.example"},
		{`"pattern":"[domain-name:value = 'evil.example']"`, `"name":"devil.example, my-evil.example, evil.examples"`, "", ""},
		{`"pattern":"[domain-name:value = 'evil.example']"`, `"name":"x","pattern":"[domain-name:value = 'evil.example' OR ipv4-addr:value = '198.51.100.7']"`, "", ""}, // it is found by it still
		{`"pattern":"[url:value = 'http://evil.example/pay']"`, `"name":"the host evil.example"`, "name", "evil.example"},
		{`"pattern":"[ipv4-addr:value = '198.51.100.7']"`, `"name":"198.51.100.77 and 1198.51.100.7"`, "", ""},
		{`"pattern":"[autonomous-system:number = 64500]"`, `"description":"from AS64500, 64500 times"`, "description", "as64500"},
		{`"pattern":"[domain-name:value = 'evil.example']"`, `"extensions":{"extension-definition--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0002":{"seen":{"at":"evil.example"}}}`,
			"extensions.extension-definition--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0002.seen.at", "evil.example"},
		{`"name":"x"`, `"name":"x"`, "", ""},
	} {
		whole, err := stix.Read(fmt.Appendf(nil, indicator, ","+c.whole))
		if err != nil {
			t.Fatal(err)
		}
		told := handling.Tells(&whole, fmt.Appendf(nil, indicator, ","+c.left))
		switch {
		case c.path == "" && len(told) > 0:
			t.Errorf("%s without the rest tells %v", c.left, told)
		case c.path != "" && (len(told) != 1 || told[0].Path != c.path || told[0].Text != c.text):
			t.Errorf("%s tells %v, and not %s at %s", c.left, told, c.text, c.path)
		}
	}
}
