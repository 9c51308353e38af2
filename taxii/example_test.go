package taxii_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"entente/taxii"
)

// Follow a collection: store what each batch brings, then its cursor. Run
// again, it asks for what is new.
func ExampleClient_Pull() {
	server := httptest.NewServer(http.HandlerFunc(exampleServer))
	defer server.Close()
	dir, err := os.MkdirTemp("", "taxii")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "cursor.json")

	client, err := taxii.New(server.URL+"/api/", taxii.WithBasicAuth("ana", "secret"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.CloseIdleConnections()
	for range 2 {
		var cursor taxii.Cursor // before the first object
		if stored, err := os.ReadFile(file); err == nil {
			if err := json.Unmarshal(stored, &cursor); err != nil {
				log.Fatal(err)
			}
		}
		count := 0
		for batch, err := range client.Pull(context.Background(), "indicators", cursor, taxii.Filter{}) {
			if err != nil {
				log.Fatal(err)
			}
			for _, problem := range batch.Problems {
				log.Print(problem)
			}
			for _, object := range batch.Objects {
				fmt.Println(object.Type, len(object.Raw), "bytes")
				count++
			}
			stored, err := json.Marshal(batch.Cursor)
			if err != nil {
				log.Fatal(err)
			}
			if err := os.WriteFile(file, stored, 0o600); err != nil {
				log.Fatal(err)
			}
		}
		fmt.Println(count, "new")
	}
	// Output:
	// indicator 78 bytes
	// malware 74 bytes
	// 2 new
	// 0 new
}

func exampleServer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", taxii.MediaTAXII)
	switch {
	case r.URL.Path == "/api/":
		fmt.Fprintf(w, `{"title": "Example", "versions": [%q], "max_content_length": 1000000}`, taxii.MediaTAXII)
	case r.URL.Query().Has("added_after"):
		fmt.Fprint(w, `{}`)
	default:
		w.Header().Set(taxii.HeaderDateAddedFirst, "2024-05-01T12:00:00.000001Z")
		w.Header().Set(taxii.HeaderDateAddedLast, "2024-05-01T12:00:00.000002Z")
		fmt.Fprint(w, `{"objects": [
			{"type": "indicator", "id": "indicator--6f1c8f2e-6e9c-4a54-9b2f-2f1c0f6e7a11"},
			{"type": "malware", "id": "malware--0d5a4d1c-63c5-4f55-8f0d-5a7c9a0c2b22"}]}`)
	}
}
