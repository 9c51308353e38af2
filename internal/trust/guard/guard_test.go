package guard

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"

	"entente/internal/trust/account"
)

// ana is the one account there is.
type ana struct{}

func (ana) Basic(_ context.Context, name, token string) (account.Principal, error) {
	if name != "ana" {
		return account.Principal{}, account.ErrDenied
	}
	return ana{}.Bearer(context.Background(), token)
}

func (ana) Bearer(_ context.Context, token string) (account.Principal, error) {
	if token != "secret" {
		return account.Principal{}, account.ErrDenied
	}
	return account.Principal{Account: "ana"}, nil
}

func (ana) Again(name, token string) (account.Principal, error) {
	if name != "" {
		return ana{}.Basic(context.Background(), name, token)
	}
	return ana{}.Bearer(context.Background(), token)
}

func TestAdmit(t *testing.T) {
	ask := func(set func(*http.Request)) *http.Request {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		set(r)
		return r
	}
	header := func(v string) *http.Request {
		return ask(func(r *http.Request) { r.Header.Set("Authorization", v) })
	}
	g := New(ana{}, -1)
	for _, r := range []*http.Request{header("Bearer secret"), header("bearer  secret "),
		ask(func(r *http.Request) { r.SetBasicAuth("ana", "secret") })} {
		if who, err := g.Admit(r); err != nil || who.Account != "ana" {
			t.Errorf("%q: %+v, %v", r.Header, who, err)
		}
		if who, err := g.Again(r); err != nil || who.Account != "ana" {
			t.Errorf("%q, again: %+v, %v", r.Header, who, err)
		}
	}
	for _, r := range []*http.Request{ask(func(*http.Request) {}), header("Bearer wrong"), header("Bearer"), header("secret"),
		header("Digest secret"), ask(func(r *http.Request) { r.SetBasicAuth("bo", "secret") })} {
		if who, err := g.Admit(r); !errors.Is(err, ErrUnauthorized) || who.Account != "" {
			t.Errorf("%q: %+v, %v", r.Header, who, err)
		}
		if who, err := g.Again(r); !errors.Is(err, ErrUnauthorized) || who.Account != "" {
			t.Errorf("%q, again: %+v, %v", r.Header, who, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := g.Admit(header("Bearer wrong").WithContext(ended)); !errors.Is(err, context.Canceled) {
		t.Errorf("one who has gone: %v", err)
	}
}

func TestRateIsPerAccount(t *testing.T) {
	g := New(ana{}, 2)
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	r.Header.Set("Authorization", "Bearer secret")
	var last error
	for range 3 {
		_, last = g.Admit(r)
	}
	if !errors.Is(last, ErrTooMany) {
		t.Errorf("the third request of two a second: %v", last)
	}
	r.Header.Set("Authorization", "Bearer wrong")
	if _, err := g.Admit(r); !errors.Is(err, ErrUnauthorized) {
		t.Errorf("a stranger then: %v", err)
	}
}
