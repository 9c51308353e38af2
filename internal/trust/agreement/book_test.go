package agreement_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/agreement"
	"entente/internal/trust/audit"
	"entente/internal/trust/handling"
	"entente/internal/trust/tlog"
)

var (
	admin  = account.Principal{Account: "ana", Org: "CERT-A", Own: true, Role: account.Admin}
	noon   = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	ofBo   = handling.ProfileOf(account.Principal{Account: "bo", Org: "CERT-B"})
	amber  = handling.Class{TLP: handling.Amber}
	clause = handling.Agreement{Name: "with-b", Kind: handling.Bilateral, To: []handling.Name{"org:cert-b"}, TLP: handling.Amber,
		PAP: handling.PAPRed, Purposes: handling.Defence, Grounds: 1}
)

func open(t *testing.T) (*agreement.Book, store.Store) {
	t.Helper()
	st, err := pebble.Open(t.Context(), "store", pebble.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return reopen(t, st), st
}

func reopen(t *testing.T, st store.Store) *agreement.Book {
	t.Helper()
	b, err := agreement.Open(st, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func releases(b *agreement.Book) bool {
	return handling.Decide(amber, ofBo, b.Policy().With(ofBo.Reader()), noon).Allow
}

// An agreement is in force when Add returns and over when End does, keeps all
// its versions, and is audited and in the log.
func TestAgreementsHaveTheirHistory(t *testing.T) {
	b, st := open(t)
	if releases(b) {
		t.Fatal("TLP:AMBER is released without an agreement")
	}
	first, err := b.Add(t.Context(), admin, clause, 0)
	if err != nil || first.Version != 1 || !first.From.Equal(noon) {
		t.Fatalf("add: %+v, %v", first, err)
	}
	if !releases(b) || !releases(reopen(t, st)) {
		t.Error("the agreement is not in force")
	}
	tighter := clause
	tighter.TLP = handling.Green
	if _, err := b.Add(t.Context(), admin, tighter, 1); err != nil {
		t.Fatal(err)
	}
	if releases(b) {
		t.Error("a version that was replaced is in force")
	}
	if _, err := b.Add(t.Context(), admin, clause, 2); err != nil || !releases(b) {
		t.Fatalf("a third version: %v, releases %v", err, releases(b))
	}
	end, err := b.End(t.Context(), admin, "with-b")
	if err != nil || end.Version != 4 || !end.Ended || end.State(noon) != "ended" {
		t.Fatalf("end: %+v, %v", end, err)
	}
	if releases(b) || releases(reopen(t, st)) {
		t.Error("an agreement that has ended releases")
	}
	history, err := b.History("with-b")
	if err != nil || len(history) != 4 || history[1].TLP != handling.Green || history[0].By != "ana" {
		t.Errorf("history: %+v, %v", history, err)
	}
	var acts []string
	for a, err := range audit.Acts(st) {
		if err != nil {
			t.Fatal(err)
		}
		acts = append(acts, a.What+" "+a.On+" "+a.Detail)
	}
	if want := "agreement add with-b version 1|agreement add with-b version 2|agreement add with-b version 3|agreement end with-b version 4"; strings.Join(acts, "|") != want {
		t.Errorf("audit: %s", strings.Join(acts, "|"))
	}
	var kinds []string
	for e, err := range tlog.Entries(st, 0) {
		if err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, string(e.Act.Kind))
	}
	if got := strings.Join(kinds, " "); got != "agree agree agree disagree" {
		t.Errorf("the log has %s", got)
	}
}

func TestAgreementsThatAreRefused(t *testing.T) {
	b, _ := open(t)
	if _, err := b.Add(t.Context(), admin, clause, 0); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name     string
		by       account.Principal
		change   func(*handling.Agreement)
		replaces int
		want     error
	}{
		{"not an admin", account.Principal{Account: "cy", Org: "CERT-A", Own: true, Role: account.Curator}, nil, 1, account.ErrForbidden},
		{"a partner's admin", account.Principal{Account: "bo", Org: "CERT-B", Role: account.Admin}, nil, 1, account.ErrForbidden},
		{"there already", admin, nil, 0, account.ErrExists},
		{"replaces what is not there", admin, nil, 7, account.ErrNotFound},
		{"ends before it starts", admin, func(a *handling.Agreement) { a.Until = noon.Add(-time.Hour) }, 1, account.ErrInvalid},
		{"no recipient", admin, func(a *handling.Agreement) { a.To = nil }, 1, account.ErrInvalid},
		{"a group in a bilateral one", admin, func(a *handling.Agreement) { a.To = []handling.Name{"group:x"} }, 1, account.ErrInvalid},
		{"an invitation to somebody", admin, func(a *handling.Agreement) { a.Kind = handling.Invitation }, 1, account.ErrInvalid},
		{"no purpose", admin, func(a *handling.Agreement) { a.Purposes = 0 }, 1, account.ErrInvalid},
		{"no ground", admin, func(a *handling.Agreement) { a.Grounds = 0 }, 1, account.ErrInvalid},
		{"terms that contradict", admin, func(a *handling.Agreement) { a.Terms = handling.Attribute | handling.Anonymise }, 1, account.ErrInvalid},
		{"a transfer without what it takes", admin, func(a *handling.Agreement) {
			*a = abroad(*a)
			a.Transfers[0].Basis = ""
		}, 1, account.ErrInvalid},
		{"a transfer that is not assessed yet", admin, func(a *handling.Agreement) {
			*a = abroad(*a)
			a.Transfers[0].Assessed = noon.Add(time.Second)
		}, 1, account.ErrInvalid},
		{"a derogation of no case", admin, func(a *handling.Agreement) { a.Grounds = derogation }, 1, account.ErrInvalid},
		{"a built-in name", admin, func(a *handling.Agreement) { a.Name = "clear" }, 0, account.ErrInvalid},
		{"a name of another form", admin, func(a *handling.Agreement) { a.Name = "a/b" }, 0, account.ErrInvalid},
		{"a note of two lines", admin, func(a *handling.Agreement) { a.Note = "a\nb" }, 1, account.ErrInvalid},
	}
	for _, c := range cases {
		a := clause
		if c.change != nil {
			c.change(&a)
		}
		if _, err := b.Add(t.Context(), c.by, a, c.replaces); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if _, err := b.End(t.Context(), admin, "nothing"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("end of nothing: %v", err)
	}
	partner := account.Principal{Account: "bo", Org: "CERT-B"}
	for _, name := range []string{clause.Name, "nothing"} {
		if _, err := b.End(t.Context(), partner, name); !errors.Is(err, account.ErrForbidden) {
			t.Errorf("a partner who ends %s is told whether it is there: %v", name, err)
		}
	}
	if !releases(b) {
		t.Error("what was refused has changed something")
	}
}

// derogation is gdpr-49-derogation.
const derogation handling.Grounds = 1 << 9

// abroad is an agreement by which personal data may go to anywhere.
func abroad(a handling.Agreement) handling.Agreement {
	a.Grounds |= 1 << 7
	a.Transfers = []handling.Transfer{{Ground: "gdpr-46-safeguards", Basis: "SCC 7", Assessed: noon}}
	return a
}

// What is agreed on transfers is there after a start; a case that a transfer names needs
// no note.
func TestTransfersAreKept(t *testing.T) {
	b, st := open(t)
	a := abroad(clause)
	a.Grounds |= derogation
	a.Transfers = append(a.Transfers, handling.Transfer{Ground: "gdpr-49-derogation", To: []string{"US"}, Basis: "claim 12", Until: noon.Add(time.Hour)})
	made, err := b.Add(t.Context(), admin, a, 0)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := reopen(t, st).History(a.Name)
	if err != nil || len(kept) != 1 || !reflect.DeepEqual(kept[0].Transfers, made.Transfers) {
		t.Errorf("kept %+v, %v; made %+v", kept, err, made)
	}
	person := handling.ProfileOf(account.Principal{Account: "bo", Org: "CERT-B", Home: "EE", Country: "US"})
	if d := handling.Decide(handling.Class{TLP: handling.Amber, Personal: true}, person, reopen(t, st).Policy().With(person.Reader()), noon); !d.Allow || d.Agreement != a.Name {
		t.Errorf("%+v", d)
	}
}
