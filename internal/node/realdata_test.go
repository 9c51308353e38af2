package node_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"entente/internal/dial"
	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/practice/intake"
	"entente/internal/trust/account"
	"entente/stix"
	"entente/taxii"
)

// TestRealData brings bundles in, serves them, reads them back with the client
// page by page, and compares byte for byte with what was first brought in. By
// itself it uses small samples written for it; ENTENTE_REALDATA names a folder
// of real ones (make realdata DIR=...).
func TestRealData(t *testing.T) {
	dir := os.Getenv("ENTENTE_REALDATA")
	if dir == "" {
		dir = filepath.Join("testdata", "real")
	}
	n, url := serveNode(t)
	brought := map[string][]byte{} // the first bytes of each content: a body is stored once, whatever the collection
	var total, refused int
	var table strings.Builder
	rows := tabwriter.NewWriter(&table, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(rows, "objects\tsame\tconflicts\trefused\tobjects/s\t  file")
	for source, err := range intake.Sources([]string{dir}, nil) {
		if err != nil {
			t.Fatal(err)
		}
		name, _ := filepath.Rel(dir, source.Name)
		first := readFirst(t, source)
		refused += first.refused
		if len(first.order) == 0 {
			continue // holds no STIX objects
		}
		total += len(first.order)
		for _, key := range first.order {
			if known, ok := brought[key]; ok {
				first.raw[key] = known
			} else {
				brought[key] = first.raw[key]
			}
		}
		t.Run(filepath.ToSlash(name), func(t *testing.T) {
			s, took := roundTrip(t, n, url, source, first)
			fmt.Fprintf(rows, "%d\t%d\t%d\t%d\t%.0f\t  %s\n", len(first.order), s.Same, s.Conflict, s.Refused, float64(s.Objects)/took.Seconds(), name)
		})
	}
	rows.Flush()
	t.Logf("read back byte for byte at limits of 1, 7, 100 and 1,000:\n%s%d distinct object versions in all, beside %d elements that are no STIX objects", &table, total, refused)
	if total == 0 {
		t.Fatalf("no STIX objects below %s", dir)
	}
}

// firsts is what a file brings in: the first bytes of each distinct content,
// in order. Other content under a known id and version is a conflict when it
// has a version, and supersedes as latest when it has none; with every version
// asked for, both first and later variants come back.
type firsts struct {
	order   []string // id, version and digest
	raw     map[string][]byte
	refused int
	defines bool // it has marking definitions: what they explain that came before them is dated anew
}

func readFirst(t *testing.T, source intake.Source) firsts {
	t.Helper()
	f, err := source.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	out := firsts{raw: map[string][]byte{}}
	content, err := intake.Open(f, intake.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	versions := map[string]bool{}
	for o, err := range stix.Scan(content) {
		if err != nil {
			out.refused++
			continue
		}
		version := o.Modified
		if version == "" {
			version = o.Created
		}
		digest, err := stix.Digest(o.Raw)
		if err != nil {
			out.refused++
			continue
		}
		key := fmt.Sprintf("%s %s %x", o.ID, version, digest)
		if out.raw[key] != nil || version != "" && versions[o.ID+" "+version] {
			continue // the same, or a conflict: the first stays
		}
		versions[o.ID+" "+version] = true
		out.defines = out.defines || o.Type == "marking-definition"
		out.order, out.raw[key] = append(out.order, key), bytes.Clone(o.Raw)
	}
	return out
}

func roundTrip(t *testing.T, n *node.Node, url string, source intake.Source, first firsts) (intake.Summary, time.Duration) {
	alias := fmt.Sprintf("r%d", time.Now().UnixNano())
	c, err := n.Exchange.AddCollection(t.Context(), n.Operator(), exchange.Collection{Alias: alias})
	if err != nil {
		t.Fatal(err)
	}
	_, token, err := n.Accounts.Add(t.Context(), n.Operator(), account.Application{Name: alias, Role: account.Curator,
		Grants: map[string]account.Access{c.ID: account.Read}})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	summary, err := intake.Import{Exchange: n.Exchange, By: n.Operator(), Collection: alias}.Run(t.Context(), intake.Files([]string{source.Name}))
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(began)
	again, err := intake.Import{Exchange: n.Exchange, By: n.Operator(), Collection: alias}.Run(t.Context(), intake.Files([]string{source.Name}))
	if err != nil {
		t.Fatal(err)
	}
	if changed := again.New + again.Older + again.Variant; changed > 0 {
		t.Errorf("a second import changed %d objects", changed)
	}
	if kept := summary.New + summary.Older + summary.Variant; kept != len(first.order) {
		t.Errorf("kept %d object versions, the file holds %d; %v", kept, len(first.order), summary.Reasons)
	}
	indexed(t, n) // who reads meanwhile is given twice what is dated anew
	for _, limit := range []int{1, 7, 100, 1000} {
		if limit == 1 && len(first.order) > 5000 {
			continue // a request for each object of a large file shows nothing more
		}
		compare(t, readBack(t, url, alias, token, limit), first, limit)
	}
	return summary, took
}

// readBack pulls every version of everything, page by page.
func readBack(t *testing.T, url, alias, token string, limit int) (raws [][]byte) {
	t.Helper()
	transport, err := dial.New(dial.Options{AllowPrivate: true})
	if err != nil {
		t.Fatal(err)
	}
	client, err := taxii.New(url+"/taxii2/", taxii.WithHTTPClient(transport), taxii.WithBasicAuth(alias, token), taxii.WithPageLimit(limit))
	if err != nil {
		t.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for batch, err := range client.Pull(t.Context(), alias, taxii.Cursor{}, taxii.Filter{Versions: []string{"all"}}) {
		if err != nil {
			t.Fatalf("limit %d: %v", limit, err)
		}
		for _, p := range batch.Problems {
			t.Errorf("limit %d: %v", limit, p)
		}
		for _, o := range batch.Objects {
			raws = append(raws, bytes.Clone(o.Raw))
		}
	}
	return raws
}

func compare(t *testing.T, got [][]byte, first firsts, limit int) {
	t.Helper()
	if len(got) != len(first.order) {
		t.Errorf("limit %d: %d objects came back of %d", limit, len(got), len(first.order))
		return
	}
	want := make([][]byte, len(first.order))
	for i, key := range first.order {
		want[i] = first.raw[key]
	}
	if first.defines { // in another order, but each once
		slices.SortFunc(got, bytes.Compare)
		slices.SortFunc(want, bytes.Compare)
	}
	for i := range want {
		if !bytes.Equal(got[i], want[i]) {
			t.Errorf("limit %d: object %d (%.100s) came back as other bytes: %.100s", limit, i, want[i], got[i])
			return
		}
	}
}

// serveNode makes a node, serves it, and ends it with the test.
func serveNode(t *testing.T) (*node.Node, string) {
	t.Helper()
	dir := t.TempDir()
	if _, err := node.Init(t.Context(), dir, node.InitOptions{Name: "CERT Estmark"}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	n, err := node.Open(ctx, dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- n.Serve(ctx, node.ServeOptions{Listen: "127.0.0.1:0", Ready: func(url string) { ready <- url }})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case url := <-ready:
		return n, url
	case err := <-ended:
		t.Fatal(err)
		return nil, ""
	}
}
