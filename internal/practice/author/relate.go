package author

import (
	"cmp"
	"context"
	"fmt"

	"entente/internal/trust/account"
	"entente/stix"
)

// Relation says what one object is to another. The same type between the same
// ends is the same relationship.
type Relation struct {
	Source      string `json:"source" doc:"id, or a value or the exact name of one object"`
	Type        string `json:"type" doc:"relationship type, such as indicates or uses"`
	Target      string `json:"target" doc:"id, or a value or the exact name of one object"`
	Custom      bool   `json:"custom,omitempty" doc:"also a type that the specification does not have between the two"`
	Description string `json:"description,omitempty"`
	Start       string `json:"start,omitempty" doc:"since when; a timestamp or a date"`
	Stop        string `json:"stop,omitempty" doc:"until when; a timestamp or a date"`
	Key         string `json:"key,omitempty" doc:"name from which the identifier follows, in place of the ends"`
	TLP         string `json:"tlp,omitempty" doc:"the stricter of both ends' when empty"`
	Collection  string `json:"collection,omitempty" doc:"the one that holds the source when empty"`
}

// ruleRelationship is what validation says of a type that is not defined
// between two objects.
const ruleRelationship = "relationship-type"

// Relate publishes a relationship. Errors as New, and exchange.ErrNotFound for
// an end.
func (d *Desk) Relate(ctx context.Context, by account.Principal, rel Relation) (Written, error) {
	if err := d.mayWrite(by); err != nil {
		return Written{}, err
	}
	source, err := d.resolveNamed(ctx, by, rel.Source)
	if err != nil {
		return Written{}, fmt.Errorf("source: %w", err)
	}
	target, err := d.resolveNamed(ctx, by, rel.Target)
	if err != nil {
		return Written{}, fmt.Errorf("target: %w", err)
	}
	if !rel.Custom {
		if err := defined(source, rel.Type, target); err != nil {
			return Written{}, err
		}
	}
	r := NewObject{Type: "relationship", Key: rel.Key, TLP: rel.TLP, about: []*standing{source, target},
		Collection: cmp.Or(rel.Collection, source.home(), target.home()),
		follows:    source.ID + " " + rel.Type + " " + target.ID}
	r.set("source_ref", source.ID)
	r.set("relationship_type", rel.Type)
	r.set("target_ref", target.ID)
	for path, text := range map[string]string{"description": rel.Description, "start_time": rel.Start, "stop_time": rel.Stop} {
		if text != "" {
			r.set(path, text)
		}
	}
	w, err := d.New(ctx, by, r)
	w.Name = fmt.Sprintf("%s %s %s", called(source.raw), rel.Type, called(target.raw))
	return w, err
}

// defined refuses a type of relationship that the specification does not have
// between two objects, and says which it has.
func defined(source *standing, typ string, target *standing) error {
	raw, err := canonical(map[string]any{"type": "relationship", "spec_version": "2.1",
		"relationship_type": typ, "source_ref": source.ID, "target_ref": target.ID})
	if err != nil {
		return bad("relationship type %q: %w", shorten(typ), err)
	}
	for _, f := range stix.Validate(raw) {
		if f.Rule == ruleRelationship {
			return bad("%s (%s); --custom writes it all the same", f.Message, f.Fix)
		}
	}
	return nil
}
