package author

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"entente/internal/exchange"
	"entente/internal/trust/account"
)

// Opinion says whether what somebody says is right. The own member has one opinion of an
// object: another word on it is its next version.
type Opinion struct {
	On          string `json:"on" doc:"id of what it is on, or a value that an indicator is for"`
	Opinion     string `json:"opinion" enum:"strongly-disagree,disagree,neutral,agree,strongly-agree" doc:"strongly-disagree tells of a false positive"`
	Explanation string `json:"explanation,omitempty" doc:"why, for who made it and for who uses it"`
	TLP         string `json:"tlp,omitempty" doc:"that of what it is on when empty"`
	Collection  string `json:"collection,omitempty" doc:"the one that holds what it is on when empty"`
}

// mostTaken is how many opinions of one object can have been taken back before.
const mostTaken = 20

// Judge publishes an opinion. Errors as New, and exchange.ErrNotFound for what it is on.
func (d *Desk) Judge(ctx context.Context, by account.Principal, p Opinion) (Written, error) {
	if err := d.mayWrite(by); err != nil {
		return Written{}, err
	}
	on, err := d.resolve(ctx, by, p.On, func(typ string) bool { return typ == "indicator" })
	if err != nil {
		return Written{}, err
	}
	r := NewObject{Type: "opinion", TLP: p.TLP, Collection: cmp.Or(p.Collection, on.home()), about: []*standing{on}}
	r.set("object_refs[]", on.ID)
	r.set("opinion", p.Opinion)
	if p.Explanation != "" {
		r.set("explanation", p.Explanation)
	}
	w, err := d.judge(ctx, by, r, &p, on.ID)
	w.Name = "on " + called(on.raw)
	return w, err
}

// judge writes the opinion, or what was written of it changes. What was taken back stays
// so, and another one is written.
func (d *Desk) judge(ctx context.Context, by account.Principal, r NewObject, p *Opinion, of string) (Written, error) {
	for n := range mostTaken {
		r.follows = of
		if n > 0 {
			r.follows = fmt.Sprintf("%s %d", of, n+1)
		}
		w, err := d.New(ctx, by, r)
		there, ok := errors.AsType[*Exists](err)
		switch {
		case !ok:
			return w, err
		case there.Revoked || there.Gone:
			continue
		case slices.ContainsFunc(there.Properties, func(name string) bool { return name != "opinion" && name != "explanation" }):
			return w, err
		}
		return d.changeMind(ctx, by, p, there.ID)
	}
	return Written{}, fmt.Errorf("opinion on %s: %w: %d were taken back already; change one with entente edit", of, exchange.ErrExists, mostTaken)
}

// changeMind makes what stands say another word, and its reason in place of the former one.
func (d *Desk) changeMind(ctx context.Context, by account.Principal, p *Opinion, id string) (Written, error) {
	s, err := d.standing(ctx, by, id)
	if err != nil {
		return Written{}, err
	}
	o, err := content(s.raw)
	if err != nil {
		return Written{}, err
	}
	e := Edit{Base: s.Version(), Set: []string{"opinion=" + p.Opinion}}
	if p.Explanation != "" {
		e.Set = append(e.Set, "explanation="+p.Explanation)
	} else if o["explanation"] != nil {
		e.Unset = []string{"explanation"}
	}
	return d.Edit(ctx, by, id, e)
}
