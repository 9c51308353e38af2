package author

import (
	"crypto/hmac"
	"crypto/sha256"

	"entente/internal/trust/provenance"
)

// content is what an object says, without the digests of its parts: they follow from
// it, and no edit is about them.
func content(raw []byte) (map[string]any, error) {
	o, err := decodeObject(raw)
	if err == nil {
		provenance.Drop(o)
	}
	return o, err
}

// published is an object in the bytes in which it is published: canonical, and
// committed to its parts where it has any, so that copies without some can be checked;
// and held against the specification. The same content has the same bytes; its seed can
// be guessed by nobody else. Errors: *Invalid, exchange.ErrInvalid.
func (d *Desk) published(o map[string]any) (raw []byte, warnings []Fault, err error) {
	o, _ = clone(o).(map[string]any)
	provenance.Drop(o)
	if raw, err = d.committed(o); err != nil {
		return nil, nil, bad("the object cannot be written as JSON: %w", err)
	}
	typ, _ := o["type"].(string)
	warnings, err = validate(typ, raw)
	return raw, warnings, err
}

// next is the version o after what stands, in the bytes in which it is published: what
// marks the parts of base, of which it is made, follows them. Errors as published.
func (d *Desk) next(s *standing, base, o map[string]any) (raw []byte, err error) {
	f := follow(o)
	if err := f.rewritten(base); err != nil {
		return nil, err
	}
	f.end()
	o["modified"] = later(s.Version(), d.now())
	raw, _, err = d.published(o)
	return raw, err
}

// committed has an object commit to its parts, if it has any, and gives its bytes.
func (d *Desk) committed(o map[string]any) ([]byte, error) {
	raw, err := canonical(o)
	if err != nil {
		return nil, err
	}
	secret := d.x.Secret("seeds of provenance")
	mac := hmac.New(sha256.New, secret[:])
	mac.Write(raw)
	var seed provenance.Seed
	mac.Sum(seed[:0])
	added, err := provenance.Add(o, seed)
	if err != nil || !added {
		return raw, nil //nolint:nilerr // what is wrong with its markings validation tells
	}
	return canonical(o)
}
