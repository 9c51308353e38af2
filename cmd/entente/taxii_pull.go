package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strconv"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/intake"
	"entente/stix"
	"entente/taxii"
)

// pulling is one pull verb.
type pulling struct {
	remote
	collection string
	output     string
	to         string
	source     string
	cursorFile string
	filter     taxii.Filter
	addedAfter string

	count    int // objects delivered
	problems int // told by the client
	refused  int // by the node
}

func (c *cli) taxiiPull() *cobra.Command {
	var p pulling
	cmd := &cobra.Command{
		Use:   "pull URL --collection ID|ALIAS [-o FILE | --to ALIAS] [--cursor FILE] ...",
		Short: "Read a collection into a file or into the node",
		Long: `Reads a collection of a TAXII 2.1 server, each object to the byte as the server
sends it, and writes a STIX bundle to FILE (- is standard output), or with --to
brings the objects into a collection of the node.

With --cursor only what is new since the last run is read: the place is kept in
that file. Without it everything is read. All versions of an object are read
unless --match-version asks for others: first, last, or a timestamp.
` + remoteHelp + `

Exit codes: 0 all was read, 1 the server says no, or the node refused objects, 2
could not be done or was cut short; run it again to go on.`,
		Example: `  entente taxii pull https://hub.example/taxii2/ --collection indicators -o new.json --cursor hub.cursor
  entente taxii pull http://127.0.0.1:8470 --user ana --token-file token --collection default --to feeds`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.pull(cmd, &p, args[0]) },
	}
	p.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&p.collection, "collection", "", "`ID` or alias of the server's collection")
	f.StringVarP(&p.output, "output", "o", "-", "`FILE` to write a bundle to; - is standard output")
	f.StringVar(&p.to, "to", "", "`ALIAS` of a collection of the node to bring the objects into")
	f.StringVar(&p.source, "source", "", "with --to: `ORG`anisation the objects come from (the own member unless given)")
	f.StringVar(&p.cursorFile, "cursor", "", "`FILE` that keeps the place between runs")
	f.IntVar(&p.limit, "limit", 1000, "`N` objects to ask for at a time")
	sizeVar(f, &p.maxObject, "max-object", 1<<20, "most `BYTES` of one object, at most 8MiB")
	f.StringSliceVar(&p.filter.IDs, "match-id", nil, "object `ID`s to read")
	f.StringSliceVar(&p.filter.Types, "match-type", nil, "object `TYPE`s to read")
	f.StringSliceVar(&p.filter.Versions, "match-version", []string{"all"}, "`VERSION`s to read: all, first, last or a timestamp")
	f.StringSliceVar(&p.filter.SpecVersions, "match-spec-version", nil, "STIX `VERSION`s to read, as 2.1")
	f.StringVar(&p.addedAfter, "added-after", "", "read only what was added after this `TIME`")
	return cmd
}

func (c *cli) pull(cmd *cobra.Command, p *pulling, address string) error {
	switch {
	case p.collection == "":
		return usage("taxii pull: name the collection with --collection; entente taxii discover %s lists them", address)
	case p.limit < 1:
		return usage("taxii pull: --limit %d: give at least 1", p.limit)
	case p.maxObject > intake.LargestObject:
		return usage("taxii pull: --max-object %d: give a number of bytes up to %d", p.maxObject, intake.LargestObject)
	case p.to != "" && cmd.Flags().Changed("output"):
		return usage("taxii pull: give either -o or --to")
	}
	client, err := c.client(&p.remote, address)
	if err != nil {
		return err
	}
	defer client.CloseIdleConnections()
	if p.to != "" {
		err = c.withNode(cmd.Context(), func(n *admin.Client) error { return c.pullToNode(cmd.Context(), client, p, n) })
	} else {
		err = c.pullToFile(cmd.Context(), client, p)
	}
	if err == nil {
		c.tell("%s read", intake.Count(p.count, "object"))
	}
	if err == nil && p.refused > 0 {
		return no()
	}
	return answered(err)
}

// start reads the cursor and finds the collection.
func (p *pulling) start(ctx context.Context, client *taxii.Client) (taxii.Cursor, error) {
	cursor, err := readCursor(p.cursorFile)
	if err != nil {
		return cursor, err
	}
	if cursor.Collection == "" && p.addedAfter != "" {
		if _, err := taxii.ParseTime(p.addedAfter); err != nil {
			return cursor, usage("taxii pull: --added-after: %w", err)
		}
		cursor.AddedAfter = p.addedAfter
	}
	if cursor.Collection == p.collection && p.collection != "" {
		return cursor, nil // an id; nothing to look up, and so nothing new is one request
	}
	id, err := findCollection(ctx, client, p.collection)
	if err != nil {
		return cursor, err
	}
	p.collection = id
	return cursor, nil
}

