// Package ledger keeps account of what readers are given.
//
// Whoever gives something says so before it leaves ([Ledger.Give]). It is kept in
// memory for at most a second and written then; that somebody reads at all is
// written before the first object leaves, so that after a kill the second that may
// be missing is known, and whose it is ([Ledger.Gaps]). Every hour the readings and
// the administrative acts are sealed: a leaf of the transparency log commits to
// them, and [Ledger.Verify] holds them against it. Questions that were answered
// with nothing are looked into behind the answer ([Ledger.Ask]).
//
// Rows are in the tables "audit-open", "audit-reading", "audit-reader", "audit-seal",
// "audit-denial", "audit-gap" and "audit-footing"; what they hold is said in package audit. Which
// objects stood at the dates of a reading is for the exchange to tell, through which
// every object leaves.
package ledger
