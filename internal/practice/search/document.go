package search

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"entente/internal/store"
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
	ID         string `json:"id"`
	Type       string `json:"type"`
	Name       string `json:"name"`
	Value      string `json:"value"`
	Display    string `json:"display_name"`
	Product    string `json:"product"`
	Pattern    string `json:"pattern"`
	Path       string `json:"path"`
	Key        string `json:"key"`
	Producer   string `json:"created_by_ref"`
	Created    string `json:"created"`
	Modified   string `json:"modified"`
	Revoked    bool   `json:"revoked"`
	References []struct {
		ExternalID string `json:"external_id"`
	} `json:"external_references"`
	KillChain []struct {
		Phase string `json:"phase_name"`
	} `json:"kill_chain_phases"`

	Aliases      []string `json:"aliases"`
	MitreAliases []string `json:"x_mitre_aliases"`

	Labels              []string `json:"labels"`
	IndicatorTypes      []string `json:"indicator_types"`
	MalwareTypes        []string `json:"malware_types"`
	ActorTypes          []string `json:"threat_actor_types"`
	InfrastructureTypes []string `json:"infrastructure_types"`
	ToolTypes           []string `json:"tool_types"`
	ReportTypes         []string `json:"report_types"`
	Sectors             []string `json:"sectors"`
	Roles               []string `json:"roles"`

	Description string   `json:"description"`
	Abstract    string   `json:"abstract"`
	Content     string   `json:"content"`
	Explanation string   `json:"explanation"`
	Goals       []string `json:"goals"`
}

// read reads an object. Properties of other types than they should have are as
// if they were not there.
func (d *document) read(raw []byte) {
	*d = document{}
	_ = json.NewDecoder(bytes.NewReader(raw)).Decode(d)
}

// texts gives the texts of a field.
func (d *document) texts(f field) []string {
	switch f {
	case fieldName:
		names := []string{d.Name, d.Display, d.Product}
		if d.Type == "domain-name" || d.Type == "email-addr" {
			names = append(names, d.Value)
		}
		return names
	case fieldAlias:
		aliases := append(d.Aliases, d.MitreAliases...)
		for i := range d.References {
			aliases = append(aliases, d.References[i].ExternalID)
		}
		return aliases
	case fieldLabel:
		var labels []string
		for _, list := range [...][]string{d.Labels, d.IndicatorTypes, d.MalwareTypes, d.ActorTypes, d.InfrastructureTypes, d.ToolTypes, d.ReportTypes, d.Sectors, d.Roles} {
			labels = append(labels, list...)
		}
		for i := range d.KillChain {
			labels = append(labels, d.KillChain[i].Phase)
		}
		return labels
	case fieldDescription:
		return append([]string{d.Description, d.Abstract, d.Content, d.Explanation}, d.Goals...)
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
func (d *document) terms(added store.Tick, post func(field, string)) {
	add := func(f field, term string) {
		if term != "" && len(term) <= store.MaxTerm && strings.IndexByte(term, 0) < 0 {
			post(f, term)
		}
	}
	seen := make(map[string]field, 64)
	for f := fieldName; f <= fieldDescription; f++ {
		for _, text := range d.texts(f) {
			termsOf(text, f <= fieldAlias, func(term string) {
				before, known := seen[term]
				if known && (f != fieldLabel || before == fieldLabel) || len(seen) >= mostTerms {
					return
				}
				seen[term] = f
				add(f, term)
			})
		}
	}
	if d.named() {
		for f := fieldName; f <= fieldAlias; f++ {
			for _, text := range d.texts(f) {
				if term := whole(spelled(text)); term != "" && len(text) <= longestTerm {
					add(fieldWhole, term)
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
		if _, _, ok := nameAndNumber(before + c.text); ok && name && before != "" && strings.Trim(c.text, "0123456789") == "" {
			add(shorten(before + c.text))
		}
		before = c.text
		if c.paired {
			before = ""
		}
	})
}
