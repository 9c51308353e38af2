package search

import (
	"strings"
	"time"

	"entente/internal/store"
	"entente/stix"
)

// field is where in an object words stand, the weightiest first; facts are
// what filters ask for.
type field uint8

const (
	fieldWhole field = iota // all of a name or an alias
	fieldName
	fieldAlias
	fieldLabel
	fieldDescription
	fieldFacts
	fields
)

var fieldNames = [fields]string{"name", "name", "alias", "label", "description", ""}

// Bounds of what is read of one object.
const (
	longestText = 64 << 10 // bytes of the texts of a field
	mostTerms   = 4096
)

// document is what search knows of an object.
type document struct {
	ID, Type, Producer, Created, Modified string
	Revoked                               bool

	Name, Display, Product    string
	Value, Pattern, Path, Key string // what an object without a name is known by

	Aliases     []string // ids in external references among them
	Labels      []string // words of vocabularies, and phases of kill chains, too
	Abstract    string
	Content     string
	Description []string // the other longer texts
}

// read reads an object that was accepted. Properties of other types than they
// should have are as if they were not there.
func (d *document) read(raw []byte) {
	*d = document{Aliases: d.Aliases[:0], Labels: d.Labels[:0], Description: d.Description[:0]}
	for name, value := range stix.Split(raw) {
		if text := d.text(name); text != nil {
			*text = stix.Text(value)
			continue
		}
		switch string(name) {
		case "revoked":
			d.Revoked = string(value) == "true"
		case "aliases", "x_mitre_aliases":
			d.Aliases = appendTexts(d.Aliases, value)
		case "external_references":
			d.Aliases = appendInside(d.Aliases, value, "external_id")
		case "labels", "indicator_types", "malware_types", "threat_actor_types", "infrastructure_types", "tool_types", "report_types", "sectors", "roles":
			d.Labels = appendTexts(d.Labels, value)
		case "kill_chain_phases":
			d.Labels = appendInside(d.Labels, value, "phase_name")
		case "description", "explanation":
			d.Description = append(d.Description, stix.Text(value))
		case "goals":
			d.Description = appendTexts(d.Description, value)
		}
	}
}

// text is where the text of a property goes; nil of one that is no single text.
func (d *document) text(property []byte) *string {
	switch string(property) {
	case "id":
		return &d.ID
	case "type":
		return &d.Type
	case "created_by_ref":
		return &d.Producer
	case "created":
		return &d.Created
	case "modified":
		return &d.Modified
	case "name":
		return &d.Name
	case "display_name":
		return &d.Display
	case "product":
		return &d.Product
	case "value":
		return &d.Value
	case "pattern":
		return &d.Pattern
	case "path":
		return &d.Path
	case "key":
		return &d.Key
	case "abstract":
		return &d.Abstract
	case "content":
		return &d.Content
	}
	return nil
}

// appendTexts appends the strings of a list.
func appendTexts(texts []string, list []byte) []string {
	for v := range stix.Elements(list) {
		if text := stix.Text(v); text != "" {
			texts = append(texts, text)
		}
	}
	return texts
}

// appendInside appends one property of each object of a list.
func appendInside(texts []string, list []byte, property string) []string {
	for v := range stix.Elements(list) {
		for name, value := range stix.Split(v) {
			if text := stix.Text(value); string(name) == property && text != "" {
				texts = append(texts, text)
			}
		}
	}
	return texts
}

// texts gives the texts of a field.
func (d *document) texts(f field) []string {
	switch f {
	case fieldName:
		names := append(make([]string, 0, 4), d.Name, d.Display, d.Product)
		if d.Type == "domain-name" || d.Type == "email-addr" {
			names = append(names, d.Value)
		}
		return names
	case fieldAlias:
		return d.Aliases
	case fieldLabel:
		return d.Labels
	case fieldDescription:
		return append(d.Description, d.Abstract, d.Content)
	}
	return nil
}

// named tells whether the object's name is one that people give to a thing, so
// that it can be asked for whole: those of indicators and of observables say
// what was seen.
func (d *document) named() bool { return d.Created != "" && d.Type != "indicator" }

// day is the date by which since and until tell: of the version or, without
// any, of the addition.
func (d *document) day(added store.Tick) string {
	for _, at := range []string{d.Modified, d.Created} {
		if len(at) >= 10 && strings.Trim(at[:10], "0123456789-") == "" && at[4] == '-' && at[7] == '-' {
			return at[:10]
		}
	}
	return time.UnixMicro(int64(added)).UTC().Format(time.DateOnly)
}

// terms gives each term of the object with the field where it weighs most;
// those of labels with that field, too. What no posting can carry is left out,
// so that no object keeps those beside it from being found.
func (d *document) terms(added store.Tick, w *words, post func(field, termNumber)) {
	add := func(f field, term string) {
		if carried(term) {
			post(f, w.number(term))
		}
	}
	w.begin()
	for f := fieldName; f <= fieldDescription; f++ {
		for _, text := range d.texts(f) {
			termsOf(text, f <= fieldAlias, func(term string) {
				if !carried(term) {
					return
				}
				if n, first := w.take(f, term); first {
					post(f, n)
				}
			})
		}
	}
	if d.named() {
		for f := fieldName; f <= fieldAlias; f++ {
			for _, text := range d.texts(f) {
				if len(text) <= longestTerm {
					add(fieldWhole, whole(spelled(text)))
				}
			}
		}
	}
	day := d.day(added)
	add(fieldFacts, factType+shorten(d.Type))
	add(fieldFacts, factYear+day[:4])
	add(fieldFacts, factMonth+day[:7])
	if d.Producer != "" {
		add(fieldFacts, factProducer+shorten(d.Producer))
	}
}

// carried tells the terms that a posting can carry.
func carried(term string) bool {
	return term != "" && len(term) <= store.MaxTerm && strings.IndexByte(term, 0) < 0
}

// Facts are terms of their own field; the first letter says of what kind.
const (
	factType     = "t"
	factProducer = "p"
	factYear     = "y"
	factMonth    = "m"
)

// termsOf gives the terms of a text. In names a number that follows a word
// also belongs to it, so that "APT 28" is found as APT28.
func termsOf(text string, name bool, add func(string)) {
	if len(text) > longestText {
		text = strings.ToValidUTF8(text[:longestText], "")
	}
	before := ""
	compounds(text, func(c compound) {
		c.terms(add)
		if name && before != "" && digits(c.text) {
			if _, _, ok := nameAndNumber(before + c.text); ok {
				add(shorten(before + c.text))
			}
		}
		before = c.text
		if c.paired {
			before = ""
		}
	})
}
