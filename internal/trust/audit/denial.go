package audit

import "time"

// Denial is an answer that was refused to somebody who named an object.
type Denial struct {
	Time       time.Time `json:"time"`
	Reader     Reader    `json:"reader"`
	Collection string    `json:"collection"` // id
	Object     string    `json:"object"`
	Reason     string    `json:"reason"`
}

// Gap is a stretch of time of which it is not known what a reader was given,
// because the node was killed before it had written it.
type Gap struct {
	Reader Reader    `json:"reader"`
	From   time.Time `json:"from"`  // all before is known
	Until  time.Time `json:"until"` // the node was started again
}

// Seal makes all readings that ended and all acts up to a time evident: the
// log's leaf commits to a digest of them.
type Seal struct {
	Time     time.Time `json:"time"`
	UpTo     int64     `json:"up_to"`    // the newest act that it covers, as a date added; those of earlier seals are not of this one
	Leaf     int64     `json:"leaf"`     // index in the log
	Readings int       `json:"readings"` // how many
	Acts     int       `json:"acts"`
	Digest   string    `json:"digest"` // SHA-256 over the rows, in hexadecimal digits
}
