// Package guard is what every door that is open to the network asks first:
// whose request is this, and may that account ask again already. [New] makes a
// [Guard] of accounts and a rate, [Guard.Admit] decides on one request.
//
// One guard stands before all doors of a node, so that a failed login is
// braked and an account's requests are counted whichever door they come to. It
// says who asks, never what they may see.
package guard
