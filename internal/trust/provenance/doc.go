// Package provenance commits an object to its content in such a way that parts may
// be withheld later: who is given a copy without them can still check all that is
// there, and that nothing but what the copy says is missing.
//
// An object is its skeleton, which no copy may lack, and its units, each of which a
// copy may lack whole: properties, elements and entries that carry a granular marking,
// and each element of every list of references, since what it leads to may become
// stricter later. A unit's digest is salted, so that what is withheld cannot be
// guessed and tried; the salts of an object follow from one seed.
//
//	salt  = HMAC-SHA-256(seed, "entente-salt/v1\n" path), the first 16 bytes
//	unit  = SHA-256("entente-unit/v1\n" JCS([salt, path, value, markings]))
//	skel  = SHA-256("entente-skel/v1\n" JCS([rest of the object, its markings]))
//	units = SHA-256("entente-units/v1\n" unit digests, sorted)
//
// JCS is RFC 8785, salts are in unpadded URL-safe base64, markings are "selector ref"
// or "selector lang", sorted. A complete object carries the seed in an extension; a
// copy carries the salts of the units it has, each behind its path in the complete
// object, and the digests of those it lacks. Signatures over skel and units come later.
package provenance
