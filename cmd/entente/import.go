package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"entente/internal/door/admin"
	"entente/internal/practice/intake"
)

// importing is one import verb.
type importing struct {
	collection string
	source     string
	maxBytes   int64
	maxObject  int64
	unread     int // paths that could not be read
}

func (c *cli) importVerb() *cobra.Command {
	var im importing
	cmd := &cobra.Command{
		Use:   "import FILE|DIR|-... [--collection ALIAS]",
		Short: "Bring STIX into a collection",
		Long: `Brings STIX 2.1 and 2.0 into a collection, each object to the byte as it came.
An input is a file (whatever its name), a folder (the files below it named
.json, .stix, .stix2, .jsonl or .ndjson, also with .gz, .zst or .xz), or - for
standard input. It may hold a bundle, a TAXII envelope, an array of objects or
JSON Lines, and be compressed with gzip, zstd or xz.

A bad object is told and left out; the others are kept. The same input twice
changes nothing, so an import that was stopped is resumed by running it again.

Prints a summary. Exit codes: 0 everything was taken, 1 something was refused, 2
could not be done or was cut short.`,
		Example: `  entente import bundle.json --collection default
  curl -s https://feeds.example/stix.json.gz | entente import -`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, paths []string) error { return c.importPaths(cmd.Context(), im, paths) },
	}
	f := cmd.Flags()
	f.StringVar(&im.collection, "collection", "default", "`ALIAS` or id of the collection")
	f.StringVar(&im.source, "source", "", "`ORG`anisation the objects come from (the own member unless given)")
	sizeVar(f, &im.maxBytes, "max-bytes", 64<<30, "most `BYTES` that one input may hold when unpacked")
	sizeVar(f, &im.maxObject, "max-object", 1<<20, "most `BYTES` of one object, at most 8MiB; partners may refuse more than 1MiB")
	return cmd
}

func (c *cli) importPaths(ctx context.Context, im importing, paths []string) error {
	if im.maxObject > intake.LargestObject {
		return usage("import: --max-object %d: give a number of bytes up to %d", im.maxObject, intake.LargestObject)
	}
	sources, err := c.listSources("import", &im, paths)
	if err != nil {
		return err
	}
	var summary intake.Summary
	err = c.withNode(ctx, func(n *admin.Client) error {
		return c.sendSources(ctx, n, &im, sources, &summary)
	})
	if err != nil && ctx.Err() != nil {
		return errors.New("import: stopped; what was acknowledged is kept, run it again to go on")
	}
	if err != nil {
		return err
	}
	return c.printSummary(im, summary)
}

// listSources lists what paths stand for. Some that cannot be read are told and
// left out; none that can is an error.
func (c *cli) listSources(verb string, im *importing, paths []string) ([]intake.Source, error) {
	var sources []intake.Source
	var last error
	for s, err := range intake.Sources(paths, c.stdin) {
		if err != nil {
			im.unread++
			err = fmt.Errorf("%s: %w", verb, err)
			last = err
			if len(paths) > 1 {
				c.tell("entente: %v", err)
			}
			continue
		}
		sources = append(sources, s)
	}
	if len(sources) > 0 {
		return sources, nil
	}
	if last != nil {
		return nil, last
	}
	return nil, fmt.Errorf("%s: no file in %v is named as STIX is (.json, .stix, .stix2, .jsonl, .ndjson); name the file itself to take it", verb, paths)
}

// sendSources streams the sources to the node as the parts of one request.
func (c *cli) sendSources(ctx context.Context, n *admin.Client, im *importing, sources []intake.Source, summary *intake.Summary) error {
	query := url.Values{"collection": {im.collection}}
	if im.source != "" {
		query.Set("source", im.source)
	}
	if im.maxBytes > 0 {
		query.Set("max-bytes", strconv.FormatInt(im.maxBytes, 10))
	}
	if im.maxObject > 0 {
		query.Set("max-object", strconv.FormatInt(im.maxObject, 10))
	}
	bar := c.progress(sources)
	defer bar.end()
	pr, pw := io.Pipe()
	parts := multipart.NewWriter(pw)
	sent := make(chan int, 1) // how many sources could not be opened
	go func() {
		unread, err := c.writeParts(parts, sources, bar)
		if err == nil {
			err = parts.Close()
		}
		pw.CloseWithError(err) // io.EOF when nil
		sent <- unread
	}()
	answer, err := n.Stream(ctx, http.MethodPost, "/import", query, parts.FormDataContentType(), pr)
	pr.CloseWithError(context.Canceled) // no one reads on
	if err != nil {
		return err
	}
	defer answer.Close()
	if err := json.NewDecoder(answer).Decode(summary); err != nil {
		return fmt.Errorf("import: the node's answer ended early: %w", err)
	}
	if summary.Error == "" {
		im.unread += <-sent
	} // else the sender may wait for standard input, and ends with the process
	return nil
}

// writeParts writes each source as one part. One that cannot be opened is told,
// counted and left out.
func (c *cli) writeParts(parts *multipart.Writer, sources []intake.Source, bar *bar) (unread int, err error) {
	buf := make([]byte, 256<<10)
	for _, s := range sources {
		r, err := s.Open()
		if err != nil {
			c.tell("entente: import: %v", err)
			unread++
			continue
		}
		err = writePart(parts, s, bar.reader(r), buf)
		r.Close()
		if err != nil {
			return unread, err
		}
	}
	return unread, nil
}

func writePart(parts *multipart.Writer, s intake.Source, r io.Reader, buf []byte) error {
	w, err := parts.CreateFormFile("file", s.Name)
	if err != nil {
		return err
	}
	// Without WriteTo and ReadFrom, so that buf is what is copied through.
	_, err = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{r}, buf)
	return err
}

// printSummary tells what an import came to, and is its exit code.
func (c *cli) printSummary(im importing, s intake.Summary) error {
	if c.json {
		if err := c.printJSON(s); err != nil {
			return err
		}
	} else {
		for _, r := range s.Reasons {
			c.tell("%s: %s", r.Verdict, r)
		}
		if more := s.Refused + s.Conflict + s.Warnings - len(s.Reasons); more > 0 {
			c.tell("and %d more", more)
		}
		if _, err := fmt.Fprintf(c.stdout, "%s\n", s); err != nil {
			return err
		}
	}
	switch {
	case s.Error != "":
		return fmt.Errorf("%s; what the summary counts is kept, run it again to go on", s.Error)
	case im.unread > 0:
		return fmt.Errorf("import: %s could not be read", intake.Count(im.unread, "input"))
	case s.Refused > 0:
		return no()
	}
	return nil
}
