// Package bench measures a node as its users meet it, against a baseline in
// the same run: raw Pebble for writing, net/http with the same bytes for
// serving, encoding/json for parsing. Machines differ; ratios travel.
//
// A server under measurement is a child process, the same program under its
// ordinary verbs, so that its memory is its own and the baseline's server
// shares nothing with it. Load comes from this process. Generated objects
// ([Generator]) are the same for the same seed.
//
// Nothing here is on the path of data; only the verb bench imports it.
package bench
