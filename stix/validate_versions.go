package stix

import (
	"encoding/binary"
	"hash/maphash"
	"math"
	"time"
)

// mostVersions bounds how many versions of a bundle, and how many objects, are
// remembered. What comes after them is held against those alone.
const mostVersions = 1 << 20

// versionCheck is what is known of the objects of a bundle that were read, by
// fingerprints. In whatever order versions of an object stand, what is wrong
// between two of them is found when the second of them comes.
type versionCheck struct {
	seed     maphash.Seed
	versions map[uint64]versionKnown // by the fingerprint of id and modified
	lines    map[uint64]lineKnown    // by the fingerprint of the id
	revoked  map[uint64]int64        // the same, to the earliest time that the object was revoked
}

// versionKnown is one version of an object.
type versionKnown struct {
	content uint64 // fingerprint
	shape   uint32
}

// lineKnown is an object, whatever its versions. The fingerprints are short: two
// that are alike by chance leave a finding out and make none.
type lineKnown struct {
	newest          int64 // when its newest version was modified, in microseconds since 1970
	created, author uint32
	shape           uint32 // of its newest version
}

// unversioned is the time of what has no versions.
const unversioned = math.MinInt64

func newVersionCheck() versionCheck {
	return versionCheck{
		seed: maphash.MakeSeed(), versions: make(map[uint64]versionKnown),
		lines: make(map[uint64]lineKnown), revoked: make(map[uint64]int64),
	}
}

func (v *versionCheck) version(id, modified string) uint64 {
	return maphash.String(v.seed, id+"\x00"+modified)
}

func (v *versionCheck) line(id string) uint64 { return maphash.String(v.seed, id) }

// short is a fingerprint that is never 0.
func (v *versionCheck) short(s string) uint32 {
	return uint32(maphash.String(v.seed, s)) | 1
}

// add holds the checked object against its versions that came before, and
// remembers it with its shape.
func (v *versionCheck) add(c *checker, shape uint32) {
	modified := c.textOf(0, "modified")
	if modified == "" && c.typ != "marking-definition" { // cyber-observables have no versions
		v.addTo(c, unversioned, shape)
		return
	}
	if v.duplicate(c, modified, shape) {
		return
	}
	when := int64(unversioned)
	if t, err := ParseTimestamp(modified); err == nil {
		when = t.Time().UnixMicro()
	}
	v.addTo(c, when, shape)
}

// duplicate reports a version that the bundle already has, and remembers it
// when it does not.
func (v *versionCheck) duplicate(c *checker, modified string, shape uint32) bool {
	digest, err := Digest(c.raw)
	if err != nil {
		return true
	}
	key := v.version(c.id, modified)
	content := binary.BigEndian.Uint64(digest[:])
	first, seen := v.versions[key]
	switch {
	case !seen:
		if len(v.versions) < mostVersions {
			v.versions[key] = versionKnown{content: content, shape: shape}
		}
	case first.content == content:
		c.report(Warning, ruleDuplicate, "3.6", 0, "the bundle has this object twice", "leave one out")
	case modified == "":
		c.report(Error, ruleVersionClash, "7.2.1", 0, "the bundle has another marking definition of the same id", "give it an id of its own: marking definitions have no versions")
	default:
		c.report(Error, ruleVersionClash, "3.6", 0, "the bundle has another object of the same id and modified time", "set modified to the time of the change")
	}
	return seen
}

// addTo holds a version, modified at a time, against the others of its object.
func (v *versionCheck) addTo(c *checker, when int64, shape uint32) {
	key := v.line(c.id)
	line, seen := v.lines[key]
	if !seen && len(v.lines) >= mostVersions {
		return
	}
	if !IsObservable(c.typ) { // which two may have seen, each at a time of his own
		v.created(c, &line)
		v.author(c, &line)
	}
	if when != unversioned && v.isRevoked(c, key, when, line.newest, seen) {
		if at, before := v.revoked[key]; !before || when < at {
			v.revoked[key] = when
		}
	}
	if !seen || when >= line.newest {
		line.newest, line.shape = when, shape
	}
	v.lines[key] = line
}

// created finds a version that says another time of creation than one before
// it, which no change of an object may change.
func (v *versionCheck) created(c *checker, line *lineKnown) {
	i := c.member(0, "created")
	created, err := ParseTimestamp(c.textOf(0, "created"))
	if i == 0 || err != nil {
		return
	}
	switch when := v.short(created.Time().Format(time.RFC3339Nano)); line.created {
	case 0:
		line.created = when
	case when:
	default:
		c.mustAt(i, ruleVersionClash, "3.2", "another version of this object in the bundle was created at another time", "keep created as it is in the first version, or give the object an id of its own")
	}
}

// author finds a version by somebody else than a version before it. One that
// names nobody may be by either.
func (v *versionCheck) author(c *checker, line *lineKnown) {
	name := c.textOf(0, "created_by_ref")
	if name == "" {
		return
	}
	switch who := v.short(name); line.author {
	case 0:
		line.author = who
	case who:
	default:
		c.mustAt(c.member(0, "created_by_ref"), ruleVersionClash, "3.6", "another version of this object in the bundle names another creator, and only its creator makes new versions of an object",
			"give the object an id of its own, and relate it to the other by derived-from")
	}
}

// isRevoked tells whether this version revokes its object, and reports a version
// that is later than one that does. Newest is the newest of those before it, if
// one was seen.
func (v *versionCheck) isRevoked(c *checker, key uint64, when, newest int64, seen bool) bool {
	i := c.member(0, "revoked")
	revokes := i != 0 && c.nodes[i].kind == boolNode && c.nodes[i].text == "true"
	at, before := v.revoked[key]
	switch {
	case before && when > at:
		c.mustAt(c.member(0, "modified"), ruleVersionClash, "3.2", "the bundle has an earlier version of this object that is revoked, after which there are no others", "leave this version out, or give the object an id of its own")
	case revokes && seen && newest > when:
		c.mustAt(i, ruleVersionClash, "3.2", "the bundle has a later version of this object, and after one that is revoked there are no others", "leave the later version out, or give it an id of its own")
	}
	return revokes
}
