// Package demo plays a story that shows what the program is for: four members
// of a coalition, each a complete node with its own store, accounts and TAXII
// endpoint, living through a ransomware attack on a water utility.
//
// Data flows as it does between real members: each publishes to its own node
// through the exchange, grants its partners accounts, and pulls from theirs by
// TAXII over loopback. Nothing is shown that was not asked for over HTTP.
//
// All names are invented; addresses and domains are those set aside for
// documentation (RFC 5737, RFC 3849, RFC 2606).
package demo
