package author

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
	"entente/stix"
)

// Telling says in the own member's name what is its own: each asset in a note of its
// own on the own member's identity (docs/reference/assets.md).
type Telling struct {
	Assets     []stix.Asset // to be told
	Register   []stix.Asset // all there are; what was told and is not among them is taken back
	Collection string       // id or alias; default when empty
	TLP        string       // what each has been told with, or TLP:AMBER, when empty
	Notes      *bool        // tell the notes for people as well; as each has been told when nil
}

// Told is what became of a Telling.
type Told struct {
	Collection string   `json:"collection"` // alias
	New        int      `json:"new"`
	Changed    int      `json:"changed"`    // new versions, or told in the collection, too
	Same       int      `json:"same"`       // of those looked at, told so already
	TakenBack  int      `json:"taken_back"` // revoked, since they are no longer one's own
	More       bool     `json:"more,omitempty" doc:"There is more than one request does; ask the same again."`
	Left       []string `json:"left,omitempty" doc:"Statements that were left as they are, and why; at most 20."`
}

const (
	mostStatements = 10_000 // statements that one request writes, about
	tellOnce       = 500    // statements of one atomic batch
	mostLeft       = 20
)

// telling is one under way.
type telling struct {
	Telling
	desk       *Desk
	by         account.Principal
	c          exchange.Access
	level      handling.Level  // none when 0
	introduced map[string]bool // collections that have the own member's identity
	out        Told
}

// statement is one that is to be as it should.
type statement struct {
	id    string
	asset stix.Asset
	over  bool // it is to be taken back
}

// Tell makes what is said of the own member's assets true, a batch of statements at a
// time, each batch whole or not at all: running it twice changes nothing. Errors:
// exchange.ErrForbidden, exchange.ErrNotFound (the collection), exchange.ErrInvalid,
// exchange.ErrStale.
func (d *Desk) Tell(ctx context.Context, by account.Principal, t Telling) (Told, error) {
	if err := d.mayWrite(by); err != nil {
		return Told{}, err
	}
	c, err := d.target(by, t.Collection)
	if err == nil && !c.CanRead {
		err = fmt.Errorf("tell assets in %s: %w: whoever tells must see there what has been told", c.Alias, exchange.ErrForbidden)
	}
	if err != nil {
		return Told{}, err
	}
	w := &telling{Telling: t, desk: d, by: by, c: c, introduced: map[string]bool{}, out: Told{Collection: c.Alias}}
	if t.TLP != "" {
		if w.level, err = parseTLP(t.TLP); err != nil {
			return Told{}, err
		}
	}
	said, err := d.said(ctx, by)
	if err != nil {
		return Told{}, err
	}
	statements, err := w.statements(ctx, said)
	if err != nil {
		return Told{}, err
	}
	for some := range slices.Chunk(statements, tellOnce) {
		if w.out.New+w.out.Changed+w.out.TakenBack >= mostStatements {
			w.out.More = true
			break
		}
		if err := w.write(ctx, some); err != nil {
			return w.out, err
		}
	}
	return w.out, nil
}

// bare is an asset without its note.
func bare(a stix.Asset) stix.Asset { return stix.Asset{Kind: a.Kind, Value: a.Value} }

// saying is a statement that is there.
type saying struct {
	id      string
	revoked bool // somewhere: it stays so
	open    bool // somewhere it is not
}

// add adds a statement as it stands in one more collection.
func add(list []saying, s saying) []saying {
	if i := slices.IndexFunc(list, func(o saying) bool { return o.id == s.id }); i >= 0 {
		list[i].revoked, list[i].open = list[i].revoked || s.revoked, list[i].open || s.open
		return list
	}
	return append(list, s)
}

// statements are those that are to be made, changed and taken back, in one order.
func (w *telling) statements(ctx context.Context, said map[stix.Asset][]saying) (list []statement, err error) {
	keep := make(map[stix.Asset]bool, len(w.Register))
	for _, a := range w.Register {
		keep[bare(a)] = true
	}
	for asset, all := range said {
		for _, s := range all {
			if s.open && (s.revoked || !keep[asset]) {
				list = append(list, statement{s.id, asset, true})
			}
		}
	}
	slices.SortFunc(list, func(a, b statement) int { return strings.Compare(a.id, b.id) })
	for _, a := range w.Assets {
		all := said[bare(a)]
		at := slices.IndexFunc(all, func(s saying) bool { return !s.revoked })
		if at >= 0 {
			list = append(list, statement{all[at].id, a, false})
			continue
		}
		id, err := w.another(ctx, bare(a), len(all)) // what was taken back stays so: another one says it
		if err != nil {
			return nil, err
		}
		list = append(list, statement{id, a, false})
	}
	return list, nil
}

// another is the identifier of the next statement of an asset, of which so many are
// there: one that was never taken back or deleted.
func (w *telling) another(ctx context.Context, a stix.Asset, before int) (string, error) {
	for ; ; before++ {
		id := w.desk.assetID(a, before)
		was, err := w.desk.pastOf(ctx, w.by, id)
		if err != nil || was == nil {
			return id, err
		}
	}
}

