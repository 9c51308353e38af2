package stix

// Object is one STIX object: the producer's bytes and what was read from them.
type Object struct {
	Envelope

	// Raw is the object exactly as it came, from its '{' to its '}'.
	Raw []byte
}

// Envelope is what an exchange needs to know of an object without
// understanding it. Strings are decoded (escapes resolved); absent properties
// are empty.
type Envelope struct {
	Type         string
	ID           string
	SpecVersion  string // as written; empty when absent (STIX 2.0, and SCOs may leave it out)
	Created      string // timestamp as written
	Modified     string // timestamp as written; empty for what has no versions (SCOs, marking definitions)
	CreatedByRef string
	Revoked      bool

	// MarkingRefs are the elements of object_marking_refs, in order.
	MarkingRefs []string

	// GranularMarkingRefs are the marking_ref values of granular_markings.
	GranularMarkingRefs []string

	// Refs are all identifiers that the object names in properties ending in
	// _ref or _refs at any depth, object_marking_refs and granular_markings
	// excepted, each with its path.
	Refs []Ref

	// Values are what the object can be looked up by: observable values,
	// comparison constants of an indicator's STIX pattern, external ids.
	Values []Value
}

// Version is what tells versions of an object apart: modified, else created, as
// written. It is empty for what has neither (SCOs).
func (e *Envelope) Version() string {
	if e.Modified != "" {
		return e.Modified
	}
	return e.Created
}

// Spec is the version of STIX that the object is in. When it does not say, it
// is "2.0" for what is created and "2.1" for an SCO: only those may leave
// spec_version out in 2.1 (section 3.1).
func (e *Envelope) Spec() string {
	switch {
	case e.SpecVersion != "":
		return e.SpecVersion
	case e.Created != "":
		return "2.0"
	}
	return "2.1"
}

// Ref is one reference out of an object.
type Ref struct {
	Path string // at most 512 bytes, e.g. "source_ref", "object_refs[3]", "extensions.http-request-ext.message_body_data_ref"
	ID   string
}

// Value is one thing an object can be found by.
type Value struct {
	Kind ValueKind
	Text string // normalised for its kind: lower-case names and hashes, canonical addresses
}

// ValueKind says what a Value is; its text form is used in keys and answers.
type ValueKind uint8

// The kinds of values that look-ups know.
const (
	ValueIP     ValueKind = iota + 1 // address, or prefix in CIDR form
	ValueDomain                      // domain or host name, A-label, lower case, no final dot
	ValueURL                         // normalised URL
	ValueHash                        // lower-case hexadecimal (any algorithm), or ssdeep/tlsh text
	ValueEmail                       // lower case
	ValueCVE                         // upper case, e.g. CVE-2024-3400
	ValueWallet                      // cryptocurrency address as written
	ValueASN                         // decimal
	ValueFile                        // file or path's last element, lower case
	ValueCert                        // certificate serial or fingerprint, lower-case hex
	ValueRegKey                      // Windows registry key, lower case
	ValueAgent                       // user agent text
	ValueName                        // mutex, process, account or software name, lower case
	ValueOther                       // external ids and what fits no other kind
)
