package handling

import "entente/internal/store"

// Level is a TLP 2.0 label (FIRST, August 2022). Higher is stricter.
type Level uint8

// TLP 2.0 labels.
const (
	Clear Level = iota + 1
	Green
	Amber
	AmberStrict
	Red
)

// Page is objects that a handling decision has released to one reader: the
// only thing encoders accept. Nothing outside this package can make one. Its
// strings and bytes are valid until Close.
type Page struct {
	page *store.Page
}

// Len is the number of objects.
func (p *Page) Len() int { return len(p.page.Rows) }

// More tells whether further objects match.
func (p *Page) More() bool { return p.page.More }

// ID of object i.
func (p *Page) ID(i int) string { return p.page.Rows[i].ID }

// Version of object i as its producer wrote it; empty where it has none.
func (p *Page) Version(i int) string { return p.page.Rows[i].Version }

// Spec is the STIX version of object i, "2.1" or "2.0".
func (p *Page) Spec(i int) string { return p.page.Rows[i].Spec }

// Added is the date added of object i.
func (p *Page) Added(i int) store.Tick { return p.page.Rows[i].Added }

// Bytes are object i as its producer wrote it; nil on a manifest page. The
// caller must not change them and must not keep them past Close.
func (p *Page) Bytes(i int) []byte { return nil }

// Close gives the page's buffers back.
func (p *Page) Close() { p.page.Close() }
