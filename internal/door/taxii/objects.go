package taxii

// getObjects answers section 5.4.
func (s *Server) getObjects(r *request) error {
	q, err := s.filter(r, paging|byID|byType|bySpec|byVersion)
	if err != nil {
		return err
	}
	q.Bodies = true
	return s.answerPage(r, q, "objects", appendObject)
}
