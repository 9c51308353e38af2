package pebble

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"entente/internal/store"
)

// maker makes objects of about 800 bytes in the mix that feeds have: more
// observables and indicators than reports.
type maker struct {
	rnd     *rand.Rand
	classes int
	n       int
}

func newMaker(classes int) *maker { return &maker{rnd: rand.New(rand.NewPCG(1, 2)), classes: classes} }

func (m *maker) uuid() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], m.rnd.Uint64())
	binary.BigEndian.PutUint64(b[8:], m.rnd.Uint64())
	return fmt.Sprintf("%x-%x-4%03x-8%03x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])[:36]
}

func (m *maker) words(n int) string {
	words := []string{"malicious", "infrastructure", "observed", "against", "water", "utility", "billing", "server", "beacon", "credential", "campaign", "loader", "exfiltration", "phishing", "sector", "the", "of", "a", "in", "with"}
	text := make([]byte, 0, n+16)
	for len(text) < n {
		text = append(append(text, words[m.rnd.IntN(len(words))]...), ' ')
	}
	return string(text[:n])
}

func (m *maker) next() store.Put {
	m.n++
	p := store.Put{Collection: 1, Spec: "2.1", Source: "organization--1", Class: fmt.Sprintf("amber/group-%d", m.rnd.IntN(m.classes))}
	stamp := time.Unix(1700000000+int64(m.n), int64(m.rnd.IntN(1e9))).UTC().Format("2006-01-02T15:04:05.000Z")
	by := "identity--" + "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	switch m.n % 10 {
	case 0, 1, 2, 3:
		ip := fmt.Sprintf("%d.%d.%d.%d", m.rnd.IntN(224), m.rnd.IntN(256), m.rnd.IntN(256), m.rnd.IntN(256))
		p.ID, p.Version = "indicator--"+m.uuid(), stamp
		p.Values = []store.Value{{Kind: 1, Text: ip}}
		p.Body = fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1","id":%q,"created_by_ref":%q,"created":%q,"modified":%q,"name":%q,"description":%q,"pattern":"[ipv4-addr:value = '%s']","pattern_type":"stix","valid_from":%q}`, p.ID, by, stamp, stamp, m.words(30), m.words(380), ip, stamp)
	case 4, 5, 6:
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, m.rnd.Uint64()))
		hash := fmt.Sprintf("%x", sum)
		p.ID = "file--" + m.uuid()
		p.Values = []store.Value{{Kind: 4, Text: hash}, {Kind: 9, Text: m.words(10) + ".exe"}}
		p.Body = fmt.Appendf(nil, `{"type":"file","spec_version":"2.1","id":%q,"hashes":{"SHA-256":%q},"name":%q,"x_note":%q}`, p.ID, hash, p.Values[1].Text, m.words(560))
	case 9:
		p.ID, p.Version = "report--"+m.uuid(), stamp
		refs := ""
		for i := range 6 {
			ref := "malware--" + m.uuid()
			p.Edges = append(p.Edges, store.Ref{Path: fmt.Sprintf("object_refs[%d]", i), ID: ref})
			refs += fmt.Sprintf(`,%q`, ref)
		}
		p.Body = fmt.Appendf(nil, `{"type":"report","spec_version":"2.1","id":%q,"created_by_ref":%q,"created":%q,"modified":%q,"name":%q,"description":%q,"object_refs":[%s]}`, p.ID, by, stamp, stamp, m.words(30), m.words(180), refs[1:])
	default:
		p.ID, p.Version = "relationship--"+m.uuid(), stamp
		from, to := "indicator--"+m.uuid(), "malware--"+m.uuid()
		p.Edges = []store.Ref{{Path: "source_ref", ID: from}, {Path: "target_ref", ID: to}}
		p.Body = fmt.Appendf(nil, `{"type":"relationship","spec_version":"2.1","id":%q,"created_by_ref":%q,"created":%q,"modified":%q,"relationship_type":"indicates","source_ref":%q,"target_ref":%q,"description":%q}`, p.ID, by, stamp, stamp, from, to, m.words(330))
	}
	if p.Version != "" {
		p.Edges = append(p.Edges, store.Ref{Path: "created_by_ref", ID: by})
	}
	p.Digest = sha256.Sum256(p.Body)
	return p
}

