package handling

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"entente/stix"
)

// iepExtension is the property extension that carries FIRST IEP 2.0 (OASIS
// common objects, draft of 19 December 2022).
const iepExtension = "extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a"

// iep is a policy as the extension writes it. Properties but EndDate and
// Description must be there.
type iep struct {
	ExtensionType string      `json:"extension_type"`
	ID            string      `json:"iep_id"`
	Version       json.Number `json:"iep_version"`
	Name          string      `json:"name"`
	Description   string      `json:"description"`
	StartDate     string      `json:"start_date"`
	EndDate       string      `json:"end_date"`

	TLP                        string `json:"tlp"`
	EncryptInTransit           string `json:"encrypt_in_transit"`
	PermittedActions           string `json:"permitted_actions"`
	AffectedPartyNotifications string `json:"affected_party_notifications"`
	ProviderAttribution        string `json:"provider_attribution"`
	UnmodifiedResale           string `json:"unmodified_resale"`
}

// statements are what each value of an IEP policy statement limits.
var statements = map[string]map[string]Class{
	"encrypt_in_transit":           {"may": {}, "must": {Terms: EncryptInTransit}},
	"affected_party_notifications": {"may": {}, "must-not": {Terms: NoNotification}},
	"provider_attribution":         {"may": {}, "must": {Terms: Attribute}, "must-not": {Terms: Anonymise}},
	"unmodified_resale":            {"may": {}, "must-not": {Terms: NoResale}},
	// What may be done is PAP's question, too, so it limits doors as PAP does.
	"permitted_actions": {
		"none":                                {Terms: NoAction, PAP: PAPRed},
		"contact-for-instruction":             {Terms: AskFirst, PAP: PAPRed},
		"internally-visible-actions":          {PAP: PAPRed},
		"externally-visible-indirect-actions": {PAP: PAPAmber},
		"externally-visible-direct-actions":   {},
	},
	"tlp": {"white": {TLP: Clear}, "green": {TLP: Green}, "amber": {TLP: Amber}, "red": {TLP: Red}},
}

// readIEP reads a policy. Whatever it holds that is not understood, and a
// policy that contradicts itself, is an error: it then explains nothing.
func readIEP(raw json.RawMessage) (Class, error) {
	var p iep
	if err := strictly(raw, &p); err != nil {
		return Class{}, fmt.Errorf("IEP: %w", err)
	}
	if p.Version != "2" && p.Version != "2.0" {
		return Class{}, fmt.Errorf("IEP: iep_version %.20q; policies of version 2.0 are understood", p.Version)
	}
	if id, err := uuid.Parse(p.ID); err != nil || len(p.ID) != 36 || id.Version() != 4 && id.Version() != 5 {
		return Class{}, fmt.Errorf("IEP: iep_id %.80q is no UUID of version 4 or 5", p.ID)
	}
	var c Class
	for name, value := range map[string]string{
		"tlp": p.TLP, "encrypt_in_transit": p.EncryptInTransit, "permitted_actions": p.PermittedActions,
		"affected_party_notifications": p.AffectedPartyNotifications, "provider_attribution": p.ProviderAttribution,
		"unmodified_resale": p.UnmodifiedResale,
	} {
		limits, ok := statements[name][value]
		if !ok {
			return Class{}, fmt.Errorf("IEP: %s is %.80q, which is none of its values", name, value)
		}
		c.add(limits)
	}
	err := c.bound(p.StartDate, p.EndDate)
	return c, err
}

// bound limits a class to the time from a start, which must be there, to an
// end, if there is one: outwards nothing, inwards whole minutes.
func (c *Class) bound(start, end string) error {
	from, err := stix.ParseTimestamp(start)
	if err != nil {
		return fmt.Errorf("start_date: %w", err)
	}
	c.Opens = max(c.Opens, MinuteFrom(from.Time()))
	if end == "" {
		return nil
	}
	until, err := stix.ParseTimestamp(end)
	if err != nil {
		return fmt.Errorf("end_date: %w", err)
	}
	if until.Compare(from) <= 0 {
		return fmt.Errorf("it ends at %s, before it starts at %s", end, start)
	}
	c.Closes = minuteOf(until.Time())
	if c.Closes == 0 {
		c.Closes-- // the zero Minute is none
	}
	return nil
}
