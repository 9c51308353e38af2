// Package backup is the file that a node's backup is: written and read as a
// stream, in one pass, by [Writer] and [Read]. It knows neither stores nor keys;
// docs/backup.md describes the format for people.
//
// The file is a tar archive (POSIX ustar) of regular files:
//
//	backup.json      the [Header]: format, program, member, time, what it builds on
//	FOLDER/FILE ...  what the node keeps, each name two parts of A-Z a-z 0-9 . _ -
//	manifest.json    the [Manifest]: the header again, each file's length and SHA-256, the log's head
//	manifest.sha256  SHA-256 of manifest.json, as sha256sum writes it
//
// The header comes first, so that a newer format is refused before anything is
// believed; the manifest last, so that a file is read once while it is written.
// Where an archive ends early it has no manifest, and nothing in it counts.
//
// A backup may build on an earlier one: files that one has already are in the
// manifest with the id of the backup that holds them, and not in the archive.
package backup
