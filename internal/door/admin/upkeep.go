package admin

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	wire "entente/client"
	"entente/internal/exchange"
	"entente/internal/store"
	"entente/internal/trust/audit"
	"entente/internal/trust/tlog"
)

// Leaf is one leaf of the transparency log as it is listed.
type Leaf struct {
	Index      int64  `json:"index"`
	Time       string `json:"time"`
	Kind       string `json:"kind"`
	By         string `json:"by"`
	Org        string `json:"org"`
	Collection string `json:"collection,omitempty"`
	Alias      string `json:"alias,omitempty"` // of the collection now; the log has its id alone
	To         string `json:"to,omitempty"`
	Former     string `json:"former,omitempty"` // log that a restored node's goes on from
	Objects    int    `json:"objects,omitempty"`
	Commitment string `json:"commitment"`
}

// timeForm has microseconds, as ticks do.
const timeForm = "2006-01-02T15:04:05.000000Z"

// showLog streams the log's leaves, one JSON object a line.
func (n Node) showLog(w http.ResponseWriter, _ *http.Request) error {
	out := json.NewEncoder(w)
	aliases := map[string]string{}
	for _, c := range n.Exchange.View(n.By).Collections() {
		aliases[c.ID] = c.Alias
	}
	first := true
	for e, err := range tlog.Entries(n.Store, 0) {
		if err != nil && first {
			return err
		}
		if err != nil {
			return out.Encode(map[string]string{"error": err.Error()})
		}
		first = false
		leaf := Leaf{Index: e.Index, Time: e.Act.When().Format(timeForm), Kind: string(e.Act.Kind),
			By: e.Act.By, Org: e.Act.Org, Collection: e.Act.Collection, Alias: aliases[e.Act.Collection], To: e.Act.To, Former: e.Act.Former,
			Objects: e.Act.Objects, Commitment: fmt.Sprintf("%x", e.Commitment)}
		if err := out.Encode(leaf); err != nil {
			return nil // the verb has gone
		}
	}
	return nil
}

// Finding is one line of a verification: a problem, or at the end what it came to.
type Finding struct {
	Problem string `json:"problem,omitempty"`
	Done    bool   `json:"done,omitempty"`
	Error   string `json:"error,omitempty"` // why it could not finish
}

// verify reads everything back and streams what disagrees, one JSON object a line.
func (n Node) verify(w http.ResponseWriter, r *http.Request) error {
	out := json.NewEncoder(w)
	err := n.Store.Verify(r.Context(), func(problem string) {
		_ = out.Encode(Finding{Problem: problem})
	})
	last := Finding{Done: true}
	if err != nil {
		last = Finding{Error: err.Error()}
	}
	_ = out.Encode(last)
	return nil
}

func (n Node) listFollowers(w http.ResponseWriter, _ *http.Request) error {
	all, err := n.Exchange.Followers()
	if err != nil {
		return err
	}
	answer(w, http.StatusOK, wire.List[exchange.FollowerState]{Items: all})
	return nil
}

func (n Node) rebuildFollower(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	if err := n.Exchange.Rebuild(r.Context(), name); err != nil {
		return err
	}
	if err := n.audit(r.Context(), audit.Act{Who: n.By.Account, What: "follower rebuild", On: name}); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// audit records an act that has no transaction of its own.
func (n Node) audit(ctx context.Context, a audit.Act) error {
	_, err := n.Store.Commit(ctx, &store.Batch{Then: func(tx store.Tx, _ []store.Outcome) error {
		audit.Add(tx, a)
		return nil
	}})
	return err
}
