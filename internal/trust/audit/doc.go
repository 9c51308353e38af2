// Package audit says how it is remembered who did what to whom, and who was
// given what.
//
// Administrative acts are member rows written in the transaction of the act
// itself, so that there is no act without its row and no row without its act.
// They are ordered by their tick, are never changed, and say nothing of
// intelligence.
//
// A Reading is what one account was given of one collection within an hour, on one
// footing, as the dates added of the objects; package ledger keeps them. A Seal binds both to
// the transparency log (package tlog).
package audit
