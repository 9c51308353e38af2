package stix

import (
	"fmt"
	"strings"
)

// Severity tells what a finding breaks.
type Severity uint8

// The severities, the graver first.
const (
	Error   Severity = iota + 1 // a MUST of the specification
	Warning                     // a SHOULD, or something that it deprecates
)

func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return fmt.Sprintf("Severity(%d)", uint8(s))
}

// MarshalText writes "error" or "warning".
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads "error" or "warning".
func (s *Severity) UnmarshalText(text []byte) error {
	switch string(text) {
	case "error":
		*s = Error
	case "warning":
		*s = Warning
	default:
		return fmt.Errorf("%q is no severity; write error or warning", text)
	}
	return nil
}

// Finding is one thing that validation found.
type Finding struct {
	Severity Severity `json:"severity"`

	// Object is the id of the object; empty when it has none that could be read.
	Object string `json:"object,omitempty"`

	// Index is the place of the object among the objects of the input, from 0;
	// -1 for what lies in the bundle around them.
	Index int `json:"index"`

	// Path leads to the property: "kill_chain_phases[0].phase_name". Empty for
	// the object itself.
	Path string `json:"path,omitempty"`

	// Rule names what is broken; the names are stable (validate_rules.go).
	Rule string `json:"rule"`

	// Section is the part of STIX 2.1 that says so: "2.11".
	Section string `json:"section,omitempty"`

	Message string `json:"message"`       // what is wrong
	Fix     string `json:"fix,omitempty"` // what would be right

	// Line and Column are the place in the input, both from 1; columns count
	// characters.
	Line   int `json:"line"`
	Column int `json:"column"`
}

// String is the finding as a compiler would print it, without its place in the
// input.
func (f Finding) String() string {
	var b strings.Builder
	switch {
	case f.Object != "":
		b.WriteString(f.Object)
	case f.Index >= 0:
		fmt.Fprintf(&b, "object %d", f.Index)
	default:
		b.WriteString("bundle")
	}
	if f.Path != "" {
		b.WriteString(" at ")
		b.WriteString(f.Path)
	}
	b.WriteString(": ")
	b.WriteString(f.Message)
	if f.Section != "" {
		fmt.Fprintf(&b, " (STIX 2.1 section %s)", f.Section)
	}
	if f.Fix != "" {
		b.WriteString("; ")
		b.WriteString(f.Fix)
	}
	return b.String()
}
