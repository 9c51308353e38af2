package storetest

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"entente/internal/store"
)

// Small alphabets, so that random objects meet.
var (
	someIDs = []string{
		"indicator--0f5a3c1e-7b7f-4c6e-9d50-0d9b1a3a0001",
		"malware--0f5a3c1e-7b7f-4c6e-9d50-0d9b1a3a0001",   // the same UUID
		"indicator--0F5A3C1E-7B7F-4C6E-9D50-0D9B1A3A0001", // not canonical, another id
		"indicator--", "", // bad input flows, too
		"ipv4-addr--9b1a3a00-7b7f-5c6e-9d50-0d9b1a3a0002",
		"ipv4-addr--9b1a3a00-7b7f-5c6e-9d50-0d9b1a3a0003",
		"x-both--0f5a3c1e-7b7f-4c6e-9d50-0d9b1a3a0004", // with a version or without
	}
	someVersions = []string{
		"2024-01-01T10:00:00Z", "2024-01-01T10:00:00.000Z", "2024-01-01T10:00:00.0000001Z",
		"2024-01-01T10:00:00.5Z", "2024-01-02T00:00:00.000Z", "2023-12-31T23:59:59.999999Z", "some day",
	}
	someClasses = []string{"green", "amber", "red", "clear"}
	someSpecs   = []string{"2.1", "2.0"}
	someValues  = []store.Value{{Kind: 1, Text: "192.0.2.1"}, {Kind: 1, Text: "192.0.2.10"}, {Kind: 2, Text: "192.0.2.1"}}
	someTexts   = []string{"one", "two", "three"}
)

// someObject draws an object of the small alphabets. Its digest is that of
// all it says, as a canonical form's would be; its bytes may be spelled so or so.
func someObject(sources ...string) *rapid.Generator[store.Put] {
	return rapid.Custom(func(rt *rapid.T) store.Put {
		id := rapid.SampledFrom(someIDs).Draw(rt, "id")
		version := ""
		if sco, both := strings.HasPrefix(id, "ipv4"), strings.HasPrefix(id, "x-both"); !sco && (!both || rapid.Bool().Draw(rt, "versioned")) {
			version = rapid.SampledFrom(someVersions).Draw(rt, "version")
		}
		p := carrying(object(id, version, rapid.SampledFrom(someTexts).Draw(rt, "text")))
		p.Collection = store.Collection(rapid.IntRange(1, 2).Draw(rt, "collection"))
		p.Class = rapid.SampledFrom(someClasses).Draw(rt, "class")
		p.Source = rapid.SampledFrom(sources).Draw(rt, "source")
		if rapid.Bool().Draw(rt, "respelled") {
			p = respelled(p)
		}
		return p
	})
}

// carrying gives an object what it carries, which follows from its content.
func carrying(p store.Put) store.Put {
	n := int(p.Digest[0])
	p.Spec = someSpecs[n%len(someSpecs)]
	p.Values = someValues[n%3 : min(n%3+n%2+1, 3)]
	p.Edges = []store.Ref{{Path: "created_by_ref", ID: someIDs[n%len(someIDs)]}, {Path: "x_ref", ID: someIDs[n%5]}}[:n%3]
	return p
}

// someQuery draws a query of the small alphabets; who asks is left open.
func someQuery() *rapid.Generator[store.PageQuery] {
	return rapid.Custom(func(rt *rapid.T) store.PageQuery {
		q := store.PageQuery{
			Collection: store.Collection(rapid.IntRange(1, 2).Draw(rt, "collection")),
			Limit:      rapid.SampledFrom([]int{1, 2, 3, 7, 100}).Draw(rt, "limit"),
			MaxBytes:   rapid.SampledFrom([]int{0, 0, 1, 150, 400}).Draw(rt, "max bytes"),
			Bodies:     rapid.Bool().Draw(rt, "bodies"),
			Once:       rapid.Bool().Draw(rt, "once"),
			Versions: store.VersionFilter{
				All:    rapid.IntRange(0, 2).Draw(rt, "all") == 0,
				First:  rapid.IntRange(0, 2).Draw(rt, "first") == 0,
				Latest: rapid.IntRange(0, 2).Draw(rt, "latest") == 0,
				Exact:  few(rt, "exact", someVersions),
			},
			IDs:   few(rt, "ids", someIDs),
			Types: few(rt, "types", []string{"indicator", "malware", "ipv4-addr", "x-both", "indicator--"}),
			Specs: few(rt, "specs", someSpecs),
		}
		if rapid.Bool().Draw(rt, "from within") {
			minutes := rapid.IntRange(0, 10).Draw(rt, "minutes")
			micros := rapid.IntRange(-1, 40).Draw(rt, "micros")
			q.After = store.Tick(epoch.Add(time.Duration(minutes)*time.Minute).UnixMicro() + int64(micros))
		}
		return q
	})
}

// few draws some of a list, most often none, which means any.
func few(rt *rapid.T, name string, list []string) []string {
	if rapid.IntRange(0, 3).Draw(rt, name+" asked") > 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.SampledFrom(list), 1, 3).Draw(rt, name)
}

func someVisible(r store.Reader) *rapid.Generator[*store.Classes] {
	return rapid.Custom(func(rt *rapid.T) *store.Classes {
		switch rapid.IntRange(0, 4).Draw(rt, "who") {
		case 0:
			return store.AllClasses()
		case 1:
			return nil
		}
		return only(r, rapid.SliceOf(rapid.SampledFrom(someClasses)).Draw(rt, "classes")...)
	})
}
