package detect

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the reference anew")

const fieldsPage = "../../../docs/reference/fields.md"

// The reference has a row for each field that says something.
func TestReference(t *testing.T) {
	const begin = "<!-- made by go test ./internal/practice/detect -run Reference -update -->\n"
	b, err := os.ReadFile(fieldsPage)
	if err != nil {
		t.Fatal(err)
	}
	words, _, ok := strings.Cut(string(b), begin)
	if !ok {
		t.Fatalf("%s has no line %q", fieldsPage, begin)
	}
	var page strings.Builder
	page.WriteString(words + begin)
	for _, l := range logs() {
		fmt.Fprintf(&page, "\n## %s\n\nA line with a field %s", l.name, quoted(l.marks))
		if len(l.within) > 0 {
			fmt.Fprintf(&page, "; before names may stand %s", quoted(l.within))
		}
		page.WriteString(".\n\n| field | what it says |\n|---|---|\n")
		var rows []string
		for line := range strings.Lines(l.table) {
			if cells := strings.Fields(line); len(cells) == 3 {
				rows = append(rows, row(cells[0], cells[1], cells[2]))
			}
		}
		page.WriteString(strings.Join(slices.Compact(rows), "\n") + "\n")
	}
	if *update {
		if err := os.WriteFile(fieldsPage, []byte(page.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if page.String() != string(b) {
		t.Errorf("%s is not what the code says; write it anew: go test ./internal/practice/detect -run Reference -update", fieldsPage)
	}
}

func quoted(names []string) string { return "`" + strings.Join(names, "`, `") + "`" }

// row says what one field says.
func row(field, way, target string) string {
	typ, path, _ := strings.Cut(target, ":")
	typ, _, _ = strings.Cut(typ, "/")
	of, below := "`"+typ+":"+path+"`", typ+":"+path
	if path != "" {
		below += "."
	}
	objects := "each an object of its own: `ipv4-addr:value`, `ipv6-addr:value` or `domain-name:value`"
	says := of
	switch way {
	case "words":
		says += ", in small letters"
	case "protocol":
		says += ", in small letters; 1, 6, 17 and 58 by their names"
	case "host", "hosts":
		says = fmt.Sprintf("`%svalue`, `%stype`; %s", below, below, objects)
		if typ == "-" {
			says = strings.TrimPrefix(objects, "each ")
		}
	case "mail":
		says = fmt.Sprintf("`%svalue` of each address; `email-addr:value`", below)
	case "file":
		says = fmt.Sprintf("`%sname`, `%sparent_directory_ref.path`", below, below)
	case "image":
		says = "`process:name`; as a file `process:image_ref`, `process:binary_ref` and an object of its own: `name`, `parent_directory_ref.path`"
	case "digest":
		says = fmt.Sprintf("`%shashes`, the algorithm by the length", below)
	case "hashes":
		says = "`hashes` of the file: that of `TargetFilename`, of `ImageLoaded`, else of `Image`, also as the image of the process"
	case "user":
		says = fmt.Sprintf("`%suser_id`; `%saccount_login`, without the domain", below, below)
	case "url-host":
		says += "; the host of `url:value` and an object of its own"
	case "url-port":
		says += "; the port of `url:value`"
	case "url-path":
		says += "; the path of `url:value`"
	case "key":
		says = "`windows-registry-key:key` with its whole hive; with `Details` what stands last is `values[*].name`"
	case "key-data":
		says = "`windows-registry-key:values[*].data`"
	}
	return fmt.Sprintf("| `%s` | %s |", field, says)
}
