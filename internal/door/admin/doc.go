// Package admin is the door for the operator of the machine: what a member's
// accounts have no part in, over a unix socket in the data directory, which its
// owner alone can reach. [New] makes its handler; [Listen] opens the socket;
// [Connect] is how a verb gets there, and [InProcess] how it gets to the same
// handler when no server runs.
//
// The node puts the JSON API beside it (/api/v1/, package api), which verbs ask
// for all that programs can ask for as well; [Client.As] has it answer as it
// would answer an account.
//
// Whoever reaches the socket could as well read the data directory, so that
// nothing is asked of them: they act as the operator. Each act is audited by
// the part that does it. Requests and answers are JSON, an import's request is
// a multipart body with one part a file, an export's answer is STIX:
//
//	POST /import?collection=ALIAS  GET  /export?form=stix&collection=ALIAS&as=NAME
//	GET  /indicators?as=NAME       POST /backup
//	GET  /followers                POST /followers/NAME/rebuild
//	GET  /log                      GET  /verify
//	GET  /debug/pprof/...
//
// An error is {"error": text} with a status: 4xx when the answer is no, 5xx
// when it could not be found out.
package admin
