package handling

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"

	"entente/stix"
)

// makingExtension is the project's own extension by which an object says how it was
// made (docs/reference/handling.md).
const makingExtension = "extension-definition--954f4e28-02cd-43f0-965b-052076cd1188"

// unreviewed tells whether an object says that a model made it and that no
// person has looked at it since. What it says in words that are not known
// counts as that, too; what says nothing of it is taken for a person's or a
// tool's. Names count as they are meant, not as they are escaped.
func unreviewed(raw []byte) bool {
	if !stix.MayExtend(raw, makingExtension) {
		return false
	}
	for name, extensions := range stix.Split(raw) {
		if string(name) != "extensions" {
			continue
		}
		if extensions[0] != '{' {
			text, err := stix.Canonical(nil, extensions)
			return err != nil || bytes.Contains(text, []byte(makingExtension))
		}
		for id, extension := range stix.Split(extensions) {
			if string(id) == makingExtension && !readMaking(extension).settled() {
				return true
			}
		}
	}
	return false
}

// making is how an object says that it was made.
type making struct {
	by        string // person, tool or model
	level     string // of the review
	reviewers []byte // JSON, as it is written
}

// readMaking takes the properties by their exact names. What is no text is none of the
// words that are known.
func readMaking(extension []byte) (m making) {
	for name, value := range stix.Split(extension) {
		switch string(name) {
		case "made_by":
			m.by = stix.Text(value)
		case "review_level":
			m.level = stix.Text(value)
		case "reviewed_by_refs":
			m.reviewers = value
		}
	}
	return m
}

// settled tells whether a person answers for the object: no model made it, or somebody
// who is named has reviewed it.
func (m making) settled() bool {
	switch m.by {
	case "person", "tool":
		return true
	}
	switch m.level { // the words of MISP's taxonomy ai-computer-assisted
	case "human-reviewed", "human-reviewed-updated", "multi-party-reviewed":
		return areIdentities(m.reviewers)
	}
	return false
}

// areIdentities tells whether a list names identities, one at least, and nothing else.
func areIdentities(list []byte) (any bool) {
	for id := range stix.Elements(list) {
		if typ, _, err := stix.ParseID(stix.Text(id)); err != nil || typ != "identity" {
			return false
		}
		any = true
	}
	return any
}

// SayMade has an object say how it was made, in the place of what it said: the words of
// the extension, without its type.
func SayMade(o, words map[string]any) {
	extensions, ok := o["extensions"].(map[string]any)
	if !ok {
		extensions = map[string]any{}
		o["extensions"] = extensions
	}
	if words == nil {
		words = map[string]any{}
	}
	words["extension_type"] = "property-extension"
	extensions[makingExtension] = words
}

// Made gives the words of the extension by which an object says how it was made; says
// tells whether it has that extension, whose words may be none.
func Made(o map[string]any) (words map[string]any, says bool) {
	extensions, _ := o["extensions"].(map[string]any)
	how, says := extensions[makingExtension]
	words, _ = how.(map[string]any)
	return words, says
}

// Weakened tells in words how an object says less of how it was made than that did which
// it is a version of, or made of: a model's work does not become a tool's or a person's,
// and what it was made by stays said. Empty when it says as much. Reviews may come and go:
// without one it counts as unreviewed.
func Weakened(from, o map[string]any) string {
	was, said := Made(from)
	is, says := Made(o)
	switch {
	case !said:
		return ""
	case !says:
		return "it would no longer say how it was made"
	case strength(is) < strength(was):
		return fmt.Sprintf("made_by would be %v after %v", inWords(is["made_by"]), inWords(was["made_by"]))
	}
	for _, name := range []string{"model", "tool"} {
		if before, there := was[name]; there && !reflect.DeepEqual(before, is[name]) {
			return fmt.Sprintf("%s would be %v after %v", name, inWords(is[name]), inWords(before))
		}
	}
	return ""
}

// strength orders who made something by how much asks for a review: what is not known
// counts as a machine's and may yet be said to be one.
func strength(words map[string]any) int {
	switch words["made_by"] {
	case "person":
		return 0
	case "tool":
		return 1
	case "model":
		return 3
	}
	return 2
}

// inWords is a value of JSON for people.
func inWords(v any) string {
	if v == nil {
		return "nothing"
	}
	return fmt.Sprintf("%.80q", fmt.Sprint(v))
}

// WithoutMade are the extensions of an object without the one that says how it was made;
// nil when there is no other.
func WithoutMade(o map[string]any) map[string]any {
	extensions, _ := o["extensions"].(map[string]any)
	rest := maps.Clone(extensions)
	if delete(rest, makingExtension); len(rest) == 0 {
		return nil
	}
	return rest
}
