// Package storetest is the suite that every engine of package store must pass:
// the only place where the contract's behaviour is asserted. An engine's own
// test gives Run a constructor and nothing else.
//
// Three kinds of tests stand here. Stories (sameness.go, versions.go, pages.go
// ...) each show one sentence of the contract. The random history (history.go)
// plays puts, removals, re-classings, member rows, snapshots and reopenings on
// the engine and on a plain model in memory (model.go) and compares them on
// every read. Two properties stand alone: no reader learns of what it may not
// see (interference.go), and no reader misses an object that appears behind
// its cursor while a hundred writers write (writers.go).
//
// After each story Verify must be silent. The model passes the suite itself
// (storetest_test.go), so that a failure is the engine's and not the suite's.
//
// Of sealed values the suite opens what it must compare; it is test code and
// imported by tests alone.
package storetest
