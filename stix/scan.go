package stix

import (
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"strings"
)

// ScanOption sets a limit of Scan or Read.
type ScanOption func(*limits)

// MaxObject sets how many bytes one object may have; 1 MiB unless set.
func MaxObject(bytes int) ScanOption { return func(l *limits) { l.object = bytes } }

// MaxDepth sets how deep one object may be nested, itself counted; 64 unless
// set.
func MaxDepth(levels int) ScanOption { return func(l *limits) { l.depth = levels } }

type limits struct {
	object int
	depth  int
}

// Scan streams objects out of a bundle, an envelope, an array, JSON Lines or a
// single object. The object is valid until the next step; Clone keeps it.
func Scan(r io.Reader, opts ...ScanOption) iter.Seq2[*Object, error] {
	return func(yield func(*Object, error) bool) {
		all, err := io.ReadAll(r)
		if err != nil {
			yield(nil, err)
			return
		}
		all = bytes.TrimPrefix(all, []byte("\xef\xbb\xbf"))
		dec := json.NewDecoder(bytes.NewReader(all))
		index := 0
		emit := func(raw []byte, spec string) bool {
			o, err := Read(raw, opts...)
			if err != nil {
				err = &ScanError{Index: index, Line: 1, Reason: err.Error()}
				index++
				return yield(nil, err)
			}
			index++
			if o.SpecVersion == "" && spec == "2.0" {
				o.SpecVersion = spec
			}
			return yield(&o, nil)
		}
		for {
			var raw json.RawMessage
			if err := dec.Decode(&raw); err == io.EOF {
				return
			} else if err != nil {
				yield(nil, &ScanError{Index: index, Line: 1, Reason: err.Error(), Err: ErrBroken})
				return
			}
			var bundle struct {
				Type    string            `json:"type"`
				Spec    string            `json:"spec_version"`
				Objects []json.RawMessage `json:"objects"`
			}
			var list []json.RawMessage
			if json.Unmarshal(raw, &list) == nil {
				bundle.Objects = list
			} else if json.Unmarshal(raw, &bundle) != nil || bundle.Type != "" && bundle.Type != "bundle" {
				bundle.Objects = []json.RawMessage{raw}
				bundle.Spec = ""
			}
			for _, o := range bundle.Objects {
				if !emit(o, bundle.Spec) {
					return
				}
			}
		}
	}
}

// Read reads exactly one object.
func Read(raw []byte, opts ...ScanOption) (Object, error) {
	raw = bytes.TrimSpace(raw)
	var members map[string]any
	if err := json.Unmarshal(raw, &members); err != nil {
		return Object{}, err
	}
	o := Object{Raw: raw}
	text := func(name string) string { s, _ := members[name].(string); return s }
	o.Type, o.ID, o.SpecVersion = text("type"), text("id"), text("spec_version")
	o.Created, o.Modified, o.CreatedByRef = text("created"), text("modified"), text("created_by_ref")
	o.Revoked, _ = members["revoked"].(bool)
	if o.Type == "" || o.ID == "" {
		return Object{}, &ScanError{Line: 1, Reason: "the object has no type or id; add it"}
	}
	for _, m := range asList(members["object_marking_refs"]) {
		if s, ok := m.(string); ok {
			o.MarkingRefs = append(o.MarkingRefs, s)
		}
	}
	for name, v := range members {
		if name == "object_marking_refs" {
			continue
		}
		if s, ok := v.(string); ok && strings.HasSuffix(name, "_ref") {
			o.Refs = append(o.Refs, Ref{Path: name, ID: s})
		}
	}
	if s := text("value"); s != "" {
		o.Values = append(o.Values, Value{Kind: ValueOther, Text: s})
	}
	return o, nil
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

// Clone is a copy that stays valid after the next step of Scan.
func (o *Object) Clone() *Object {
	c := *o
	c.Raw = bytes.Clone(o.Raw)
	c.MarkingRefs = append([]string(nil), o.MarkingRefs...)
	c.GranularMarkingRefs = append([]string(nil), o.GranularMarkingRefs...)
	c.Refs = append([]Ref(nil), o.Refs...)
	c.Values = append([]Value(nil), o.Values...)
	return &c
}
