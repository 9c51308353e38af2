package account_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"entente/internal/store"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

const own = "CERT Example"

// house is a node's accounts on a store, with a clock that stands until moved.
type house struct {
	*account.Accounts
	t     testing.TB
	store store.Store
	by    account.Principal
	mu    sync.Mutex
	clock time.Time
	asked int
}

func newHouse(t testing.TB) *house {
	st, err := pebble.Open(t.Context(), "store", pebble.Options{FS: vfs.NewMem()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	h := &house{t: t, store: st, by: account.Operator(own), clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	h.Accounts = account.New(st, own, h.now)
	return h
}

func (h *house) now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

func (h *house) later(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.clock = h.clock.Add(d)
}

// add opens an account and gives its token.
func (h *house) add(want account.Application) string {
	h.t.Helper()
	_, token, err := h.Add(h.t.Context(), h.by, want)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

func (h *house) partner(name string) {
	h.t.Helper()
	if _, err := h.AddOrg(h.t.Context(), h.by, name, ""); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) principal(acc account.Account) account.Principal {
	h.t.Helper()
	p, err := h.Principal(&acc)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// knows and denies check both ways of presenting a token.
func (h *house) knows(name, token string) account.Principal {
	h.t.Helper()
	p, err := h.Basic(h.t.Context(), name, token)
	if err != nil {
		h.t.Errorf("Basic %s: %v", name, err)
	}
	b, err := h.Bearer(h.t.Context(), token)
	if err != nil || b.Account != p.Account {
		h.t.Errorf("Bearer of %s: %v, %v", name, b, err)
	}
	return p
}

func (h *house) denies(why, name, token string) {
	h.t.Helper()
	h.asked++
	ctx := account.From(h.t.Context(), fmt.Sprint(h.asked)) // each time from elsewhere, so that failures are quick
	if p, err := h.Basic(ctx, name, token); !errors.Is(err, account.ErrDenied) {
		h.t.Errorf("%s: Basic gave %v, %v; want ErrDenied", why, p, err)
	}
	if p, err := h.Bearer(ctx, token); !errors.Is(err, account.ErrDenied) {
		h.t.Errorf("%s: Bearer gave %v, %v; want ErrDenied", why, p, err)
	}
}

func TestAccountIsKnownByItsToken(t *testing.T) {
	h := newHouse(t)
	token := h.add(account.Application{Name: "Ana", Role: account.Curator, Grants: map[string]account.Access{"c1": account.Write}})
	p := h.knows("ana", token)
	if p.Account != "Ana" || p.Org != own || !p.Own || !p.Curates() || !p.MayWrite("c1") || p.MayWrite("c2") {
		t.Errorf("principal is %+v", p)
	}
	if _, err := h.Basic(t.Context(), "bo", token); !errors.Is(err, account.ErrDenied) {
		t.Errorf("another name with the token: %v, want ErrDenied", err)
	}
	h.denies("a wrong token", "ana", strings.Replace(token, token[10:11], "-", 1))
	h.denies("an empty token", "ana", "")
}

func TestTokenIsNotKept(t *testing.T) {
	h := newHouse(t)
	token := h.add(account.Application{Name: "ana"})
	for _, table := range []string{"account", "token", "audit"} {
		for row, err := range h.store.Rows(table, "") {
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(row.Key+string(row.Value), token[6:]) {
				t.Errorf("table %s holds the token in row %s", table, row.Key)
			}
		}
	}
}

func TestEndedAccountsAreDeniedAtOnce(t *testing.T) {
	for how, end := range map[string]func(*house) error{
		"revoked": func(h *house) error { return h.Revoke(h.t.Context(), h.by, "ana") },
		"removed": func(h *house) error { return h.Remove(h.t.Context(), h.by, "ana") },
		"expired": func(h *house) error { h.later(time.Hour); return nil },
	} {
		h := newHouse(t)
		token := h.add(account.Application{Name: "ana", Life: time.Hour})
		h.knows("ana", token) // and now it is in memory
		if err := end(h); err != nil {
			t.Fatal(err)
		}
		h.denies(how, "ana", token)
		all, err := h.List()
		if err != nil {
			t.Fatal(err)
		}
		if how == "removed" && len(all) != 0 {
			t.Errorf("a removed account is listed: %v", all)
		}
		if how != "removed" && (len(all) != 1 || all[0].State(h.now()) != how) {
			t.Errorf("accounts are %v, want ana %s", all, how)
		}
	}
}

// A token looked up while its account is being revoked must not come back to
// life out of memory.
func TestRevocationWinsAgainstLookups(t *testing.T) {
	h := newHouse(t)
	for i := range 20 {
		name := fmt.Sprintf("a%d", i)
		token := h.add(account.Application{Name: name})
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for ctx.Err() == nil {
					if _, err := h.Bearer(ctx, token); err != nil {
						return
					}
				}
			})
		}
		if err := h.Revoke(t.Context(), h.by, name); err != nil {
			t.Fatal(err)
		}
		h.denies("after the revocation was acknowledged", name, token)
		cancel()
		wg.Wait()
	}
}

func TestWhatIsNotAcceptable(t *testing.T) {
	h := newHouse(t)
	h.partner("Water ISAC")
	h.add(account.Application{Name: "ana"})
	for why, c := range map[string]struct {
		want account.Application
		err  error
	}{
		"a name that is taken":        {account.Application{Name: "ANA"}, account.ErrExists},
		"no name":                     {account.Application{}, account.ErrInvalid},
		"a name with a colon":         {account.Application{Name: "a:b"}, account.ErrInvalid},
		"the operator's name":         {account.Application{Name: "Operator"}, account.ErrInvalid},
		"a name of the node":          {account.Application{Name: "entente-search"}, account.ErrInvalid},
		"a role that is none":         {account.Application{Name: "bo", Role: "king"}, account.ErrInvalid},
		"a life beyond a year":        {account.Application{Name: "bo", Life: account.MaxLife + 1}, account.ErrInvalid},
		"a life that is over":         {account.Application{Name: "bo", Life: -1}, account.ErrInvalid},
		"an organisation not known":   {account.Application{Name: "bo", Org: "Nobody"}, account.ErrNotFound},
		"a curator of a partner's":    {account.Application{Name: "bo", Org: "Water ISAC", Role: account.Curator}, account.ErrInvalid},
		"an admin who is a partner's": {account.Application{Name: "bo", Org: "Water ISAC", Role: account.Admin}, account.ErrInvalid},
	} {
		if _, _, err := h.Add(t.Context(), h.by, c.want); !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", why, err, c.err)
		}
	}
	if all, err := h.List(); err != nil || len(all) != 1 {
		t.Errorf("accounts are %v, %v; want ana alone", all, err)
	}
	for _, name := range []string{own, "Water ISAC"} {
		if _, err := h.AddOrg(t.Context(), h.by, name, ""); !errors.Is(err, account.ErrExists) {
			t.Errorf("organisation %s again: %v, want ErrExists", name, err)
		}
	}
}

func TestOpeningToPartnersIsLogged(t *testing.T) {
	h := newHouse(t)
	h.partner("Water ISAC")
	grants := map[string]account.Access{"c1": account.Read | account.Write, "c2": account.Write}
	h.add(account.Application{Name: "ana", Grants: grants})
	if n := h.store.LogSize(); n != 0 {
		t.Errorf("the log has %d leaves after a grant within the own member, want none", n)
	}
	token := h.add(account.Application{Name: "hub", Org: "Water ISAC", Grants: grants})
	if p := h.knows("hub", token); p.Own || p.Curates() {
		t.Errorf("a partner's account is %+v", p)
	}
	if err := h.Revoke(t.Context(), h.by, "hub"); err != nil {
		t.Fatal(err)
	}
	if err := h.Remove(t.Context(), h.by, "hub"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for e, err := range tlog.Entries(h.store, 0) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprintf("%s %s %s", e.Act.Kind, e.Act.Collection, e.Act.To))
	}
	if want := "[grant c1 hub@Water ISAC revoke c1 hub@Water ISAC]"; fmt.Sprint(got) != want {
		t.Errorf("log is %v, want %s", got, want)
	}
}

