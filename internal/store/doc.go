// Package store is the contract of the floor that keeps intelligence: what an
// engine must promise, in words of meaning rather than of keys or SQL. The engine
// is store/pebble (embedded); store/storetest is the suite that any engine passes,
// and the only place where the contract's behaviour is asserted.
//
// Data flows in through Commit, one batch at a time, ordered by one committer;
// out through Page, Versions, Lookup, Edges, Fetch and Changes, always sealed
// (package sealed) and always against a set of classes that the reader may see.
//
// Sameness. Two objects are the same when their Digest is. A collection holds
// one content per (id, version), compared as instants, so 10:00:00Z and
// 10:00:00.000Z are one version. The same content again changes nothing
// (Same), whoever brings it. Other content under the same id and version is a
// Conflict: kept aside, told, never shown among objects (Conflicts lists them);
// a Remove of what it clashed with may take it, too. An object without a version (SCO)
// has variants: other content from another source stands beside it, both
// latest; other content from the same source supersedes its own former one as
// latest, in the order in which they were put. Content with and content without
// a version under one id neither supersede nor hide each other. One body is
// stored once, however many collections hold it, and goes with the last of them.
//
// Latest is decided at the read, for that reader: a row is latest when no newer
// version of its id in that collection (for what has no version: no later
// content of its source) has a class that the reader sees.
//
// Only the exchange calls this package's engines (ARCHITECTURE.md, invariant 1).
package store
