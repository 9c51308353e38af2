package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
	"entente/internal/practice/intake"
)

func (c *cli) collectionVerb() *cobra.Command {
	return group("collection", "Add, list and remove collections, bound what they keep and release, and see what was kept aside in them",
		c.collectionAdd(), c.collectionList(), c.collectionSet(), c.collectionRemove(), c.collectionConflicts())
}

func (c *cli) collectionAdd() *cobra.Command {
	var want client.NewCollection
	cmd := &cobra.Command{
		Use:   "add ALIAS [--title T] [--description D] [--marking TLP] [--reviewed-only]",
		Short: "Add a collection and print its id",
		Long: `Adds a collection and prints its id. It is invisible to all accounts without a
grant, curators excepted. Objects without a marking count as amber unless
--marking says otherwise: clear, green, amber, amber+strict or red. With --reviewed-only
what a machine made and no person has reviewed is released to no partner.

Exit codes: 0 added, 1 refused (the alias is taken or malformed), 2 could not be
done.`,
		Example: `  entente collection add feeds --title "Open feeds" --marking clear`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			want.Alias = args[0]
			var made client.Collection
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodPost, "/api/v1/collections", want, &made)
			})
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(made)
			}
			_, err = fmt.Fprintln(c.stdout, made.ID)
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&want.Title, "title", "", "`TITLE` for people (the alias unless given)")
	f.StringVar(&want.Description, "description", "", "`TEXT` for people")
	f.StringVar(&want.Marking, "marking", "", "`TLP` label that unmarked objects count as (amber unless given)")
	f.BoolVar(&want.ReviewedOnly, "reviewed-only", false, "release to partners nothing of a machine's that nobody has reviewed")
	return cmd
}

func (c *cli) collectionList() *cobra.Command {
	return listVerb(c, "List collections", "Lists collections by alias.", "/api/v1/collections", table[client.Collection]{
		"ALIAS\tID\tUNMARKED\tTITLE", func(k *client.Collection) string {
			return fmt.Sprintf("%s\t%s\t%s\t%s", k.Alias, k.ID, k.Marking, k.Title)
		}}, operator)
}

func (c *cli) collectionRemove() *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "remove ALIAS [--yes]",
		Short: "Remove a collection and what it holds",
		Long: `Removes a collection at once, and its objects in the background; an object that
another collection holds as well stays there. It cannot be undone.

Without --yes nothing is removed: it tells how much the collection holds.

Exit codes: 0 removed, or told; 1 there is no such collection; 2 could not be done.`,
		Example: "  entente collection remove feeds --yes",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/collections/" + url.PathEscape(args[0])
			var there client.Collection
			if err := c.ask(cmd.Context(), "", http.MethodGet, path, nil, &there); err != nil {
				return err
			}
			holds := intake.Count(int(there.Objects), "version") + " of objects"
			if !yes {
				if c.json {
					return c.printJSON(there)
				}
				_, err := fmt.Fprintf(c.stdout, "collection %s holds %s; --yes removes it with them\n", there.Alias, holds)
				return err
			}
			err := c.ask(cmd.Context(), "", http.MethodDelete, path+"?objects="+strconv.FormatInt(there.Objects, 10), nil, nil)
			if err == nil {
				c.tell("collection %s is removed, with %s", there.Alias, holds)
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "remove it; else only tell how much it holds")
	return cmd
}

func (c *cli) collectionConflicts() *cobra.Command {
	return &cobra.Command{
		Use:   "conflicts ALIAS",
		Short: "List what was kept aside in a collection",
		Long: `Lists content that came under the id and version of another object and was kept
aside: who brought it, and with --json the object as it came. Nobody else is shown
it. What should be kept is published again under a newer modified time.

Exit codes: 0 listed, 1 there is no such collection, 2 could not be done.`,
		Example: "  entente collection conflicts default --json",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			all := []client.Conflict{}
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				path := "/api/v1/collections/" + url.PathEscape(args[0]) + "/conflicts"
				return readLines(cmd.Context(), n, path, func(k client.Conflict) error {
					all = append(all, k)
					return nil
				})
			})
			if err != nil {
				return err
			}
			if c.json {
				return c.printJSON(all)
			}
			w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "ID\tVERSION\tFROM")
			for _, k := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\n", printable(k.ID), printable(k.Version), printable(k.Source))
			}
			return w.Flush()
		},
	}
}
