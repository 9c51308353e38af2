package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/internal/trust/handling"
)

// agreements registers what is done with agreements.
func (s *Server) agreements() {
	tags := []string{"agreements"}
	register(s, huma.Operation{OperationID: "listAgreements", Method: http.MethodGet, Path: "/agreements", Tags: tags,
		Summary: "List the newest version of each agreement, by name", Description: "For curators. What the own member has agreed to release, to whom, for what and until when."},
		s.listAgreements, Forbidden, BadCursor)
	register(s, huma.Operation{OperationID: "getAgreement", Method: http.MethodGet, Path: "/agreements/{agreement}", Tags: tags,
		Summary: "List all versions of an agreement, oldest first", Description: "For curators."}, s.getAgreement, Forbidden, NotFound, BadCursor)
	register(s, huma.Operation{OperationID: "addAgreement", Method: http.MethodPost, Path: "/agreements", Tags: tags, DefaultStatus: http.StatusCreated,
		Summary: "Make an agreement, or its next version", Description: "For admins. It is in force for every read from its start on, without any object being rewritten. With `replaces` it takes the place of that version, which must be the newest."},
		s.addAgreement, Forbidden, NotFound, Exists, StorageFull)
	register(s, huma.Operation{OperationID: "endAgreement", Method: http.MethodPost, Path: "/agreements/{agreement}/end", Tags: tags,
		Summary: "End an agreement at once", Description: "For admins. Nothing more is released by it; what was released is not called back."},
		s.endAgreement, Forbidden, NotFound, Exists, StorageFull)
}

// curates lets curators alone see who may read what.
func curates(ctx context.Context) error {
	if who(ctx).Curates() {
		return nil
	}
	return problemf(Forbidden, "this takes a curator of the node's own member; %sme tells what this account may do", Root)
}

// InAgreement is the input of what is done to one agreement.
type InAgreement struct {
	Agreement string `path:"agreement" doc:"Name of an agreement."`
}

type oneAgreement struct{ Body wire.Agreement }

func (s *Server) showAgreement(e *agreement.Entry, newest bool) wire.Agreement {
	a := wire.Agreement{Name: e.Name, Version: e.Version, State: e.State(time.Now()), Kind: string(e.Kind), To: []string{},
		TLP: e.TLP.String(), PAP: e.PAP.String(), Terms: names(e.Terms.String()), Purposes: names(e.Purposes.String()),
		LegalGrounds: names(e.Grounds.String()), Review: e.Review, ReviewBeforeUse: e.ReviewBeforeUse, RetentionDays: e.RetentionDays, From: e.From, Until: e.Until, Note: e.Note, Recorded: e.Recorded, By: e.By}
	for _, t := range e.Transfers {
		a.Transfers = append(a.Transfers, wire.Transfer(t))
	}
	for _, c := range e.Collections {
		a.Collections = append(a.Collections, s.Exchange.CollectionName(c))
	}
	for _, n := range e.To {
		a.To = append(a.To, string(n))
	}
	if !newest {
		a.State = "replaced"
	}
	return a
}

func names(list string) []string {
	if list == "" {
		return []string{}
	}
	return strings.Split(list, ",")
}

func (s *Server) listAgreements(ctx context.Context, in *Paging) (*listing[wire.Agreement], error) {
	if err := curates(ctx); err != nil {
		return nil, err
	}
	newest, err := s.Agreements.List()
	if err != nil {
		return nil, err
	}
	all := make([]wire.Agreement, len(newest))
	for i := range newest {
		all[i] = s.showAgreement(&newest[i], true)
	}
	return pageOf(all, func(a *wire.Agreement) string { return a.Name }, *in)
}

func (s *Server) getAgreement(ctx context.Context, in *struct {
	InAgreement
	Paging
}) (*listing[wire.Agreement], error) {
	if err := curates(ctx); err != nil {
		return nil, err
	}
	history, err := s.Agreements.History(in.Agreement)
	if err != nil {
		return nil, err
	}
	all := make([]wire.Agreement, len(history))
	for i := range history {
		all[i] = s.showAgreement(&history[i], i+1 == len(history))
	}
	return pageOf(all, func(a *wire.Agreement) string { return fmt.Sprintf("%08d", a.Version) }, in.Paging)
}

