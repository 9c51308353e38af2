// Package stix is the language of the exchange: STIX 2.1 (OASIS Standard, 10
// June 2021) read strictly, checked rule by rule and never rewritten.
//
// Scan streams objects out of a bundle, a TAXII envelope, an array or JSON
// Lines in constant memory. An [Object] is its producer's bytes, untouched,
// and an [Envelope] read from them in the same pass. [Canonical] is RFC 8785,
// [Digest] the identity of content, [Timestamp] an instant of any precision
// that compares right, and [Validate] holds an object against every MUST
// (error) and SHOULD (warning) of the specification.
//
// Strict means: UTF-8, no duplicate names in one JSON object, depth at most
// 64, integers within ±(2^53-1), one object at most 1 MiB unless told
// otherwise. What breaks this is refused with its place; what breaks only the
// specification's rules is readable and left to Validate.
//
// What is refused does not hide what is good: Scan reports it as a [ScanError]
// and goes on with the next object.
//
// Patterns have their own package, stix/pattern. Nothing here does I/O beyond
// the reader it is given, and nothing imports the rest of Entente.
package stix