func TestSharedTellsWhatPartnersRead(t *testing.T) {
	h := newHouse(t)
	h.partner("Water ISAC")
	h.add(account.Application{Name: "hub", Org: "Water ISAC", Grants: map[string]account.Access{"c1": account.Read, "c2": account.Write}})
	shared := func(id string) (is bool) {
		_, err := h.store.Commit(t.Context(), &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
			is = account.Shared(tx, id)
			return nil
		}})
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if !shared("c1") || shared("c2") || shared("c") {
		t.Errorf("shared are c1 %v, c2 %v, c %v; want c1 alone", shared("c1"), shared("c2"), shared("c"))
	}
	if err := h.Revoke(t.Context(), h.by, "hub"); err != nil {
		t.Fatal(err)
	}
	if shared("c1") {
		t.Error("c1 is shared after the only partner's account was revoked")
	}
}

func TestActsAreAudited(t *testing.T) {
	h := newHouse(t)
	h.partner("Water ISAC")
	h.add(account.Application{Name: "ana"})
	if err := h.Revoke(t.Context(), h.by, "ana"); err != nil {
		t.Fatal(err)
	}
	if err := h.Remove(t.Context(), h.by, "ana"); err != nil {
		t.Fatal(err)
	}
	var got []string
	var last time.Time
	for a, err := range audit.Acts(h.store) {
		if err != nil {
			t.Fatal(err)
		}
		if a.Who != "operator" || a.Time.Before(last) || a.Time.IsZero() {
			t.Errorf("act %+v by %s at %v", a, a.Who, a.Time)
		}
		last = a.Time
		got = append(got, a.What+" "+a.On)
	}
	if want := "[org add Water ISAC account add ana account revoke ana account remove ana]"; fmt.Sprint(got) != want {
		t.Errorf("audit is %v, want %s", got, want)
	}
}

