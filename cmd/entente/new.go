package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"entente/internal/practice/author"
	"entente/internal/spelling"
	"entente/stix"
)

// creating is one new verb.
type creating struct {
	placing
	making
	set               []string
	name, description string
	about             []string // one
	until             string
	file              string
	draft             bool
}

func (c *cli) newVerb() *cobra.Command {
	var n creating
	cmd := &cobra.Command{
		Use:   "new TYPE [--for VALUE] [--name NAME] [--set PATH=VALUE]... [--file FILE|-]",
		Short: "Write an indicator, a malware, a report, any object of STIX",
		Long: `Writes a new object in the name of your organisation and prints its id. Who, when
and how it is marked is filled in; what is missing or wrong is told, and nothing is
written then.

For an indicator the value is enough: an address, a prefix, a domain, a URL, an
e-mail address, a hash, a registry key, also defanged. --until says how long it
holds. Its id follows from the value, so that a second run changes nothing; the
same goes for whatever has a --key.

Other properties are given by --set: PATH=VALUE, as in confidence=85,
labels[]=phishing (adds to a list) or kill_chain_phases[0].phase_name=delivery.
Texts become what STIX has the property be; times may be dates, now, or distances
as 30d and -2h. PATH:=JSON gives a value as JSON. --file takes a JSON object.

--made-by, --tool and --model say how it was made, --reviewed-by who answers for what a
machine made: until somebody does, agreements that ask for a review do not release it.

With nothing but a TYPE, $EDITOR opens with what the type has. With --draft the
object is kept for later and seen by nobody; see entente draft.

Exit codes: 0 written, or there already; 1 refused (invalid, not allowed, there
with other content), 2 could not be done.`,
		Example: `  entente new indicator --for 198.51.100.7 --description "Scans our gate" --until 30d
  entente new malware --name Drum --set malware_types[]=ransomware --key drum
  entente new vulnerability --name CVE-2024-3400 --tlp green`,
		Args: cobra.ExactArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return stix.Types(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error { return c.create(cmd.Context(), n, args[0]) },
	}
	f := cmd.Flags()
	f.StringArrayVar(&n.about, "for", nil, "`VALUE` that an indicator or an observable is about; file:NAME and mutex:NAME say what it is")
	f.StringVar(&n.until, "until", "", "`WHEN` an indicator ends: a date, or a time from its start, as 30d")
	f.StringVar(&n.name, "name", "", "`NAME` of the object")
	f.StringVar(&n.description, "description", "", "`TEXT` on the object")
	f.StringArrayVar(&n.set, "set", nil, "`PATH=VALUE` or PATH:=JSON of a property; may be given again")
	f.StringVar(&n.file, "file", "", "`FILE` with properties as a JSON object; - for standard input")
	f.BoolVar(&n.draft, "draft", false, "keep it as a draft")
	n.placing.flags(cmd, "default", "the collection's", "")
	n.making.flags(cmd)
	return cmd
}

func (c *cli) create(ctx context.Context, n creating, typ string) error {
	if len(n.about) > 1 {
		return usage("new: --for takes one value, and %d are given; write one object for each, or one indicator of any of them: --set \"pattern=[ipv4-addr:value = '198.51.100.7'] OR [domain-name:value = 'drum.example']\"", len(n.about))
	}
	if len(n.about) == 1 && strings.TrimSpace(n.about[0]) == "" {
		return usage("new: --for has no value; give an address, a name, a hash or the like")
	}
	o := author.NewObject{Type: typ, For: strings.Join(n.about, ""), Until: n.until, Key: n.key, TLP: n.tlp, Collection: n.collection, Set: n.set}
	var err error
	if o.Making, err = n.said(); err != nil {
		return err
	}
	if n.name != "" {
		o.Set = append(o.Set, "name="+n.name)
	}
	if n.description != "" {
		o.Set = append(o.Set, "description="+n.description)
	}
	switch {
	case n.file != "":
		raw, err := c.readFile(n.file)
		if err != nil {
			return fmt.Errorf("new: %w", err)
		}
		o.Properties = raw
	case o.For == "" && len(o.Set) == 0:
		return c.createInEditor(ctx, n, o)
	}
	return c.submit(ctx, n, o)
}

// submit has the node write an object, or keep it as a draft.
func (c *cli) submit(ctx context.Context, n creating, o author.NewObject) error {
	if !n.draft {
		return c.write(ctx, n.as, "/author", o, "published")
	}
	var d author.Draft
	if err := c.ask(ctx, n.as, http.MethodPost, "/drafts", o, &d); err != nil {
		return err
	}
	return c.printDraft(d, "kept")
}

// createInEditor lets the writer fill a sheet in.
func (c *cli) createInEditor(ctx context.Context, n creating, o author.NewObject) error {
	if stix.Properties(o.Type) == nil {
		return saysNo{fmt.Errorf("STIX has no type %q%s; give a type of your own its properties by --set or --file", o.Type, spelling.Meant(o.Type, slices.Values(stix.Types())))}
	}
	base, err := json.Marshal(map[string]string{"type": o.Type})
	if err != nil {
		return err
	}
	sheet, err := author.Sheet("A new "+o.Type+"."+sheetHelp, base)
	if err != nil {
		return err
	}
	return c.compose(ctx, sheet, func(text string) error {
		raw, err := sheetObject(text, base)
		if err != nil {
			return err
		}
		o.Properties = raw
		return c.submit(ctx, n, o)
	})
}

// mostFile is how large a file with properties may be, in bytes.
const mostFile = 1 << 20

// readFile reads a small file, or standard input for "-".
func (c *cli) readFile(path string) ([]byte, error) {
	r, name := io.Reader(c.stdin), "standard input"
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		r, name = f, path
	}
	b, err := io.ReadAll(io.LimitReader(r, mostFile+1))
	if err == nil && len(b) > mostFile {
		err = fmt.Errorf("%s is larger than %d bytes; entente import takes larger ones", name, mostFile)
	}
	if err == nil && !json.Valid(b) {
		err = saysNo{fmt.Errorf("%s is not JSON; entente stix validate tells where it breaks", name)}
	}
	return b, err
}
