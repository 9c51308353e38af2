// Package audit remembers administrative acts: who did what to whom, and when.
// Each is a member row written in the transaction of the act itself, so that
// there is no act without its row and no row without its act.
//
// Rows are ordered by their tick, are never changed, and say nothing of
// intelligence; what was read by whom is the exchange's to record, what was
// done towards other members is the transparency log's (package tlog).
package audit
