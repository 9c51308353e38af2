package main

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/exchange"
)

func (c *cli) followerVerb() *cobra.Command {
	return group("follower", "Show and rebuild what derives from the store's history",
		c.followerList(), c.followerRebuild())
}

func (c *cli) followerList() *cobra.Command {
	return listVerb(c, "List followers and how far each has come",
		"Lists followers, how far behind the newest change each is, and why it stopped if it did.", "/followers",
		table[exchange.FollowerState]{"NAME\tCURSOR\tNEWEST\tSTATE", func(f *exchange.FollowerState) string {
			state := "behind"
			switch {
			case f.Fault != "":
				state = "stopped: " + f.Fault
			case f.Waits == 0:
				state = "up to date"
			}
			return fmt.Sprintf("%s\t%d\t%d\t%s", f.Name, f.Cursor, f.Newest, state)
		}}, operator)
}

func (c *cli) followerRebuild() *cobra.Command {
	return &cobra.Command{
		Use:   "rebuild NAME",
		Short: "Drop what a follower keeps and let it read history again",
		Long:  "Drops what a follower keeps and lets it read the store's history from the start.\n\nExit codes: 0 begun, 1 there is no such follower, 2 could not be done.",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return n.Do(cmd.Context(), http.MethodPost, "/followers/"+url.PathEscape(args[0])+"/rebuild", nil, nil)
			})
			if err == nil {
				c.tell("follower %s is being rebuilt", args[0])
			}
			return err
		},
	}
}
