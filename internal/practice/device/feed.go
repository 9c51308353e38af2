package device

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/format/mispfeed"
	"entente/internal/trust/account"
	"entente/stix"
)

// Feed is a list in the form of a feed for MISP: a folder, which an archive holds. It is
// no single file, so that package blocklist does not write it.
var Feed = &blocklist.Format{Name: "misp-feed", About: "a feed for MISP: an archive (tar) with manifest.json, hashes.csv and a file for each event",
	Media: "application/x-tar", Blocks: true, // MISP hands on what is for detection to what blocks
	Kinds: []blocklist.Kind{blocklist.IP, blocklist.Domain, blocklist.URL, blocklist.MD5, blocklist.SHA1, blocklist.SHA256, blocklist.SHA512, blocklist.Mail, blocklist.File}}

// FormatNames are those of all formats of lists, with that of Feed.
func FormatNames() []string { return append(blocklist.Names(), Feed.Name) }

// FormatByName finds the format of a list, or Feed.
func FormatByName(name string) (*blocklist.Format, error) {
	if name == Feed.Name {
		return Feed, nil
	}
	f, err := blocklist.ByName(name)
	if err != nil {
		err = fmt.Errorf("%w, %s", err, Feed.Name)
	}
	return f, err
}

// Write writes a list in its format, of which keep leaves out rows unless it is nil. Of a
// Feed it tells where in the archive each file stands.
func (c *Chooser) Write(ctx context.Context, by account.Principal, w io.Writer, l *List, head blocklist.Head, keep func(row []byte) bool) (files []mispfeed.File, err error) {
	if l.Wish.Format == Feed {
		return c.writeFeed(ctx, by, w, l, keep)
	}
	return nil, behind(w, func(w io.Writer) error {
		_, err := l.Wish.Format.Write(w, head, l.entries(keep))
		return err
	})
}

// inEvent is how many attributes an event has at most: more go into another of the same
// producer and day.
const inEvent = 10_000

// nobody is who made what does not say who did.
var nobody = mispfeed.Org{Name: "unnamed producer", UUID: "5f0f4a3c-7a83-5d0e-9a4e-6c1f5a0b7d21"}

// writeFeed writes an event for each producer and day from which indicators are valid.
func (c *Chooser) writeFeed(ctx context.Context, by account.Principal, w io.Writer, l *List, keep func(row []byte) bool) (files []mispfeed.File, err error) {
	sorted := &sorter{dir: c.Temp}
	defer sorted.Close()
	for row, err := range l.kept(keep) {
		if err == nil {
			err = sorted.add(eventRow(row))
		}
		if err != nil {
			return nil, fmt.Errorf("feed: %w", err)
		}
	}
	aside, err := nameless(c.Temp)
	if err != nil {
		return nil, err
	}
	defer discard(aside)
	out := mispfeed.NewWriter(w, aside)
	f := feeding{view: c.Exchange.View(by), orgs: map[string]mispfeed.Org{}}
	for e, err := range f.events(ctx, sorted.all()) {
		if err == nil {
			err = out.Add(e)
		}
		if err != nil {
			return nil, fmt.Errorf("feed: %w", err)
		}
	}
	if files, err = out.Close(); err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	return files, nil
}

// eventRow puts before a row what brings those of an event together: producer, day,
// and the second from which it is valid, so that what comes later stands later.
func eventRow(row []byte) []byte {
	e := entryOf(row)
	b := append([]byte(e.By), 0)
	b = binary.BigEndian.AppendUint64(b, uint64(seconds(e.Since)))
	return append(b, row...)
}

// feeding makes events of rows.
type feeding struct {
	view *exchange.View
	orgs map[string]mispfeed.Org
}

func (f *feeding) events(ctx context.Context, rows iter.Seq2[[]byte, error]) iter.Seq2[*mispfeed.Event, error] {
	return func(yield func(*mispfeed.Event, error) bool) {
		var e *mispfeed.Event
		var by, day string
		var tlp labels
		part := 1
		give := func() bool {
			if e == nil {
				return true
			}
			e.Tags, e.Shared = tlp.tags(), tlp.shared()
			return yield(e, nil)
		}
		for row, err := range rows {
			if err != nil {
				yield(nil, err)
				return
			}
			of, _, _ := strings.Cut(string(row), "\x00")
			entry := entryOf(row[len(of)+9:])
			if entry.Since.IsZero() {
				entry.Since = time.Unix(0, 0) // a MISP asks for a date
			}
			date := entry.Since.UTC().Format(time.DateOnly)
			if other := e == nil || of != by || date != day; other || len(e.Attributes) == inEvent {
				if !give() {
					return
				}
				if part++; other {
					part = 1
				}
				by, day, tlp = of, date, labels{}
				if e, err = f.event(ctx, by, entry.Since, part); err != nil {
					yield(nil, err)
					return
				}
			}
			a, err := attributeOf(&entry)
			if err != nil {
				yield(nil, err)
				return
			}
			tlp.note(entry.TLP)
			e.Attributes = append(e.Attributes, a)
		}
		give()
	}
}

