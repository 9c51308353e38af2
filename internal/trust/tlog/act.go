package tlog

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"entente/internal/store"
)

// Kind says what a member did.
type Kind string

// Kinds of acts.
const (
	Share  Kind = "share"  // objects became readable to others, or were published by an account
	Recall Kind = "recall" // objects were taken back
	Grant  Kind = "grant"  // a collection was opened to an account
	Revoke Kind = "revoke" // an account or a grant ended

	Agree    Kind = "agree"    // an agreement was made or replaced
	Disagree Kind = "disagree" // an agreement was ended

	Audit Kind = "audit" // who was given what, and what was administered, up to now: Digest commits to it

	// Restore is the first act after the node was restored from a backup: the
	// log goes on from a former one, under an origin of its own. What that one
	// held beyond the size named is not known here any more.
	Restore Kind = "restore"
)

// Act is one thing a member did towards others.
type Act struct {
	Kind       Kind
	By         string // account
	Org        string // its organisation
	Collection string // id; empty when the act is about none
	To         string // for grants: account@organisation it was opened to; for agreements: name, version and with whom
	Former     string // for restores: origin, size and root of the log that this one goes on from
	Objects    int    // how many objects the act covers
	First      store.Tick
	Last       store.Tick
	Digest     [32]byte // SHA-256 over the objects' digests in order; zero when there are none
	Time       store.Tick
}

// appendEvent writes the canonical text of an act; the package comment has its
// grammar.
func (a Act) appendEvent(b []byte) []byte {
	line := func(key, value string) {
		if value != "" {
			b = append(append(b, key...), ' ')
			b = append(append(b, oneLine(value)...), '\n')
		}
	}
	number := func(key string, n int64) {
		b = append(append(b, key...), ' ')
		b = append(strconv.AppendInt(b, n, 10), '\n')
	}
	b = append(b, "entente/act/v1\n"...)
	line("kind", string(a.Kind))
	number("time", int64(a.Time))
	line("by", a.By)
	line("org", a.Org)
	line("collection", a.Collection)
	line("to", a.To)
	line("former", a.Former)
	if a.Objects > 0 {
		number("objects", int64(a.Objects))
		number("first", int64(a.First))
		number("last", int64(a.Last))
		b = hex.AppendEncode(append(b, "digest "...), a.Digest[:])
		b = append(b, '\n')
	}
	return b
}

// oneLine keeps a value from ending its line.
func oneLine(s string) string {
	if !strings.ContainsAny(s, "\n\r") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, s)
}

// ParseAct reads an event. Unknown keys are left alone: a later program may
// have written more.
func ParseAct(event []byte) (Act, error) {
	var a Act
	head, rest, _ := strings.Cut(string(event), "\n")
	if head != "entente/act/v1" {
		return a, errors.New("log: the event is of a form this program does not know")
	}
	number := func(s string) store.Tick {
		n, _ := strconv.ParseInt(s, 10, 64)
		return store.Tick(n)
	}
	for line := range strings.Lines(rest) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch key {
		case "kind":
			a.Kind = Kind(value)
		case "time":
			a.Time = number(value)
		case "by":
			a.By = value
		case "org":
			a.Org = value
		case "collection":
			a.Collection = value
		case "to":
			a.To = value
		case "former":
			a.Former = value
		case "objects":
			a.Objects = int(number(value))
		case "first":
			a.First = number(value)
		case "last":
			a.Last = number(value)
		case "digest":
			digest, err := hex.DecodeString(value)
			if err != nil || len(digest) != len(a.Digest) {
				return a, errors.New("log: the event's digest is not 64 hexadecimal digits")
			}
			copy(a.Digest[:], digest)
		}
	}
	return a, nil
}

// Append commits an act to the log inside the transaction of the act, and
// gives its index.
func Append(tx store.Tx, a Act) int64 {
	if a.Time == 0 {
		a.Time = tx.Tick()
	}
	opening := make([]byte, 32, 32+384)
	rand.Read(opening) // never fails (crypto/rand)
	opening = a.appendEvent(opening)
	return tx.AppendLeaf(commit(opening), opening)
}

// commit is the leaf of an opening.
func commit(opening []byte) (leaf [32]byte) {
	h := sha256.New()
	h.Write([]byte("entente/leaf/v1\n"))
	h.Write(opening)
	h.Sum(leaf[:0])
	return leaf
}

// Open checks that an opening is the one committed to, and reads its act.
func Open(commitment [32]byte, opening []byte) (Act, error) {
	leaf := commit(opening)
	if len(opening) < 32 || subtle.ConstantTimeCompare(leaf[:], commitment[:]) != 1 {
		return Act{}, errors.New("log: the opening does not prove this leaf; it was altered or belongs to another")
	}
	return ParseAct(opening[32:])
}

// When is the time of an act.
func (a Act) When() time.Time { return time.UnixMicro(int64(a.Time)).UTC() }
