package node

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
)

// readiness answers /readyz: whether requests should be sent here, and if not,
// why not; and what should be mended before that is so.
type readiness struct {
	stopping atomic.Bool
	checks   []func() error
	warnings []func() []string
}

func (h *readiness) reasons() []string {
	var why []string
	if h.stopping.Load() {
		why = append(why, "the node is stopping")
	}
	for _, check := range h.checks {
		if err := check(); err != nil {
			why = append(why, err.Error())
		}
	}
	return why
}

func (h *readiness) warned() (all []string) {
	for _, warn := range h.warnings {
		all = append(all, warn()...)
	}
	return all
}

func (h *readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	answer := struct {
		Ready    bool     `json:"ready"`
		Reasons  []string `json:"reasons,omitempty"`
		Warnings []string `json:"warnings,omitempty"`
	}{Reasons: h.reasons(), Warnings: h.warned()}
	answer.Ready = len(answer.Reasons) == 0
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_ = json.NewEncoder(w).Encode(answer) // an error is the client's going away
}

// alive answers /healthz: the process runs and answers.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n"))
}

// checkStore is the store's own word on whether it can be written and whether
// a file of it was found to be damaged.
func checkStore(st any) func() error {
	if s, ok := st.(interface {
		Health() error
		Damage() error
	}); ok {
		return func() error { return errors.Join(s.Health(), s.Damage()) }
	}
	return func() error { return nil }
}

// warnSpace tells that the disk fills, before writes are refused.
func (n *Node) warnSpace() []string {
	if n.engine.Health() == nil && n.engine.LowOnSpace() {
		return []string{"the disk is nearly full; writes will be refused"}
	}
	return nil
}

// warnFollowers tells which followers have stopped. Why stands in the log and
// in entente follower list: it may name objects, and anybody may ask for
// readiness.
func (n *Node) warnFollowers() (all []string) {
	followers, err := n.Exchange.Followers()
	if err != nil {
		return nil // the store's own check tells
	}
	for _, f := range followers {
		if f.Fault != "" {
			all = append(all, fmt.Sprintf("follower %s has stopped; see entente follower list", f.Name))
		}
	}
	return all
}
