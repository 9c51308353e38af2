package demo

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"entente/stix"
)

// TLP 2.0 marking definitions.
const (
	clear = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	green = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	amber = "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421"
	red   = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
)

// fields are the properties of an object beyond the common ones.
type fields map[string]any

// desk writes objects for one member at one moment of the story. Ids follow
// from what is written, so that the story is the same each time it is told.
type desk struct {
	by      *member
	at      time.Time
	marking string
	made    []stix.Object
	err     error
}

const stamp = "2006-01-02T15:04:05.000Z"

// write adds an SDO or SRO and gives its id. key names it within the story.
func (d *desk) write(typ, key string, f fields) string {
	id := storyID(typ, key)
	created := d.at
	if c, ok := f["created"].(time.Time); ok {
		created = c
	}
	o := fields{"type": typ, "spec_version": "2.1", "id": id, "created_by_ref": d.by.ident,
		"created": created.Format(stamp), "modified": d.at.Format(stamp), "object_marking_refs": []string{d.marking}}
	for k, v := range f {
		if k != "created" {
			o[k] = v
		}
	}
	d.add(o)
	return id
}

// observe adds an SCO; its deterministic id follows from its value.
func (d *desk) observe(typ string, f fields) string {
	o := fields{"type": typ, "spec_version": "2.1", "id": typ + "--00000000-0000-5000-8000-000000000000", "object_marking_refs": []string{d.marking}}
	for k, v := range f {
		o[k] = v
	}
	raw, err := json.Marshal(o)
	if err == nil {
		o["id"], err = stix.DeterministicID(raw)
	}
	d.fail(err)
	d.add(o)
	id, _ := o["id"].(string)
	return id
}

func (d *desk) add(o fields) {
	raw, err := json.Marshal(o)
	if err == nil {
		raw, err = stix.Canonical(nil, raw)
	}
	if err == nil {
		var obj stix.Object
		if obj, err = stix.Read(raw); err == nil {
			d.made = append(d.made, obj)
		}
	}
	d.fail(err)
}

func (d *desk) fail(err error) {
	if d.err == nil && err != nil {
		d.err = fmt.Errorf("demo: an object of %s at %s: %w", d.by.name, d.at.Format(stamp), err)
	}
}

// relate adds a relationship.
func (d *desk) relate(source, how, target string) string {
	return d.write("relationship", source+how+target, fields{"relationship_type": how, "source_ref": source, "target_ref": target})
}

// indicator adds an indicator for a pattern, valid for some days from now.
func (d *desk) indicator(name, text, pattern, phase string, confidence, days int) string {
	return d.write("indicator", pattern, fields{
		"name": name, "description": text, "pattern": pattern, "pattern_type": "stix", "pattern_version": "2.1",
		"indicator_types": []string{"malicious-activity"}, "confidence": confidence,
		"valid_from": d.at.Format(stamp), "valid_until": d.at.AddDate(0, 0, days).Format(stamp),
		"kill_chain_phases": []fields{{"kill_chain_name": "lockheed-martin-cyber-kill-chain", "phase_name": phase}},
	})
}

// sight adds a sighting of an indicator or malware by the desk's own member.
func (d *desk) sight(of string, count int, first time.Time) string {
	return d.write("sighting", of+d.by.key+first.String(), fields{
		"sighting_of_ref": of, "count": count, "where_sighted_refs": []string{d.by.ident},
		"first_seen": first.Format(stamp), "last_seen": d.at.Format(stamp),
	})
}

// report adds a report over everything the desk has made so far.
func (d *desk) report(name, text string, kind string) string {
	refs := make([]string, len(d.made))
	for i := range d.made {
		refs[i] = strings.Clone(d.made[i].ID)
	}
	return d.write("report", name, fields{"name": name, "description": text, "report_types": []string{kind},
		"published": d.at.Format(stamp), "object_refs": refs})
}
