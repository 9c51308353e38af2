// Package node makes a running installation out of the parts: it lays a data
// directory out ([Init]), opens what is in it ([Open]), and serves it until
// told to stop ([Node.Serve]). It is the one place that knows all parts; the
// parts know neither each other nor it.
//
// A data directory holds
//
//	store/        the embedded engine's files
//	keys/log.key  the key that signs the log's checkpoints (0600)
//	tls/          certificate and key for addresses beyond loopback (key 0600)
//	months/       the key of what backups keep apart, and what was erased on request (0600)
//	incoming/     bodies of the API until they are taken in
//	lists/        lists for devices, while they are made and asked for
//	scan/         sets of indicators that scans have compiled
//	restoring/    what a restore has laid and not yet put in place
//	admin.sock    while a server runs: where administrative verbs reach it
//	admin.addr    the socket's path, when the directory's own is too long for one
//
// and belongs to one process at a time. The directory is readable by its owner
// alone: whoever can read it holds everything in it.
package node
