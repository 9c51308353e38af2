package taxii

import (
	"fmt"
	"net/http"

	"entente/internal/exchange"
	"entente/internal/store"
)

// getObject answers section 5.6. An object of which the reader sees nothing is
// not there (404). One that is, but has nothing that passes the filter, gives
// an empty envelope; only a version that is asked for by its timestamp and is
// not there gives 404, as section 5.7 has it for one that was deleted.
func (s *Server) getObject(r *request) error {
	q, err := s.filter(r, paging|bySpec|byVersion)
	if err != nil {
		return err
	}
	q.IDs, q.Bodies = []string{r.object}, true
	return s.answerPage(r, q, "objects", appendObject)
}

// deleteObject answers section 5.7: every version of the object unless
// match[version] or match[spec_version] names some. It takes reading and
// writing both.
func (s *Server) deleteObject(r *request) error {
	q, err := s.filter(r, bySpec|byVersion|noOther)
	if err != nil {
		return err
	}
	c, err := r.view.Collection(r.collection)
	if err != nil {
		return err
	}
	if !c.CanRead || !c.CanWrite {
		return faultf(http.StatusForbidden, "delete from collection %q: this takes reading and writing; the account has only one of them", c.Alias)
	}
	if _, err := s.exchange.Recall(r.Context(), r.who, r.collection, r.object, exchange.Query{Versions: q.Versions, Specs: q.Specs}); err != nil {
		return err
	}
	h := r.w.Header()
	h["Content-Type"] = taxiiType
	h["Content-Length"] = zero
	r.w.WriteHeader(http.StatusOK)
	return nil
}

// missing tells whether an empty page of one object means that the object, or
// the version asked for, is not there for the reader.
func (s *Server) missing(r *request, q exchange.Query) error {
	none := fmt.Errorf("object %q: %w", r.object, exchange.ErrNotFound)
	if v := q.Versions; len(v.Exact) > 0 && !v.First && !v.Latest {
		return none
	}
	page, err := r.view.Page(r.Context(), r.collection, exchange.Query{
		IDs: []string{r.object}, Versions: store.VersionFilter{All: true}, Limit: 1})
	if err != nil {
		return err
	}
	defer page.Close()
	if page.Len() == 0 {
		return none
	}
	return nil
}
