package storetest

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"testing"

	"entente/internal/store"
)

// bodies are stories of bytes that must come back as they went in.
func bodies(t *testing.T, open Open) {
	bodied := func(id string, body []byte) store.Put {
		p := indicator(id, v1, id)
		p.Body, p.Digest = body, sha256.Sum256(append([]byte(id), body...))
		return p
	}

	story(t, open, "BytesComeBackAsTheyWentIn", func(k *keeper) {
		every := make([]byte, 256)
		for i := range every {
			every[i] = byte(i)
		}
		want := [][]byte{
			[]byte("{}"), {0}, every, []byte("{ \"a\" :\t1.0e5,\r\n\"é\":\"\\u00e9\"}\n"),
			bytes.Repeat([]byte{0xff}, 70_000), []byte(" leading and trailing "),
		}
		var puts []store.Put
		for i, b := range want {
			puts = append(puts, bodied(fmt.Sprint(i), b))
		}
		k.puts(puts...)
		check := func() {
			for i, r := range k.rows(all(1)) {
				if r.Body != string(want[i]) {
					k.Fatalf("body %d: %d bytes came back otherwise than they went in", i, len(want[i]))
				}
			}
		}
		check()
		k.reopen()
		check()
	})

	story(t, open, "ABodyOfOneMebibyteIsKept", func(k *keeper) {
		big := make([]byte, 1<<20)
		x := uint32(1)
		for i := range big { // numbers that do not compress
			x = x*1664525 + 1013904223
			big[i] = byte(x >> 24)
		}
		k.puts(bodied("before", []byte("{}")), bodied("big", big), bodied("after", []byte("{}")))
		place := store.Place{Collection: 1, Class: 1, Added: k.rows(all(1))[1].Added}
		k.reopen()
		if got := k.rows(all(1))[1].Body; got != string(big) {
			k.Fatalf("a big body came back otherwise: %d bytes", len(got))
		}
		if got := k.fetch(k.Store, place); len(got) != 1 || got[0].Body != string(big) {
			k.Fatalf("a big body was fetched otherwise")
		}
	})

	story(t, open, "TheCallersBytesAreItsOwnAfterCommit", func(k *keeper) {
		p := indicator("a", v1, "text")
		want := string(p.Body)
		p.Values = []store.Value{{Kind: 1, Text: "192.0.2.1"}}
		p.Edges = []store.Ref{{Path: "x_ref", ID: "malware--m"}}
		k.put(p)
		clear(p.Body)
		clear(p.Values)
		clear(p.Edges)
		k.same("body", k.rows(all(1))[0].Body, want)
		k.same("lookup", len(k.lookup(1, "192.0.2.1")), 1)
		k.same("edges", len(k.edgesOf("malware--m")), 1)
	})

	story(t, open, "APageHoldsWhileOthersAreReadAndWritten", func(k *keeper) {
		for i := range 50 {
			k.put(indicator(fmt.Sprintf("%02d", i), v1, "kept"))
		}
		q := all(1)
		q.Limit = 20
		p, err := k.Page(k.ctx(), q)
		k.ok(err)
		want := layOpen(p.Rows)
		for i := range 20 {
			k.remove(1, want[i].Added)
			k.put(indicator(fmt.Sprint("other", i), v1, "other"))
			k.rows(all(1))
		}
		k.same("rows", layOpen(p.Rows), want)
		p.Close()
		p.Close() // twice is harmless
	})
}
