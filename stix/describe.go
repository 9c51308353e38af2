package stix

import (
	"maps"
	"slices"
)

// Property is one line of the specification's table of a type.
type Property struct {
	Name     string
	Section  string // of STIX 2.1, as "4.7"
	Required bool
	Common   bool // all objects of the class have it (section 3.2)
}

// Properties gives the properties of a type of objects in the order of the
// specification, common ones first; nil for a type that it does not define.
func Properties(typ string) []Property {
	r := objectTypes()[typ]
	if r == nil || r.class == bundleObject {
		return nil
	}
	list := make([]Property, len(r.props))
	for i, p := range r.props {
		list[i] = Property{Name: p.name, Section: p.section, Required: p.required, Common: p.section == "3.2"}
		if list[i].Section == "" {
			list[i].Section = r.section
		}
	}
	return list
}

// Types are the types of objects that the specification defines, in order of
// their names.
func Types() []string {
	types := slices.Sorted(maps.Keys(objectTypes()))
	return slices.DeleteFunc(types, func(t string) bool { return t == "bundle" })
}

// IsObservable tells whether the specification has the type as a
// cyber-observable object (SCO), which has neither an author nor versions.
func IsObservable(typ string) bool {
	r := objectTypes()[typ]
	return r != nil && r.class == observable
}
