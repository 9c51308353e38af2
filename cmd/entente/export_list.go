package main

import (
	"encoding/json"
	"fmt"

	"entente/internal/practice/device"
	"entente/internal/practice/intake"
)

// toldReasons is how many reasons are told one by one.
const toldReasons = 20

// tellList says what a list holds, and what it does not and why.
func (e *exporting) tellList(told string) error {
	var list struct {
		Entries int           `json:"entries"`
		Left    []device.Left `json:"left"`
	}
	if err := json.Unmarshal([]byte(told), &list); err != nil {
		return fmt.Errorf("export: what the node tells of the list: %w", err)
	}
	what := "value"
	if device.Languages[e.form] != "" {
		what = "rule"
	}
	e.tell("%s", intake.Count(list.Entries, what))
	for i, l := range list.Left {
		if i == toldReasons {
			e.tell("and for %d other reasons", len(list.Left)-i)
			break
		}
		e.tell("left out %d: %s, as %s", l.Count, printable(l.Reason), printable(l.Example))
	}
	return nil
}
