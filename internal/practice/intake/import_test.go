package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"runtime"
	"strings"
	"testing"

	"entente/internal/bench"
	"entente/internal/exchange"
	"entente/internal/practice/intake"
	"entente/internal/store/pebble"
	"entente/internal/trust/account"
)

// desk is an exchange with a collection, into which things are imported.
type desk struct {
	*exchange.Exchange
	t  testing.TB
	by account.Principal
}

func newDesk(t testing.TB, dir string) *desk {
	st, err := pebble.Open(t.Context(), dir, pebble.Options{})
	if err != nil {
		t.Fatal(err)
	}
	x, err := exchange.Open(t.Context(), st, exchange.Options{Own: "CERT Example"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		x.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	d := &desk{x, t, account.Operator("CERT Example")}
	if _, err := x.AddCollection(t.Context(), d.by, exchange.Collection{Alias: "c"}); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *desk) run(ctx context.Context, inputs iter.Seq2[intake.Input, error]) (intake.Summary, error) {
	return intake.Import{Exchange: d.Exchange, By: d.by, Collection: "c"}.Run(ctx, inputs)
}

// take imports and wants no error.
func (d *desk) take(inputs ...string) intake.Summary {
	d.t.Helper()
	s, err := d.run(d.t.Context(), texts(inputs...))
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

func texts(inputs ...string) iter.Seq2[intake.Input, error] {
	return func(yield func(intake.Input, error) bool) {
		for i, text := range inputs {
			if !yield(intake.Input{Name: fmt.Sprintf("%d.json", i), Reader: strings.NewReader(text)}, nil) {
				return
			}
		}
	}
}

// generated gives n objects as JSON Lines.
func generated(n int) string {
	var b strings.Builder
	g := bench.NewGenerator(bench.Mix{Seed: 7})
	for range n {
		b.Write(g.Next())
		b.WriteByte('\n')
	}
	return b.String()
}

func TestSameInputTwiceChangesNothing(t *testing.T) {
	d := newDesk(t, t.TempDir())
	const n = 2500 // more than two batches
	input := generated(n)
	if s := d.take(input); s.New != n || s.Objects != n || s.Refused != 0 {
		t.Errorf("first: %s, want %d new", s, n)
	}
	if s := d.take(input); s.Same != n {
		t.Errorf("second: %s, want %d same", s, n)
	}
	if s := d.take(input[:len(input)/2], input[len(input)/2:]); s.Same != n-1 || s.Refused != 2 {
		t.Errorf("cut within an object: %s, want %d same and 2 refused: %v", s, n-1, s.Reasons)
	}
}

func domain(i int) string {
	return fmt.Sprintf(`{"type":"domain-name","spec_version":"2.1","id":"domain-name--00000000-0000-5000-8000-%012d","value":"h%d.example.com"}`, i, i)
}

func TestGoodObjectsBesideBadOnesAreKept(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)
	bad := map[string]string{
		"an empty object":        `{}`,
		"null":                   `null`,
		"a number":               `7`,
		"a list":                 `[[]]`,
		"no id":                  `{"type":"domain-name","value":"x"}`,
		"an id that is a number": `{"type":"domain-name","id":7}`,
		"a malformed id":         `{"type":"domain-name","id":"domain-name--x","value":"x"}`,
		"a name twice":           `{"type":"domain-name","id":"domain-name--00000000-0000-5000-8000-000000009999","value":"x","value":"y"}`,
		"not UTF-8":              "{\"type\":\"domain-name\",\"id\":\"domain-name--00000000-0000-5000-8000-000000009999\",\"value\":\"\xff\"}",
		"nested too deep":        `{"type":"x-a","id":"x-a--00000000-0000-4000-8000-000000009999","x":` + deep + `}`,
		"too large":              `{"type":"x-a","id":"x-a--00000000-0000-4000-8000-000000009999","x":"` + strings.Repeat("a", 1<<20) + `"}`,
		"an integer too large":   `{"type":"x-a","id":"x-a--00000000-0000-4000-8000-000000009999","x":9007199254740993}`,
	}
	i := 0
	for why, object := range bad {
		i += 2
		for form, input := range map[string]string{
			"bundle": `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[` + domain(i) + "," + object + "," + domain(i+1) + `]}`,
			"lines":  domain(i) + "\n" + object + "\n" + domain(i+1) + "\n",
		} {
			if form == "lines" && (why == "a list" || why == "an empty object") {
				continue // a list of no objects, and an envelope without any
			}
			s := newDesk(t, t.TempDir()).take(input)
			if s.New != 2 || s.Refused == 0 {
				t.Errorf("%s in %s: %s, want 2 new and the other refused: %v", why, form, s, s.Reasons)
			}
		}
	}
}

func TestReasonsSayWhere(t *testing.T) {
	s := newDesk(t, t.TempDir()).take(domain(1), domain(2)+"\n{\"type\":\"x\"}\n")
	if len(s.Reasons) != 1 {
		t.Fatalf("reasons are %v, want one", s.Reasons)
	}
	r := s.Reasons[0]
	if r.File != "1.json" || r.Object == nil || *r.Object != 1 || r.Offset == nil || *r.Offset < int64(len(domain(2))) || r.Line != 2 {
		t.Errorf("reason is %s, want object 1 of 1.json in line 2", r)
	}
}

// size gives a tenth of a claimed size, all of it with ENTENTE_BIG set, which
// takes a minute, and very little of it for the race detector's sake.
func size(claimed int64) int64 {
	switch {
	case os.Getenv("ENTENTE_BIG") != "":
		return claimed
	case testing.Short():
		return claimed / 200
	}
	return claimed / 10
}

// A bundle of very many empty objects must not be held in memory, nor its
// reasons.
func TestManyEmptyObjects(t *testing.T) {
	n := int(size(10_000_000))
	input := io.MultiReader(strings.NewReader(`{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[{}`),
		io.LimitReader(&cycle{text: ",{}"}, int64(3*(n-1))), strings.NewReader("]}"))
	s, err := newDesk(t, t.TempDir()).run(t.Context(), one("many.json", input))
	if err != nil || s.Refused != n || len(s.Reasons) > 100 {
		t.Errorf("%s with %d reasons, %v; want %d refused", s, len(s.Reasons), err, n)
	}
}

// A line of 2 GB must not be held in memory, and what follows it is read.
func TestHugeLine(t *testing.T) {
	var peak uint64
	watch := func() {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		peak = max(peak, m.HeapAlloc)
	}
	input := io.MultiReader(
		strings.NewReader(domain(1)+"\n"+`{"type":"x-a","id":"x-a--00000000-0000-4000-8000-000000000001","x":"`),
		io.LimitReader(&cycle{text: "a", every: 4 << 20, then: watch}, size(2<<30)),
		strings.NewReader("\"}\n"+domain(2)+"\n"))
	d := newDesk(t, t.TempDir())
	watch()
	before := peak
	s, err := d.run(t.Context(), one("line.jsonl", input))
	if err != nil || s.New != 2 || s.Refused != 1 {
		t.Errorf("%s, %v: %v; want 2 new, 1 refused", s, err, s.Reasons)
	}
	if grown := peak - before; grown > 64<<20 {
		t.Errorf("memory grew by %d MiB while it was read", grown>>20)
	}
}

// cycle repeats a text for ever, calling then after every so many bytes.
type cycle struct {
	text  string
	run   []byte // the text, often
	at    int
	every int
	then  func()
	n     int
}

func (c *cycle) Read(p []byte) (int, error) {
	if c.run == nil {
		c.run = bytes.Repeat([]byte(c.text), 1<<16)
	}
	n := copy(p, c.run[c.at:])
	c.at = (c.at + n) % len(c.text)
	c.n += n
	if c.then != nil && c.n > c.every {
		c.n = 0
		c.then()
	}
	return n, nil
}

func one(name string, r io.Reader) iter.Seq2[intake.Input, error] {
	return func(yield func(intake.Input, error) bool) { yield(intake.Input{Name: name, Reader: r}, nil) }
}

func TestBombIsRefusedAndTheNextFileIsRead(t *testing.T) {
	for name, open := range packers(t) {
		bomb := pack(t, open, io.MultiReader(strings.NewReader(domain(1)), zeros(much(32<<20))))
		inputs := func(yield func(intake.Input, error) bool) {
			_ = yield(intake.Input{Name: "bomb", Reader: bytes.NewReader(bomb)}, nil) &&
				yield(intake.Input{Name: "good", Reader: strings.NewReader(domain(2))}, nil)
		}
		s, err := newDesk(t, t.TempDir()).run(t.Context(), inputs)
		if err != nil || s.New != 2 || s.Refused != 1 || !strings.Contains(s.Reasons[0].Reason, "larger than allowed") {
			t.Errorf("%s: %s, %v: %v; want both good objects and the bomb refused", name, s, err, s.Reasons)
		}
	}
}

func TestStoppedImportIsResumed(t *testing.T) {
	d := newDesk(t, t.TempDir())
	const n = 5000
	input := generated(n)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	im := intake.Import{Exchange: d.Exchange, By: d.by, Collection: "c", Progress: func(int) { cancel() }}
	s, err := im.Run(ctx, texts(input))
	if !errors.Is(err, context.Canceled) || s.New == 0 || s.New == n {
		t.Fatalf("stopped after the first batch: %s, %v", s, err)
	}
	if again := d.take(input); again.Same < s.New || again.Same+again.New != n {
		t.Errorf("resumed: %s after %d were acknowledged; want none lost and none twice", again, s.New)
	}
}

func TestOrderOfInputsIsKept(t *testing.T) {
	d := newDesk(t, t.TempDir())
	const n = 3000
	input := generated(n)
	d.take(input)
	want := strings.Split(strings.TrimSuffix(input, "\n"), "\n")
	q := exchange.Query{Limit: 1000, Bodies: true}
	q.Versions.All = true
	i := 0
	for {
		page, err := d.View(d.by).Page(t.Context(), "c", q)
		if err != nil {
			t.Fatal(err)
		}
		for k := range page.Len() {
			if i >= n || string(page.Bytes(k)) != want[i] {
				t.Fatalf("object %d is %.100s, want that of the input", i, page.Bytes(k))
			}
			i++
		}
		q.Next = page.Next
		page.Close()
		if q.Next == "" {
			break
		}
	}
	if i != n {
		t.Errorf("%d objects came back, want %d", i, n)
	}
}

// An object is classed by a definition that came before it, from the start: what
// is classed again later has another date, and pollers get it twice.
func TestDefinitionsHoldForWhatComesBehind(t *testing.T) {
	const id = "marking-definition--77777777-7777-4777-8777-777777777777"
	definition := `{"type":"marking-definition","spec_version":"2.1","id":"` + id + `","created":"2026-01-01T00:00:00Z","name":"handle with care","definition_type":"statement","definition":{"statement":"handle with care"}}`
	marked := `{"type":"domain-name","spec_version":"2.1","id":"domain-name--00000000-0000-4000-8000-000000000001","value":"marked.example","object_marking_refs":["` + id + `"]}`
	d := newDesk(t, t.TempDir())
	d.take(definition + "\n" + generated(999) + marked + "\n")
	page, err := d.View(d.by).Page(t.Context(), "c", exchange.Query{IDs: []string{"domain-name--00000000-0000-4000-8000-000000000001"}, Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer page.Close()
	if page.Len() != 1 || strings.Contains(page.Class(0).Canonical(), id) {
		t.Errorf("%d objects, the first of class %q; want one whose marking is explained", page.Len(), page.Class(0).Canonical())
	}
}

func BenchmarkImport(b *testing.B) {
	input := generated(100_000)
	b.SetBytes(int64(len(input)))
	for b.Loop() {
		b.StopTimer()
		d := newDesk(b, b.TempDir())
		b.StartTimer()
		if s := d.take(input); s.New != 100_000 {
			b.Fatal(s)
		}
	}
	b.ReportMetric(float64(b.N)*100_000/b.Elapsed().Seconds(), "objects/s")
}
