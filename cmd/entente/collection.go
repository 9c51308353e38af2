package main

import (
	"fmt"
	"net/http"
	"net/url"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"entente/client"
	"entente/internal/door/admin"
)

func (c *cli) collectionVerb() *cobra.Command {
	return group("collection", "Add, list and remove collections, bound what they keep, and see what was kept aside in them",
		c.collectionAdd(), c.collectionList(), c.collectionSet(), c.collectionRemove(), c.collectionConflicts())
}

func (c *cli) collectionAdd() *cobra.Command {
	var want client.NewCollection
	cmd := &cobra.Command{
		Use:   "add ALIAS [--title T] [--description D] [--marking TLP]",
		Short: "Add a collection and print its id",
		Long: `Adds a collection and prints its id. It is invisible to all accounts without a
grant, curators excepted. Objects without a marking count as amber unless
--marking says otherwise: clear, green, amber, amber+strict or red.

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
	return cmd
}

func (c *cli) collectionList() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List collections",
		Long:  "Lists collections by alias.\n\nExit codes: 0 listed, 2 could not be done.",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := listed[client.Collection](cmd.Context(), c, "/api/v1/collections")
			if err != nil || c.json {
				return err
			}
			w := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
			fmt.Fprintln(w, "ALIAS\tID\tUNMARKED\tTITLE")
			for _, k := range all {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.Alias, k.ID, k.Marking, k.Title)
			}
			return w.Flush()
		},
	}
}

func (c *cli) collectionRemove() *cobra.Command {
	return &cobra.Command{
		Use:   "remove ALIAS",
		Short: "Remove a collection and what it holds",
		Long: `Removes a collection at once, and its objects in the background; an object that
another collection holds as well stays there.

Exit codes: 0 removed, 1 there is no such collection, 2 could not be done.`,
		Example: "  entente collection remove feeds",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodDelete, "/api/v1/collections/"+url.PathEscape(args[0]), nil, nil)
			})
			if err == nil {
				c.tell("collection %s is removed", args[0])
			}
			return err
		},
	}
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
