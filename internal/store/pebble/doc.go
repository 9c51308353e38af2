// Package pebble keeps a node's intelligence in one directory on
// github.com/cockroachdb/pebble/v2. It is the embedded engine of package store
// and keeps that contract; what follows is how.
//
// One committer goroutine drains all waiting batches into one Pebble batch a
// round, hands it to the write-ahead log and prepares the next round while the
// log syncs. When a round is durable its view (a Pebble snapshot) becomes what
// readers see, so no reader ever sees what a crash could take back.
//
// Keys are one byte of kind, then binary fields in big-endian order. A tick is
// 8 bytes, a collection and a class are 4.
//
//	b  tick                               body: home collection, values, edges, producer's bytes
//	m  collection tick                    membership: class, body's tick, id, version, newer classes
//	k  collection class tick              the same row by class
//	i  id collection version tick         index of ids: class, body's tick, digest, source
//	v  kind text collection class tick    who carries a value; no value
//	e  id collection class tick           who refers to an id: the paths
//	s  tick                               what is no first addition: further membership, removal, re-classing
//	x  id collection version digest       conflict kept aside: the put as it came
//	n  collection class                   number of memberships
//	c  class                              canonical handling class
//	r  table key                          member row; the table with its length before it
//	l  n                                  log leaf: commitment, opening
//	h  index                              stored tree hash (golang.org/x/mod/sumdb/tlog)
//	p  run field term 0 collection class  posting: counts and ticks, run inverted
//	!  name                               format number, newest tick
//
// Who asks a view for single rows borrows its iterators, and bodies asked for one
// by one are kept by themselves, as are rows of what objects name (see iterators, lately,
// viewRows). What refers to new objects, and how those stand that they refer to, is mostly
// known without asking the database, and so is that their ids are new (see idFilter, stood).
//
// A body lies under the tick of its first membership, its home. A first
// addition is told to followers by the body itself, all else by an s row,
// which is also the tombstone of what was removed.
package pebble
