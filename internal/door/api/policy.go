package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	wire "entente/client"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
)

// policy registers what tells who may read what, and why.
func (s *Server) policy() {
	tags := []string{"policy"}
	register(s, huma.Operation{OperationID: "explainPolicy", Method: http.MethodGet, Path: "/policy/explain", Tags: tags,
		Summary: "Tell whether an account or organisation may read an object, and why",
		Description: "One item for each collection and version, the newest 100 of them, with every rule and agreement that was looked at. " +
			"Curators may ask about anybody, others about themselves and what they see."},
		s.explainPolicy, Forbidden, NotFound)
	register(s, huma.Operation{OperationID: "checkPolicy", Method: http.MethodGet, Path: "/policy/check", Tags: tags,
		Summary: "List agreements that can never apply and markings that contradict each other", Description: "For curators."},
		s.checkPolicy, Forbidden)
	register(s, huma.Operation{OperationID: "testPolicy", Method: http.MethodPost, Path: "/policy/test", Tags: tags,
		Summary: "Decide on classes for readers, as they would be decided now", Description: "For curators. Grants on collections are not looked at. Whether one asks for a person's review, and agreements that are for certain collections, count where a case names the collection."},
		s.testPolicy, Forbidden, NotFound)
	register(s, huma.Operation{OperationID: "diffPolicy", Method: http.MethodPost, Path: "/policy/diff", Tags: tags,
		Summary: "Tell which accounts would gain or lose what by other agreements", Description: "For curators. Over all classes that objects have had here. Nothing is changed."},
		s.diffPolicy, Forbidden, NotFound)
}

// reader is whom a decision is about.
type reader struct {
	handling.Profile
	mayRead func(collection string) bool
}

// readerOf finds an account, else a partner organisation: an account of it
// without groups, for defence, with what is granted to any of its accounts.
func (s *Server) readerOf(name string) (reader, error) {
	a, err := s.Accounts.Get(name)
	if err == nil {
		p, err := s.Accounts.Principal(&a)
		return reader{handling.ProfileOf(p), p.MayRead}, err
	}
	if !errors.Is(err, account.ErrNotFound) {
		return reader{}, err
	}
	orgs, err := s.Accounts.Orgs()
	if err != nil {
		return reader{}, err
	}
	i := slices.IndexFunc(orgs, func(o account.Organisation) bool { return account.Fold(o.Name) == account.Fold(name) })
	if i < 0 {
		return reader{}, fmt.Errorf("%q is neither an account nor an organisation: %w", name, account.ErrNotFound)
	}
	r := handling.Reader{Standing: handling.Partner, Org: account.Fold(orgs[i].Name), Purpose: handling.Defence,
		Abroad: handling.Abroad(orgs[0].Country, orgs[i].Country)}
	if orgs[i].Own {
		r.Standing = handling.Own
	}
	readers, err := s.Accounts.Active()
	if err != nil {
		return reader{}, err
	}
	return reader{r.Profile(), func(collection string) bool {
		return slices.ContainsFunc(readers, func(p account.Principal) bool {
			return p.Org == orgs[i].Name && p.MayRead(collection)
		})
	}}, nil
}

func (s *Server) explainPolicy(ctx context.Context, in *struct {
	ID string `query:"id" required:"true" maxLength:"1024" doc:"Of an object."`
	As string `query:"as" maxLength:"1024" doc:"An account or organisation; the account that asks unless given."`
}) (*listing[wire.Explanation], error) {
	by := who(ctx)
	r := reader{handling.ProfileOf(by), by.MayRead}
	if in.As != "" && in.As != by.Account {
		if err := curates(ctx); err != nil {
			return nil, err
		}
		var err error
		if r, err = s.readerOf(in.As); err != nil {
			return nil, err
		}
	}
	found, err := s.Exchange.Explain(ctx, by, in.ID, r.Profile, r.mayRead)
	if err != nil {
		return nil, err
	}
	all := make([]wire.Explanation, len(found))
	for i := range found {
		e := &found[i]
		all[i] = wire.Explanation{Collection: e.Collection.Alias, Modified: e.Version, Class: e.Class.Canonical(), Granted: e.Granted,
			Reads: e.Allows(), Stricter: e.Stricter, Unexplained: e.Unexplained, Lacks: e.Lacks, Decision: showDecision(e.Proof.Decision), Steps: showSteps(e.Proof.Steps)}
		if e.Copy != nil {
			all[i].Copy = &wire.ExplainedCopy{Class: e.Copy.Class.Canonical(), Decision: showDecision(e.Copy.Proof.Decision), Steps: showSteps(e.Copy.Proof.Steps)}
		}
	}
	return &listing[wire.Explanation]{Body: wire.List[wire.Explanation]{Items: all}}, nil
}

func showSteps(steps []handling.Step) []wire.PolicyStep {
	shown := make([]wire.PolicyStep, len(steps))
	for i, step := range steps {
		shown[i] = wire.PolicyStep(step)
	}
	return shown
}

