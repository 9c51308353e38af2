package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"entente/stix"
)

func TestTheStoryComesOut(t *testing.T) {
	file := filepath.Join(t.TempDir(), "real.json")
	raw := `{"type":"domain-name","spec_version":"2.1","id":"domain-name--3c10e93f-798e-5a26-a0c1-08156efab7f5","value":"example.com"}`
	if err := os.WriteFile(file, []byte(raw), 0o600); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := Run(t.Context(), &out, Options{Once: true, Import: []string{file}}); err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if got := strings.Count(out.String(), "\n  yes  "); got != len(questions) {
		t.Errorf("%d of %d questions are answered with yes:\n%s", got, len(questions), &out)
	}
	if !strings.Contains(out.String(), "cert/imported: 1 objects, 1 new, 0 refused") {
		t.Errorf("what was imported is not told:\n%s", &out)
	}
}

// A coalition whose story was told.
func told(t *testing.T) (*coalition, map[string]string) {
	t.Helper()
	c, err := found(t.Context(), t.TempDir(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	ids, _, err := c.tell(t.Context(), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return c, ids
}

// Each question can be answered with no.
func TestWhatIsUntrueIsTold(t *testing.T) {
	c, ids := told(t)
	leak := func(at *member, collection, id string) {
		d := &desk{by: at, at: moment("2026-03-12T00:00:00Z"), marking: green}
		d.add(fields{"type": strings.SplitN(id, "--", 2)[0], "spec_version": "2.1", "id": id, "name": "x", "content": "x", "object_refs": []string{util.ident},
			"created": d.at.Format(stamp), "modified": d.at.Format(stamp), "object_marking_refs": []string{d.marking}})
		if d.err != nil {
			t.Fatal(d.err)
		}
		if _, err := c.nodes[at].publish(t.Context(), collection, d.made, ""); err != nil {
			t.Fatal(err)
		}
	}
	leak(util, shared, ids["incident"])
	leak(isac, inbox, ids["slip"])
	leak(host, inbox, ids["false alarm"])
	leak(isac, inbox, ids["warning"])
	var out strings.Builder
	err := c.ask(t.Context(), &out, ids)
	if !errors.Is(err, ErrUntrue) {
		t.Errorf("%v, want ErrUntrue", err)
	}
	if no := strings.Count(out.String(), "\n  NO   "); no != 5 { // the incident was new to the next pull, too
		t.Errorf("%d answers are no, want 5:\n%s", no, &out)
	}
}

// What the story writes is valid STIX 2.1.
func TestWhatIsWrittenIsValid(t *testing.T) {
	c, _ := told(t)
	for _, m := range cast {
		for _, collection := range []string{shared, inside} {
			got, err := c.objects(context.Background(), m, m, collection, url.Values{"match[version]": {"all"}})
			if err != nil {
				t.Fatal(err)
			}
			for _, raw := range got {
				for _, f := range stix.Validate(raw) {
					t.Errorf("%s/%s: %s", m.key, collection, fmt.Sprint(f))
				}
			}
		}
	}
}
