package node_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entente/internal/exchange"
	"entente/internal/node"
	"entente/internal/store"
	"entente/internal/trust/account"
	"entente/stix"
)

// writeFormat makes testdata/formats/NUMBER.tar anew, with this program.
var writeFormat = flag.String("write-format", "", "number of the format whose store is made anew")

// formatObjects are in each of the kept stores, as they came.
var formatObjects = []string{
	`{"type":"indicator","spec_version":"2.1","id":"indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z",   "name":"äöü 漢字","pattern":"[ipv4-addr:value = '198.51.100.7']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"}`,
	`{"type":"indicator","spec_version":"2.1","id":"indicator--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0001","created":"2026-01-01T00:00:00.000Z","modified":"2026-02-01T00:00:00.000Z","pattern":"[ipv4-addr:value = '198.51.100.8']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z","object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}`,
	`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.7"}`,
}

// A small store of each format that was ever released is kept, as a backup that
// the program of its time made. Each is restored, upgraded where it must be,
// agrees with itself and holds what was put into it.
func TestStoresOfEachFormatAreRead(t *testing.T) {
	if *writeFormat != "" {
		writeFormatStore(t, filepath.Join("testdata", "formats", *writeFormat+".tar"))
	}
	kept, err := filepath.Glob("testdata/formats/*.tar")
	if err != nil || len(kept) == 0 {
		t.Fatalf("no store is kept: %v", err)
	}
	for _, path := range kept {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			dir := filepath.Join(t.TempDir(), "node")
			if _, err := node.Restore(t.Context(), dir, file, node.RestoreOptions{}); err != nil {
				t.Fatal(err)
			}
			if _, err := node.Upgrade(t.Context(), dir, node.UpgradeOptions{Check: true}); err != nil {
				t.Fatal(err)
			}
			n, err := node.Open(t.Context(), dir, node.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer n.Close()
			if err := n.Store.Verify(t.Context(), func(problem string) { t.Error(problem) }); err != nil {
				t.Fatal(err)
			}
			holds(t, n, formatObjects)
			if _, err := n.Accounts.Get("ana"); err != nil {
				t.Error(err)
			}
		})
	}
}

// holds tells whether the default collection holds these objects, to the byte.
func holds(t *testing.T, n *node.Node, want []string) {
	t.Helper()
	page, err := n.Exchange.View(n.Operator()).Page(t.Context(), node.DefaultCollection,
		exchange.Query{Limit: 100, Bodies: true, Versions: store.VersionFilter{All: true}})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	if page.Len() != len(want) {
		t.Fatalf("%d objects, want %d", page.Len(), len(want))
	}
	address, _ := stix.NewValue(stix.ValueIP, "198.51.100.7")
	found, err := n.Exchange.View(n.Operator()).Find(t.Context(), []stix.Value{address}, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer found[0].Close()
	if found[0].Len() != 1 || !strings.HasPrefix(found[0].ID(0), "ipv4-addr--") {
		t.Errorf("of address 198.51.100.7 %d objects are found, want the one that has it in its latest version", found[0].Len())
	}
	for i, body := range want {
		if got := page.Bytes(i); string(got) != body {
			t.Errorf("object %d is %s\nwant %s", i, got, body)
		}
	}
}

func writeFormatStore(t *testing.T, path string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "node")
	if _, err := node.Init(t.Context(), dir, node.InitOptions{Name: "CERT Estmark"}); err != nil {
		t.Fatal(err)
	}
	n, err := node.Open(t.Context(), dir, node.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	fill(t, n, formatObjects)
	if _, _, err := n.Accounts.Add(t.Context(), n.Operator(), account.Application{Name: "ana"}); err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	if _, err := n.Backup(t.Context(), &archive, nil); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, archive.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// fill publishes objects to the default collection.
func fill(t *testing.T, n *node.Node, objects []string) {
	t.Helper()
	var batch []stix.Object
	for _, text := range objects {
		o, err := stix.Read([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		batch = append(batch, o)
	}
	results, err := n.Exchange.Publish(t.Context(), n.Operator(), exchange.Publication{Collection: node.DefaultCollection, Objects: batch})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if r.Verdict == exchange.Refused {
			t.Fatal(r.Reason)
		}
	}
}
