package node_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/store"
	"entente/internal/trust/handling"
	"entente/stix"
)

// broken is a follower that cannot go on.
type broken struct{}

func (broken) Name() string { return "broken" }

func (broken) Follow(context.Context, *handling.Changes) (func(store.Tx) error, error) {
	return nil, errors.New("a secret stands in the way")
}

func (broken) Reset(context.Context) error { return nil }

// Readiness warns of a follower that has stopped, without its reasons, and
// requests are taken all the same.
func TestReadinessWarnsOfAFollowerThatStopped(t *testing.T) {
	dir, _ := newNode(t)
	h := serve(t, dir, node.ServeOptions{})
	if _, body := h.get("/readyz"); strings.Contains(body, "warnings") {
		t.Errorf("a fresh node warns: %s", body)
	}
	h.Exchange.Follow(broken{})
	o, err := stix.Read([]byte(`{"type":"tool","spec_version":"2.1","id":"tool--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0003","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"x"}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Exchange.Publish(t.Context(), h.Operator(), exchange.Publication{Collection: node.DefaultCollection, Objects: []stix.Object{o}}); err != nil {
		t.Fatal(err)
	}
	deadline, again := time.After(patience), time.NewTicker(10*time.Millisecond)
	defer again.Stop()
	for {
		code, body := h.get("/readyz")
		if code != http.StatusOK || strings.Contains(body, "secret") {
			t.Fatalf("readiness is %d: %s", code, body)
		}
		if strings.Contains(body, "follower broken has stopped; see entente follower list") {
			return
		}
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("no warning comes: %s", body)
		}
	}
}
