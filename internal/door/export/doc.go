// Package export writes what a reader may see as files: a STIX 2.1 bundle or
// JSON Lines, object for object the bytes that the producers wrote.
//
// [Lists] is where devices fetch lists of values, by a token of their own.
//
// It takes only what the exchange has released to the reader, page by page, so
// that an export of any size needs little memory, and decides nothing itself.
package export
