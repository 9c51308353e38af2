// Package tlog is the member's transparency log: what this member did towards
// others, as an append-only Merkle tree (golang.org/x/mod/sumdb/tlog) whose
// leaves and hashes are written in the transaction of the act itself.
//
// A leaf is a 32-byte salted commitment to an [Act]:
//
//	commitment = SHA-256("entente/leaf/v1\n" || salt (32 bytes) || event)
//
// The event is text, one "key value" line each. Salt and event (the opening)
// stay with the node and go only to those concerned; without them a leaf says
// nothing, so that forgetting an opening honours a duty to erase while the log
// stays whole. One leaf a request, not an object.
//
// The tree is append-only; this package never rewrites it. Checkpoints follow
// C2SP tlog-checkpoint, signed as notes.
package tlog
