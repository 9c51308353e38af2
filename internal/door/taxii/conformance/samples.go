package conformance

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/google/uuid"
)

// stampRule is a TAXII timestamp (section 2).
var stampRule = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)

func itoa(n int) string { return strconv.Itoa(n) }

// newID is an id that no other object has.
func newID(typ string) string { return typ + "--" + uuid.NewString() }

const (
	v1 = "2020-01-01T00:00:00.000Z"
	v2 = "2021-02-03T04:05:06.789Z"
	v3 = "2022-03-04T05:06:07.890123Z"
)

// indicator is an object with a version.
func indicator(id, modified string) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":%q,"created":%q,"modified":%q,`+
		`"name":"address %s","indicator_types":["malicious-activity"],"pattern":"[ipv4-addr:value = '198.51.100.7']",`+
		`"pattern_type":"stix","valid_from":%q}`, id, v1, modified, modified, v1)
}

func malware(id, modified string) string {
	return fmt.Sprintf(`{"type":"malware","spec_version":"2.1","id":%q,"created":%q,"modified":%q,"name":"Mist","is_family":false}`, id, v1, modified)
}

// malware20 is an object of STIX 2.0, which does not say so.
func malware20(id, modified string) string {
	return fmt.Sprintf(`{"type":"malware","id":%q,"created":%q,"modified":%q,"name":"Mist","labels":["ransomware"]}`, id, v1, modified)
}

// marking is an object with created only.
func marking(id string) string {
	return fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":%q,"created":%q,"definition_type":"statement",`+
		`"definition":{"statement":"Exercise only"}}`, id, v1)
}

// address is an object without a version.
func address(id, value string) string {
	return fmt.Sprintf(`{"type":"ipv4-addr","spec_version":"2.1","id":%q,"value":%q}`, id, value)
}

// indicators are n of them, each with its own id, and the ids.
func indicators(n int) (objects, ids []string) {
	for range n {
		id := newID("indicator")
		ids = append(ids, id)
		objects = append(objects, indicator(id, v1))
	}
	return objects, ids
}

// equal asserts that two lists are.
func equal[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if len(got) == len(want) {
		same := true
		for i := range got {
			same = same && got[i] == want[i]
		}
		if same {
			return
		}
	}
	t.Errorf("%s: got %v, want %v", what, got, want)
}