// event begins the event of a producer and a day.
func (f *feeding) event(ctx context.Context, by string, day time.Time, part int) (*mispfeed.Event, error) {
	org, err := f.org(ctx, by)
	if err != nil {
		return nil, err
	}
	date := day.UTC().Format(time.DateOnly)
	id, err := stix.DerivedID("event", "identity--"+org.UUID, fmt.Sprintf("%s %d", date, part))
	if err != nil {
		return nil, err
	}
	e := &mispfeed.Event{UUID: uuidOf(id), Info: fmt.Sprintf("%s: indicators of %s", org.Name, date), Date: day, Org: org}
	if part > 1 {
		e.Info += fmt.Sprintf(", part %d", part)
	}
	return e, nil
}

// org is the organisation that an identity stands for, as its reader may know it.
func (f *feeding) org(ctx context.Context, id string) (mispfeed.Org, error) {
	if org, known := f.orgs[id]; known {
		return org, nil
	}
	org := nobody
	if _, _, err := stix.ParseID(id); err == nil {
		org = mispfeed.Org{Name: id, UUID: uuidOf(id)}
		for page, err := range f.view.NewestPages(ctx, []string{id}) {
			if err != nil {
				return org, err
			}
			for i := range page.Len() {
				if name := property(page.Bytes(i), "name"); name != "" {
					org.Name = name
				}
			}
		}
	}
	f.orgs[id] = org
	return org, nil
}

// property is one of an object that is a text; empty when it has none of the name.
func property(raw []byte, name string) string {
	for key, value := range stix.Split(raw) {
		if string(key) == name {
			return stix.Text(value)
		}
	}
	return ""
}

func uuidOf(id string) string {
	_, uuid, _ := strings.Cut(id, "--")
	return uuid
}

// attributeTypes are what MISP calls values, and the categories they are of.
var attributeTypes = map[blocklist.Kind][2]string{
	blocklist.IP: {"ip-dst", "Network activity"}, blocklist.Domain: {"domain", "Network activity"}, blocklist.URL: {"url", "Network activity"},
	blocklist.MD5: {"md5", "Payload delivery"}, blocklist.SHA1: {"sha1", "Payload delivery"}, blocklist.SHA256: {"sha256", "Payload delivery"},
	blocklist.SHA512: {"sha512", "Payload delivery"}, blocklist.Mail: {"email-src", "Payload delivery"}, blocklist.File: {"filename", "Payload delivery"},
}

// attributeOf is an entry as MISP has it. Its UUID is the same as long as the indicator
// and the value are.
func attributeOf(e *blocklist.Entry) (mispfeed.Attribute, error) {
	if err := e.Check(); err != nil {
		return mispfeed.Attribute{}, err
	}
	t, ok := attributeTypes[e.Kind]
	if !ok {
		return mispfeed.Attribute{}, errors.New("MISP has no type for " + e.Kind.String())
	}
	id, err := stix.DerivedID("attribute", "indicator--"+e.Ref, e.Kind.String()+" "+e.Value)
	if err != nil { // of an id of another form
		id, err = stix.DerivedID("attribute", "identity--"+nobody.UUID, e.Ref+" "+e.Kind.String()+" "+e.Value)
	}
	return mispfeed.Attribute{UUID: uuidOf(id), Type: t[0], Category: t[1], Value: e.Value, Comment: "indicator " + e.Ref, Changed: e.Changed, Tags: tlpTags(e.TLP)}, err
}

// strictness are the labels of TLP from the widest, and how far a MISP passes on each.
var strictness = []struct{ label, shared string }{
	{"clear", mispfeed.ToAll}, {"green", mispfeed.ToConnected}, {"none", mispfeed.ToOwn},
	{"amber", mispfeed.ToOwn}, {"amber+strict", mispfeed.ToOwn}, {"red", mispfeed.ToOwn},
}

// labels is the strictest label that was noted.
type labels struct{ at int }

func (l *labels) note(tlp string) {
	for i, s := range strictness {
		if s.label == tlp {
			l.at = max(l.at, i)
			return
		}
	}
	l.at = len(strictness) - 1
}

func (l *labels) tags() []string { return tlpTags(strictness[l.at].label) }
func (l *labels) shared() string { return strictness[l.at].shared }

func tlpTags(label string) []string {
	if label == "none" {
		return nil
	}
	return []string{"tlp:" + label}
}