func showDecision(d handling.Decision) wire.Decision { return wire.Decision(d) }

func (s *Server) checkPolicy(ctx context.Context, _ *struct{}) (*struct{ Body wire.PolicyFindings }, error) {
	by := who(ctx)
	on := handling.Premises{Now: time.Now(), Orgs: map[string]bool{}}
	var err error
	if on.Classes, on.Within, err = s.Exchange.ClassesInUse(by); err != nil {
		return nil, err
	}
	readers, err := s.Accounts.Active()
	if err != nil {
		return nil, err
	}
	for _, p := range readers {
		on.Readers = append(on.Readers, handling.ProfileOf(p))
	}
	orgs, err := s.Accounts.Orgs()
	if err != nil {
		return nil, err
	}
	for _, o := range orgs {
		on.Orgs[account.Fold(o.Name)] = true
	}
	var failed error
	on.Why = func(id string) string {
		says, err := s.Exchange.WhyUnexplained(ctx, by, id)
		failed = errors.Join(failed, err)
		return says
	}
	out := wire.PolicyFindings{Findings: []wire.PolicyFinding{}}
	for _, f := range handling.Check(s.Agreements.Policy(), on) {
		out.Findings = append(out.Findings, wire.PolicyFinding(f))
	}
	if failed != nil {
		return nil, failed
	}
	return &struct{ Body wire.PolicyFindings }{out}, nil
}

func (s *Server) testPolicy(ctx context.Context, in *struct{ Body wire.PolicyCases }) (*struct{ Body wire.PolicyAnswers }, error) {
	if err := curates(ctx); err != nil {
		return nil, err
	}
	out := wire.PolicyAnswers{Decisions: make([]wire.Decision, len(in.Body.Cases))}
	readers := map[string]reader{}
	for i, c := range in.Body.Cases {
		class, err := handling.ReadClass(c.Class)
		if err != nil {
			return nil, fmt.Errorf("case %d: %w: %w", i+1, account.ErrInvalid, err)
		}
		r, known := readers[c.As]
		if !known {
			if r, err = s.readerOf(c.As); err != nil {
				return nil, fmt.Errorf("case %d: %w", i+1, err)
			}
			readers[c.As] = r
		}
		in, err := s.numbered(ctx, c.Collection)
		if err != nil {
			return nil, fmt.Errorf("case %d: %w", i+1, err)
		}
		d, err := s.Exchange.Decide(who(ctx), class, r.Profile, in)
		if err != nil {
			return nil, err
		}
		out.Decisions[i] = showDecision(d)
	}
	return &struct{ Body wire.PolicyAnswers }{out}, nil
}

func (s *Server) diffPolicy(ctx context.Context, in *struct{ Body wire.PolicyDraft }) (*struct{ Body wire.PolicyChanges }, error) {
	classes, err := s.Exchange.Classes(who(ctx))
	if err != nil {
		return nil, err
	}
	old := s.Agreements.Policy()
	if in.Body.Old != nil {
		if old, err = s.readPolicy(ctx, *in.Body.Old); err != nil {
			return nil, fmt.Errorf("old: %w", err)
		}
	}
	draft, err := s.readPolicy(ctx, in.Body.New)
	if err != nil {
		return nil, fmt.Errorf("new: %w", err)
	}
	readers, err := s.Accounts.Active()
	if err != nil {
		return nil, err
	}
	out := wire.PolicyChanges{Accounts: len(readers), Classes: len(classes), Changes: []wire.PolicyChange{}}
	now := time.Now()
	for _, p := range readers {
		for _, c := range handling.Diff(old, draft, handling.ProfileOf(p), classes, now) {
			change := wire.PolicyChange{Account: p.Account, Org: p.Org, Class: c.Class.Canonical(),
				Before: showDecision(c.Before), After: showDecision(c.After)}
			if c.In != 0 {
				change.Collection = s.Exchange.CollectionName(c.In)
			}
			out.Changes = append(out.Changes, change)
		}
	}
	return &struct{ Body wire.PolicyChanges }{out}, nil
}

// readPolicy reads and checks agreements that are only looked at. Those that
// do not say from when are in force.
func (s *Server) readPolicy(ctx context.Context, list []wire.NewAgreement) (*handling.Policy, error) {
	var all []handling.Agreement
	for _, in := range list {
		a, err := s.readAgreement(ctx, in, true)
		a.Version, a.From = cmp.Or(in.Replaces+1, 1), firstOf(a.From)
		if err == nil {
			err = a.Check()
		}
		if err == nil && slices.ContainsFunc(all, func(b handling.Agreement) bool { return a.Name == b.Name }) {
			err = errors.New("it is there twice")
		}
		if err != nil {
			return nil, fmt.Errorf("agreement %s: %w: %w", in.Name, account.ErrInvalid, err)
		}
		all = append(all, a)
	}
	return handling.NewPolicy(all), nil
}

func firstOf(t time.Time) time.Time {
	if t.IsZero() {
		return time.Unix(0, 0).UTC()
	}
	return t
}
