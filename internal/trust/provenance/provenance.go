package provenance

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entente/stix"
)

// Extension is what carries the seed, or the salts and digests, in an object.
const Extension = "extension-definition--5d4f3b0e-2f0c-4a7e-8f0d-6b7f1f1c9a52"

// Bounds of what is read.
const (
	maxUnits = 65536
	saltSize = 16
)

// Seed is what the salts of one version of an object follow from. It is random and of
// that version alone.
type Seed [32]byte

// Digest is one of SHA-256.
type Digest [sha256.Size]byte

// Commitment is what an object commits to, and all copies of it.
type Commitment struct {
	Skeleton Digest
	Units    Digest // of all units, those that a copy lacks included
	Count    int    // how many units there are
	Withheld int    // of which so many are not in this copy
}

// ErrNone says that an object commits to nothing.
var ErrNone = errors.New("the object has no digests of its parts")

// extension is Extension as it is written.
type extension struct {
	Type     string
	Seed     string   // of a complete object
	Salts    []string // of a copy: "path salt", the path in the complete object, sorted
	Withheld []string // of a copy: digests, sorted

	byPath map[string]string // Salts
}

// Add has an object carry a seed, if it has units; false when it has none, or already
// carries something. The object must be as encoding/json decodes it with UseNumber.
func Add(o map[string]any, seed Seed) (bool, error) {
	extensions, ok := o["extensions"].(map[string]any)
	if !ok && o["extensions"] != nil {
		return false, errors.New("extensions is not a dictionary")
	}
	if _, there := extensions[Extension]; there {
		return false, nil
	}
	marks, err := markingsOf(o)
	if err != nil {
		return false, err
	}
	units, _, _, err := divide(o, marks, complete(marks))
	if err != nil || len(units) == 0 || len(units) > maxUnits {
		return false, err
	}
	if extensions == nil {
		extensions = map[string]any{}
		o["extensions"] = extensions
	}
	extensions[Extension] = map[string]any{"extension_type": "property-extension", "seed": base64.RawURLEncoding.EncodeToString(seed[:])}
	return true, nil
}

// Drop takes away what Add or Redact has put into an object.
func Drop(o map[string]any) {
	extensions, _ := o["extensions"].(map[string]any)
	if delete(extensions, Extension); len(extensions) == 0 && extensions != nil {
		delete(o, "extensions")
	}
}

// committed is an object with what it commits to.
type committed struct {
	units    []unit
	salts    []string // of units[i], as written
	withheld []Digest
	skeleton Digest
}

// Of gives what an object or a copy commits to. Errors: ErrNone; others when it does
// not agree with itself.
func Of(raw []byte) (Commitment, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var o map[string]any
	if err := d.Decode(&o); err != nil {
		return Commitment{}, err
	}
	c, err := read(o)
	if err != nil {
		return Commitment{}, err
	}
	all := slices.Clone(c.withheld)
	for i := range c.units {
		digest, err := c.digest(i)
		if err != nil {
			return Commitment{}, err
		}
		all = append(all, digest)
	}
	slices.SortFunc(all, func(a, b Digest) int { return bytes.Compare(a[:], b[:]) })
	sum := sha256.New()
	sum.Write([]byte("entente-units/v1\n"))
	for _, digest := range all {
		sum.Write(digest[:])
	}
	return Commitment{Skeleton: c.skeleton, Units: Digest(sum.Sum(nil)), Count: len(all), Withheld: len(c.withheld)}, nil
}

// Redact gives the extension of a copy of an object without what the paths lead to:
// properties, elements and entries of the object as it is. False when the object
// commits to nothing, or not in such parts.
func Redact(o map[string]any, without []string) (map[string]any, bool) {
	c, err := read(o)
	if err != nil {
		return nil, false
	}
	lacks := map[string]bool{} // whether a unit was found that is, or is in, what is left out
	for _, path := range without {
		lacks[path] = false
	}
	salts, withheld := []string{}, c.withheld
	for i, u := range c.units {
		property, _ := UnitOf(u.at)
		gone := false
		for _, path := range []string{property, u.at} {
			if _, left := lacks[path]; left {
				lacks[path], gone = true, true
			}
		}
		if !gone {
			salts = append(salts, u.path+" "+c.salts[i])
			continue
		}
		digest, err := c.digest(i)
		if err != nil {
			return nil, false
		}
		withheld = append(withheld, digest)
	}
	for path, found := range lacks {
		if property, _ := UnitOf(path); !found && !lacks[property] { // a part of no unit
			return nil, false
		}
	}
	slices.SortFunc(withheld, func(a, b Digest) int { return bytes.Compare(a[:], b[:]) })
	slices.Sort(salts)
	list := make([]any, len(withheld))
	for i := range withheld {
		list[i] = base64.RawURLEncoding.EncodeToString(withheld[i][:])
	}
	ext := map[string]any{"extension_type": "property-extension", "withheld": list}
	if len(salts) > 0 {
		ext["salts"] = salts
	}
	return ext, true
}

