package storetest

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"entente/internal/store"
)

// Versions that stories use, oldest first.
const (
	v1 = "2024-01-01T10:00:00Z"
	v2 = "2024-01-02T10:00:00Z"
	v3 = "2024-01-03T10:00:00Z"
)

// indicator is an object with versions, in collection 1, class "green".
func indicator(name, version, text string) store.Put {
	return object("indicator--"+name, version, text)
}

// address is an object without versions, as a source brought it.
func address(name, source, text string) store.Put {
	p := object("ipv4-addr--"+name, "", text)
	p.Source = source
	return p
}

func object(id, version, text string) store.Put {
	kind, _, _ := strings.Cut(id, "--")
	body := fmt.Sprintf(`{"type":%q,"id":%q,"modified":%q,"text":%q}`, kind, id, version, text)
	return store.Put{
		Collection: 1, ID: id, Version: version, Spec: "2.1", Source: "A", Class: "green",
		Digest: sha256.Sum256([]byte(body)), Body: []byte(body),
	}
}

// respelled is the same content in other bytes: the digest stays.
func respelled(p store.Put) store.Put {
	p.Body = []byte(strings.ReplaceAll(string(p.Body), ",", " ,\n "))
	return p
}

func inCollection(c store.Collection, p store.Put) store.Put {
	p.Collection = c
	return p
}

func inClass(class string, p store.Put) store.Put {
	p.Class = class
	return p
}

func withSpec(spec string, p store.Put) store.Put {
	p.Spec = spec
	return p
}

func withValues(p store.Put, values ...store.Value) store.Put {
	p.Values = values
	return p
}

func withEdges(p store.Put, edges ...store.Ref) store.Put {
	p.Edges = edges
	return p
}

// textOf is the text that a body was made with.
func textOf(body string) string {
	var o struct{ Text string }
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		return "not a body: " + body
	}
	return o.Text
}
