package playbook

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Bounds of what is read.
const (
	MaxBytes = 512 << 10
	maxSteps = 1000
	maxID    = 100 // bytes of a step's, which is told again wherever it is come to
	maxParts = 100 // exits, commands, targets or cases of one step
	maxTold  = 200 // bytes of a text that is told again for each way or step
)

// cut is a text as far as it is told.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// Playbook is what of a playbook people need. Its bytes are the producer's.
type Playbook struct {
	Type        string   `json:"type"`
	SpecVersion string   `json:"spec_version"`
	ID          string   `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Types       []string `json:"playbook_types"`
	CreatedBy   string   `json:"created_by"`
	Created     string   `json:"created"`
	Modified    string   `json:"modified"`
	Revoked     bool     `json:"revoked"`
	Start       string   `json:"workflow_start"`
	Exception   string   `json:"workflow_exception"`

	Workflow map[string]*Step `json:"workflow"`
	Agents   map[string]Actor `json:"agent_definitions"`
	Targets  map[string]Actor `json:"target_definitions"`
}

// Actor is who executes, or on what.
type Actor struct {
	Type string `json:"type"`
	Name string `json:"name"`
}

// Step is one step of a workflow.
type Step struct {
	Type        string            `json:"type"`
	Name        string            `json:"name"`
	Description string            `json:"description"`
	Completion  string            `json:"on_completion"`
	Success     string            `json:"on_success"`
	Failure     string            `json:"on_failure"`
	Next        []string          `json:"next_steps"`
	Condition   string            `json:"condition"`
	True        string            `json:"on_true"`
	False       string            `json:"on_false"`
	Switch      string            `json:"switch"`
	Cases       map[string]string `json:"cases"`
	Commands    []Command         `json:"commands"`
	Agent       string            `json:"agent"`
	Targets     []string          `json:"targets"`
	PlaybookID  string            `json:"playbook_id"`
	Delay       int64             `json:"delay"`   // milliseconds
	Timeout     int64             `json:"timeout"` // milliseconds
}

// Command is what a step has somebody, or some program, do.
type Command struct {
	Type        string `json:"type"`
	Description string `json:"description"`
	Command     string `json:"command"`
	Base64      string `json:"command_b64"`
}

// ErrNotRead says that something is no playbook that can be read.
var ErrNotRead = errors.New("not a playbook that can be read")

// Read reads a playbook. Whether it is right is Check's. Error: ErrNotRead.
func Read(raw []byte) (*Playbook, error) {
	if len(raw) > MaxBytes {
		return nil, fmt.Errorf("%w: it has %d bytes, %d are read", ErrNotRead, len(raw), MaxBytes)
	}
	p, d := &Playbook{}, json.NewDecoder(bytes.NewReader(raw))
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRead, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows it; give one JSON object", ErrNotRead)
	}
	if p.Type != "playbook" {
		return nil, fmt.Errorf("%w: its type is %.40q, want \"playbook\"", ErrNotRead, p.Type)
	}
	if len(p.Workflow) > maxSteps {
		return nil, fmt.Errorf("%w: it has %d steps, %d are read", ErrNotRead, len(p.Workflow), maxSteps)
	}
	for _, id := range slices.Sorted(maps.Keys(p.Workflow)) {
		if err := p.Workflow[id].read(id); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// read refuses a step that is null or too large.
func (s *Step) read(id string) error {
	if len(id) > maxID {
		return fmt.Errorf("%w: the id of step %q has %d bytes, %d are read", ErrNotRead, cut(id, maxID), len(id), maxID)
	}
	if s == nil {
		return fmt.Errorf("%w: step %q is null", ErrNotRead, id)
	}
	for _, part := range []struct {
		name string
		n    int
	}{{"cases", len(s.Cases)}, {"exits", len(s.exits())}, {"commands", len(s.Commands)}, {"targets", len(s.Targets)}} {
		if part.n > maxParts {
			return fmt.Errorf("%w: step %q has %d %s, %d are read", ErrNotRead, id, part.n, part.name, maxParts)
		}
	}
	return nil
}
