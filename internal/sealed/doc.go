// Package sealed holds intelligence that has not yet passed a handling
// decision. A sealed value cannot be marshalled, printed or logged: each way
// out of it answers with a fixed word or an error, never with content.
//
// Store engines seal what they read; only internal/trust/handling opens it,
// when a decision allows. Nothing else imports this package; an architecture
// test holds that line (ARCHITECTURE.md, invariant 1).
package sealed
