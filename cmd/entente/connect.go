package main

import (
	"context"
	"errors"
	"time"

	"entente/internal/door/admin"
	"entente/internal/node"
	"entente/internal/store"
)

// patience is how long a verb waits for another process that has the node but
// does not answer for it: another verb, or a server that is starting.
const patience = 5 * time.Second

// withNode runs a verb's requests against the node: through the admin socket
// when a server runs on the data directory, else against the same handler in
// this process.
func (c *cli) withNode(ctx context.Context, do func(*admin.Client) error) error {
	deadline := time.Now().Add(patience)
	for {
		if client, err := admin.Connect(ctx, c.data); err == nil {
			defer client.Close()
			return do(client)
		}
		c.aimHeap()
		n, err := node.Open(ctx, c.data, node.Options{Logger: c.quietLogger(), Brief: true})
		if err == nil {
			return c.inProcess(n, do)
		}
		if !errors.Is(err, store.ErrLocked) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *cli) inProcess(n *node.Node, do func(*admin.Client) error) error {
	client := admin.InProcess(n.Admin())
	err := do(client)
	client.Close()
	return errors.Join(err, n.Close())
}
