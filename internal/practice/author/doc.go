// Package author is where the own member writes: new objects, new versions of
// them, revocations, sightings, notes, relationships, labels.
//
// A [Desk] takes what is wanted in few words (a [NewObject], an [Edit]), fills in
// what nobody should have to know (identifier, author, timestamps, marking),
// holds the whole against STIX 2.1 and publishes it through the exchange,
// canonical (RFC 8785) from birth. Properties are given as assignments:
//
//	assignment = path ( "=" text | ":=" JSON )
//	path       = name { "." name | "[" [ digits ] "]" }
//	name       = letters, digits, "_", "-" | "'" any, \' and \\ escaped "'"
//
// Text becomes what the specification has the property be. [] is the place
// after the last element of a list.
//
// Objects are written in the name of the own member, by its own accounts; those
// of others are never changed. An edit says, or is taken to say, which version
// it was made from, and one that is not the newest any more is refused with
// what changed on both sides ([Stale]): of two writers one wins, and nothing is
// lost. Where an identifier follows from what was asked (a key, a value, the
// ends of a relationship), asking again changes nothing; and what was revoked stays so,
// and what was deleted as old as it was, for who has it (STIX 2.1 sections 3.2 and 3.6).
//
// Drafts are rows of the node, each its account's alone; nothing of them is
// shared before they are published.
package author
