package node

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"sync"
)

// crowd bounds how many connections are open at once. Beyond the bound a new
// one takes the place of that which has been idle for longest, so that clients
// who only hold connections keep nobody out; with none idle, the new one is
// closed.
type crowd struct {
	most int

	mu   sync.Mutex
	open int
	idle *list.List // of net.Conn without a request under way, longest first
	at   map[net.Conn]*list.Element
}

func newCrowd(most int) *crowd {
	return &crowd{most: most, idle: list.New(), at: make(map[net.Conn]*list.Element)}
}

// state is the server's ConnState.
func (c *crowd) state(conn net.Conn, s http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.at[conn]; e != nil {
		c.idle.Remove(e)
		delete(c.at, conn)
	}
	switch s {
	case http.StateNew:
		c.open++
		if c.open > c.most {
			c.makeRoom(conn)
		}
		c.at[conn] = c.idle.PushBack(conn) // until its first request
	case http.StateIdle:
		c.at[conn] = c.idle.PushBack(conn)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

// makeRoom closes one connection; that it is closed comes back to state.
func (c *crowd) makeRoom(newest net.Conn) {
	victim := newest
	if e := c.idle.Front(); e != nil {
		victim = e.Value.(net.Conn)
		c.idle.Remove(e)
		delete(c.at, victim)
	}
	if t, ok := victim.(*tls.Conn); ok {
		victim = t.NetConn() // without a farewell, which could take seconds
	}
	victim.Close()
}

// count is how many connections are open.
func (c *crowd) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}
