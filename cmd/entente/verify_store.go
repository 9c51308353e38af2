package main

import (
	"errors"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/intake"
)

func (c *cli) verifyStoreVerb() *cobra.Command {
	return &cobra.Command{
		Use:   "verify-store",
		Short: "Read the whole store back and check that it agrees with itself",
		Long: `Reads back everything that the store holds and checks that objects, indexes,
memberships, counters and log agree. Prints one problem a line.

Exit codes: 0 all agrees, 1 there are problems, 2 could not be done.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			problems := []string{}
			done := false
			err := c.withNode(cmd.Context(), func(n *admin.Client) error {
				return readLines(cmd.Context(), n, "/verify", func(f admin.Finding) error {
					if f.Problem != "" {
						problems = append(problems, f.Problem)
						if !c.json {
							c.tell("%s", f.Problem)
						}
					}
					done = done || f.Done
					if f.Error != "" {
						return errors.New(f.Error)
					}
					return nil
				})
			})
			if err == nil && !done {
				err = errors.New("verify-store: the node's answer ended early")
			}
			if err != nil {
				return err
			}
			return c.printVerified(problems)
		},
	}
}

func (c *cli) printVerified(problems []string) error {
	if c.json {
		if err := c.printJSON(problems); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		c.tell("%s", intake.Count(len(problems), "problem"))
		return no()
	}
	if !c.json {
		c.tell("the store agrees with itself")
	}
	return nil
}
