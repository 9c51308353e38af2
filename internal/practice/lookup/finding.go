package lookup

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"

	"entente/stix"
)

// Finding is one object that carries what was asked for, in plain words.
type Finding struct {
	ID         string   `json:"id"`
	Type       string   `json:"type"`
	Name       string   `json:"name,omitempty"`
	Says       []string `json:"says,omitempty"` // what sort of thing it is: indicator types, labels
	By         string   `json:"by,omitempty"`   // who says so: a name, or the id of who is not known here
	Collection string   `json:"collection"`     // alias
	Since      string   `json:"since,omitempty"`
	Until      string   `json:"until,omitempty"`
	State      State    `json:"state,omitempty"`
	Confidence *int     `json:"confidence,omitempty"` // 0 to 100
	Matched    string   `json:"matched,omitempty"`    // the value it was found by, when wider than what was asked
	Wider      string   `json:"wider,omitempty"`      // how that is wider, as "prefix"

	producer string // created_by_ref
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

// describe reads an object for people. Properties of other types than they
// should have are as if they were not there.
func describe(raw []byte, now time.Time) Finding {
	var o map[string]json.RawMessage
	if json.Unmarshal(raw, &o) != nil {
		return Finding{}
	}
	f := Finding{ID: text(o["id"]), Type: text(o["type"]), producer: text(o["created_by_ref"])}
	f.Name = cmp.Or(text(o["name"]), text(o["value"]), text(o["path"]), text(o["key"]), text(o["display_name"]), shorten(text(o["pattern"])), shorten(text(o["content"])))
	for _, property := range []string{"indicator_types", "malware_types", "threat_actor_types", "infrastructure_types", "labels"} {
		var words []string
		if json.Unmarshal(o[property], &words) == nil {
			f.Says = append(f.Says, words...)
		}
	}
	f.Since = cmp.Or(text(o["valid_from"]), text(o["first_seen"]), text(o["first_observed"]), text(o["created"]))
	f.Until = cmp.Or(text(o["valid_until"]), text(o["last_seen"]), text(o["last_observed"]))
	var confidence int
	if json.Unmarshal(o["confidence"], &confidence) == nil {
		f.Confidence = &confidence
	}
	var revoked bool
	_ = json.Unmarshal(o["revoked"], &revoked)
	f.State = state(revoked, text(o["valid_from"]), text(o["valid_until"]), now)
	return f
}

func state(revoked bool, from, until string, now time.Time) State {
	begins, err := stix.ParseTimestamp(from)
	switch {
	case revoked:
		return Revoked
	case err != nil: // only what has a time of validity can be over
		return ""
	case now.Before(begins.Time()):
		return NotYet
	}
	if ends, err := stix.ParseTimestamp(until); err == nil && !now.Before(ends.Time()) {
		return Expired
	}
	return Valid
}

func text(raw json.RawMessage) string {
	var s string
	_ = json.Unmarshal(raw, &s)
	return s
}

// shorten keeps the first line of a long text.
func shorten(s string) string {
	const most = 80
	s, _, _ = strings.Cut(s, "\n")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// rank orders findings: what holds comes before what is over, what matches
// exactly before what is wider, judgements before bare observations.
func (f *Finding) rank() int {
	rank := 0
	if f.Wider != "" {
		rank += 4
	}
	if f.State == Expired || f.State == Revoked {
		rank += 2
	}
	if f.Type != "indicator" {
		rank++
	}
	return rank
}
