// Package device chooses what goes to the machines that act on intelligence: resolvers,
// firewalls, proxies, sensors. A [Chooser] turns the indicators that a reader may use
// into a list (package blocklist), and tells what it left out and why. [Devices] are those
// that fetch theirs by a token of their own; what has not changed is not chosen again.
//
// What blocks must not break: nothing that would hit everywhere, nothing of one's own nor
// of what other members told to be theirs, nothing on a warninglist unless a person
// insists with a reason; nothing that PAP keeps from being blocked; and no value that its
// indicator does not condemn by itself.
//
// Indicators come by the exchange's view, so that one decision on handling stands before
// all of it. Data flows one way and in memory that does not grow with it: pages -> what
// each says, a row a value -> sorted by value -> judged -> one row for each value -> by
// confidence -> the format. What does not fit in a few megabytes lies in files without a name
// meanwhile. Of what devices fetch the sorted rows are kept for the next time, and only
// news are heard then.
package device