// each pulls batch by batch.
func (c *cli) each(ctx context.Context, client *taxii.Client, p *pulling, take func(taxii.Batch) error) (taxii.Cursor, error) {
	cursor, err := p.start(ctx, client)
	if err != nil {
		return cursor, err
	}
	for batch, err := range client.Pull(ctx, p.collection, cursor, p.filter) {
		for _, problem := range batch.Problems {
			p.problems++
			c.tell("entente: %v", problem)
		}
		if err != nil {
			return cursor, err
		}
		if err := take(batch); err != nil {
			return cursor, err
		}
		p.count += len(batch.Objects)
		cursor = batch.Cursor
	}
	return cursor, nil
}

// pullToFile writes a bundle. The cursor moves when the bundle is whole.
func (c *cli) pullToFile(ctx context.Context, client *taxii.Client, p *pulling) error {
	var w io.Writer = c.stdout
	commit := func() error { return nil }
	if p.output != "-" {
		o, err := createOutput(p.output)
		if err != nil {
			return fmt.Errorf("taxii pull: %w", err)
		}
		defer o.discard()
		w, commit = o, o.commit
	}
	b := bundle{w: bufio.NewWriterSize(w, 256<<10)}
	cursor, err := c.each(ctx, client, p, func(batch taxii.Batch) error {
		for i := range batch.Objects {
			b.add(batch.Objects[i].Raw)
		}
		return b.w.Flush()
	})
	if err != nil {
		return err
	}
	if err := errors.Join(b.end(), commit()); err != nil {
		return fmt.Errorf("taxii pull: write %s: %w", p.output, err)
	}
	return writeCursor(p.cursorFile, cursor)
}

// bundle writes a STIX bundle object by object.
type bundle struct {
	w *bufio.Writer
	n int
}

// add writes one object; an error stays in the writer.
func (b *bundle) add(raw []byte) {
	if b.n == 0 {
		fmt.Fprintf(b.w, "{\"type\":\"bundle\",\"id\":\"bundle--%s\",\"objects\":[\n", uuid.New())
	} else {
		b.w.WriteString(",\n")
	}
	b.w.Write(raw)
	b.n++
}

func (b *bundle) end() error {
	if b.n == 0 {
		fmt.Fprintf(b.w, "{\"type\":\"bundle\",\"id\":\"bundle--%s\"}\n", uuid.New())
	} else {
		b.w.WriteString("\n]}\n")
	}
	return b.w.Flush()
}

// pullToNode publishes batch by batch; the cursor moves with each.
func (c *cli) pullToNode(ctx context.Context, client *taxii.Client, p *pulling, n *admin.Client) error {
	cursor, err := c.each(ctx, client, p, func(batch taxii.Batch) error {
		if err := c.importObjects(ctx, n, p, batch.Objects); err != nil {
			return err
		}
		return writeCursor(p.cursorFile, batch.Cursor)
	})
	if err != nil {
		return err
	}
	return writeCursor(p.cursorFile, cursor)
}

// importObjects brings objects into the node as import would.
func (c *cli) importObjects(ctx context.Context, n *admin.Client, p *pulling, objects []stix.Object) error {
	if len(objects) == 0 {
		return nil
	}
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	w, err := parts.CreateFormFile("file", p.collection)
	if err != nil {
		return err
	}
	for i := range objects {
		w.Write(objects[i].Raw) // into memory
		w.Write([]byte("\n"))
	}
	if err := parts.Close(); err != nil {
		return err
	}
	query := url.Values{"collection": {p.to}, "source": {p.source}}
	if p.maxObject > 0 {
		query.Set("max-object", strconv.FormatInt(p.maxObject, 10))
	}
	answer, err := n.Stream(ctx, http.MethodPost, "/import", query, parts.FormDataContentType(), &body)
	if err != nil {
		return err
	}
	defer answer.Close()
	var s intake.Summary
	if err := json.NewDecoder(answer).Decode(&s); err != nil {
		return err
	}
	for _, r := range s.Reasons {
		c.tell("%s: %s", r.Verdict, r)
	}
	p.refused += s.Refused
	if s.Error != "" {
		return errors.New(s.Error)
	}
	return nil
}

func readCursor(path string) (taxii.Cursor, error) {
	var cursor taxii.Cursor
	if path == "" {
		return cursor, nil
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return cursor, nil
	}
	if err != nil {
		return cursor, fmt.Errorf("taxii pull: cursor: %w", err)
	}
	if json.Unmarshal(b, &cursor) != nil {
		return cursor, fmt.Errorf("taxii pull: %s is no cursor that taxii pull has written; remove it to read everything again", path)
	}
	return cursor, nil
}

func writeCursor(path string, cursor taxii.Cursor) error {
	if path == "" {
		return nil
	}
	b, err := json.Marshal(cursor)
	if err == nil {
		err = writeWhole(path, bytes.NewReader(append(b, '\n')))
	}
	if err != nil {
		return fmt.Errorf("taxii pull: keep the cursor: %w", err)
	}
	return nil
}
