package author

import (
	"fmt"
	"strings"

	"entente/internal/trust/handling"
	"entente/stix"
)

// written is a statement in the bytes in which it is published; same says that it
// stands so already. What else the own member has put into it, markings above all, stays;
// base is what it said last.
func (w *telling) written(one *statement, s *standing, base []byte) (raw []byte, same bool, err error) {
	at := stix.NewTimestamp(w.desk.now()).String()
	o := map[string]any{"type": "note", "spec_version": "2.1", "id": one.id, "created": at, "modified": at}
	if s != nil {
		if o, err = content(base); err != nil {
			return nil, false, err
		}
	}
	was, _ := clone(o).(map[string]any)
	if one.over {
		o["revoked"] = true
	} else if err := w.say(o, one.asset); err != nil {
		return nil, false, err
	}
	if s != nil {
		same, err = equal(was, o)
		if err != nil || same && s.CreatedByRef == w.desk.member.ID {
			return s.raw, same, err
		}
		raw, err = w.desk.next(s, was, o)
		return raw, false, err
	}
	raw, _, err = w.desk.published(o)
	return raw, false, err
}

// say has a note say that an asset is the own member's.
func (w *telling) say(o map[string]any, a stix.Asset) error {
	extensions, ok := o["extensions"].(map[string]any)
	if !ok {
		extensions = map[string]any{}
	}
	before, _ := extensions[stix.AssetExtension].(map[string]any)
	_, noted := before["note"]
	if w.Notes != nil {
		noted = *w.Notes
	}
	words := map[string]any{"extension_type": "property-extension", "kind": a.Kind, "value": a.Value}
	text := sentence(w.desk.member.Name, a)
	if noted && a.Note != "" {
		words["note"] = a.Note
		text += "\n\n" + a.Note
	}
	extensions[stix.AssetExtension] = words
	o["extensions"], o["content"] = extensions, text
	o["created_by_ref"], o["object_refs"] = w.desk.member.ID, []any{w.desk.member.ID}
	refs, _ := o["object_marking_refs"].([]any)
	switch {
	case w.level != 0:
		return remark(o, w.level)
	case strictestOf(refs) == 0:
		return remark(o, handling.Amber)
	}
	return nil
}

// sentence says for people what is somebody's own.
func sentence(whose string, a stix.Asset) string {
	what := a.Kind + " " + a.Value
	switch a.Kind {
	case "product":
		return fmt.Sprintf("%s says that it runs the product %s.", whose, a.Value)
	case "domain":
		what = "domain " + a.Value + ", with all names under it,"
	case "mail":
		what = "mail domain " + a.Value
	case "prefix":
		what = "address " + a.Value
		if strings.Contains(a.Value, "/") {
			what = "network " + a.Value
		}
	case "asn":
		what = "autonomous system AS" + a.Value
	case "cert":
		what = "certificate " + a.Value
	}
	return fmt.Sprintf("%s says that the %s is its own.", whose, what)
}
