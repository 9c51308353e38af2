package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"

	"entente/client"
)

func example(ctx context.Context, node, token string, bundle io.Reader) error {
	c, err := client.New(node, client.WithToken(token))
	if err != nil {
		return err
	}
	tally, err := c.AddObjects(ctx, "feeds", bundle, func(r client.Result) {
		if r.Reason != "" {
			log.Printf("object %d (%s) is %s: %s", r.Index, r.ID, r.Verdict, r.Reason)
		}
	})
	if err != nil {
		return err
	}
	fmt.Println(tally.New, "new,", tally.Refused, "refused")

	for object, err := range c.Objects(ctx, "feeds", client.Query{Types: []string{"campaign"}}) {
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", object)
	}

	// As Objects, and then what comes, until the context ends or, with Once, at once.
	for event, err := range c.Stream(ctx, client.StreamQuery{Collections: []string{"feeds"}, Once: true}) {
		if err != nil {
			return err
		}
		fmt.Println(event.Added, "go on behind", event.Cursor)
	}

	_, err = c.Collection(ctx, "no-such")
	if e, ok := errors.AsType[*client.Error](err); ok && e.Code == "not_found" {
		fmt.Println("not there:", e.Detail)
		return nil
	}
	return err
}
