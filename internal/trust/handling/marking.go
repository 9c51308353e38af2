package handling

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entente/stix"
)

// Marking is what a marking definition means for handling. The zero Marking is
// one that nothing explains.
type Marking struct {
	known     bool
	contested bool
	limits    Class // what it adds to a class; its TLP may be 0
	keep      int   // days after which what it marks is erased; 0: none are given
}

// Labelled is the marking of a TLP label.
func Labelled(l Level) Marking { return Marking{known: true, limits: Class{TLP: l}} }

// Stated is a marking that says something (copyright, terms) and limits nothing.
func Stated() Marking { return Marking{known: true} }

// Known tells whether the definition was understood.
func (m Marking) Known() bool { return m.known }

// Limits is what the marking adds to a class, as text; empty when nothing.
func (m Marking) Limits() string { return m.limits.text() }

// With is the marking of an id under which the own member has had two texts. Texts
// that mean the same are one. Of others none counts, since each would loosen what the
// other limits: nothing explains the id any more, and what it marks is for curators.
func (m Marking) With(n Marking) Marking {
	switch none := (Marking{}); {
	case m.Is(n) || n.Is(none):
		return m
	case m.Is(none):
		return n
	}
	keep := cmp.Or(m.keep, n.keep)
	if n.keep > 0 {
		keep = min(keep, n.keep) // erasing earlier loosens nothing
	}
	return Marking{contested: true, keep: keep}
}

// Contested tells whether there are texts of the own member under one id that mean
// different things.
func (m Marking) Contested() bool { return m.contested }

// Is tells whether two markings mean the same.
func (m Marking) Is(n Marking) bool {
	return m.known == n.known && m.contested == n.contested && m.keep == n.keep && m.limits.is(&n.limits)
}

// markingRow is how a Marking is kept: a label alone and a statement as before
// there was anything else.
type markingRow struct {
	TLP       Level  `json:"tlp,omitempty"`
	Statement bool   `json:"statement,omitempty"`
	Limits    string `json:"limits,omitempty"`
	Keep      int    `json:"retention_days,omitempty"`
	Contested bool   `json:"contested,omitempty"`
}

// MarshalJSON writes the row that the marking is kept as.
func (m Marking) MarshalJSON() ([]byte, error) {
	row := markingRow{Keep: m.keep, Contested: m.contested, Statement: m.known && m.limits.TLP == 0 && m.limits.only()}
	if m.limits.only() {
		row.TLP = m.limits.TLP
	} else {
		row.Limits = m.limits.text()
	}
	return json.Marshal(row)
}

// UnmarshalJSON reads it.
func (m *Marking) UnmarshalJSON(b []byte) error {
	var row markingRow
	if err := json.Unmarshal(b, &row); err != nil {
		return err
	}
	limits, err := parseLimits(row.Limits)
	if err != nil {
		return err
	}
	limits.TLP = max(limits.TLP, row.TLP)
	*m = Marking{known: row.Statement || row.TLP != 0 || row.Limits != "", limits: limits, keep: max(row.Keep, 0)}
	if row.Contested {
		*m = Marking{contested: true, keep: m.keep}
	}
	return nil
}

// Definitions explain marking definitions by id.
type Definitions interface {
	Marking(id string) Marking
}

// Extensions of marking definitions. What OpenCTI puts beside a definition are
// its own dates and colours, which limit nothing.
const (
	tlp2Extension    = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
	openCTIExtension = "extension-definition--ea279b3e-5c71-4632-ac08-831c66a786ba"
)

// ReadMarking reads a marking-definition object (STIX 2.1 section 7.2.1). A
// definition of a kind that there is no rule for gives the zero Marking, and so
// does one that is marked itself by anything but a label of a fixed id: a chain of
// markings can lead back to where it began. An error says why a definition of a known
// kind is not understood; what it marks is then withheld as well.
func ReadMarking(raw []byte) (Marking, error) {
	m, err := understand(raw)
	if _, none := errors.AsType[noRule](err); none {
		return Marking{}, nil
	}
	return m, err
}

// Fault says why a marking definition is not understood, whatever of ReadMarking's
// reasons it is; nil when it is.
func Fault(raw []byte) error {
	_, err := understand(raw)
	return err
}

const definitionType = "marking-definition"

// asMarked is what a marking definition limits of itself: it tells whom a marking names
// or leaves out, until when and for what, so that it is for those alone who meet that.
// Labels are no secret, and it holds no data about people for what it marks doing so.
// One of a known kind that is not understood is withheld as what it marks.
func asMarked(o *stix.Object) Class {
	m, err := ReadMarking(o.Raw)
	if err != nil {
		return Class{Unexplained: []string{o.ID}}
	}
	c := m.limits
	c.TLP, c.PAP, c.Personal = 0, 0, false
	return c
}

// noRule is why there is no rule for a marking definition.
type noRule string

func (n noRule) Error() string { return string(n) }

func understand(raw []byte) (Marking, error) {
	m, id, err := readMarking(raw)
	if err != nil {
		return Marking{}, fmt.Errorf("marking definition %.80s: %w", id, err)
	}
	return m, nil
}

// definition is a marking definition as far as its meaning goes.
type definition struct {
	ID, Type, Name         string
	Definition, Extensions map[string]json.RawMessage
	Refs                   []string
	Granular               []json.RawMessage
}

