package device

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"entente/internal/exchange"
	"entente/internal/format/blocklist"
	"entente/internal/score"
	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// What is read at once.
const (
	pageSize  = 1000
	pageBytes = 8 << 20
	workers   = 3
)

// listener makes rows of what the indicators of a reader say.
type listener struct {
	chooser     *Chooser
	view        *exchange.View
	collections []exchange.Access
	scored, fed bool // kinds of patterns are needed, or who made what

	rooms sync.Pool // of what is told of a page
}

// told is what indicators of a page come to.
type told struct {
	rows
	packed rows // versions, where an indicator may stand in several collections

	said    Reading // the last one; its values are written over by the next
	facts   facts
	remarks []remark
	class   handling.Class
	classed store.ClassID // whose class that is
}

// all hears all indicators into a sorter.
func (l *listener) all(ctx context.Context, into *sorter) error {
	return l.newest(into, inTurn(l.pages(ctx), func(page *exchange.Page) *told {
		defer page.Close()
		return l.page(page)
	}))
}

// some hears the newest versions of what there is of some ids.
func (l *listener) some(ctx context.Context, ids []string, into *sorter) error {
	return l.newest(into, func(yield func(*told, error) bool) {
		for page, err := range l.view.NewestPages(ctx, ids) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(l.page(page), nil) {
				return
			}
		}
	})
}

// newest puts what is told of pages into a sorter: of an indicator that may stand in several
// collections the newest version.
func (l *listener) newest(into *sorter, pages iter.Seq2[*told, error]) error {
	versions := &sorter{dir: l.chooser.Temp}
	defer versions.Close()
	for t, err := range pages {
		if err == nil {
			err = versions.addAll(&t.packed)
		}
		if err == nil {
			err = into.addAll(&t.rows)
		}
		if err != nil {
			return err
		}
		l.rooms.Put(t)
	}
	return newest(versions, into)
}

// pages gives the pages of all collections, which are closed by who takes them.
func (l *listener) pages(ctx context.Context) iter.Seq2[*exchange.Page, error] {
	return func(yield func(*exchange.Page, error) bool) {
		for _, c := range l.collections {
			q := exchange.Query{Types: []string{"indicator"}, Limit: pageSize, MaxBytes: pageBytes, Bodies: true, Once: true}
			for more := true; more; more = q.Next != "" {
				page, err := l.view.Page(ctx, c.ID, q)
				if err != nil {
					yield(nil, fmt.Errorf("collection %q: %w", c.Alias, err))
					return
				}
				q.Next = page.Next
				if !yield(page, nil) {
					page.Close() // nobody takes it
					return
				}
			}
		}
	}
}

// page hears a page of indicators.
func (l *listener) page(page *exchange.Page) *told {
	t, _ := l.rooms.Get().(*told)
	if t == nil {
		t = &told{}
	}
	t.clear()
	t.packed.clear()
	for i := range page.Len() {
		l.hear(t, page, i)
		if len(l.collections) > 1 {
			t.packed.add(t.pack(page.ID(i), page.Version(i)))
			t.clear()
		}
	}
	return t
}

// hear makes rows of one indicator.
func (l *listener) hear(t *told, page *exchange.Page, i int) {
	raw, said := page.Bytes(i), &t.said
	l.chooser.Hear(said, raw)
	id, place := page.ID(i), page.Place(i)
	if place.Class != t.classed {
		t.classed, t.class = place.Class, page.Class(i)
	}
	f := &t.facts
	*f = facts{flags: isFirst, pap: t.class.PAP, tlp: t.class.TLP, confidence: confidenceByte(said.Confidence),
		since: said.Since, until: said.Until, place: place, id: append(f.id[:0], id...), by: f.by[:0]}
	if t.class.Unreviewed {
		f.flags |= isUnreviewed
	}
	entry := blocklist.Entry{Ref: reference(id)}
	if len(entry.Ref) == uuidLen {
		f.flags |= isUUID
	}
	if l.scored {
		if f.of = score.OfPattern(property(raw, "pattern")); f.since.IsZero() {
			f.created = timeOf(property(raw, "created"))
		}
	}
	if l.fed {
		f.changed = timeOf(page.Version(i))
		if by := property(raw, "created_by_ref"); isIdentity(by) {
			f.by = append(f.by, by...)
		}
	}
	t.remarks = t.remarks[:0]
	if said.Left != "" {
		t.remark(remark{what: isLeft, text: said.Left})
	}
	if said.Together {
		t.remark(remark{what: isTogether})
	}
	values := said.Values[:0]
	for _, v := range said.Values {
		entry.Kind, entry.Value = kindOf(v), v.Text
		if entry.Kind == 0 || entry.Check() != nil {
			t.remark(remark{isUnfit, entry.Kind, example(v.Text)})
			continue
		}
		values = append(values, v)
	}
	if len(t.remarks) > 0 {
		if said.Left != "" && len(said.Values) == 0 && !said.Together {
			f.flags |= isBarren
		}
		t.addRemarks()
		f.flags &^= isFirst | isBarren
	}
	for _, v := range values {
		t.addValue(v)
		f.flags &^= isFirst
	}
	said.Values = values
}

// remark notes one of each kind.
func (t *told) remark(r remark) {
	if !slices.ContainsFunc(t.remarks, func(o remark) bool { return o.what == r.what && o.kind == r.kind }) {
		t.remarks = append(t.remarks, r)
	}
}

func (t *told) addRemarks() {
	from := len(t.bytes)
	t.bytes = t.facts.append(append(t.bytes, remarked))
	for _, r := range t.remarks {
		t.bytes = r.append(t.bytes)
	}
	t.mark(from)
}

func (t *told) addValue(v stix.Value) {
	f := t.facts
	if isSpecial(v) {
		f.flags |= isPrivate
	}
	from := len(t.bytes)
	t.bytes = f.append(appendKey(t.bytes, kindOf(v), v.Text))
	t.mark(from)
}

// example is a text for people, not longer than they read.
func example(text string) string {
	const most = 300
	if len(text) <= most {
		return strings.Clone(text)
	}
	end := most
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// uuidLen is how long a UUID is as text.
const uuidLen = 36

// isIdentity tells ids of those who make something, which alone are of one length.
func isIdentity(id string) bool {
	kind, _, err := stix.ParseID(id)
	return err == nil && kind == "identity"
}

// listed are the kinds of values in lists, by what they are looked up as; digests go by
// their length. lookedUp is the other way round.
var (
	listed = [256]blocklist.Kind{stix.ValueIP: blocklist.IP, stix.ValueDomain: blocklist.Domain, stix.ValueURL: blocklist.URL,
		stix.ValueEmail: blocklist.Mail, stix.ValueFile: blocklist.File, stix.ValueCert: blocklist.Cert}
	lookedUp = func() (of [256]stix.ValueKind) {
		for i := range of {
			of[i] = stix.ValueHash
		}
		for v, kind := range listed {
			if kind != 0 {
				of[kind] = stix.ValueKind(v)
			}
		}
		return of
	}()
)

// kindOf is the kind of a value in lists; 0 when it has none there.
func kindOf(v stix.Value) blocklist.Kind {
	if v.Kind == stix.ValueHash {
		k, _ := blocklist.Digest(v.Text)
		return k
	}
	return listed[v.Kind]
}

// reference is what leads back to an indicator: the UUID in its id.
func reference(id string) string {
	if _, rest, ok := strings.Cut(id, "--"); ok && len(rest) == uuidLen {
		if _, _, err := stix.ParseID(id); err == nil {
			return rest
		}
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:16])
}
