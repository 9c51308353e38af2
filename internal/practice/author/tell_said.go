package author

import (
	"context"
	"strings"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// lastSaid is a statement in one collection: what the own member said last, and the
// newest version there is, which may be somebody else's.
type lastSaid struct {
	asset           stix.Asset
	version, newest string
	revoked         bool
}

// said gives what the own member has said to be its own, each with its statements, in
// all collections that the writer reads. Where somebody else has put a version on top, a
// statement counts as open: it is to be said again.
func (d *Desk) said(ctx context.Context, by account.Principal) (map[stix.Asset][]saying, error) {
	view, said := d.x.View(by), map[stix.Asset][]saying{}
	for _, c := range view.Readable() {
		last := map[string]*lastSaid{}
		q := exchange.Query{Types: []string{"note"}, Limit: 1000, MaxBytes: 8 << 20, Bodies: true}
		q.Versions.All = true
		for page, err := range view.Pages(ctx, c.ID, q) {
			if err != nil {
				return nil, err
			}
			for i := range page.Len() {
				d.hear(last, page.ID(i), page.Version(i), page.Bytes(i))
			}
		}
		for id, l := range last {
			if l.version != "" {
				said[l.asset] = add(said[l.asset], saying{id, l.revoked, !l.revoked || stix.CompareVersions(l.newest, l.version) > 0})
			}
		}
	}
	return said, nil
}

// hear adds a version of a note.
func (d *Desk) hear(last map[string]*lastSaid, id, version string, raw []byte) {
	l := last[id]
	if l == nil {
		l = &lastSaid{}
		last[strings.Clone(id)] = l
	}
	if l.newest == "" || stix.CompareVersions(version, l.newest) > 0 {
		l.newest = strings.Clone(version)
	}
	if l.version != "" && stix.CompareVersions(version, l.version) <= 0 {
		return
	}
	a, ok := stix.StatedAsset(raw)
	if !ok {
		return
	}
	if o, err := stix.Read(raw, stix.MaxObject(len(raw))); err == nil && o.CreatedByRef == d.member.ID {
		l.asset, l.version, l.revoked = bare(a), strings.Clone(version), o.Revoked
	}
}