// read takes the properties by their exact names.
func (d *definition) read(canonical []byte) error {
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(canonical, &properties); err != nil {
		return err
	}
	for name, into := range map[string]any{
		"id": &d.ID, "definition_type": &d.Type, "name": &d.Name, "definition": &d.Definition,
		"extensions": &d.Extensions, "object_marking_refs": &d.Refs, "granular_markings": &d.Granular,
	} {
		if value, ok := properties[name]; ok {
			if err := json.Unmarshal(value, into); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func readMarking(raw []byte) (m Marking, id string, err error) {
	canonical, err := stix.Canonical(nil, raw) // refuses names that occur twice, of which each reader takes another
	if err != nil {
		return Marking{}, "", err
	}
	var def definition
	if err := def.read(canonical); err != nil {
		return Marking{}, def.ID, err
	}
	if l, ok := wellKnown[def.ID]; ok { // its id decides, whatever the body claims
		return Labelled(l), def.ID, nil
	}
	if p, ok := wellKnownPAP[def.ID]; ok {
		return Marking{known: true, limits: Class{PAP: p}}, def.ID, nil
	}
	if len(def.Granular) > 0 || slices.ContainsFunc(def.Refs, IsDefined) {
		return Marking{}, def.ID, noRule("it is marked itself, by more than a label of a fixed id")
	}
	delete(def.Extensions, openCTIExtension)
	m, err = def.meaning()
	return m, def.ID, err
}

// cutFold is strings.CutPrefix without regard to the case of ASCII letters.
func cutFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

// IsDefined tells whether a marking's meaning is in a definition, not in its id.
func IsDefined(id string) bool {
	_, tlp := wellKnown[id]
	_, pap := wellKnownPAP[id]
	return !tlp && !pap
}

// readers read what an extension of a marking definition says.
var readers = map[string]func(json.RawMessage) (Class, error){
	tlp2Extension:     readTLP2,
	papExtension:      readPAP,
	iepExtension:      readIEP,
	handlingExtension: readHandling,
}

// meaning reads the definition itself. It may have one extension; several might
// contradict each other, and one that is not known may add limits.
func (d *definition) meaning() (Marking, error) {
	if len(d.Extensions) > 1 {
		return Marking{}, noRule(fmt.Sprintf("it has %d extensions, which may contradict each other; there can be one", len(d.Extensions)))
	}
	for id, ext := range d.Extensions {
		read, ok := readers[id]
		if !ok {
			return Marking{}, noRule(fmt.Sprintf("there is no rule for its extension %.80q", id))
		}
		if len(d.Definition) > 0 {
			return Marking{}, errors.New("it has both a definition and an extension, which may contradict each other")
		}
		limits, err := read(ext)
		if err != nil {
			return Marking{}, err
		}
		return Marking{known: true, limits: limits, keep: retentionOf(id, ext)}, nil
	}
	return d.defined()
}

// defined reads definition_type and definition. OpenCTI writes the type in
// capitals, the label with its protocol before it, and lately as the name alone.
func (d *definition) defined() (Marking, error) {
	text := d.Name
	for name, raw := range d.Definition {
		if len(d.Definition) > 1 || !strings.EqualFold(name, d.Type) {
			return Marking{}, noRule(fmt.Sprintf("its definition is not the one property %.80q that its definition_type asks for", d.Type))
		}
		if err := json.Unmarshal(raw, &text); err != nil {
			return Marking{}, err
		}
	}
	switch {
	case strings.EqualFold(d.Type, "statement") && len(d.Definition) > 0 && text != "":
		return statement(text), nil
	case strings.EqualFold(d.Type, "tlp"):
		label, _ := cutFold(text, "tlp:")
		l, err := ParseLevel(strings.ToLower(label))
		if err != nil {
			return Marking{}, err
		}
		return Labelled(l), nil
	case strings.EqualFold(d.Type, "pap"):
		label, _ := cutFold(text, "pap:")
		p, err := ParsePAP(strings.ToLower(label))
		if err != nil {
			return Marking{}, err
		}
		return Marking{known: true, limits: Class{PAP: p}}, nil
	}
	return Marking{}, noRule(fmt.Sprintf("there is no rule for a definition_type %.80q that is so written", d.Type))
}

// statement is the marking of a text. It limits nothing, unless it is a label
// of TLP or PAP and nothing more, as what is made of MISP's tags can be.
func statement(text string) Marking {
	m := Stated()
	text = strings.TrimSpace(text)
	if label, ok := cutFold(text, "pap:"); ok {
		if p, err := ParsePAP(strings.ToLower(label)); err == nil {
			m.limits.PAP = p
		}
	}
	if label, ok := cutFold(text, "tlp:"); ok {
		if l, err := ParseLevel(strings.ToLower(label)); err == nil {
			m.limits.TLP = l
		}
	}
	return m
}

// readTLP2 reads the extension of TLP 2.0.
func readTLP2(raw json.RawMessage) (c Class, err error) {
	label, err := textNamed(raw, "tlp_2_0")
	if err != nil {
		return c, err
	}
	c.TLP, err = ParseLevel(label)
	return c, err
}

// readPAP reads the extension of PAP.
func readPAP(raw json.RawMessage) (c Class, err error) {
	label, err := textNamed(raw, "pap")
	if err != nil {
		return c, err
	}
	c.PAP, err = ParsePAP(label)
	return c, err
}
