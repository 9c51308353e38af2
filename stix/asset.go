package stix

// AssetExtension is the key of the extension by which an object, a note on an
// identity, says what is its author's own (docs/reference/assets.md):
//
//	"kind"   domain, mail, prefix, asn, cert, name or product
//	"value"  in the form of [AssetValue]
//	"note"   for people, one line; optional
//
// What says so is looked up by the value.
const AssetExtension = "extension-definition--6f0e8a52-41c7-4d0b-9c39-2a7d5be1c7a4"

// Asset is what an object says to be its author's own.
type Asset struct{ Kind, Value, Note string }

// assetKinds are the kinds of assets, and of the values that they are looked up by.
var assetKinds = [...]struct {
	name string
	kind ValueKind
}{
	{"domain", ValueDomain}, {"mail", ValueDomain}, {"prefix", ValueIP}, {"asn", ValueASN}, {"cert", ValueCert}, {"name", ValueName}, {"product", ValueName},
}

// AssetValue is what an asset is looked up by; false when the text is none of its
// kind, or there is no such kind.
func AssetValue(kind, text string) (Value, bool) {
	as := assetKind([]byte(kind))
	if as == 0 {
		return Value{}, false
	}
	v, ok := NewValue(as, text)
	return v, ok && v.Kind == as
}

func assetKind(name []byte) ValueKind {
	for _, k := range assetKinds {
		if string(name) == k.name {
			return k.kind
		}
	}
	return 0
}

// StatedAsset is what an object that Read has accepted says to be its author's own;
// false when it says nothing of it, or nothing that is understood. The value is in
// normal form.
func StatedAsset(raw []byte) (a Asset, ok bool) {
	if !MayExtend(raw, AssetExtension) {
		return a, false
	}
	for name, extensions := range Split(raw) {
		if string(name) != "extensions" {
			continue
		}
		for id, words := range Split(extensions) {
			if string(id) != AssetExtension {
				continue
			}
			for name, value := range Split(words) {
				switch string(name) {
				case "kind":
					a.Kind = Text(value)
				case "value":
					a.Value = Text(value)
				case "note":
					a.Note = Text(value)
				}
			}
		}
	}
	v, ok := AssetValue(a.Kind, a.Value)
	a.Value = v.Text
	return a, ok
}

// lookAsset adds what an object says to be its author's own.
func (p *parser) lookAsset() {
	f := &p.asset
	if !f.kind.given() || !f.value.given() {
		return
	}
	kind := assetKind(p.decoded(f.kind))
	if kind == 0 {
		return
	}
	n := len(p.found.values)
	p.look(kind, p.decoded(f.value))
	if len(p.found.values) > n && p.found.values[n].kind != kind { // a name that is an address
		p.found.values = p.found.values[:n]
	}
}

// stated are the words of an asset extension, noted while it is read.
type stated struct{ kind, value span }

func (s *stated) note(key []byte, text span) {
	switch string(key) {
	case "kind":
		s.kind = text
	case "value":
		s.value = text
	}
}
