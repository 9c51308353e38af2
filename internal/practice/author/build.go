package author

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/spelling"
	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/internal/trust/provenance"
	"entente/stix"
)

// NewObject asks for a new object. Type is needed; a file's object may name it.
type NewObject struct {
	Type       string          `json:"type,omitempty" doc:"STIX type, such as indicator"`
	Properties json.RawMessage `json:"properties,omitempty" doc:"properties as a JSON object"`
	Set        []string        `json:"set,omitempty" doc:"further properties, as path=text or path:=JSON"`
	For        string          `json:"for,omitempty" doc:"the value that an indicator or an observable is about"`
	Until      string          `json:"until,omitempty" doc:"how long an indicator holds: a date, or 30d"`
	Key        string          `json:"key,omitempty" doc:"name from which the identifier follows, so that asking twice changes nothing"`
	TLP        string          `json:"tlp,omitempty" doc:"TLP label; the collection's default when empty"`
	Collection string          `json:"collection,omitempty" doc:"id or alias; default when empty"`
	Making

	unnamed bool                 // it does not say who made it
	follows string               // what its identifier follows from, unless Key says
	about   []*standing          // objects that it says something of, whose markings it takes on
	others  [][]byte             // identities that it names
	after   func(store.Tx) error // more to do in the transaction that publishes it; may be nil
}

// building is a new object on its way.
type building struct {
	desk *Desk
	r    *NewObject
	at   time.Time // the instant it counts as made at
	c    exchange.Access

	o      map[string]any
	named  string // what its identifier follows from; empty when it is random
	fixed  bool   // its identifier was given
	stated bool   // so was the version
	dated  bool   // so was when it was made
	fresh  bool   // its identifier was given, and the writer sees no such object
	past   *past  // what is remembered of it; may be nil
	told   []string
}

// build makes the object that a request asks for, as of an instant. The same
// request, member and instant give the same object, random identifiers
// excepted.
func (d *Desk) build(r *NewObject, c exchange.Access, at time.Time) (*building, error) {
	b := &building{desk: d, r: r, at: at, c: c, o: map[string]any{}, named: r.follows}
	for _, step := range []func() error{b.start, b.subject, b.assign, b.made, b.until, b.defaults, b.common, b.mark, b.identify} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return b, nil
}

func bad(format string, args ...any) error {
	return fmt.Errorf("%w: %w", exchange.ErrInvalid, fmt.Errorf(format, args...))
}

// start takes the properties that are given as JSON, and settles the type.
func (b *building) start() error {
	if len(b.r.Properties) > 0 {
		o, err := decodeObject(b.r.Properties)
		if err != nil {
			return bad("the properties are not JSON as it is exchanged: %w", err)
		}
		provenance.Drop(o)
		b.o = o
	}
	typ, _ := b.o["type"].(string)
	if typ = cmp.Or(b.r.Type, typ); typ == "" {
		return bad("what is to be written has no type; name one, such as indicator")
	}
	if given, ok := b.o["type"].(string); ok && given != typ {
		return bad("a new %s is asked for, but its properties are those of %s", typ, article(given))
	}
	if typ == "bundle" {
		return bad("a bundle is a parcel of objects; entente import brings its objects in")
	}
	if stix.Properties(typ) == nil && !strings.Contains(typ, "-") {
		return bad("there is no type %q%s; the types are %s", shorten(typ), spelling.Meant(typ, slices.Values(stix.Types())), strings.Join(stix.Types(), ", "))
	}
	if stix.Properties(typ) == nil && b.o["extensions"] == nil {
		if like := spelling.Meant(typ, slices.Values(stix.Types())); like != "" {
			return bad("there is no type %q%s", typ, like)
		}
	}
	if by, ok := b.o["created_by_ref"].(string); ok && by != b.desk.member.ID {
		return bad("the object says that %s made it; entente import keeps the objects of others as they are", by)
	}
	b.o["type"] = typ
	_, b.fixed = b.o["id"]
	_, b.stated = b.o["modified"]
	return nil
}

// subject puts in what follows from the value that the object is about.
func (b *building) subject() error {
	if b.r.For == "" {
		return nil
	}
	typ, _ := b.o["type"].(string)
	if typ != "indicator" && !stix.IsObservable(typ) {
		return bad("--for names the value of an indicator or of an observable; give %s a name", article(typ))
	}
	s, err := ParseSubject(b.r.For)
	if err != nil {
		return err
	}
	if below, is := strings.CutPrefix(s.Lookup.Text, "*."); is && typ == "indicator" && s.Kind == "domain" {
		return bad("no name is %s, and a pattern has no such sign for any: write %s, which hits all names below it, too", s.Lookup.Text, below)
	}
	b.told = append(b.told, s.said())
	if typ != "indicator" {
		if s.Type != typ {
			return bad("%s; that is %s, not %s", s.said(), article(s.Type), article(typ))
		}
		return s.Path.set(b.o, s.Value)
	}
	b.o["pattern"], b.o["pattern_type"] = s.Pattern, "stix"
	b.defaulted("name", fmt.Sprint(s.Value))
	b.named = "for " + s.Pattern
	return nil
}

func (b *building) assign() error {
	if err := few(b.r.Set); err != nil {
		return err
	}
	for _, text := range b.r.Set {
		a, err := ParseAssignment(text)
		if err == nil {
			err = a.apply(b.o, b.at)
		}
		if err != nil {
			return bad("%w", err)
		}
	}
	return nil
}

func (b *building) made() error { return b.r.Making.say(b.o) }

