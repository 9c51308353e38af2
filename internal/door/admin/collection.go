package admin

import (
	"encoding/json"
	"net/http"

	"entente/internal/exchange"
	"entente/internal/trust/handling"
)

// Collection is a collection as it is listed.
type Collection struct {
	ID          string `json:"id"`
	Alias       string `json:"alias"`
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Marking     string `json:"marking"` // what unmarked objects count as
	CanRead     bool   `json:"can_read"`
	CanWrite    bool   `json:"can_write"`
}

// NewCollection is a request to add a collection.
type NewCollection struct {
	Alias       string `json:"alias"`
	Title       string `json:"title,omitempty"`
	Description string `json:"description,omitempty"`
	Marking     string `json:"marking,omitempty"`
}

func showCollection(c exchange.Collection, read, write bool) Collection {
	return Collection{ID: c.ID, Alias: c.Alias, Title: c.Title, Description: c.Description,
		Marking: c.Marking.String(), CanRead: read, CanWrite: write}
}

func (n Node) listCollections(w http.ResponseWriter, _ *http.Request) error {
	all := []Collection{}
	for _, c := range n.Exchange.View(n.By).Collections() {
		all = append(all, showCollection(c.Collection, c.CanRead, c.CanWrite))
	}
	answer(w, http.StatusOK, all)
	return nil
}

// Conflict is content that was kept aside, as it is listed.
type Conflict struct {
	ID      string          `json:"id"`
	Version string          `json:"version,omitempty"`
	Source  string          `json:"source"`
	Object  json.RawMessage `json:"object"`
}

// listConflicts streams what was kept aside, one JSON object a line.
func (n Node) listConflicts(w http.ResponseWriter, r *http.Request) error {
	all, err := n.Exchange.Conflicts(n.By, r.PathValue("name"))
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	for a, err := range all {
		if err != nil {
			return out.Encode(map[string]string{"error": err.Error()})
		}
		if err := out.Encode(Conflict{ID: a.ID, Version: a.Version, Source: a.Source, Object: a.Raw}); err != nil {
			return nil // the verb has gone
		}
	}
	return nil
}

func (n Node) addCollection(w http.ResponseWriter, r *http.Request) error {
	var want NewCollection
	if err := read(r, &want); err != nil {
		return err
	}
	c := exchange.Collection{Alias: want.Alias, Title: want.Title, Description: want.Description}
	if want.Marking != "" {
		level, err := handling.ParseLevel(want.Marking)
		if err != nil {
			return invalid(err)
		}
		c.Marking = level
	}
	c, err := n.Exchange.AddCollection(r.Context(), n.By, c)
	if err != nil {
		return err
	}
	answer(w, http.StatusCreated, showCollection(c, true, true))
	return nil
}

func (n Node) removeCollection(w http.ResponseWriter, r *http.Request) error {
	if err := n.Exchange.RemoveCollection(r.Context(), n.By, r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
