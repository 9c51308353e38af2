// Package taxii is TAXII 2.1 (OASIS Standard, 10 June 2021) on the wire, and
// a client for it that copes with servers as they are.
//
// The resources ([Discovery], [APIRoot], [Collection], [Manifest],
// [Envelope], [Versions], [Status], [Error]), media types ([Negotiate],
// [ParseMediaType]) and timestamps ([FormatTime], [ParseTime]) are shared by
// both sides of the wire; [Client] is the reading and writing side.
//
// To follow a collection use [Client.Pull]: it yields batches of objects, each
// with the [Cursor] that stands behind it. Store the batch, then the cursor;
// after a cut anywhere a pull from the last stored cursor delivers what is
// missing and loses nothing. To send objects use [Client.Push]. The other
// methods are one request each.
//
// Objects are never rewritten: what a server sent is what the caller gets,
// byte for byte. Everything that comes from outside is bounded in size and
// time. The package opens connections only through the http.Client it is
// given, and imports nothing but the standard library and package stix.
package taxii
