// Package webhook sends objects to addresses as they come: [Hooks] keeps what is
// sent where, and [Hooks.Run] sends it. A webhook belongs to an account and is a
// stream of what that account may see, an [exchange.Tail] whose cursor is kept: it
// survives a restart, holds no content, and each object passes the gate at the
// moment it is sent, for who the account is then.
//
// A message is signed as Standard Webhooks has it (symmetric, v1), sent one after the
// other, and tried again with growing pauses; what fails to the last goes to a list
// of failures, without its content, from which it can be sent again. Messages come at
// least once, with an id that stays.
package webhook
