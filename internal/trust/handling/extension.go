package handling

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"entente/stix"
)

// The project's own extensions (docs/reference/handling.md).
const (
	handlingExtension   = "extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35" // of marking definitions
	provenanceExtension = "extension-definition--954f4e28-02cd-43f0-965b-052076cd1188" // of any object
)

// limits is the handling extension as it is written.
type limits struct {
	ExtensionType string   `json:"extension_type"`
	ReleaseTo     []string `json:"release_to"` // null: everybody; empty: nobody
	NotTo         []string `json:"not_to"`
	Purposes      []string `json:"purposes"`
	LegalGrounds  []string `json:"legal_grounds"`
	PersonalData  bool     `json:"personal_data"`
	EmbargoUntil  string   `json:"embargo_until"`
	RetentionDays *int     `json:"retention_days"`
}

// readHandling reads the extension. What is not understood is an error.
func readHandling(raw json.RawMessage) (c Class, err error) {
	var l limits
	if err := strictly(raw, &l); err != nil {
		return c, err
	}
	if l.ReleaseTo != nil {
		list, err := namesOf(l.ReleaseTo)
		if err != nil {
			return c, fmt.Errorf("release_to: %w", err)
		}
		c.Audience.To = [][]Name{list}
	}
	if c.Audience.Not, err = namesOf(l.NotTo); err != nil {
		return c, fmt.Errorf("not_to: %w", err)
	}
	if len(l.NotTo) == 0 {
		c.Audience.Not = nil
	}
	if l.Purposes != nil {
		allowed, err := ParsePurposes(strings.Join(l.Purposes, ","))
		if err != nil {
			return c, fmt.Errorf("purposes: %w", err)
		}
		c.Forbidden = allPurposes &^ allowed
	}
	if l.LegalGrounds != nil {
		fit, err := ParseGrounds(strings.Join(l.LegalGrounds, ","))
		if err != nil {
			return c, fmt.Errorf("legal_grounds: %w", err)
		}
		c.Unfit = allGrounds &^ fit
	}
	c.Personal = l.PersonalData
	if l.EmbargoUntil != "" {
		t, err := stix.ParseTimestamp(l.EmbargoUntil)
		if err != nil {
			return c, fmt.Errorf("embargo_until: %w", err)
		}
		c.Opens = max(MinuteFrom(t.Time()), 0)
	}
	if l.RetentionDays != nil {
		if *l.RetentionDays < 1 {
			return c, fmt.Errorf("retention_days: %d; it is a number of days, from 1", *l.RetentionDays)
		}
		c.Terms |= Erase
	}
	return c, nil
}

// namesOf reads recipients into a sorted set.
func namesOf(texts []string) ([]Name, error) {
	if len(texts) > maxNames {
		return nil, fmt.Errorf("%d recipients; at most %d are taken", len(texts), maxNames)
	}
	list := make([]Name, 0, len(texts))
	for _, text := range texts {
		n, err := ParseName(text)
		if err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	slices.Sort(list)
	return slices.Compact(list), nil
}

// strictly reads an object whose properties are all known, by their exact
// names; package json would take "TLP" for "tlp".
func strictly(raw []byte, into any) error {
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(raw, &properties); err != nil {
		return err
	}
	for name, value := range properties {
		if strings.ContainsFunc(name, func(r rune) bool { return r > 'z' || r >= 'A' && r <= 'Z' }) {
			return fmt.Errorf("%.80q is not known", name)
		}
		if string(value) == "null" {
			return fmt.Errorf("%.80q is null", name)
		}
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	return d.Decode(into)
}

// provenance is the extension that says how an object was made.
type provenance struct {
	MadeBy       string   `json:"made_by"` // person, tool or model
	ReviewLevel  string   `json:"review_level"`
	ReviewedRefs []string `json:"reviewed_by_refs"`
}

// unreviewed tells whether an object says that a model made it and that no
// person has looked at it since. What it says in words that are not known
// counts as that, too; what says nothing of it is taken for a person's or a
// tool's.
func unreviewed(raw []byte) bool {
	if !bytes.Contains(raw, []byte(provenanceExtension)) {
		return false
	}
	var o, extensions map[string]json.RawMessage
	if json.Unmarshal(raw, &o) != nil || json.Unmarshal(o["extensions"], &extensions) != nil {
		return true
	}
	ext, ok := extensions[provenanceExtension]
	if !ok {
		return false // its id stands in some text
	}
	var p provenance
	if err := json.Unmarshal(ext, &p); err != nil {
		return true
	}
	switch p.MadeBy {
	case "person", "tool":
		return false
	}
	switch p.ReviewLevel { // the words of MISP's taxonomy ai-computer-assisted
	case "human-reviewed", "human-reviewed-updated", "multi-party-reviewed":
		return len(p.ReviewedRefs) == 0
	}
	return true
}
