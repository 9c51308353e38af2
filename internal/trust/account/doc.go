// Package account says who acts: the accounts of a node, the organisations
// they belong to, the tokens that prove them and the grants that open
// collections to them.
//
// [Accounts] keeps them as member rows and is the only writer of those rows; a
// change, its audit row and, where it opens something to another organisation,
// its log leaf are one transaction. [Accounts.Basic] and [Accounts.Bearer] turn
// a token into a [Principal]. A token is
//
//	ent_ LETTER _ 30 x base62 6 x base62
//
// where the letter says whose it is (a: account) and the last six characters
// are a CRC-32 of what stands before them, so that a scanner for leaked secrets
// needs no node to tell a token from noise. Of a token only the SHA-256 is
// kept: 178 random bits need no slow hash.
//
// Nothing here decides what a principal may see; that is package handling.
package account
