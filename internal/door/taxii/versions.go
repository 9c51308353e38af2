package taxii

import "entente/internal/store"

// getVersions answers section 5.8, in the order of dates added like all pages.
// match[version] is not for this endpoint: it lists them all.
func (s *Server) getVersions(r *request) error {
	q, err := s.filter(r, paging|bySpec)
	if err != nil {
		return err
	}
	q.IDs, q.Versions = []string{r.object}, store.VersionFilter{All: true}
	return s.answerPage(r, q, "versions", appendVersionOf)
}
