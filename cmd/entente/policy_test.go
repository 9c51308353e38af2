package main

import (
	"testing"

	"entente/client"
)

// Versions are compared as times, at whatever precision they are written.
func TestReadsNewest(t *testing.T) {
	older, newer := client.Explanation{Modified: "2026-01-01T00:00:00Z"}, client.Explanation{Modified: "2026-01-01T00:00:00.5Z", Reads: true}
	if !readsNewest([]client.Explanation{newer, older}) || !readsNewest([]client.Explanation{older, newer}) {
		t.Error("the newest is read, and was not told so")
	}
	older.Reads, newer.Reads = true, false
	if readsNewest([]client.Explanation{older, newer}) {
		t.Error("the older is read alone, and counted as the newest")
	}
}
