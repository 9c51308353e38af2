// Package agreement keeps what the own member has agreed to release, to whom,
// for what and until when, as rows of the node with all their former versions.
//
// A [Book] hands out the agreements of the moment as a [handling.Policy];
// package handling decides by it, nothing here does. A change is in force for
// every read from when it is durable, and rewrites no object. Making, replacing
// and ending an agreement takes an admin, is audited, and is an act towards
// others in the log, in the transaction that does it.
package agreement
