// Package conformance holds a TAXII 2.1 server to the standard from outside:
// over HTTP, knowing nothing but a base URL, some accounts and some empty
// collections. [Run] runs every check as a subtest whose name gives the section
// and the rule. The server's own tests run it in one process; the same checks
// can be run against a built program or another product.
//
// Where the standard leaves a choice, the checks hold the server to the choice
// that package taxii documents, and say so in their name ("here: ...").
package conformance
