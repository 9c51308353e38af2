package demo

import (
	"context"
	"fmt"
	"io"

	"entente/internal/exchange"
	"entente/internal/practice/intake"
	"entente/taxii"
)

// everyVersion is what a mirror asks for, so that a revocation arrives beside
// what it revokes.
var everyVersion = taxii.Filter{Versions: []string{"all"}}

// pull brings what is new in a partner's shared collection into the member's
// inbox, and tells how many objects that were.
func (c *coalition) pull(ctx context.Context, m, from *member) (taken int, err error) {
	s := c.nodes[m]
	for batch, err := range s.sources[from].Pull(ctx, shared, s.cursors[from], everyVersion) {
		if err != nil {
			return taken, err
		}
		n, err := s.publish(ctx, inbox, batch.Objects, from.name)
		if err != nil {
			return taken, err
		}
		taken += n
		s.cursors[from] = batch.Cursor
	}
	return taken, nil
}

// recall takes back every version of an object.
func (s *station) recall(ctx context.Context, collection, id string) (int, error) {
	return s.Exchange.Recall(ctx, s.Operator(), collection, id, exchange.Query{})
}

// bringIn imports real STIX into a collection of the CERT's.
func (c *coalition) bringIn(ctx context.Context, w io.Writer, paths []string) error {
	if len(paths) == 0 {
		return nil
	}
	s := c.nodes[cert]
	if _, err := s.Exchange.AddCollection(ctx, s.Operator(), exchange.Collection{Alias: "imported", Title: "Imported"}); err != nil {
		return err
	}
	summary, err := intake.Import{Exchange: s.Exchange, By: s.Operator(), Collection: "imported"}.Run(ctx, intake.Files(paths))
	if err != nil {
		return fmt.Errorf("demo: import: %w", err)
	}
	fmt.Fprintf(w, "\nImported into %s/imported: %d objects, %d new, %d refused\n", cert.key, summary.Objects, summary.New, summary.Refused)
	for _, r := range summary.Reasons {
		fmt.Fprintf(w, "  %s\n", r)
	}
	return nil
}
