package taxii

import (
	"entente/internal/exchange"
	"entente/taxii"
)

// stixTypes are the media types of objects that a collection holds, whatever
// the collection.
var stixTypes = []string{"application/stix+json;version=2.1", "application/stix+json;version=2.0"}

// getCollections answers section 5.1, in the order of aliases. Collections that
// are not granted to the account are not there.
func (s *Server) getCollections(r *request) error {
	var list taxii.Collections
	for _, c := range r.view.Collections() {
		list.Collections = append(list.Collections, resource(c))
	}
	return s.answerJSON(r, list)
}

// getCollection answers section 5.2.
func (s *Server) getCollection(r *request) error {
	c, err := r.view.Collection(r.collection)
	if err != nil {
		return err
	}
	return s.answerJSON(r, resource(c))
}

func resource(c exchange.Access) taxii.Collection {
	return taxii.Collection{
		ID:          c.ID,
		Title:       c.Title,
		Description: c.Description,
		Alias:       c.Alias,
		CanRead:     c.CanRead,
		CanWrite:    c.CanWrite,
		MediaTypes:  stixTypes,
	}
}
