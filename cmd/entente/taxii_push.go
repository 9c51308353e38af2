package main

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/practice/intake"
	"entente/internal/trust/handling"
	"entente/stix"
	"entente/taxii"
)

func (c *cli) taxiiPush() *cobra.Command {
	var r remote
	var collection, upTo string
	var o taxii.PushOptions
	cmd := &cobra.Command{
		Use:   "push URL --collection ID|ALIAS FILE|DIR|-...",
		Short: "Add objects to a collection of a server",
		Long: `Adds the objects of files, folders or standard input (as entente import takes
them) to a collection of a TAXII 2.1 server, and follows each request's status
until it is complete. What is marked stricter than --up-to, the whole or a part, is not
sent: TLP:RED is for those it names, and who reads that server is not known here.
` + remoteHelp + `

Exit codes: 0 everything was taken, 1 the server refused something, or an object
could not be read, 2 could not be done.`,
		Example: `  entente taxii push http://127.0.0.1:8470 --user feed --token-file token --collection default bundle.json`,
		Args:    cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if collection == "" {
				return usage("taxii push: name the collection with --collection; entente taxii discover %s lists them", args[0])
			}
			if o.MaxObjects < 1 {
				return usage("taxii push: --limit %d: give at least 1", o.MaxObjects)
			}
			level, err := handling.ParseLevel(strings.TrimPrefix(strings.ToLower(upTo), "tlp:"))
			if err != nil {
				return usage("taxii push: --up-to: %v", err)
			}
			var in importing
			sources, err := c.listSources("taxii push", &in, args[1:])
			if err != nil {
				return err
			}
			client, err := c.client(&r, args[0])
			if err != nil {
				return err
			}
			defer client.CloseIdleConnections()
			id, err := findCollection(cmd.Context(), client, collection)
			if err != nil {
				return answered(err)
			}
			report, err := client.Push(cmd.Context(), id, noStricter(level, objects(sources)), o)
			if err == nil && in.unread > 0 {
				err = fmt.Errorf("taxii push: %s could not be read", intake.Count(in.unread, "input"))
			}
			return c.printPushed(report, answered(err))
		},
	}
	r.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&collection, "collection", "", "`ID` or alias of the server's collection")
	f.StringVar(&upTo, "up-to", handling.AmberStrict.String(), "strictest `LABEL` that is sent: clear, green, amber, amber+strict or red")
	f.IntVar(&o.MaxObjects, "limit", 1000, "`N` objects to send at a time")
	return cmd
}

// objects reads the objects of sources.
func objects(sources []intake.Source) iter.Seq2[*stix.Object, error] {
	return func(yield func(*stix.Object, error) bool) {
		for _, s := range sources {
			if !readSource(s, yield) {
				return
			}
		}
	}
}

// noStricter leaves out, as an error, what is marked stricter than a label.
func noStricter(most handling.Level, all iter.Seq2[*stix.Object, error]) iter.Seq2[*stix.Object, error] {
	return func(yield func(*stix.Object, error) bool) {
		for o, err := range all {
			if err == nil {
				if l := strictest(o); l > most {
					o, err = nil, fmt.Errorf("%s is not sent: it is marked TLP:%s; --up-to %s sends it all the same", o.ID, strings.ToUpper(l.String()), l)
				}
			}
			if !yield(o, err) {
				return
			}
		}
	}
}

// strictest is the strictest label of an object and of its parts.
func strictest(o *stix.Object) (most handling.Level) {
	for _, id := range slices.Concat(o.MarkingRefs, o.GranularMarkingRefs) {
		l, _ := handling.LevelOf(id)
		most = max(most, l)
	}
	return most
}

func readSource(s intake.Source, yield func(*stix.Object, error) bool) bool {
	content, err := s.Content(intake.Limits{})
	if err != nil {
		return yield(nil, err)
	}
	defer content.Close()
	for o, err := range stix.Scan(content, stix.MaxObject(intake.LargestObject)) {
		if err != nil {
			err = fmt.Errorf("%s: %w", s.Name, err)
		}
		if !yield(o, err) {
			return false
		}
	}
	return true
}

// printPushed tells what became of a push, and is its exit code.
func (c *cli) printPushed(r taxii.PushReport, err error) error {
	if c.json {
		unread := []string{}
		for _, u := range r.Unread {
			unread = append(unread, u.Error())
		}
		jerr := c.printJSON(struct {
			Succeeded int                  `json:"succeeded"`
			Failed    int                  `json:"failed"`
			Pending   int                  `json:"pending"`
			Failures  []taxii.StatusDetail `json:"failures"`
			Unread    []string             `json:"unread"`
		}{r.Succeeded, r.Failed, r.Pending, append([]taxii.StatusDetail{}, r.Failures...), unread})
		if jerr != nil {
			return jerr
		}
	} else {
		for i, f := range r.Failures {
			if i == 20 {
				c.tell("and %d more", len(r.Failures)-i)
				break
			}
			c.tell("refused: %s: %s", printable(f.ID), printable(f.Message))
		}
		for _, u := range r.Unread {
			c.tell("unread: %v", u)
		}
		fmt.Fprintf(c.stdout, "%d taken, %d refused, %d pending, %d unread\n", r.Succeeded, r.Failed, r.Pending, len(r.Unread))
	}
	if err != nil {
		return err
	}
	if r.Failed > 0 || len(r.Unread) > 0 {
		return no()
	}
	return nil
}