// assetID is the identifier of the statement of an asset, after so many that were taken
// back. Who has it cannot guess what it is of.
func (d *Desk) assetID(a stix.Asset, before int) string {
	secret := d.x.Secret("ids of assets that are told")
	mac := hmac.New(sha256.New, secret[:])
	fmt.Fprintf(mac, "%s\x00%s\x00%s\x00%d", d.member.ID, a.Kind, a.Value, before)
	return stix.SeededID("note", [16]byte(mac.Sum(nil)[:16]))
}

// write brings some statements, unless they are as they should be.
func (w *telling) write(ctx context.Context, some []statement) error {
	for try := 0; ; try++ {
		b := &tellBatch{}
		err := w.gather(ctx, some, b)
		if err == nil && len(b.all) > 0 {
			err = w.publish(ctx, b)
		}
		if errors.Is(err, exchange.ErrStale) && try < 3 {
			continue // somebody wrote meanwhile
		}
		if err == nil {
			w.out.New, w.out.Changed, w.out.Same, w.out.TakenBack = w.out.New+b.made, w.out.Changed+b.changed, w.out.Same+b.same, w.out.TakenBack+b.back
			w.out.Left = append(w.out.Left, b.left[:min(len(b.left), mostLeft-len(w.out.Left))]...)
		}
		return err
	}
}

// tellBatch is one batch.
type tellBatch struct {
	all                       batch
	made, changed, same, back int
	left                      []string
	over                      []takenBack
}

// takenBack is a statement with the version that takes it back.
type takenBack struct {
	s       *standing
	version string
}

func (w *telling) gather(ctx context.Context, some []statement, b *tellBatch) error {
	ids := make([]string, len(some))
	for i := range some {
		ids[i] = some[i].id
	}
	found, err := w.desk.standings(ctx, w.by, ids)
	if err != nil {
		return err
	}
	for i := range some {
		s := found[some[i].id]
		base, err := w.desk.lastOwn(ctx, w.by, s)
		if err != nil {
			return err
		}
		if s != nil && base == nil {
			b.left = append(b.left, some[i].id+": somebody else has an object of this id")
			continue
		}
		if err := w.gatherOne(&some[i], s, base, b); err != nil {
			return fmt.Errorf("%s %s: %w", some[i].asset.Kind, some[i].asset.Value, err)
		}
	}
	return nil
}

// gatherOne adds what is to be published of one statement, which stands so, and was
// last said so by the own member.
func (w *telling) gatherOne(one *statement, s *standing, base []byte, b *tellBatch) error {
	if s != nil && s.parts {
		b.left = append(b.left, one.id+": "+withheld(w.by))
		return nil
	}
	if s == nil && one.over {
		return nil // taken away meanwhile
	}
	raw, same, err := w.written(one, s, base)
	if err != nil {
		return err
	}
	o, err := stix.Read(raw)
	if err != nil {
		return bad("%w", err)
	}
	if s == nil {
		b.all.put(w.c.ID, o, "")
		b.made++
		return nil
	}
	wrote := false
	places, left := s.writable()
	for i := range places {
		if p := &places[i]; !same || stix.CompareVersions(p.version, s.Version()) != 0 {
			b.all.put(p.ID, o, p.version)
			wrote = true
		}
	}
	if !one.over && !s.in(w.c.ID) {
		b.all.put(w.c.ID, o, "")
		wrote = true
	}
	if !same && len(left) > 0 {
		b.left = append(b.left, one.id+": stays as it was in "+strings.Join(left, ", ")+", where "+w.by.Account+" may not write")
	}
	switch {
	case !wrote:
		b.same++
	case one.over:
		b.back++
		b.over = append(b.over, takenBack{s, o.Version()})
	default:
		b.changed++
	}
	return nil
}

// publish writes a batch, with the own member's identity where it is not known.
func (w *telling) publish(ctx context.Context, b *tellBatch) error {
	for i := range b.all {
		p := &b.all[i]
		if w.introduced[p.Collection] {
			continue
		}
		c, err := w.desk.x.View(w.by).Collection(p.Collection)
		if err != nil {
			return err
		}
		whole, err := w.desk.withIdentity(ctx, w.by, c, p.Objects[0].Raw)
		if err != nil {
			return err
		}
		p.Objects = append(whole[:len(whole)-1:len(whole)-1], p.Objects...)
	}
	_, err := w.desk.x.PublishAll(ctx, w.by, b.all, func(tx store.Tx, results [][]exchange.Result) error {
		if err := whole(tx, results); err != nil {
			return err
		}
		for _, t := range b.over {
			if err := w.desk.keepPast(tx, t.s, t.version, true); err != nil {
				return err
			}
		}
		audit.Add(tx, audit.Act{Who: w.by.Account, What: "asset tell", On: w.c.Alias,
			Detail: fmt.Sprintf("%d told, %d changed, %d taken back", b.made, b.changed, b.back)})
		return nil
	})
	if err == nil {
		for _, p := range b.all {
			w.introduced[p.Collection] = true
		}
	}
	return err
}