// defaulted sets what nobody has said otherwise.
func (b *building) defaulted(property string, value any) {
	if _, said := b.o[property]; !said {
		b.o[property] = value
	}
}

func (b *building) until() error {
	if b.r.Until == "" {
		return nil
	}
	if b.o["type"] != "indicator" {
		return bad("--until says how long an indicator holds; %s has no valid_until", article(fmt.Sprint(b.o["type"])))
	}
	from := b.at
	if s, ok := b.o["valid_from"].(string); ok {
		if t, err := stix.ParseTimestamp(s); err == nil {
			from = t.Time()
		}
	}
	until, ok := Moment(b.r.Until, from)
	if !ok {
		return bad("until %q: give a date, as 2026-12-31, or a time from the start, as 30d", shorten(b.r.Until))
	}
	b.o["valid_until"] = until
	return nil
}

// defaults fills in what a type must have and nobody should have to think of.
func (b *building) defaults() error {
	at := stix.NewTimestamp(b.at).String()
	switch b.o["type"] {
	case "indicator":
		b.defaulted("valid_from", at)
		b.defaulted("pattern_type", "stix")
	case "malware":
		b.defaulted("is_family", false)
	case "report":
		b.defaulted("published", at)
	case "grouping":
		b.defaulted("context", "unspecified")
	case "observed-data":
		b.defaulted("first_observed", at)
		b.defaulted("last_observed", b.o["first_observed"])
		b.defaulted("number_observed", number("1"))
	case "email-message":
		b.defaulted("is_multipart", b.o["body_multipart"] != nil)
	case "vulnerability":
		if name, ok := b.o["name"].(string); ok && cveForm.MatchString(name) {
			b.o["name"] = strings.ToUpper(name)
			b.defaulted("external_references", []any{map[string]any{"source_name": "cve", "external_id": strings.ToUpper(name)}})
		}
	}
	return nil
}

// common puts in what the specification has every object of the class say.
func (b *building) common() error {
	typ, _ := b.o["type"].(string)
	b.defaulted("spec_version", "2.1")
	if stix.IsObservable(typ) {
		return nil
	}
	at := stix.NewTimestamp(b.at).String()
	if !b.r.unnamed {
		b.o["created_by_ref"] = b.desk.member.ID
	}
	_, b.dated = b.o["created"]
	if _, set := b.o["modified"]; set {
		b.stated = true
	}
	b.defaulted("created", at)
	if typ != "marking-definition" { // never changes, so has no versions
		b.defaulted("modified", b.o["created"])
	}
	return nil
}

// mark puts the marking in: the label asked for, else, where there is none yet,
// what the collection's unmarked objects count as.
func (b *building) mark() error {
	if b.r.TLP == "" {
		if b.o["object_marking_refs"] != nil || b.o["type"] == "marking-definition" {
			return nil
		}
		if len(b.r.about) > 0 {
			return b.markLike()
		}
		b.told = append(b.told, fmt.Sprintf("marked %s, as collection %s has it", label(b.c.Marking), b.c.Alias))
		return remark(b.o, b.c.Marking)
	}
	level, err := parseTLP(b.r.TLP)
	if err != nil {
		return err
	}
	return remark(b.o, level)
}

// markLike takes the markings of what the object is about, its parts included:
// the strictest label, and all that are no labels.
func (b *building) markLike() error {
	var strictest handling.Level
	var refs []any
	for _, s := range b.r.about {
		strictest = max(strictest, s.level)
		refs = addMarkings(refs, s)
	}
	b.told = append(b.told, fmt.Sprintf("marked %s, as what it is about", label(strictest)))
	if len(refs) > 0 {
		b.o["object_marking_refs"] = refs
	}
	return remark(b.o, strictest)
}

// parseTLP reads a label as people write it: green, TLP:GREEN.
func parseTLP(s string) (handling.Level, error) {
	level, err := handling.ParseLevel(strings.TrimPrefix(strings.ToLower(strings.TrimSpace(s)), "tlp:"))
	if err != nil {
		return 0, bad("%w", err)
	}
	return level, nil
}

// label is a TLP label as people write it.
func label(l handling.Level) string { return "TLP:" + strings.ToUpper(l.String()) }

// remark puts a TLP label in the place of those that an object carries.
func remark(o map[string]any, level handling.Level) error {
	refs, ok := o["object_marking_refs"].([]any)
	if !ok && o["object_marking_refs"] != nil {
		return bad("object_marking_refs holds %s, not a list", kindOf(o["object_marking_refs"]))
	}
	refs = slices.DeleteFunc(slices.Clone(refs), func(ref any) bool {
		id, _ := ref.(string)
		_, tlp := handling.LevelOf(id)
		return tlp
	})
	o["object_marking_refs"] = append(refs, level.Definition())
	return nil
}

// identify gives the object its identifier: one that was given, that of an
// observable's content, one that follows from a key, or a random one.
func (b *building) identify() error {
	typ, _ := b.o["type"].(string)
	if b.fixed {
		return nil
	}
	if b.r.Key != "" {
		b.named = "key " + b.r.Key
	}
	if stix.IsObservable(typ) {
		raw, err := canonical(b.o)
		if err != nil {
			return bad("%w", err)
		}
		if id, err := stix.DeterministicID(raw); err == nil {
			b.o["id"], b.fixed = id, true
			return nil
		}
	}
	if b.named == "" {
		b.o["id"] = stix.NewID(typ)
		return nil
	}
	id, err := stix.DerivedID(typ, b.desk.member.ID, typ+" "+b.named)
	b.o["id"], b.fixed = id, true
	return err
}

// number is one as JSON has it.
func number(digits string) json.Number { return json.Number(digits) }
