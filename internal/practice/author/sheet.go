package author

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"entente/stix"
)

// A sheet is an object as people write it in an editor: an assignment a line,
// longer texts between lines of three quotes. Lines that begin with # and
// properties without a value count for nothing.

const quotes = `"""`

// madeHere are properties that the node gives, not the writer.
var madeHere = []string{"type", "spec_version", "id", "created_by_ref", "created", "modified", "revoked"}

// Sheet writes an object as a sheet, below a heading, with the properties that
// its type has and it lacks as comments; those it must have come first.
func Sheet(heading string, raw []byte) (string, error) { return sheet(heading, raw, nil) }

// sheet is Sheet of an object that is given some properties when it is published.
func sheet(heading string, raw []byte, given map[string]any) (string, error) {
	o, err := content(raw)
	if err != nil {
		return "", fmt.Errorf("the object: %w", err)
	}
	typ, _ := o["type"].(string)
	var b strings.Builder
	for line := range strings.Lines(heading) {
		b.WriteString("# " + strings.TrimRight(line, "\n") + "\n")
	}
	writeGiven(&b, typ, given)
	var must, may []string
	properties := stix.Properties(typ)
	slices.SortStableFunc(properties, func(a, b stix.Property) int { // what is special to the type comes first
		switch {
		case a.Common == b.Common:
			return 0
		case a.Common:
			return 1
		}
		return -1
	})
	for _, p := range properties {
		switch v, there := o[p.Name]; {
		case slices.Contains(madeHere, p.Name), given[p.Name] != nil:
		case there:
			b.WriteByte('\n')
			writeValue(&b, typ, Path{{Name: p.Name}}, v)
		case p.Required:
			must = append(must, p.Name)
		default:
			may = append(may, p.Name)
		}
		delete(o, p.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(o)) { // of no table
		if !slices.Contains(madeHere, name) {
			writeValue(&b, typ, Path{{Name: name}}, o[name])
		}
	}
	if len(must) > 0 {
		b.WriteString("\n# must have a value\n")
		for _, name := range must {
			fmt.Fprintf(&b, "%s =\n", name)
		}
	}
	if len(may) > 0 {
		b.WriteString("\n# may have one\n")
		for _, name := range may {
			fmt.Fprintf(&b, "# %s =\n", name)
		}
	}
	return b.String(), nil
}

// moment is a time that is settled when an object is published, as people write it.
type moment string

// writeGiven tells, as comments, what an object is given.
func writeGiven(b *strings.Builder, typ string, given map[string]any) {
	if len(given) == 0 {
		return
	}
	b.WriteString("\n# filled in when it is published\n")
	var lines strings.Builder
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if when, ok := given[name].(moment); ok {
			fmt.Fprintf(&lines, "%s = %s\n", name, when)
			continue
		}
		writeValue(&lines, typ, Path{{Name: name}}, given[name])
	}
	for line := range strings.Lines(lines.String()) {
		b.WriteString("# " + line)
	}
}

// writeValue writes the lines of a value.
func writeValue(b *strings.Builder, typ string, path Path, v any) {
	switch at := v.(type) {
	case map[string]any:
		if len(at) > 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(at)), unprintable) {
			for _, name := range slices.Sorted(maps.Keys(at)) {
				writeValue(b, typ, append(slices.Clip(path), Step{Name: name}), at[name])
			}
			return
		}
	case []any:
		if len(at) > 0 {
			for _, element := range at {
				writeLine(b, typ, append(slices.Clip(path), Step{Index: End}), element)
			}
			return
		}
	}
	writeLine(b, typ, path, v)
}

// unprintable tells whether a name cannot stand in a line.
func unprintable(name string) bool {
	return name == "" || strings.ContainsFunc(name, unicode.IsControl) || !utf8.ValidString(name)
}

// writeLine writes one assignment: as text where that is read back as the same
// value, else as JSON.
func writeLine(b *strings.Builder, typ string, path Path, v any) {
	text := asText(typ, path, v)
	switch {
	case text != "" && !strings.Contains(text, "\n"):
		fmt.Fprintf(b, "%s = %s\n", path, text)
	case text != "" && !strings.Contains("\n"+text+"\n", "\n"+quotes+"\n"):
		fmt.Fprintf(b, "%s = %s\n%s\n%s\n", path, quotes, text, quotes)
	default:
		raw := rawOf(map[string]any{"v": v}, "v")
		fmt.Fprintf(b, "%s := %s\n", path, raw)
	}
}

// asText is the text that is read as the value; empty when none is.
func asText(typ string, path Path, v any) string {
	text := fmt.Sprint(v)
	switch v.(type) {
	case map[string]any, []any:
		return ""
	}
	if strings.TrimSpace(text) != text || strings.HasPrefix(text, quotes) || strings.Contains(text, "\r") {
		return ""
	}
	if same, err := equal(typed(typ, path, text, time.Time{}), v); err != nil || !same {
		return ""
	}
	return text
}

// ReadSheet reads the assignments of a sheet.
func ReadSheet(text string) ([]string, error) {
	var set []string
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for n := 0; n < len(lines); n++ {
		line := strings.TrimSpace(lines[n])
		if line == "" || line[0] == '#' {
			continue
		}
		at := n + 1
		path, rest, err := cutPath(line)
		rest = strings.TrimSpace(rest)
		switch {
		case err != nil:
			return nil, bad("line %d: %w", at, err)
		case rest == "=" || rest == ":=":
			continue
		case strings.HasPrefix(rest, ":="):
			set = append(set, path.String()+":="+strings.TrimSpace(rest[2:]))
		case strings.TrimSpace(strings.TrimPrefix(rest, "=")) == quotes:
			end := slices.Index(lines[n+1:], quotes)
			if end < 0 {
				return nil, bad("line %d: the text that begins here is not closed; put a line of %s after it", at, quotes)
			}
			set = append(set, path.String()+"="+strings.Join(lines[n+1:n+1+end], "\n"))
			n += end + 1
		case strings.HasPrefix(rest, "="):
			set = append(set, path.String()+"="+strings.TrimSpace(rest[1:]))
		default:
			return nil, bad("line %d: %q gives no value; write %s = VALUE", at, shorten(line), path)
		}
		if _, err := ParseAssignment(set[len(set)-1]); err != nil {
			return nil, bad("line %d: %w", at, err)
		}
	}
	return set, nil
}

// FromSheet is the object that a sheet makes of the one it was written from:
// what the writer gives, and what the node has given.
func FromSheet(text string, raw []byte, now time.Time) ([]byte, error) {
	was, err := decodeObject(raw)
	if err != nil {
		return nil, fmt.Errorf("the object: %w", err)
	}
	o := map[string]any{}
	for _, name := range madeHere {
		if v, there := was[name]; there {
			o[name] = v
		}
	}
	set, err := ReadSheet(text)
	if err != nil {
		return nil, err
	}
	for _, line := range set {
		a, err := ParseAssignment(line)
		if err == nil {
			err = a.apply(o, now)
		}
		if err != nil {
			return nil, bad("%w", err)
		}
	}
	return canonical(o)
}
