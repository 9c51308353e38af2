package demo

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"entente/internal/dial"
	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/practice/device"
	"entente/internal/trust/account"
	"entente/internal/trust/handling"
	"entente/stix"
	"entente/taxii"
)

// coalition is the members' nodes, running.
type coalition struct {
	dir   string
	nodes map[*member]*station

	stop    context.CancelFunc
	serving sync.WaitGroup
	failed  chan error // the first node that could not be served

	blocked time.Duration // from the second relay's being published to its being blocked elsewhere
}

// station is one member's node and what the member holds of the others.
type station struct {
	*node.Node
	url     string
	tokens  map[*member]string        // of accounts here, by the member they are for; own analyst under itself
	sources map[*member]*taxii.Client // shared collections it may pull from
	cursors map[*member]taxii.Cursor

	resolver string // token by which the member's resolver fetches what it blocks; the utility's has one
}

// found makes every member's node under dir and opens shared collections to
// partners as the grants say.
func found(ctx context.Context, dir, listen string) (*coalition, error) {
	ctx, stop := context.WithCancel(ctx)
	c := &coalition{dir: dir, nodes: map[*member]*station{}, stop: stop, failed: make(chan error, len(cast))}
	addresses, err := c.addresses(listen)
	if err != nil {
		stop()
		return nil, err
	}
	if err := c.settleAll(ctx, addresses); err != nil {
		return nil, errors.Join(err, c.close())
	}
	for _, m := range cast {
		if err := c.connect(m); err != nil {
			return nil, errors.Join(fmt.Errorf("demo: %s: %w", m.name, err), c.close())
		}
	}
	return c, nil
}

// addresses gives each member one: the ports after the first, or any when that is 0.
func (c *coalition) addresses(listen string) ([]string, error) {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return nil, fmt.Errorf("demo: --listen %q: %w", listen, err)
	}
	first, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("demo: --listen %q: the port is no number", listen)
	}
	if last := 1<<16 - len(cast); first < 0 || first > last {
		return nil, fmt.Errorf("demo: --listen %q: %d nodes take the ports from there on; give one up to %d", listen, len(cast), last)
	}
	out := make([]string, len(cast))
	for i := range out {
		if first != 0 {
			port = strconv.Itoa(first + i)
		}
		out[i] = net.JoinHostPort(host, port)
	}
	return out, nil
}

// settleAll settles the members side by side: each waits for its own disk.
func (c *coalition) settleAll(ctx context.Context, addresses []string) error {
	var settling sync.WaitGroup
	stations, errs := make([]*station, len(cast)), make([]error, len(cast))
	for i, m := range cast {
		settling.Go(func() {
			if stations[i], errs[i] = c.settle(ctx, m, addresses[m.order]); errs[i] != nil {
				errs[i] = fmt.Errorf("demo: the node of %s: %w", m.name, errs[i])
			}
		})
	}
	settling.Wait()
	for i, s := range stations {
		if s != nil {
			c.nodes[cast[i]] = s
		}
	}
	return errors.Join(errs...)
}

// settle makes, furnishes and serves one member's node. A node that is open is
// returned whatever the error.
func (c *coalition) settle(ctx context.Context, m *member, address string) (*station, error) {
	dir := filepath.Join(c.dir, m.key)
	if _, err := node.Init(ctx, dir, node.InitOptions{Name: m.name}); err != nil {
		return nil, err
	}
	n, err := node.Open(ctx, dir, node.Options{})
	if err != nil {
		return nil, err
	}
	s := &station{Node: n, tokens: map[*member]string{}, sources: map[*member]*taxii.Client{}, cursors: map[*member]taxii.Cursor{}}
	if err := s.furnish(ctx, m); err != nil {
		return s, err
	}
	ready, failed := make(chan string, 1), make(chan error, 1)
	c.serving.Go(func() {
		failed <- n.Serve(ctx, node.ServeOptions{Listen: address, Ready: func(url string) { ready <- url }})
	})
	select {
	case s.url = <-ready:
		return s, nil
	case err := <-failed:
		return s, err
	}
}

// furnish makes a member's collections and the accounts of those who may read.
func (s *station) furnish(ctx context.Context, m *member) error {
	by := s.Operator()
	ids := map[string]string{}
	for _, col := range []exchange.Collection{
		{Alias: shared, Title: m.name + " shares", Description: "What " + m.name + " shares with its partners."},
		{Alias: inside, Title: "Inside " + m.name, Description: "For own accounts only."},
		{Alias: inbox, Title: "From partners", Description: "What was pulled from partners.", Marking: handling.Green},
	} {
		made, err := s.Exchange.AddCollection(ctx, by, col)
		if err != nil {
			return err
		}
		ids[col.Alias] = made.ID
	}
	_, token, err := s.Accounts.Add(ctx, by, account.Application{Name: "analyst", Grants: map[string]account.Access{
		ids[shared]: account.Read | account.Write, ids[inside]: account.Read | account.Write, ids[inbox]: account.Read}})
	if err != nil {
		return err
	}
	s.tokens[m] = token
	if m == util {
		_, s.resolver, err = s.Devices.Add(ctx, by, account.Application{Name: "resolver", Grants: map[string]account.Access{ids[inbox]: account.Read}},
			device.Device{Format: "rpz", MaxChange: device.DefaultMaxChange})
		if err != nil {
			return err
		}
	}
	for _, partner := range grants[m] {
		if _, err := s.Accounts.AddOrg(ctx, by, partner.name, ""); err != nil {
			return err
		}
		_, token, err := s.Accounts.Add(ctx, by, account.Application{Name: partner.key, Org: partner.name,
			Grants: map[string]account.Access{ids[shared]: account.Read}})
		if err != nil {
			return err
		}
		s.tokens[partner] = token
	}
	return nil
}

// connect gives a member a TAXII client for each partner who granted it one.
func (c *coalition) connect(m *member) error {
	for _, from := range cast {
		token, ok := c.nodes[from].tokens[m]
		if from == m || !ok {
			continue
		}
		transport, err := dial.New(dial.Options{AllowPrivate: true}) // loopback, by the demo's own choice
		if err != nil {
			return err
		}
		client, err := taxii.New(c.nodes[from].url+"/taxii2/", taxii.WithHTTPClient(transport), taxii.WithBasicAuth(m.key, token))
		if err != nil {
			return err
		}
		c.nodes[m].sources[from] = client
	}
	return nil
}

// publish puts what was written into one of the member's own collections.
func (s *station) publish(ctx context.Context, collection string, objects []stix.Object, source string) (taken int, err error) {
	results, err := s.Exchange.Publish(ctx, s.Operator(), exchange.Publication{Collection: collection, Objects: objects, Source: source})
	if err != nil {
		return 0, err
	}
	for _, r := range results {
		switch r.Verdict {
		case exchange.Refused, exchange.Conflict:
			return 0, fmt.Errorf("%s was %s: %s", r.ID, r.Verdict, r.Reason)
		case exchange.Same:
		default:
			taken++
		}
	}
	return taken, nil
}

// close ends the serving and closes every store.
func (c *coalition) close() error {
	c.stop()
	c.serving.Wait()
	var errs []error
	for _, s := range c.nodes {
		for _, client := range s.sources {
			client.CloseIdleConnections()
		}
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// room makes a directory for the nodes, and what removes it.
func room() (dir string, remove func(), err error) {
	dir, err = os.MkdirTemp("", "entente-demo-")
	return dir, func() { os.RemoveAll(dir) }, err
}
