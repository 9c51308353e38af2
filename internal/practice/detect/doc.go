// Package detect finds in logs what indicators speak of. A [Set] is what the
// indicators of a reader say, compiled; [Set.Scan] goes over a text once, as fast
// as it is read, and gives each [Hit] with its line, its column and whose word it is.
//
// A pattern (STIX 2.1 section 9) becomes alternatives, each a conjunction of
// values; an alternative hits when all its values stand in one line. Values are
// compared in the form in which they are looked up (stix.NewValue), whole and never
// as parts of longer ones; names of hosts also hold for what is below them, prefixes
// for the addresses in them. What else it asks, of ports, by NOT or LIKE, is held against
// what the fields of such a line say, where its log is known. Of a pattern of several
// observations the lines that satisfy a part are remembered, until they are the whole
// (docs/decisions/0028). What no line can tell is left out and counted with the reason
// ([Set.LeftOut]), and so is what would hit everywhere.
//
// Logs are hostile: no line is too long, no byte unexpected, memory does not grow
// with the input. Nothing here asks a network, so matching keeps within every PAP.
//
// Data flows one way: bytes -> runs of characters -> shapes -> hashes -> filter ->
// table -> normal forms -> hits (docs/decisions/0019).
package detect
