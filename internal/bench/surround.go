package bench

import (
	"bufio"
	"os"
	"path/filepath"

	"entente/stix"
)

// surroundings are what is known of a mix, and objects with many others around
// them, which are brought in behind it.
type surroundings struct {
	file    string
	values  []string // that objects of the mix carry which the reader sees
	hub     string   // id of an object with many relationships
	edges   int      // how many
	centres []string // ids of objects with more than 200 others within two steps
}

// surround makes the mix again to know its values, and goes on with a hub and
// centres. The hub's relationships are in all classes, half of which the reader
// sees; what is around centres is all seen.
func (r *run) surround(m Mix, objects int) (*surroundings, error) {
	const values, centres, near, far = 1000, 10, 15, 13
	s := &surroundings{file: filepath.Join(r.dir, "surroundings.jsonl"), edges: min(100_000, objects)}
	g := NewGenerator(m)
	every := max(objects/values, 1) * 2
	for i := range objects {
		raw := g.Next()
		if i%2 == 0 && i%every < 8 { // what is even, is seen; see Generator
			if v, ok := valueOf(raw); ok {
				s.values = append(s.values, v)
			}
		}
	}
	f, err := os.Create(s.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	line := func(write func()) {
		g.buf = g.buf[:0]
		write()
		_, _ = w.Write(append(g.buf, '\n')) // Flush tells
	}
	seen := func() (id string) {
		g.n += 2 - g.n%2
		line(func() { id = g.indicator(g.n) })
		return id
	}
	joined := func(to string) (id string) {
		id = seen()
		line(func() { g.relate(g.n, id, to) })
		return id
	}
	s.hub = seen()
	for i := range s.edges {
		line(func() { g.relate(i, g.known(i), s.hub) })
	}
	for range centres {
		centre := seen()
		s.centres = append(s.centres, centre)
		for range near {
			id := joined(centre)
			for range far {
				joined(id)
			}
		}
	}
	return s, w.Flush()
}

// valueOf is an address, a name of a host, a URL or a hash that an object
// carries.
func valueOf(raw []byte) (string, bool) {
	o, err := stix.Read(raw)
	if err != nil {
		return "", false
	}
	for _, v := range o.Values {
		switch v.Kind {
		case stix.ValueIP, stix.ValueDomain, stix.ValueURL, stix.ValueHash:
			return v.Text, true
		}
	}
	return "", false
}
