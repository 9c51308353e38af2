package api_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"entente/client"
	"entente/internal/door/api"
)

// Each kind of body has its bound, as sent and, of objects, as unpacked. One that
// says its length is refused whole; of another, what came before is kept.
func TestBodiesHaveTheirBounds(t *testing.T) {
	n := openWith(t, api.PublicOptions{MaxBody: 1 << 10, MaxBulk: 4 << 10, MaxUpload: 6 << 10})
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw")
	one := func(size int) []byte {
		return []byte(strings.Replace(campaign(1), "c1", strings.Repeat("x", size-len(campaign(1))), 1))
	}
	for path, most := range map[string]int{"/collections/feeds/objects": 4 << 10, "/collections/feeds/imports": 6 << 10, "/find": 1 << 10} {
		p := ana.refused(t, http.MethodPost, path, one(most+100), api.TooLarge)
		if !strings.Contains(p.Detail, "octets") {
			t.Errorf("%s: %s", path, p.Detail)
		}
	}
	if _, tally := ana.bring(t, "feeds", string(one(4<<10-10))); tally.New != 1 {
		t.Errorf("a body within the bound: %+v", tally)
	}
	if resp, body := ana.send(t, http.MethodPost, "/collections/feeds/imports", one(6<<10-10)); resp.StatusCode != http.StatusAccepted {
		t.Errorf("a file within the bound: %s", body)
	}

	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(campaign(2) + "\n" + campaign(3) + "\n"))
	z.Write(bytes.Repeat([]byte(" "), 8<<10))
	z.Write([]byte(campaign(4)))
	z.Close()
	ana.refused(t, http.MethodPost, "/collections/feeds/objects", packed.Bytes(), api.TooLarge)
	unsaid := io.MultiReader(strings.NewReader(campaign(2)+"\n"+campaign(3)+"\n"), strings.NewReader(strings.Repeat(" ", 8<<10)+campaign(4)))
	_, out := ana.send(t, http.MethodPost, "/collections/feeds/objects", struct{ io.Reader }{unsaid})
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	var last client.ResultLine
	if err := json.Unmarshal(lines[len(lines)-1], &last); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if last.Tally == nil || last.Tally.Objects != 2 || last.Tally.Error == nil || last.Tally.Error.Code != string(api.TooLarge) {
		t.Errorf("a body of no said length: %s", out)
	}
}

// A form is no file of objects: its parts would be read as such.
func TestFormsAreNotTaken(t *testing.T) {
	n := open(t)
	n.collection(t, "feeds")
	ana := n.account(t, client.NewAccount{Name: "ana"}, "feeds:rw").with("Content-Type", "Multipart/form-data; boundary=x")
	for _, path := range []string{"/collections/feeds/objects", "/collections/feeds/imports"} {
		p := ana.refused(t, http.MethodPost, path, []byte("--x\r\n\r\n"+campaign(1)+"\r\n--x--"), api.UnknownMediaType)
		if !strings.Contains(p.Detail, "--data-binary") {
			t.Error(p.Detail)
		}
	}
}