func TestANameGivenAnewIsAnotherAccount(t *testing.T) {
	h := newHouse(t)
	before := h.knows("ana", h.add(account.Application{Name: "ana"}))
	if err := h.Remove(t.Context(), h.by, "ana"); err != nil {
		t.Fatal(err)
	}
	after := h.knows("ana", h.add(account.Application{Name: "ana"})) // within the same second
	if before.ID == "" || after.ID == "" || before.ID == after.ID {
		t.Errorf("the ids are %q and %q, want two", before.ID, after.ID)
	}
}

func TestAnAccountFromBeforeIDsHasOne(t *testing.T) {
	h := newHouse(t)
	made := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	first := h.principal(account.Account{Name: "ana", Created: made}).ID
	for _, other := range []account.Account{{Name: "bo", Created: made}, {Name: "ana", Created: made.Add(time.Second)}} {
		if id := h.principal(other).ID; id == "" || id == first {
			t.Errorf("%s of %v has the id %q", other.Name, other.Created, id)
		}
	}
}

func TestInvitationOpensOneAccount(t *testing.T) {
	h := newHouse(t)
	code, err := h.Invite(t.Context(), h.by, account.Curator)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Invited(t.Context(), code); err != nil {
		t.Errorf("a fresh code: %v", err)
	}
	if _, _, err := h.Accept(t.Context(), code, "not:good"); !errors.Is(err, account.ErrInvalid) {
		t.Errorf("a bad name: %v, want ErrInvalid, and the code stays", err)
	}
	const many = 8
	var wg sync.WaitGroup
	tokens := make([]string, many)
	for i := range many {
		wg.Go(func() {
			_, tokens[i], _ = h.Accept(t.Context(), code, fmt.Sprintf("ana%d", i))
		})
	}
	wg.Wait()
	opened := 0
	for i, token := range tokens {
		if token != "" {
			opened++
			if p := h.knows(fmt.Sprintf("ana%d", i), token); p.Role != account.Curator {
				t.Errorf("the account's role is %s, want curator", p.Role)
			}
		}
	}
	if opened != 1 {
		t.Errorf("one code opened %d accounts, want 1", opened)
	}
}

func TestInvitationEnds(t *testing.T) {
	h := newHouse(t)
	code, err := h.Invite(t.Context(), h.by, account.Curator)
	if err != nil {
		t.Fatal(err)
	}
	h.later(account.InvitationLife)
	if _, _, err := h.Accept(t.Context(), code, "ana"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("after a day: %v, want ErrNotFound", err)
	}
	if _, _, err := h.Accept(t.Context(), "guess", "ana"); !errors.Is(err, account.ErrNotFound) {
		t.Errorf("a guess: %v, want ErrNotFound", err)
	}
}

func BenchmarkBearer(b *testing.B) {
	h := newHouse(b)
	h.Accounts = account.New(h.store, own, nil) // with the machine's clock, which is read at each request
	token := h.add(account.Application{Name: "ana"})
	ctx := b.Context()
	for b.Loop() {
		if _, err := h.Bearer(ctx, token); err != nil {
			b.Fatal(err)
		}
	}
}
