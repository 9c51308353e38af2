package lookup

import (
	"encoding/json"
	"sync"

	"entente/stix"
)

// properties of an object that are told to people. Of other types than they
// should have, they are as if they were not there.
type properties []property

// property is one with its value as its producer wrote it.
type property struct {
	name  []byte
	value []byte
}

// read splits an object into its properties, which are parts of raw. It was
// valid JSON when it was taken in and is not proved again, since an answer may
// hold hundreds; of what is not, the properties before the fault are given.
func read(raw []byte) properties { return readInto(make(properties, 0, 24), raw) }

// readInto is read, behind what o holds.
func readInto(o properties, raw []byte) properties {
	for name, value := range stix.Split(raw) {
		o = append(o, property{name, value})
	}
	return o
}

// properties is read into the finder's buffer, until Find ends.
func (f *Finder) properties(raw []byte) properties {
	from := len(f.read)
	f.read = readInto(f.read, raw)
	return f.read[from:len(f.read):len(f.read)]
}

// buffers of what is read, which point to nothing.
var buffers sync.Pool

const largestBuffer = 4096 // properties; a larger one goes to the garbage collector

func takeBuffer() properties {
	if b, ok := buffers.Get().(*properties); ok {
		return *b
	}
	return make(properties, 0, 128)
}

func giveBuffer(b properties) {
	if b = b[:cap(b)]; len(b) <= largestBuffer {
		clear(b)
		b = b[:0]
		buffers.Put(&b)
	}
}

// raw is the value of a property; nil when it is not there. Of one that is
// there twice it is the last.
func (o properties) raw(name string) []byte {
	for i := len(o) - 1; i >= 0; i-- {
		if string(o[i].name) == name {
			return o[i].value
		}
	}
	return nil
}

func (o properties) text(name string) string { return stix.Text(o.raw(name)) }

// texts are the strings of a list; nil when anything else is in it.
func (o properties) texts(name string) (list []string) {
	for v := range stix.Elements(o.raw(name)) {
		if v[0] != '"' && string(v) != "null" {
			return nil
		}
		list = append(list, stix.Text(v))
	}
	return list
}

func (o properties) number(name string) (n int, ok bool) {
	raw := o.raw(name)
	if len(raw) == 0 {
		return 0, false
	}
	if len(raw) < 10 && raw[0] >= '1' && only(string(raw), 1, 9, isDigit) {
		for _, c := range raw {
			n = 10*n + int(c-'0')
		}
		return n, true
	}
	return n, json.Unmarshal(raw, &n) == nil
}

// first is the first of some properties that is there.
func (o properties) first(names ...string) string {
	for _, name := range names {
		if s := o.text(name); s != "" {
			return s
		}
	}
	return ""
}
