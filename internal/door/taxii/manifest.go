package taxii

// getManifest answers section 5.3. Beside more it gives next, which the
// section's table lacks and section 3.5 has for all paged endpoints.
func (s *Server) getManifest(r *request) error {
	q, err := s.filter(r, paging|byID|byType|bySpec|byVersion)
	if err != nil {
		return err
	}
	return s.answerPage(r, q, "objects", appendManifestRecord)
}
