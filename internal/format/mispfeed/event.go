package mispfeed

import (
	"encoding/json"
	"strconv"
	"time"
)

// Event is what belongs together in a MISP: here all of one producer and day.
type Event struct {
	UUID       string
	Info       string // its title
	Date       time.Time
	Org        Org      // who made it
	Tags       []string // of taxonomies, as tlp:green
	Shared     string   // distribution: how far a MISP passes it on
	Attributes []Attribute
}

// Org is an organisation.
type Org struct {
	Name string `json:"name"`
	UUID string `json:"uuid"`
}

// Attribute is one value. All are meant for detection (to_ids).
type Attribute struct {
	UUID     string
	Type     string
	Category string
	Value    string
	Comment  string
	Changed  time.Time
	Tags     []string
}

// How far a MISP passes on what it was given (its levels of distribution).
const (
	ToOwn       = "0" // organisation alone
	ToConnected = "2" // communities, and those connected with them
	ToAll       = "3" // communities
	asEvent     = "5" // as the event has it
)

// The texts of MISP's core format, which has numbers as texts.
type (
	tag struct {
		Name string `json:"name"`
	}

	// entry is what the manifest tells of an event.
	entry struct {
		Org       Org    `json:"Orgc"`
		Tags      []tag  `json:"Tag"`
		Info      string `json:"info"`
		Date      string `json:"date"`
		Analysis  string `json:"analysis"`
		Threat    string `json:"threat_level_id"`
		Timestamp string `json:"timestamp"`
	}

	event struct {
		UUID string `json:"uuid"`
		entry
		Published  bool        `json:"published"`
		PublishedT string      `json:"publish_timestamp"`
		Shared     string      `json:"distribution"`
		Attributes []attribute `json:"Attribute"`
	}

	attribute struct {
		UUID      string `json:"uuid"`
		Type      string `json:"type"`
		Category  string `json:"category"`
		Value     string `json:"value"`
		Comment   string `json:"comment"`
		Timestamp string `json:"timestamp"`
		Detect    bool   `json:"to_ids"`
		Deleted   bool   `json:"deleted"`
		Shared    string `json:"distribution"`
		Tags      []tag  `json:"Tag,omitempty"`
	}
)

const (
	complete  = "2" // its analysis
	undefined = "4" // the threat's level, which STIX does not say
)

// text is an event as a file has it, and what the manifest tells of it.
func (e *Event) text() ([]byte, entry, error) {
	changed := e.changed()
	head := entry{Org: e.Org, Tags: tagsOf(e.Tags), Info: e.Info, Date: e.Date.UTC().Format(time.DateOnly), Analysis: complete, Threat: undefined, Timestamp: seconds(changed)}
	out := event{UUID: e.UUID, entry: head, Published: true, PublishedT: seconds(changed), Shared: e.Shared, Attributes: make([]attribute, 0, len(e.Attributes))}
	for i := range e.Attributes {
		a := &e.Attributes[i]
		out.Attributes = append(out.Attributes, attribute{UUID: a.UUID, Type: a.Type, Category: a.Category, Value: a.Value, Comment: a.Comment,
			Timestamp: seconds(a.Changed), Detect: true, Shared: asEvent, Tags: tagsOf(a.Tags)})
	}
	raw, err := json.Marshal(map[string]event{"Event": out})
	return raw, head, err
}

// changed is when the newest of an event's attributes was. A MISP fetches an event again
// when this is later than what it has.
func (e *Event) changed() (newest time.Time) {
	for i := range e.Attributes {
		if t := e.Attributes[i].Changed; t.After(newest) {
			newest = t
		}
	}
	return newest
}

func tagsOf(names []string) []tag {
	tags := make([]tag, 0, len(names))
	for _, name := range names {
		tags = append(tags, tag{name})
	}
	return tags
}

func seconds(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.Unix(), 10)
}
