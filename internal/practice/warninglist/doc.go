// Package warninglist knows lists of values that are no good for blocking: what many
// use, what belongs to well-known services, what is special; those that others keep, in
// the form of the MISP warninglists, and one's own allow-lists.
//
// [Read] takes a list in, and a [Builder] makes a [Set] of many, which answers on which
// lists a value is ([Set.On]) in one pass over all of them. A value is a value as objects
// are looked up by it (stix.Value); what a list is about says of which kinds.
//
// Lists are rows of the node ([Register]), never objects: they are for the own member's
// accounts, and no object that others are told depends on them ([Register.For]). Being on
// a list takes nothing away: an indicator is shown as before, with the list beside it. Lists
// for machines leave out what is on one; those of partners go by the lists that
// others keep alone ([Register.Others]). Public resolvers and root servers are on a list that
// nobody has to add.
package warninglist
