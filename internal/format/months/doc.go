// Package months holds the keys of months, under which a backup keeps what is to be
// erased one day: one secret, from which the [Key] of its month and those of all later
// months follow, and those of earlier months do not. So when a month is over, its
// secret is replaced by the next one's ([Key.At]), and whatever was sealed under it is
// noise in every copy.
//
//	key of month m+1 = HMAC-SHA-256(key of month m, "entente month")
//	id               = HMAC-SHA-256(key, "entente month id"), its first 8 bytes in hex
//
// What is sealed ([Key.Seal], [Key.Open]) is
//
//	salt of 32 bytes, random
//	pieces of 64 KiB, the last shorter (it may be empty), each sealed with AES-256-GCM:
//	  key   HKDF-SHA-256(key of the month, salt, "entente month part")
//	  nonce 11 bytes of the piece's number, a byte that is 1 for the last one
//
// It is the construction of age's payload (STREAM), with a key that is at hand. A
// piece is believed only when its tag holds, so that nothing cut, moved or changed is
// read as whole. The package does no input or output of its own.
package months
