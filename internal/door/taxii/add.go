package taxii

import (
	"context"
	"fmt"
	"net/http"

	"entente/internal/exchange"
	"entente/taxii"
)

// addObjects answers section 5.5. The status in the answer is complete unless
// the batch takes longer than the server's patience; then it goes on by itself
// and its status can be asked for. Objects that cannot be read are failures
// beside the others; a body that is no envelope is answered 422.
func (s *Server) addObjects(r *request) error {
	c, err := r.view.Collection(r.collection)
	if err != nil {
		return err
	}
	if !c.CanWrite {
		return fmt.Errorf("publish to collection %q: %w", c.Alias, exchange.ErrForbidden)
	}
	if !takes(r.Header["Content-Type"]) {
		return faultf(http.StatusUnsupportedMediaType, "Content-Type must be %s", taxii.MediaTAXII)
	}
	received := s.opts.Now()
	body, hold, err := s.readBody(r)
	if err != nil {
		return err
	}
	b, err := newBatch(body, s.opts.MaxObject, r.who, c.ID, received)
	if err != nil {
		hold.release()
		return err
	}
	s.sweep(received)
	// What has been accepted is brought in also when its sender has gone.
	ctx := context.WithoutCancel(r.Context())
	if _, err := s.batches.run(ctx, b, s.exchange, s.opts.Patience, hold.release); err != nil {
		return err
	}
	return s.answer(r, http.StatusAccepted, b.status(0, nil))
}
