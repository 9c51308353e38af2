package taxii

import "entente/taxii"

// getDiscovery answers section 4.1. The API root is given as a path, which is
// right behind any proxy and name.
func (s *Server) getDiscovery(r *request) error {
	return s.answerJSON(r, taxii.Discovery{
		Title:       s.opts.Title,
		Description: s.opts.Description,
		Contact:     s.opts.Contact,
		Default:     Root,
		APIRoots:    []string{Root},
	})
}

// getAPIRoot answers section 4.2.
func (s *Server) getAPIRoot(r *request) error {
	return s.answerJSON(r, taxii.APIRoot{
		Title:            s.opts.Title,
		Description:      s.opts.Description,
		Versions:         []string{taxii.MediaTAXII},
		MaxContentLength: s.opts.MaxBody,
	})
}