func (m *maker) batch(n int) *store.Batch {
	b := &store.Batch{Puts: make([]store.Put, n)}
	for i := range b.Puts {
		b.Puts[i] = m.next()
	}
	return b
}

// flatness times tenths of a run.
type flatness struct {
	first, last time.Duration
	nFirst      int
	nLast       int
}

func (f *flatness) note(done, n, total int, took time.Duration) {
	if done < total/10 {
		f.first, f.nFirst = f.first+took, f.nFirst+n
	}
	if done >= total-total/10 {
		f.last, f.nLast = f.last+took, f.nLast+n
	}
}

func (f *flatness) report(b *testing.B, bytes int64, total time.Duration) {
	b.ReportMetric(float64(b.N)/total.Seconds(), "objects/s")
	if f.nFirst > 0 && f.nLast > 0 {
		b.ReportMetric((f.first.Seconds()/float64(f.nFirst))/(f.last.Seconds()/float64(f.nLast)), "last/first")
	}
	b.ReportMetric(float64(bytes)/float64(b.N), "disk-B/object")
}

const importBatch = 1000

// BenchmarkImport writes b.N objects in batches: by the store, and by Pebble
// alone with the same keys, values and settings.
// Run it as -benchtime=1000000x for the figures of docs/performance.md.
func BenchmarkImport(b *testing.B) {
	b.Run("store", func(b *testing.B) {
		s, err := Open(b.Context(), b.TempDir(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		m, flat, total := newMaker(300), flatness{}, time.Duration(0)
		for done := 0; done < b.N; done += importBatch {
			batch := m.batch(min(importBatch, b.N-done))
			start := time.Now()
			if _, err := s.Commit(b.Context(), batch); err != nil {
				b.Fatal(err)
			}
			took := time.Since(start)
			total += took
			flat.note(done, len(batch.Puts), b.N, took)
		}
		flat.report(b, diskBytes(s.db), total)
	})
	b.Run("raw", func(b *testing.B) {
		s, err := Open(b.Context(), b.TempDir(), Options{})
		if err != nil {
			b.Fatal(err)
		}
		defer s.Close()
		m, flat, total := newMaker(300), flatness{}, time.Duration(0)
		tick := store.Tick(time.Now().UnixMicro())
		for done := 0; done < b.N; done += importBatch {
			batch := m.batch(min(importBatch, b.N-done))
			rows := rawRows(batch.Puts, &tick)
			start := time.Now()
			pb := s.db.NewBatch()
			for _, kv := range rows {
				pb.Set(kv[0], kv[1], nil)
			}
			if err := s.db.Apply(pb, pebble.Sync); err != nil {
				b.Fatal(err)
			}
			pb.Close()
			took := time.Since(start)
			total += took
			flat.note(done, len(batch.Puts), b.N, took)
		}
		flat.report(b, diskBytes(s.db), total)
	})
}

func diskBytes(db *pebble.DB) int64 { return int64(db.Metrics().DiskSpaceUsage()) }

// rawRows is what the committer writes for new objects.
func rawRows(puts []store.Put, tick *store.Tick) (rows [][2][]byte) {
	list, _ := prepare(puts)
	for i := range list {
		p := &list[i]
		*tick++
		class := store.ClassID(1 + p.Digest[0])
		row := indexRow{version: p.version, tick: *tick, class: class, body: *tick, since: *tick, digest: p.Digest}
		rows = append(rows,
			[2][]byte{bodyKey(nil, *tick), p.body},
			[2][]byte{memberKey(nil, p.Collection, *tick), appendMember(nil, class, p.flags, nil, 0, p.tail)},
			[2][]byte{byClassKey(nil, p.Collection, class, *tick), appendMember(nil, class, p.flags, nil, 0, p.tail)},
			[2][]byte{idKey(nil, p.id, p.Collection, p.version, *tick), row.append(nil)})
		at := store.Place{Collection: p.Collection, Class: class, Added: *tick}
		for _, v := range p.found.values {
			rows = append(rows, [2][]byte{appendPlace(append([]byte(nil), v...), at), nil})
		}
		for _, e := range p.found.edges {
			rows = append(rows, [2][]byte{appendPlace(append([]byte(nil), e.key...), at), e.paths})
		}
	}
	return rows
}

// BenchmarkCommit is single durable puts by 64 clients, against Pebble's own
// group commit of the same rows.
func BenchmarkCommit(b *testing.B) {
	s, err := Open(b.Context(), b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	run := func(b *testing.B, write func(m *maker) error) {
		var wait sync.WaitGroup
		b.ResetTimer()
		for c := range 64 {
			wait.Go(func() {
				m := newMaker(300)
				m.rnd = rand.New(rand.NewPCG(uint64(c), rand.Uint64()))
				for range (b.N + 63) / 64 {
					if err := write(m); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wait.Wait()
	}
	b.Run("store", func(b *testing.B) {
		run(b, func(m *maker) error {
			_, err := s.Commit(b.Context(), m.batch(1))
			return err
		})
	})
	b.Run("raw", func(b *testing.B) {
		var mu sync.Mutex
		tick := store.Tick(time.Now().UnixMicro())
		run(b, func(m *maker) error {
			puts := m.batch(1).Puts
			mu.Lock()
			rows := rawRows(puts, &tick)
			mu.Unlock()
			pb := s.db.NewBatch()
			defer pb.Close()
			for _, kv := range rows {
				pb.Set(kv[0], kv[1], nil)
			}
			return s.db.Apply(pb, pebble.Sync)
		})
	})
}

// BenchmarkPage is a page of 100 objects for readers of three kinds, walking a
// collection from its start again and again.
func BenchmarkPage(b *testing.B) {
	for _, kind := range []struct {
		name    string
		classes int
		sees    func(int) bool
	}{
		{"half of 300 classes", 300, func(c int) bool { return c%2 == 0 }},
		{"half of 10000 classes", 10000, func(c int) bool { return c%2 == 0 }},
		{"1 class of 300", 300, func(c int) bool { return c == 7 }},
		{"all", 300, func(c int) bool { return true }},
	} {
		b.Run(kind.name, func(b *testing.B) {
			s := filled(b, kind.classes, pageObjects)
			visible := new(store.Classes)
			for c := 1; c <= kind.classes; c++ {
				if kind.sees(c) {
					visible.Add(store.ClassID(c))
				}
			}
			rows, bytes := 0, 0
			q := store.PageQuery{Collection: 1, Visible: visible, Limit: 100, Bodies: true}
			b.ReportAllocs()
			for b.Loop() {
				p, err := s.Page(b.Context(), q)
				if err != nil {
					b.Fatal(err)
				}
				rows += len(p.Rows)
				q.After = 0
				for i := range p.Rows {
					bytes += p.Rows[i].Body.Len()
				}
				if p.More {
					q.After = p.Rows[len(p.Rows)-1].Added
				}
				p.Close()
			}
			b.ReportMetric(float64(rows)/float64(b.N), "rows/page")
			b.SetBytes(int64(bytes / b.N))
		})
	}
}

const pageObjects = 30000

func filled(b *testing.B, classes, n int) *Store {
	b.Helper()
	s, err := Open(b.Context(), b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() })
	m := newMaker(classes)
	for done := 0; done < n; done += importBatch {
		if _, err := s.Commit(b.Context(), m.batch(importBatch)); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.db.Flush(); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	return s
}