// read splits an object that carries the extension.
func read(o map[string]any) (c committed, err error) {
	extensions, _ := o["extensions"].(map[string]any)
	found, there := extensions[Extension]
	if !there {
		return c, ErrNone
	}
	ext, err := extensionOf(found)
	if err != nil {
		return c, fmt.Errorf("the digests of its parts: %w", err)
	}
	if len(ext.Salts)+len(ext.Withheld) > maxUnits || ext.Seed != "" && len(ext.Salts)+len(ext.Withheld) > 0 {
		return c, errors.New("the digests of its parts are too many, or those of an object and of a copy at once")
	}
	ext.byPath = make(map[string]string, len(ext.Salts))
	for _, text := range ext.Salts {
		path, salt, _ := strings.Cut(text, " ")
		ext.byPath[path] = salt
	}
	marks, err := markingsOf(o)
	if err != nil {
		return c, err
	}
	units, rest, restMarks, err := divide(o, marks, ext.division(marks))
	if err != nil {
		return c, err
	}
	if len(units) > maxUnits {
		return c, fmt.Errorf("it has %d parts; at most %d are committed to", len(units), maxUnits)
	}
	if c.withheld, err = digestsOf(ext.Withheld); err != nil {
		return c, err
	}
	c.units = units
	if c.salts, err = ext.saltsOf(units); err != nil {
		return c, err
	}
	c.skeleton, err = skeleton(rest, restMarks)
	return c, err
}

// extensionOf reads the extension by the exact names of its properties; package json
// would take "SEED" for "seed".
func extensionOf(found any) (e extension, err error) {
	properties, ok := found.(map[string]any)
	if !ok {
		return e, errors.New("they are not an object")
	}
	for name, into := range map[string]any{"extension_type": &e.Type, "seed": &e.Seed, "salts": &e.Salts, "withheld": &e.Withheld} {
		if value, there := properties[name]; there {
			raw, err := json.Marshal(value)
			if err == nil {
				err = json.Unmarshal(raw, into)
			}
			if err != nil {
				return e, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return e, nil
}

// division is how the object is divided that the extension stands in. A copy is
// divided as its salts say, and its lists have the elements that there are salts of.
func (e *extension) division(marks []marking) division {
	if e.Seed != "" {
		return complete(marks)
	}
	grains, indexes := map[string]grain{}, map[string][]int{}
	for path := range e.byPath {
		property, key := UnitOf(path)
		if grains[property] = fine; key == "" {
			grains[property] = whole
		}
		if n, ok := Index(key); ok {
			indexes[property] = append(indexes[property], n)
		}
	}
	for _, list := range indexes {
		slices.Sort(list)
	}
	return division{
		func(name string, _ any) grain { return grains[name] },
		func(property string, n int) (int, bool) {
			list := indexes[property]
			if n >= len(list) {
				return 0, false
			}
			return list[n], true
		},
	}
}

// saltsOf are the salts of the units, as written. Each salt that is given must be of a
// unit that is there.
func (e *extension) saltsOf(units []unit) ([]string, error) {
	salts := make([]string, len(units))
	if e.Seed == "" {
		for i, u := range units {
			if salts[i] = e.byPath[u.path]; len(salts[i]) == 0 {
				return nil, fmt.Errorf("there is no salt of %s", u.path)
			}
		}
		if len(units) != len(e.Salts) {
			return nil, errors.New("there are salts of parts that are not there")
		}
		return salts, nil
	}
	seed, err := base64.RawURLEncoding.Strict().DecodeString(e.Seed)
	if err != nil || len(seed) != len(Seed{}) {
		return nil, errors.New("the seed is not one of 32 bytes")
	}
	for i, u := range units {
		mac := hmac.New(sha256.New, seed)
		mac.Write([]byte("entente-salt/v1\n" + u.path))
		salts[i] = base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:saltSize])
	}
	return salts, nil
}

func digestsOf(texts []string) ([]Digest, error) {
	list := make([]Digest, len(texts))
	for i, text := range texts {
		b, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || len(b) != sha256.Size {
			return nil, fmt.Errorf("withheld[%d] is no digest", i)
		}
		copy(list[i][:], b)
	}
	return list, nil
}

// digest is that of unit i.
func (c *committed) digest(i int) (Digest, error) {
	u := &c.units[i]
	return sumOf("entente-unit/v1\n", []any{c.salts[i], u.path, u.value, listed(u.marks)})
}

// skeleton is the digest of the rest of an object, without what the project's own
// extensions say of copies.
func skeleton(rest map[string]any, marks []string) (Digest, error) {
	extensions, _ := rest["extensions"].(map[string]any)
	left := maps.Clone(extensions)
	delete(left, Extension)
	delete(left, Redaction)
	if rest["extensions"] = left; len(left) == 0 {
		delete(rest, "extensions")
	}
	return sumOf("entente-skel/v1\n", []any{rest, listed(marks)})
}

// Redaction is the extension by which a copy says how many parts it lacks.
const Redaction = "extension-definition--0a4a3c9b-6a63-4b1e-9a0e-3f4c1c5f2f0d"

// listed makes nil an empty list: both are none.
func listed(marks []string) []string {
	if marks == nil {
		return []string{}
	}
	return marks
}

func sumOf(domain string, v any) (Digest, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return Digest{}, err
	}
	canonical, err := stix.Canonical([]byte(domain), raw)
	return sha256.Sum256(canonical), err
}
