package handling

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"entente/stix"
)

// handlingExtension is the project's own extension of marking definitions
// (docs/reference/handling.md).
const handlingExtension = "extension-definition--f64497da-bf8d-4941-bc8c-fc538ba3df35"

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

// retentionOf is the retention that an extension gives, in days; 0 when it gives none.
func retentionOf(id string, raw json.RawMessage) int {
	var l limits
	if id != handlingExtension || strictly(raw, &l) != nil || l.RetentionDays == nil {
		return 0
	}
	return *l.RetentionDays
}

// Retention is the shortest retention that an object is marked with, on the whole or on
// a part, in days; 0 when none is given.
func Retention(o *stix.Object, defs Definitions) (days int) {
	for _, refs := range [][]string{o.MarkingRefs, o.GranularMarkingRefs} {
		for _, id := range refs {
			if keep := explain(id, defs).keep; keep > 0 && (days == 0 || keep < days) {
				days = keep
			}
		}
	}
	return days
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

// textNamed is the text that an object has under a name, which is taken exactly: other
// names beside it change nothing.
func textNamed(raw []byte, name string) (text string, err error) {
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(raw, &properties); err != nil {
		return "", err
	}
	if value, there := properties[name]; there {
		err = json.Unmarshal(value, &text)
	}
	return text, err
}
