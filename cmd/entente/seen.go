package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/door/api"
	"entente/internal/practice/author"
	"entente/internal/practice/intake"
	"entente/internal/practice/seen"
)

func (c *cli) seenVerb() *cobra.Command {
	return group("seen", "Tell what was seen in events", c.seenHits(), c.seenStatus(), c.seenSight(), c.seenForget())
}

const hitsPath = "/api/v1/seen/hits"

func (c *cli) seenHits() *cobra.Command {
	var as string
	cmd := &cobra.Command{
		Use:   "hits",
		Short: "List what was seen that indicators ask for",
		Long: `Lists the values that were seen in events (POST /api/v1/events of a node that is served)
and that an indicator asks for, the last first: each once for each indicator, with how
often at least it was seen, first and last. "before" are those that were seen before the
node knew the indicator, to the day. "apart" are those that it asks for with others, all
of which were seen, too: whether together, and when, nobody knows any more.

They are told while the indicator can be read, is not revoked, and asks for the value;
and they are forgotten when they are as old as values are kept (serve --seen-days).

Exit codes: 0 there are hits, 1 there are none, 2 could not be done.`,
		Example: "  entente seen hits",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := listed[seen.Hit](cmd.Context(), c, as, hitsPath)
			if err != nil {
				return err
			}
			err = table[seen.Hit]{"LAST\tFIRST\tCOUNT\tWHEN\tVALUE\tINDICATOR\tNAME", hitLine}.print(c, all)
			if err == nil && len(all) == 0 {
				return no()
			}
			return err
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "`ACCOUNT` that asks: a curator or an admin (the operator unless given)")
	return cmd
}

func hitLine(h *seen.Hit) string {
	when := "live"
	switch {
	case h.Apart:
		when = "apart"
	case h.Before:
		when = "before"
	}
	value := h.Value
	if h.Value != h.Asked {
		value += " (" + h.How + " " + h.Asked + ")"
	}
	return fmt.Sprintf("%s\t%s\t%d\t%s\t%s\t%s\t%s", h.Last.Format(time.RFC3339), h.First.Format(time.RFC3339), h.Count, when,
		shortened(printable(value)), printable(h.Indicator), shortened(printable(h.Name)))
}

func (c *cli) seenStatus() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Tell how much is kept of what was seen",
		Long: `Tells for how many days values of events are kept, how many there are (each once for
each day and file), since when, and how many hits.

Exit codes: 0 told, 2 could not be done.`,
		Example: "  entente seen status",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var t seen.State
			if err := c.ask(cmd.Context(), "", http.MethodGet, "/seen", nil, &t); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(t)
			}
			since := "nothing is kept yet"
			if t.Since != nil {
				since = "since " + t.Since.Format(time.DateOnly)
			}
			_, err := fmt.Fprintf(c.stdout, "%s in %s, %s; %s\n", intake.Count(t.Values, "value"), intake.Count(int(t.Bytes), "byte"), since, intake.Count(t.Hits, "hit"))
			return err
		},
	}
}

func (c *cli) seenSight() *cobra.Command {
	var as, collection string
	cmd := &cobra.Command{
		Use:   "sight [INDICATOR...]",
		Short: "Write sightings of what hit",
		Long: `Writes a sighting of each indicator that hit, or of those given: how often at least, first
and last; not what was seen. Of what was seen "apart" none is written. Written again, a sighting that says more takes the place of the
one before. Nothing is told to others unless this is done, or a person writes one by
entente sight.

Exit codes: 0 written, 1 none is to be written, or one was refused, 2 could not be done.`,
		Example: `  entente seen sight
  entente seen sight indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --collection default`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.sightSeen(cmd.Context(), as, collection, args)
		},
	}
	cmd.Flags().StringVar(&as, "as", "", "`ACCOUNT` that writes: a curator or an admin (the operator unless given)")
	cmd.Flags().StringVar(&collection, "collection", "", "`ALIAS` or id of the collection that they go to (that of the indicator unless given)")
	return cmd
}

func (c *cli) sightSeen(ctx context.Context, as, collection string, only []string) error {
	all, err := listed[seen.Hit](ctx, c, as, hitsPath)
	if err != nil {
		return err
	}
	list := []author.Sighting{}
	for _, s := range sightingsOf(all) {
		if len(only) == 0 || slices.Contains(only, s.Of) {
			s.Collection = collection
			list = append(list, s)
		}
	}
	var written, known, refused int
	err = c.withNode(ctx, func(n *admin.Client) error {
		for i := range list {
			var w author.Written
			err := n.As(as).Do(ctx, http.MethodPost, "/api/v1/sightings", list[i], &w)
			no, is := errors.AsType[*admin.Refusal](err)
			switch {
			case is:
				refused++
				c.tell("sighting of %s: %s", list[i].Of, printable(no.Reason))
			case err != nil:
				return fmt.Errorf("sighting of %s: %w", list[i].Of, err)
			case w.Verdict == author.Same:
				known++
			default:
				written++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.tell("%s written, %d known already", intake.Count(written, "sighting"), known)
	if refused > 0 || len(list) == 0 {
		return no()
	}
	return nil
}

// sightingsOf puts the hits of each indicator together.
func sightingsOf(all []seen.Hit) []author.Sighting {
	of := map[string]*seen.Hit{}
	var order []string
	for _, h := range all {
		if h.Apart { // nobody has seen what the indicator asks for
			continue
		}
		was := of[h.Indicator]
		if was == nil {
			of[h.Indicator] = &h
			order = append(order, h.Indicator)
			continue
		}
		was.Count += h.Count
		was.Span(&h)
	}
	list := make([]author.Sighting, 0, len(order))
	for _, id := range order {
		h := of[id]
		list = append(list, author.Sighting{Of: id, Count: h.Count, Key: "seen " + id, More: true,
			First: h.First.UTC().Format(time.RFC3339Nano), Last: h.Last.UTC().Format(time.RFC3339Nano)})
	}
	return list
}

func (c *cli) seenForget() *cobra.Command {
	var ask api.Forgetting
	cmd := &cobra.Command{
		Use:   "forget VALUE|--all",
		Short: "Erase a value from what was seen, or all of it",
		Long: `Erases a value from what was seen in events, and the hits on it; or with --all all that
was seen. The files that held it are written anew without it. What sightings tell stays.

Exit codes: 0 erased, 1 it had not been seen, 2 could not be done.`,
		Example: `  entente seen forget ana@example.com
  entente seen forget --all`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if ask.All == (len(args) == 1) {
				return usage("seen forget: give a value, or --all")
			}
			if len(args) == 1 {
				ask.Value = args[0]
			}
			var out api.Forgotten
			if err := c.ask(cmd.Context(), "", http.MethodPost, "/seen/forget", ask, &out); err != nil {
				return err
			}
			if c.json {
				return c.printJSON(out)
			}
			if ask.All {
				c.tell("all that was seen is erased")
				return nil
			}
			if out.Count == 0 {
				return saysNo{fmt.Errorf("seen forget: %s had not been seen", printable(ask.Value))}
			}
			c.tell("%s is erased; it had been seen %d times", printable(ask.Value), out.Count)
			return nil
		},
	}
	cmd.Flags().BoolVar(&ask.All, "all", false, "erase all that was seen")
	return cmd
}
