// Package taxii is the door for TAXII 2.1 clients (OASIS Standard, 10 June
// 2021): discovery at /taxii2/, one API root at /taxii2/root/, and every
// endpoint of sections 4 and 5 of the standard.
//
// [New] makes a [Server], which is an [net/http.Handler] for everything below
// /taxii2/. A request passes, in this order: authentication (401), the rate of
// its account (429), the path (404), the method (405), the Accept header
// (406), then the endpoint's own file: discovery, collections, manifest,
// objects, add, object, versions, status.
//
// What leaves is made from handling's released pages alone; the objects' bytes
// are copied as they are stored, never parsed again, into one buffer that is
// written at once. What comes in goes to [exchange.Exchange.Publish] and
// nowhere else. The door keeps no intelligence: beside open requests it holds
// the rates of accounts, batches that are still being written, and compressed
// answers under a keyed hash of their bytes.
//
// Where the standard leaves a choice, the endpoint's file says what was chosen
// and why.
package taxii
