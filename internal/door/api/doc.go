// Package api is the node's JSON API, /api/v1/: one handler with two doors.
// [Server.Public] asks for an account by HTTP Basic or Bearer; [Server.Local] is
// for whoever holds the data directory and answers as the operator, or as the
// account that the header Entente-As names. Verbs ask the second one, so that a
// verb and a script cannot differ (docs/decisions/0005).
//
// What an account may not see is not there: operations read through
// exchange.View and write through exchange.Publish, and nothing here decides.
// The OpenAPI document at /api/v1/openapi.json is made from the operations and
// the types of package entente/client.
//
// To add a topic:
//
//  1. A file with the topic's name and a method, as collection.go has
//     (*Server).collections, that calls register for each operation: id, method,
//     path below /api/v1, summary, the function, the codes it may answer with.
//     A POST that may answer StorageFull writes, and takes an Idempotency-Key;
//     jobs.start makes a job of long work. Call it in New.
//  2. The function takes a context and a struct with path:"", query:"" and
//     header:"" fields and a Body, and gives a struct with a Body. who(ctx) is
//     who asks, s.view(ctx) what they may read. Listings embed Paging (an
//     embedded struct needs an exported name) and give pageOf; long answers
//     give lines.
//  3. Errors: return those of the floors below as they are; a new one gets its
//     line in faults, or is made by problemf; a new code its line in codes.
//  4. Types that programs see go into entente/client, or are the practice's own
//     with JSON tags; doc:"" tags become the documentation.
//  5. A test beside it with open(t), n.operator and n.account(t, ...): see
//     collection_test.go. TestDocument and the reference follow by themselves
//     (go test ./internal/door/api -update).
package api
