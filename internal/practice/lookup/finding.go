package lookup

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"entente/internal/score"
	"entente/stix"
)

// Finding is one object that carries what was asked for, in plain words.
type Finding struct {
	ID          string    `json:"id"`
	Type        string    `json:"type"`
	Group       Group     `json:"group"`
	Name        string    `json:"name,omitempty"`
	Says        []string  `json:"says,omitempty"`  // what sort of thing it is: indicator types, labels
	By          string    `json:"by,omitempty"`    // who says so: a name, or the id of who is not known here
	Since       string    `json:"since,omitempty"` // from when it holds, or when it was first seen or said
	Until       string    `json:"until,omitempty"`
	Modified    string    `json:"modified,omitempty"` // which version it is, as written
	State       State     `json:"state,omitempty"`
	Confidence  *int      `json:"confidence,omitempty"` // 0 to 100
	Score       *int      `json:"score,omitempty"`      // of an indicator, 0 to 100: what it is worth now by what the reader sees
	Doubts      int       `json:"doubts,omitempty"`     // how many say that it hits what is harmless, or looked for it in vain
	TLP         string    `json:"tlp"`
	PAP         string    `json:"pap,omitempty"`     // what may be done with it, where that is not everything
	Collections []string  `json:"collections"`       // aliases
	Kind        string    `json:"kind,omitempty"`    // of the value it was found by
	Matched     string    `json:"matched,omitempty"` // the value it was found by
	Wider       Wider     `json:"wider,omitempty"`
	About       []Mention `json:"about,omitempty"`
	Sightings   *Sighted  `json:"sightings,omitempty"`
	MoreAbout   bool      `json:"more_about,omitempty"` // others speak of it, too

	producer string       // created_by_ref
	owner    Owner        // as it tells; without an organisation where that counts for nobody
	worth    *score.Facts // of an indicator
}

// Group says what an object means for what was asked.
type Group string

// The groups, in the order in which they are told.
const (
	Judgement   Group = "judgement"   // somebody says what it is good or bad for
	Report      Group = "report"      // somebody writes about it
	Sighting    Group = "sighting"    // somebody has seen it
	Observation Group = "observation" // it is known to be there, and nothing is said of it
)

var groups = map[string]Group{
	"report": Report, "grouping": Report, "note": Report, "opinion": Report,
	"sighting": Sighting, "observed-data": Sighting,
}

// groupOf is the group of a type.
func groupOf(typ string) Group {
	if g, ok := groups[typ]; ok {
		return g
	}
	if stix.IsObservable(typ) {
		return Observation
	}
	return Judgement
}

// State tells whether what an object says still holds.
type State string

// The states. An object that says nothing of it has none.
const (
	Valid   State = "valid"
	NotYet  State = "not yet valid"
	Expired State = "expired"
	Revoked State = "revoked"
)

// name is what people call the object.
func (o properties) name() string {
	if s := o.first("name", "value", "path", "key", "display_name", "account_login", "user_id", "subject", "serial_number"); s != "" {
		return shorten(s)
	}
	if n, ok := o.number("number"); ok {
		return "AS" + strconv.Itoa(n)
	}
	var hashes map[string]string
	if raw := o.raw("hashes"); raw != nil && json.Unmarshal(raw, &hashes) == nil {
		for _, algorithm := range []string{"SHA-256", "SHA-1", "MD5"} {
			if hashes[algorithm] != "" {
				return shorten(hashes[algorithm])
			}
		}
	}
	return shorten(o.first("pattern", "content", "abstract", "description", "opinion", "relationship_type"))
}

// describe reads an object for people.
func (o properties) describe(now time.Time) Finding {
	f := Finding{ID: o.text("id"), Type: o.text("type"), producer: o.text("created_by_ref"), Name: o.name(), Modified: o.text("modified")}
	f.Group, f.Says = groupOf(f.Type), o.says()
	f.Since = o.first("valid_from", "first_seen", "first_observed", "published", "created")
	f.Until = o.first("valid_until", "last_seen", "last_observed")
	if confidence, ok := o.number("confidence"); ok {
		f.Confidence = &confidence
	}
	f.State = o.state(now)
	if f.Type == "indicator" {
		f.worth = o.worth(f.Confidence)
	}
	return f
}

// says is what sort of thing the object is, in its producer's words.
func (o properties) says() (words []string) {
	for _, property := range [...]string{"indicator_types", "malware_types", "threat_actor_types", "infrastructure_types", "tool_types", "report_types", "labels"} {
		for _, word := range o.texts(property) {
			if !slices.Contains(words, word) {
				words = append(words, word)
			}
		}
	}
	return words
}

func (o properties) state(now time.Time) State {
	return state(string(o.raw("revoked")) == "true", o.text("valid_from"), o.text("valid_until"), now)
}

func state(revoked bool, from, until string, now time.Time) State {
	switch {
	case revoked:
		return Revoked
	case from == "":
		return ""
	}
	begins, err := stix.ParseTimestamp(from)
	if err != nil { // only what has a time of validity can be over
		return ""
	}
	ends, _ := stix.ParseTimestamp(until)
	return [...]State{NotYet, Valid, Expired}[1+stix.Validity(begins, ends, now)]
}

// shorten keeps the first line of a long text.
func shorten(s string) string {
	const most = 100
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	n, cut := 0, 0
	for i := range s { // of each character
		if n++; n == most {
			cut = i
		} else if n > most {
			return s[:cut] + "…"
		}
	}
	return s
}

// Holds tells whether what the finding says is not over.
func (f *Finding) Holds() bool { return f.State != Expired && f.State != Revoked }

// rank orders findings: judgements before what was only seen, what holds
// before what is over, what matches exactly before what is wider.
func (f *Finding) rank() int {
	rank := slices.Index([]Group{Judgement, Report, Sighting, Observation}, f.Group)
	if !f.Holds() {
		rank += 4
	}
	if f.Wider != "" {
		rank += 8
	}
	return rank
}

func (f *Finding) compare(g *Finding) int {
	confidence := func(f *Finding) int {
		if f.Confidence == nil {
			return -1
		}
		return *f.Confidence
	}
	return cmp.Or(cmp.Compare(f.rank(), g.rank()), cmp.Compare(confidence(g), confidence(f)), stix.CompareVersions(g.Since, f.Since))
}
