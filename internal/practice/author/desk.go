package author

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"entente/internal/exchange"
	"entente/internal/trust/account"
	"entente/stix"
)

// Member is the node's own member, the author of what is written here.
type Member struct {
	Name  string
	ID    string    // of its STIX identity
	Since time.Time // when the identity was made
}

// Desk is where the own member writes. Its methods are safe for concurrent use.
type Desk struct {
	x      *exchange.Exchange
	member Member
	now    func() time.Time
	names  Names // nil when objects are not found by name
}

// New makes a desk; the time is the wall clock's when now is nil.
func New(x *exchange.Exchange, m Member, now func() time.Time) *Desk {
	if now == nil {
		now = time.Now
	}
	return &Desk{x: x, member: m, now: now}
}

// Written is what a writer is told.
type Written struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	Name        string          `json:"name,omitempty"`    // what the object is called, or says
	Version     string          `json:"version,omitempty"` // modified, else created; empty for what has no versions
	Verdict     Verdict         `json:"verdict"`
	Collections []string        `json:"collections"` // aliases of those that hold this version now
	TLP         string          `json:"tlp,omitempty"`
	Told        []string        `json:"told,omitempty"`     // what was taken for granted
	Warnings    []Fault         `json:"warnings,omitempty"` // what the specification would rather have otherwise
	Held        []string        `json:"held,omitempty"`     // selectors of what is stricter than the whole and cannot be left out: who may not read it gets nothing, unless a tear-line is made
	Object      json.RawMessage `json:"object"`
}

// hold notes what in a published object cannot be left out in a collection.
func (w *Written) hold(d *Desk, c *exchange.Access, o *stix.Object) {
	for _, selector := range d.x.Held(&c.Collection, o) {
		if !slices.Contains(w.Held, selector) {
			w.Held = append(w.Held, selector)
		}
	}
}

// Verdict is what became of what was wanted.
type Verdict string

// The verdicts.
const (
	Done Verdict = "new"  // a new object or version was published
	Same Verdict = "same" // it is there already; nothing was written

	Foretold Verdict = "dry run" // nothing was written; this is what would have been
)

// tell adds a line on what was taken for granted.
func (w *Written) tell(format string, args ...any) {
	w.Told = append(w.Told, fmt.Sprintf(format, args...))
}

// Fault is what an object breaks of the specification.
type Fault struct {
	Path    string `json:"path,omitempty"` // to the property; empty for the object itself
	Rule    string `json:"rule"`           // as entente stix validate names it
	Message string `json:"message"`        // what is wrong
	Fix     string `json:"fix,omitempty"`  // what would be right
}

// String is the fault for a writer who has the object at hand.
func (f Fault) String() string {
	s := f.Message
	if f.Path != "" {
		s = f.Path + ": " + s
	}
	if f.Fix != "" {
		s += " (" + f.Fix + ")"
	}
	return s
}

// Invalid says that what was wanted breaks a MUST of the specification.
type Invalid struct {
	Type   string
	Faults []Fault
}

func (e *Invalid) Error() string {
	faults := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		faults[i] = f.String()
	}
	return fmt.Sprintf("this is no valid %s: %s", e.Type, strings.Join(faults, "; "))
}

// Is makes it one of the exchange's answers.
func (e *Invalid) Is(target error) bool { return target == exchange.ErrInvalid }

// validate holds an object against the specification and gives what it would
// rather have otherwise. That derived identifiers are not random is no fault.
func validate(typ string, raw []byte) (warnings []Fault, err error) {
	invalid := &Invalid{Type: typ}
	for _, f := range stix.Validate(raw, stix.WithoutRules("uuid-version")) {
		fault := Fault{Path: f.Path, Rule: f.Rule, Message: f.Message, Fix: f.Fix}
		if f.Severity == stix.Error {
			invalid.Faults = append(invalid.Faults, fault)
		} else {
			warnings = append(warnings, fault)
		}
	}
	if len(invalid.Faults) > 0 {
		return nil, invalid
	}
	return warnings, nil
}

// mayWrite refuses who does not belong to the own member: what is written here
// is said in its name.
func (d *Desk) mayWrite(by account.Principal) error {
	if by.Own {
		return nil
	}
	return fmt.Errorf("what is written here is said in the name of %s, to which %s does not belong: %w; publish objects of your own by TAXII",
		d.member.Name, by.Account, exchange.ErrForbidden)
}

// target is the collection that something new goes to.
func (d *Desk) target(by account.Principal, alias string) (exchange.Access, error) {
	if alias == "" {
		alias = "default"
	}
	c, err := d.x.View(by).Collection(alias)
	if err == nil && !c.CanWrite {
		err = fmt.Errorf("write to collection %q: %w", c.Alias, exchange.ErrForbidden)
	}
	return c, err
}

// identity is the own member's identity object in the bytes that readers know
// it by: the newest version that is there, else the one that the node makes.
func (d *Desk) identity(ctx context.Context, by account.Principal) ([]byte, error) {
	s, err := d.standing(ctx, by, d.member.ID)
	if err == nil {
		return s.raw, nil
	}
	if !errors.Is(err, exchange.ErrNotFound) {
		return nil, err
	}
	at := stix.NewTimestamp(d.member.Since).String()
	return canonical(map[string]any{
		"type": "identity", "spec_version": "2.1", "id": d.member.ID, "created": at, "modified": at,
		"name": d.member.Name, "identity_class": "organization",
		// Whoever reads an object may know whose it is.
		"object_marking_refs": []any{clear.Definition()},
	})
}

// withIdentity puts the identities that an object names, and that a collection
// lacks, before it: the own member's, and others that are made here.
func (d *Desk) withIdentity(ctx context.Context, by account.Principal, c exchange.Access, raw []byte, others ...[]byte) ([]stix.Object, error) {
	o, err := stix.Read(raw)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", exchange.ErrInvalid, err)
	}
	objects := []stix.Object{o}
	if o.CreatedByRef == d.member.ID && o.ID != d.member.ID {
		own, err := d.identity(ctx, by)
		if err != nil {
			return nil, err
		}
		others = append(others, own)
	}
	for _, other := range others {
		o, err := stix.Read(other)
		if err != nil {
			return nil, err
		}
		there, err := d.holds(ctx, by, c, o.ID)
		if err != nil {
			return nil, err
		}
		if !there {
			objects = append([]stix.Object{o}, objects...)
		}
	}
	return objects, nil
}