func (s *Server) addAgreement(ctx context.Context, in *struct{ Body wire.NewAgreement }) (*struct {
	Location string `header:"Location"`
	Body     wire.Agreement
}, error) {
	a, err := s.readAgreement(ctx, in.Body, false)
	if err != nil {
		return nil, fmt.Errorf("agreement %s: %w: %w", in.Body.Name, account.ErrInvalid, err)
	}
	made, err := s.Agreements.Add(ctx, who(ctx), a, in.Body.Replaces)
	if err != nil {
		return nil, err
	}
	return &struct {
		Location string `header:"Location"`
		Body     wire.Agreement
	}{Root + "agreements/" + made.Name, s.showAgreement(&made, true)}, nil
}

// numbered is the number of a collection; 0 of an empty name. It is for curators, who see
// all collections.
func (s *Server) numbered(ctx context.Context, name string) (store.Collection, error) {
	if name == "" {
		return 0, nil
	}
	c, err := s.view(ctx).Collection(name)
	return c.Number, err
}

// readCollections adds collections to an agreement. One that is gone may be named, as it
// is shown, where the agreement is only looked at.
func (s *Server) readCollections(ctx context.Context, a *handling.Agreement, names []string, gone bool) error {
	for _, name := range names {
		if number, ok := strings.CutPrefix(name, "#"); ok && gone {
			n, err := strconv.ParseUint(number, 10, 32)
			if err != nil {
				return fmt.Errorf("collection %.40q is no number of one", name)
			}
			a.Collections = append(a.Collections, store.Collection(n))
			continue
		}
		c, err := s.numbered(ctx, name)
		if err != nil {
			return err
		} else if c == 0 {
			return fmt.Errorf("a collection has no name")
		}
		a.Collections = append(a.Collections, c)
	}
	slices.Sort(a.Collections)
	a.Collections = slices.Compact(a.Collections)
	return nil
}

// readAgreement reads the words of a request. Whether they make sense together
// is the book's to say.
func (s *Server) readAgreement(ctx context.Context, in wire.NewAgreement, gone bool) (a handling.Agreement, err error) {
	a = handling.Agreement{Name: in.Name, Kind: handling.Kind(cmp.Or(in.Kind, string(handling.Bilateral))), Review: in.Review,
		Duties: handling.Duties{ReviewBeforeUse: in.ReviewBeforeUse, RetentionDays: in.RetentionDays},
		From:   in.From.UTC(), Until: in.Until.UTC(), Note: in.Note}
	for _, text := range in.To {
		n, err := handling.ParseName(text)
		if err != nil {
			return a, err
		}
		a.To = append(a.To, n)
	}
	slices.Sort(a.To)
	a.To = slices.Compact(a.To)
	if a.TLP, err = handling.ParseLevel(in.TLP); err != nil {
		return a, err
	}
	if a.PAP, err = handling.ParsePAP(cmp.Or(in.PAP, handling.PAPRed.String())); err != nil {
		return a, err
	}
	if a.Terms, err = handling.ParseTerms(strings.Join(in.Terms, ",")); err != nil {
		return a, err
	}
	if a.Purposes, err = handling.ParsePurposes(cmp.Or(strings.Join(in.Purposes, ","), handling.Defence.String())); err != nil {
		return a, err
	}
	if a.Grounds, err = handling.ParseGrounds(strings.Join(in.LegalGrounds, ",")); err != nil {
		return a, err
	}
	if err := s.readCollections(ctx, &a, in.Collections, gone); err != nil {
		return a, err
	}
	return a, readTransfers(&a, in.Transfers)
}

// readTransfers adds transfers to an agreement, and their grounds to its grounds.
func readTransfers(a *handling.Agreement, list []wire.Transfer) error {
	for _, t := range list {
		for i, text := range t.To {
			country, err := account.ParseCountry(text)
			if err != nil {
				return fmt.Errorf("a transfer on %s: %w", t.Ground, err)
			}
			t.To[i] = country
		}
		slices.Sort(t.To)
		t.To = slices.Compact(t.To)
		t.Assessed, t.Until = t.Assessed.UTC(), t.Until.UTC()
		on, err := handling.ParseGrounds(t.Ground)
		if err != nil {
			return fmt.Errorf("a transfer: %w", err)
		}
		a.Grounds |= on
		a.Transfers = append(a.Transfers, handling.Transfer(t))
	}
	return nil
}

func (s *Server) endAgreement(ctx context.Context, in *InAgreement) (*oneAgreement, error) {
	e, err := s.Agreements.End(ctx, who(ctx), in.Agreement)
	if err != nil {
		return nil, err
	}
	return &oneAgreement{s.showAgreement(&e, true)}, nil
}
