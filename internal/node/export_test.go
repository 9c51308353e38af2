package node

import (
	"context"
	"net/http"
)

// Public is what the node answers on its public listener, for tests that need
// no network, and what must be called before the node is closed.
func (n *Node) Public(o ServeOptions) (http.Handler, func(context.Context) error) {
	o.Limits = o.Limits.withDefaults()
	s := n.serving(o)
	h, _, _ := s.handlers(nil)
	return h, s.door.Close
}
