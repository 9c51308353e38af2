package author

import (
	"cmp"
	"context"
	"strings"

	"entente/internal/trust/account"
)

// Remark is a note on objects, of anybody. The same text on the same objects is
// the same note.
type Remark struct {
	On         []string `json:"on" doc:"ids of what the note is about, or values or names of one object"`
	Text       string   `json:"text"`
	Abstract   string   `json:"abstract,omitempty" doc:"the text in a line"`
	Key        string   `json:"key,omitempty" doc:"name from which the identifier follows, in place of the text"`
	TLP        string   `json:"tlp,omitempty" doc:"that of what it is about when empty"`
	Collection string   `json:"collection,omitempty" doc:"the one that holds what it is about when empty"`
}

// Note publishes a note. Errors as New, and exchange.ErrNotFound for what it is
// about.
func (d *Desk) Note(ctx context.Context, by account.Principal, n Remark) (Written, error) {
	if err := d.mayWrite(by); err != nil {
		return Written{}, err
	}
	if strings.TrimSpace(n.Text) == "" {
		return Written{}, bad("a note needs a text")
	}
	if len(n.On) == 0 {
		return Written{}, bad("a note is on something; name at least one object")
	}
	r := NewObject{Type: "note", Key: n.Key, TLP: n.TLP, Collection: n.Collection}
	var on []string
	for _, text := range n.On {
		s, err := d.resolveNamed(ctx, by, text)
		if err != nil {
			return Written{}, err
		}
		r.about = append(r.about, s)
		on = append(on, called(s.raw))
		r.set("object_refs[]", s.ID)
		r.follows += s.ID + " "
	}
	r.Collection = cmp.Or(r.Collection, r.about[0].home())
	r.follows += n.Text
	r.set("content", n.Text)
	if n.Abstract != "" {
		r.set("abstract", n.Abstract)
	}
	w, err := d.New(ctx, by, r)
	w.Name = "on " + strings.Join(on, ", ")
	return w, err
}
