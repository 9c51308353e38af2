package author

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"entente/internal/trust/account"
	"entente/stix"
)

// Sighting says that something was seen. Each is one more, unless a key says
// that it is the same one.
type Sighting struct {
	Of          string `json:"of" doc:"id of what was seen, or a value that an indicator is for"`
	Count       int    `json:"count,omitempty" doc:"how often; once when 0"`
	InVain      bool   `json:"in_vain,omitempty" doc:"it was looked for, and not there: a sighting of 0 times"`
	First       string `json:"first,omitempty" doc:"when first; a timestamp, a date, or -2h"`
	Last        string `json:"last,omitempty" doc:"when last; now when both are empty"`
	Where       string `json:"where,omitempty" doc:"who saw it: an organisation's name, or the id of an identity or a location; the own member when empty"`
	Anonymous   bool   `json:"anonymous,omitempty" doc:"it says neither who saw it nor who says so, and nobody can change it or take it back; who is given it by this node knows where it comes from"`
	Description string `json:"description,omitempty"`
	Key         string `json:"key,omitempty" doc:"name from which the identifier follows, so that asking twice changes nothing"`
	More        bool   `json:"more,omitempty" doc:"with a key: what is there under it and says less often becomes this; what says as often stays as it is"`
	TLP         string `json:"tlp,omitempty" doc:"that of what was seen when empty"`
	Collection  string `json:"collection,omitempty" doc:"the one that holds what was seen when empty"`
}

// mostSeen is the highest count of a sighting (STIX 2.1 section 5.2).
const mostSeen = 999_999_999

// Sight publishes a sighting. Errors as New, and exchange.ErrNotFound for what
// was seen.
func (d *Desk) Sight(ctx context.Context, by account.Principal, s Sighting) (Written, error) {
	if err := d.mayWrite(by); err != nil {
		return Written{}, err
	}
	of, err := d.resolve(ctx, by, s.Of, func(typ string) bool { return typ == "indicator" })
	if err != nil {
		return Written{}, err
	}
	if stix.IsObservable(of.Type) || of.Type == "relationship" || of.Type == "sighting" {
		return Written{}, bad("a sighting is of an indicator, a malware or the like; %s is %s. Make an indicator of it first: entente new indicator --for VALUE", of.ID, article(of.Type))
	}
	if s.Count < 0 || s.Count > mostSeen {
		return Written{}, bad("count %d: give 1 to %d", s.Count, mostSeen)
	}
	count := max(s.Count, 1)
	if s.InVain {
		if count = 0; s.Count != 0 || s.More {
			return Written{}, bad("what was looked for in vain was seen no times; give no count, and no more of it")
		}
	}
	if s.More && s.Key == "" {
		return Written{}, bad("more of which sighting? Give the key that it has")
	}
	r := NewObject{Type: "sighting", Key: s.Key, TLP: s.TLP, Collection: cmp.Or(s.Collection, of.home()), about: []*standing{of}}
	r.set("sighting_of_ref", of.ID)
	if err := d.whoSaw(ctx, by, &r, &s); err != nil {
		return Written{}, err
	}
	r.Set = append(r.Set, "count:="+strconv.Itoa(count))
	r.set("first_seen", cmp.Or(s.First, s.Last, "now"))
	r.set("last_seen", cmp.Or(s.Last, s.First, "now"))
	if s.Description != "" {
		r.set("description", s.Description)
	}
	w, err := d.New(ctx, by, r)
	if s.More && err != nil {
		w, err = d.moreSeen(ctx, by, &s, err)
	}
	w.Name = "of " + called(of.raw)
	if err == nil {
		w.Warnings = append(w.Warnings, d.unseenYet(w.Object)...)
	}
	return w, err
}

// whoSaw says where it was seen, or keeps that and the author out of the sighting: STIX
// 2.1 has created_by_ref left out by who wishes to remain anonymous (section 3.2). An
// identifier that follows from a key does so by a secret then, since anybody could try
// whose it is.
func (d *Desk) whoSaw(ctx context.Context, by account.Principal, r *NewObject, s *Sighting) error {
	if s.Anonymous {
		if s.Where != "" {
			return bad("an anonymous sighting does not say where it was; leave where out")
		}
		r.unnamed = true
		if s.Key != "" {
			secret := d.x.Secret("keys of anonymous sightings")
			mac := hmac.New(sha256.New, secret[:])
			mac.Write([]byte(s.Key))
			r.Key = hex.EncodeToString(mac.Sum(nil))
		}
		return nil
	}
	where, identity, err := d.organisation(ctx, by, cmp.Or(s.Where, d.member.Name))
	if err != nil {
		return err
	}
	r.set("where_sighted_refs[]", where)
	if identity != nil {
		r.others = append(r.others, identity)
	}
	return nil
}

// unseenYet warns of a sighting at a time that is still to come, which nobody can have
// had; clocks may differ by some minutes.
func (d *Desk) unseenYet(raw []byte) (faults []Fault) {
	const apart = 10 * time.Minute
	o, err := decodeObject(raw)
	if err != nil {
		return nil
	}
	for _, name := range []string{"first_seen", "last_seen"} {
		text, _ := o[name].(string)
		if at, err := stix.ParseTimestamp(text); err == nil && at.Time().After(d.now().Add(apart)) {
			faults = append(faults, Fault{Path: name, Rule: "future", Message: text + " is still to come", Fix: "take the sighting back with entente revoke, and give the time when it was seen"})
		}
	}
	return faults
}

// set adds an assignment of text.
func (r *NewObject) set(path, text string) { r.Set = append(r.Set, path+"="+text) }

// article is a type of object with the article that it has.
func article(noun string) string {
	if noun != "" && strings.ContainsRune("aeio", rune(noun[0])) { // a url, a user-account
		return "an " + noun
	}
	return "a " + noun
}
