// Package score weighs what an indicator is worth now, from 0 to 100: how sure its
// producer is, how long ago it began to hold or was last seen, and who says that it hits
// what is harmless. [Facts] are what a reader may see of that, a [Model] weighs them; the
// same facts at the same time weigh the same for everybody (docs/reference/score.md).
//
// It is a pure function: it reads nothing, keeps nothing, and nothing goes by it but what
// is shown and what is asked to be cut by it. Older is never worth more, one sighting more
// never less, one doubt more never more.
package score
