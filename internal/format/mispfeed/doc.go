// Package mispfeed writes feeds as MISP reads them: a folder with a file for each event in
// MISP's core format, manifest.json, by which a MISP sees which events are new to it, and
// hashes.csv, by which it finds values without fetching events. A [Writer] puts them into
// an archive (tar), and tells where in it each file stands.
//
// It knows nothing of what values are worth or whose they are: events come ready.
package mispfeed
