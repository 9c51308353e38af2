package playbook

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Extension is the extension of courses of action by which playbooks are shared, as
// CACAO's editors write it (docs/decisions/0024).
const Extension = "extension-definition--1e1c1bd7-c527-4215-8e18-e199e74da57c"

// extension is what it holds, as far as it is written here.
type extension struct {
	Kind        string   `json:"extension_type"`
	ID          string   `json:"playbook_id"`
	Created     string   `json:"created,omitempty"`
	Modified    string   `json:"modified,omitempty"`
	Creator     string   `json:"playbook_creator,omitempty"`
	Revoked     bool     `json:"revoked,omitempty"`
	Types       []string `json:"playbook_type,omitempty"`
	Standard    string   `json:"playbook_standard"`
	Abstraction string   `json:"playbook_abstraction"`
	Base64      string   `json:"playbook_base64"`
}

// Wrap gives the properties of a course of action that carries a playbook, whose
// bytes are kept as they are.
func Wrap(p *Playbook, raw []byte) (json.RawMessage, error) {
	return json.Marshal(map[string]any{"type": "course-of-action", "name": p.Name, "description": p.Description,
		"extensions": map[string]any{Extension: extension{Kind: "property-extension", ID: p.ID, Created: p.Created, Modified: p.Modified, Creator: p.CreatedBy,
			Revoked: p.Revoked, Types: p.Types, Standard: "cacao", Abstraction: "template", Base64: base64.StdEncoding.EncodeToString(raw)}}})
}

// Patch gives the JSON Merge Patch (RFC 7396) by which an object comes to carry this playbook
// in place of another.
func Patch(p *Playbook, raw []byte) (json.RawMessage, error) {
	wrapped, err := Wrap(p, raw)
	if err != nil {
		return nil, err
	}
	var o struct {
		Name        string                    `json:"name"`
		Description *string                   `json:"description"`
		Extensions  map[string]map[string]any `json:"extensions"`
	}
	if err := json.Unmarshal(wrapped, &o); err != nil {
		return nil, err
	}
	if p.Description == "" {
		o.Description = nil
	}
	for _, name := range []string{"created", "modified", "playbook_creator", "revoked", "playbook_type"} {
		if _, there := o.Extensions[Extension][name]; !there {
			o.Extensions[Extension][name] = nil // of the other one
		}
	}
	return json.Marshal(o)
}

// Unwrap gives the bytes of the playbook that an object carries. Error: ErrNotRead.
func Unwrap(object []byte) ([]byte, error) {
	var o struct {
		ID         string
		Extensions map[string]json.RawMessage
	}
	if err := json.Unmarshal(object, &o); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNotRead, err)
	}
	var e extension
	if err := json.Unmarshal(o.Extensions[Extension], &e); err != nil || e.Base64 == "" {
		return nil, fmt.Errorf("%w: %s carries none", ErrNotRead, o.ID)
	}
	raw, err := base64.StdEncoding.DecodeString(e.Base64)
	if err != nil {
		return nil, fmt.Errorf("%w: what %s carries is not base64", ErrNotRead, o.ID)
	}
	return raw, nil
}
