// Package exchange is the one way in and out of a node's intelligence.
//
// In: [Exchange.Publish] authorises a batch, classes each object, hands the
// batch to the store with its log leaf, and tells per object what became of
// it; [Exchange.PublishAll] does so for several collections at once, and both
// may expect the versions that an edit was made from. Out: [Exchange.View] gives
// what one principal may see, as pages released by handling's gate.
// Beside the way: followers ([Follower]) derive what they keep from the store's
// history with a persisted cursor; they never hold up a write, and each can be
// dropped and rebuilt.
//
// Nothing else writes intelligence to the store or reads it from there. What
// a writer is told depends only on what the writer may see: a clash with
// something unseen is kept aside and answered as new.
//
// Rows it keeps for itself are in the tables "collection", "marking", "follower",
// "usage", "usage-apart", "known-by", "owed", "face-owed", "personal-held",
// "personal-came", "erase-due", "erased", "audit-former", "audit-place" and "exchange".
package exchange
