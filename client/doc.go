// Package client speaks a node's JSON API, which is at /api/v1/ and described by
// the OpenAPI document at /api/v1/openapi.json.
//
// The types of requests and answers are here, and [Error], the problem that a
// refused request is answered with: its Code says which, and never changes.
package client
