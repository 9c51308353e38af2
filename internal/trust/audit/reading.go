package audit

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"entente/internal/store"
)

// Reading is what one account was given of one collection in a stretch of
// time, at most an hour: the date added of each object.
type Reading struct {
	Collection store.Collection
	By         Reader
	From       store.Tick // when it began; tells the readings of one account apart
	Until      store.Tick // when the last was given
	Footing    FootingID  // on which all of it was given; zero: that was not kept yet
	Objects    Runs       // given with their content
	Names      Runs       // given as entries of a manifest or a history: id, version, date
	Asides     []Aside    // given of what was kept aside, which has no date
}

// Aside is content that was kept aside under the id and version of an object.
type Aside struct {
	ID      string
	Version string
	Digest  [32]byte // SHA-256 of its bytes
}

// Reader is who was given something.
type Reader struct {
	ID      string `json:"id"` // the account's alone, also among those of its name
	Account string `json:"account"`
	Org     string `json:"org"`
}

// Key orders readings by collection, account and time.
func (r *Reading) Key() string {
	return CollectionKey(r.Collection) + hex.EncodeToString([]byte(r.By.ID)) + " " + fmt.Sprintf("%016x", int64(r.From))
}

// CollectionKey begins the keys of all readings of a collection.
func CollectionKey(c store.Collection) string { return fmt.Sprintf("%08x ", uint32(c)) }

// Merge adds what another reading of the same account, collection and footing tells.
func (r *Reading) Merge(other *Reading) {
	r.Objects = append(r.Objects, other.Objects...)
	r.Names = append(r.Names, other.Names...)
	r.Asides = append(r.Asides, other.Asides...)
	r.Order()
	r.Until = max(r.Until, other.Until)
}

// Order puts its sets in order.
func (r *Reading) Order() {
	r.Objects.Order()
	r.Names.Order()
	slices.SortFunc(r.Asides, func(a, b Aside) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Version, b.Version), bytes.Compare(a.Digest[:], b.Digest[:]))
	})
	r.Asides = slices.Compact(r.Asides)
}

// Len is how many entries its sets have.
func (r *Reading) Len() int { return len(r.Objects) + len(r.Names) + len(r.Asides) }

// Forms of a row: the second has a footing behind its number.
const (
	readingForm = 1
	footingForm = 2
)

// Value is the reading as a row. Its sets must be in order.
func (r *Reading) Value() []byte {
	b := []byte{readingForm}
	if r.Footing != (FootingID{}) {
		b = append([]byte{footingForm}, r.Footing[:]...)
	}
	b = appendText(appendText(b, r.By.Account), r.By.Org)
	b = binary.AppendUvarint(b, uint64(r.Until))
	return appendAsides(r.Names.append(r.Objects.append(b)), r.Asides)
}

// ReadReading reads a row.
func ReadReading(key string, value []byte) (r Reading, err error) {
	fail := func(why error) (Reading, error) {
		return Reading{}, fmt.Errorf("audit: the reading %q: %w", key, why)
	}
	parts := strings.Split(key, " ")
	footing, rest, ok := cutFooting(value)
	if len(parts) != 3 || !ok {
		return fail(errors.New("it is of a form this program does not know"))
	}
	collection, err := strconv.ParseUint(parts[0], 16, 32)
	if err != nil {
		return fail(err)
	}
	id, err := hex.DecodeString(parts[1])
	if err != nil {
		return fail(err)
	}
	from, err := strconv.ParseInt(parts[2], 16, 64)
	if err != nil {
		return fail(err)
	}
	r = Reading{Collection: store.Collection(collection), From: store.Tick(from), By: Reader{ID: string(id)}, Footing: footing}
	if r.By.Account, rest, ok = cutText(rest); ok {
		r.By.Org, rest, ok = cutText(rest)
	}
	until, n := binary.Uvarint(rest)
	if !ok || n <= 0 {
		return fail(errors.New("it ends early"))
	}
	r.Until = store.Tick(until)
	if r.Objects, rest, err = readRuns(rest[n:]); err != nil {
		return fail(err)
	}
	if r.Names, rest, err = readRuns(rest); err != nil {
		return fail(err)
	}
	if r.Asides, ok = readAsides(rest); !ok {
		return fail(errors.New("what it says of content kept aside cannot be read"))
	}
	return r, nil
}

// cutFooting takes the form and the footing off a row.
func cutFooting(value []byte) (id FootingID, rest []byte, ok bool) {
	switch {
	case len(value) > 0 && value[0] == readingForm:
		return id, value[1:], true
	case len(value) > len(id) && value[0] == footingForm:
		rest = value[1+copy(id[:], value[1:]):]
		return id, rest, id != (FootingID{})
	}
	return id, nil, false
}

// appendAsides writes nothing where there are none, as in most readings.
func appendAsides(b []byte, list []Aside) []byte {
	for i := range list {
		b = appendText(appendText(b, list[i].ID), list[i].Version)
		b = append(b, list[i].Digest[:]...)
	}
	return b
}

func readAsides(b []byte) (list []Aside, ok bool) {
	for len(b) > 0 {
		var a Aside
		if a.ID, b, ok = cutText(b); ok {
			a.Version, b, ok = cutText(b)
		}
		if !ok || len(b) < len(a.Digest) {
			return nil, false
		}
		b = b[copy(a.Digest[:], b):]
		list = append(list, a)
	}
	return list, true
}

// Time is a tick as a time.
func Time(t store.Tick) time.Time { return time.UnixMicro(int64(t)).UTC() }

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func cutText(b []byte) (s string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) {
		return "", nil, false
	}
	b = b[size:]
	return string(b[:n]), b[n:], true
}
