// Package blocklist writes lists of values in the forms that resolvers, firewalls,
// proxies and sensors read: [ByName] gives a [Format], and [Format.Write] writes entries
// as they come, in memory that does not grow with them.
//
// Values come from strangers. An [Entry] is held against the strict form of its kind
// ([Entry.Check]) before a byte of it is written, and that form has nothing by which a
// value could end its line, its comment or its rule in any of the formats: no space, no
// control character, no quote, no semicolon but in URLs, which formats escape. What a
// format cannot say it does not take ([Format.Takes]).
//
// Each entry carries its reference, the UUID of the indicator behind it, wherever the
// format has a place for it, so that a hit leads back.
package blocklist
