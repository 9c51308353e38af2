package pattern

import "strings"

// property is a property of an object type or of a structure inside one.
type property struct {
	name string
	kind valueKind
	list bool
	of   string // the structure, or the object types of a reference, '|' between them
}

// valueKind is what a property holds. Its zero value is that nothing is known.
type valueKind uint8

const (
	unknown valueKind = iota
	textual
	whole
	decimal
	truth
	instant
	hexText
	base64Text
	reference
	structure
	dictionary
	hashes
	extensions
)

func (k valueKind) String() string {
	return [...]string{"unknown", "string", "integer", "float", "boolean", "timestamp", "hex", "binary",
		"identifier", "object", "dictionary", "hashes", "extensions"}[k]
}

// lookup finds a property of an object type or structure. The model is text:
// words of the form name, name[] for a list, with :kind behind it unless it
// is a string.
func lookup(owner, name string) (property, bool) {
	properties := propertiesOf(owner)
	if isObservable(owner) {
		properties += commonProperties
	}
	for word := range strings.FieldsSeq(properties) {
		word, kind, _ := strings.Cut(word, ":")
		plain, list := strings.CutSuffix(word, "[]")
		if plain == name {
			return property{name, kindOf(kind), list, strings.Trim(kind, ">{}")}, true
		}
	}
	return property{}, false
}

func kindOf(word string) valueKind {
	switch word {
	case "":
		return textual
	case "integer":
		return whole
	case "float":
		return decimal
	case "boolean":
		return truth
	case "timestamp":
		return instant
	case "hex":
		return hexText
	case "binary":
		return base64Text
	case "dictionary":
		return dictionary
	case "hashes":
		return hashes
	case "extensions":
		return extensions
	}
	if word[0] == '>' {
		return reference
	}
	return structure
}

// isObservable tells the 18 types of STIX 2.1 section 6.
func isObservable(name string) bool {
	switch name {
	case "artifact", "autonomous-system", "directory", "domain-name", "email-addr", "email-message",
		"file", "ipv4-addr", "ipv6-addr", "mac-addr", "mutex", "network-traffic", "process", "software",
		"url", "user-account", "windows-registry-key", "x509-certificate":
		return true
	}
	return false
}

// isExtension tells the predefined extensions of an object type.
func isExtension(owner, name string) bool {
	switch name {
	case "archive-ext", "ntfs-ext", "pdf-ext", "raster-image-ext", "windows-pebinary-ext":
		return owner == "file"
	case "http-request-ext", "icmp-ext", "socket-ext", "tcp-ext":
		return owner == "network-traffic"
	case "windows-process-ext", "windows-service-ext":
		return owner == "process"
	case "unix-account-ext":
		return owner == "user-account"
	}
	return false
}

// commonProperties are those of every observable (STIX 2.1 section 3.2).
const commonProperties = ` type spec_version id object_marking_refs[]:>marking-definition
	granular_markings[]:dictionary defanged:boolean extensions:extensions`
