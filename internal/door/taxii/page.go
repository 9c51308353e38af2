package taxii

import (
	"maps"
	"slices"

	"entente/internal/exchange"
)

// newestSpec is the newest version of STIX that is kept.
const newestSpec = "2.1"

// page reads a page and leaves out what section 3.4.1 does: without
// match[spec_version], of an object that is there in several versions of STIX
// only the latest is given. Pages that are empty because of it are read over.
func (s *Server) page(r *request, q exchange.Query) (rows, error) {
	for {
		page, err := r.view.Page(r.Context(), r.collection, q)
		if err != nil {
			return rows{}, err
		}
		p := rows{Page: page}
		if len(q.Specs) > 0 || oneEach(q) {
			return p, nil
		}
		if p.shown, err = s.latestSpec(r, q, page); err != nil {
			page.Close()
			return rows{}, err
		}
		if p.len() > 0 || page.Next == "" {
			return p, nil
		}
		q.Next = page.Next
		page.Close()
	}
}

// oneEach tells whether the filter gives at most one version of each object,
// as the default does.
func oneEach(q exchange.Query) bool {
	v := q.Versions
	n := len(v.Exact)
	if v.First {
		n++
	}
	if v.Latest {
		n++
	}
	return !v.All && n <= 1
}

// latestSpec gives the indexes of a page's objects that are not there in a
// later version of STIX as well; nil when that is all of them.
func (s *Server) latestSpec(r *request, q exchange.Query, page *exchange.Page) ([]int, error) {
	later := map[string]bool{}
	for i := range page.Len() {
		if page.Spec(i) < newestSpec {
			later[page.ID(i)] = false
		}
	}
	if len(later) == 0 {
		return nil, nil
	}
	ids := slices.Collect(maps.Keys(later))
	q.IDs, q.Specs, q.Next, q.Bodies = ids, []string{newestSpec}, "", false
	for {
		found, err := r.view.Page(r.Context(), r.collection, q)
		if err != nil {
			return nil, err
		}
		for i := range found.Len() {
			later[found.ID(i)] = true
		}
		q.Next = found.Next
		found.Close()
		if q.Next == "" {
			break
		}
	}
	shown := make([]int, 0, page.Len())
	for i := range page.Len() {
		if page.Spec(i) >= newestSpec || !later[page.ID(i)] {
			shown = append(shown, i)
		}
	}
	return shown, nil
}
