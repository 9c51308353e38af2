// Package admin is the door for the operator of the machine: an HTTP API over a
// unix socket in the data directory, which its owner alone can reach. [New]
// makes its handler; [Listen] opens the socket; [Connect] is how a verb gets
// there, and [InProcess] how it gets to the same handler when no server runs.
//
// Whoever reaches the socket could as well read the data directory, so that
// nothing is asked of them: they act as the operator. Each act is audited by
// the part that does it. Requests and answers are JSON, an import's request is
// a multipart body with one part a file, an export's answer is STIX:
//
//	GET  /accounts                 POST /accounts {name, role, org, grants, life}
//	POST /accounts/NAME/revoke     DELETE /accounts/NAME
//	GET  /orgs                     POST /orgs {name}
//	GET  /collections              POST /collections {alias, title, description, marking}
//	DELETE /collections/ALIAS      GET /collections/ALIAS/conflicts
//	POST /import?collection=ALIAS  GET /export?form=stix&collection=ALIAS&as=NAME
//	POST /find {values, limit, as} GET /log
//	GET  /verify
//	GET  /followers                POST /followers/NAME/rebuild
//
// An error is {"error": text} with a status: 4xx when the answer is no, 5xx
// when it could not be found out.
package admin
