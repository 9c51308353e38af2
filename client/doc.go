// Package client speaks a node's JSON API, which is at /api/v1/ and described by
// the OpenAPI document at /api/v1/openapi.json. [New] makes a [Client]; its
// methods are the operations on accounts, collections, objects and jobs, and
// [Client.Do] asks for any other.
//
// The types of requests and answers are the server's own. A refused request is
// an [Error], the problem of RFC 9457: its Code says which, and never changes.
// Listings and bulk come as iterators, which ask for the next page when it is
// needed. Nothing is retried; [Client.Once] makes it safe to do so.
package client
