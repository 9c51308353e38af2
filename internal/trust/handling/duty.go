package handling

import (
	"fmt"
	"strings"
)

// maxRetention bounds how long a recipient may be told to keep something, in days.
const maxRetention = 36_500

// Duties are what an agreement asks of its recipients, beside the terms of markings.
// Releasing rests on their word; what can be held against it here is said at each.
type Duties struct {
	// ReviewBeforeUse asks for a person's review of what a machine made before it is
	// used. To a reader that uses by itself what it gets (UseBlock) nothing unreviewed
	// goes by the agreement.
	ReviewBeforeUse bool `json:"review_before_use,omitempty"`

	// RetentionDays asks that it be erased so many days after it was received; 0: no end.
	// A recipient does that, or does not.
	RetentionDays int `json:"retention_days,omitempty"`
}

func (d *Duties) checkDuties() error {
	if d.RetentionDays < 0 || d.RetentionDays > maxRetention {
		return fmt.Errorf("a retention of %d days; say 1 to %d, or nothing for no end", d.RetentionDays, maxRetention)
	}
	return nil
}

// Words say them for people; empty when there are none.
func (d *Duties) Words() string {
	var words []string
	if d.ReviewBeforeUse {
		words = append(words, "a person's review of what a machine made before it is used")
	}
	if d.RetentionDays > 0 {
		words = append(words, fmt.Sprintf("erasure %d days after it was received", d.RetentionDays))
	}
	return strings.Join(words, "; ")
}
