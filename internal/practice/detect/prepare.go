package detect

import (
	"bytes"
	"encoding/json"
	"time"

	"entente/stix"
)

// longestName is how much of a name is kept, in bytes.
const longestName = 256

// draft is an indicator as it came. Its texts are parts of that.
type draft struct {
	name, pattern, language []byte
	from, until             stix.Timestamp
	confidence              int
	revoked                 bool
}

// inSTIX tells that its pattern is of the language that is compiled.
func (d *draft) inSTIX() bool { return string(d.language) == "stix" || len(d.language) == 0 }

// batch is objects that only have to be put in. Making it does not touch a set.
type batch struct {
	list  []prepared
	texts []byte
}

// prepared is one of them. Of its texts only those of alternatives are its own.
type prepared struct {
	at                    int // where in the batch stand its id, version, name and creator
	id, version, name, by uint16
	identity              bool
	confidence            int8
	left                  Reason
	since, until          int64
	hash                  uint64 // of its id
	only                  sought // the one value that it asks for; of no kind when it is others, or none
	any                   []alternative
	stories               []story
	pattern               string // of one that does not hold yet
}

// text are so many bytes of a batch's texts, and where they end.
func (b *batch) text(at int, n uint16) ([]byte, int) { return b.texts[at : at+int(n)], at + int(n) }

func (b *batch) empty() {
	clear(b.list) // what they hold is not kept for their sake
	b.list, b.texts = b.list[:0], b.texts[:0]
}

// Add takes an indicator in, or an identity, whose name is told with what it made.
// A newer version takes the place of an older one, also when it ends it; an older
// one, and any other object, changes nothing.
func (s *Set) Add(o *stix.Object) {
	var b batch
	var properties []stix.Member
	for name, value := range stix.Split(o.Raw) {
		properties = append(properties, stix.Member{Name: name, Value: value})
	}
	s.prepare(&b, o, properties)
	s.putAll(&b)
}

// prepare adds an indicator or an identity to a batch.
func (s *Set) prepare(b *batch, o *stix.Object, properties []stix.Member) {
	p := prepared{identity: o.Type == "identity", at: len(b.texts)}
	if !p.identity && o.Type != "indicator" {
		return
	}
	d := draft{confidence: -1}
	for i := range properties {
		d.take(properties[i].Name, properties[i].Value)
	}
	if p.identity {
		b.texts = append(b.texts, o.ID...)
	} else {
		s.say(&p, o, &d)
		b.texts = appendPacked(b.texts, o.ID)
	}
	id := b.texts[p.at:]
	p.id, p.hash = uint16(len(id)), hashWord(s.key, id)
	version := o.Version()
	version = version[:min(len(version), 64)]
	b.texts = append(append(append(b.texts, version...), d.name...), o.CreatedByRef...)
	p.version, p.name, p.by = uint16(len(version)), uint16(len(d.name)), uint16(len(o.CreatedByRef))
	b.list = append(b.list, p)
}

// say prepares what an indicator says.
func (s *Set) say(p *prepared, o *stix.Object, d *draft) {
	p.since, p.until, p.confidence = seconds(d.from), seconds(d.until), int8(d.confidence)
	if p.left = holds(o.Revoked, d, s.at); p.left != 0 {
		if p.left == NotYet {
			p.pattern = string(d.pattern)
		}
		return
	}
	var room [128]byte
	if text, kind, ok := compileOnly(room[:0], d.pattern); ok {
		v := stix.Value{Kind: kind, Text: string(text)}
		if p.left = unfit(v); p.left == 0 {
			p.only = s.sought(v)
		}
		if p.left != NoPlace { // fields may tell that
			return
		}
	}
	c := compile(d.pattern)
	p.left, p.any, p.stories = c.left, c.any, c.stories
}

// holds tells why nothing of an indicator is looked for; 0 when that depends on
// its pattern.
func holds(revoked bool, d *draft, at time.Time) Reason {
	switch {
	case revoked:
		return Revoked
	case !d.inSTIX():
		return NotSTIX
	}
	return [...]Reason{NotYet, 0, NoLonger}[1+stix.Validity(d.from, d.until, at)]
}

// HitsEverywhere tells whether a part of an indicator would hit nearly all there is: sets
// leave that out.
func HitsEverywhere(o *stix.Object) bool {
	d := read(o.Raw)
	return d.inSTIX() && (compile(d.pattern).left == Everywhere || hitsAll(d.pattern))
}

func (s *Set) putAll(b *batch) {
	for i := range b.list {
		if b.list[i].identity {
			s.putIdentity(b, &b.list[i])
		} else {
			s.put(b, &b.list[i])
		}
	}
	b.empty()
}

func (s *Set) putIdentity(b *batch, p *prepared) {
	id, at := b.text(p.at, p.id)
	version, at := b.text(at, p.version)
	name, _ := b.text(at, p.name)
	c := &s.names[s.creator(id)]
	if stix.CompareVersions(string(version), c.version) > 0 {
		c.version, c.name = string(version), string(name)
	}
}

func (s *Set) put(b *batch, p *prepared) {
	id, at := b.text(p.at, p.id)
	version, at := b.text(at, p.version)
	ref, known := s.find(p.hash, id)
	if known {
		if stix.CompareVersions(string(version), string(s.version(ref))) <= 0 {
			return
		}
		s.take(ref)
		s.forget(ref)
	}
	by := at + int(p.name)
	i := indicator{
		at: keep(&s.arena, b.texts[p.at:by]), id: p.id, version: p.version, name: p.name,
		by: s.creator(b.texts[by : by+int(p.by)]), since: p.since, until: p.until, confidence: p.confidence,
		left: p.left, nothing: len(p.any)+len(p.stories) == 0 && p.only.Kind == 0,
	}
	if known {
		*s.indicators.at(ref) = i
	} else {
		if s.ids.full() {
			s.ids.grow(func(ref uint32) bool { return s.indicators.at(ref).id > 0 })
		}
		ref = s.indicators.add(i)
		s.ids.put(p.hash, ref)
	}
	if s.endsAt(i.until); i.left == NotYet {
		s.waiting[ref] = p.pattern
		s.endsAt(i.since)
	}
	if p.only.Kind != 0 {
		s.connect(link{indicator: ref, entry: s.use(p.only)})
	}
	s.look(ref, p.any, p.stories)
	s.tally(ref, 1)
}

// read reads what is asked of an indicator but its name.
func read(raw []byte) draft {
	d := draft{confidence: -1}
	for name, value := range stix.Split(raw) {
		if string(name) != "name" {
			d.take(name, value)
		}
	}
	return d
}

func (d *draft) take(name, value []byte) {
	switch string(name) {
	case "name":
		d.name = cut(stix.TextOf(value))
	case "pattern":
		d.pattern = stix.TextOf(value)
	case "revoked":
		d.revoked = string(value) == "true"
	case "pattern_type":
		d.language = stix.TextOf(value)
	case "valid_from":
		d.from = moment(value)
	case "valid_until":
		d.until = moment(value)
	case "confidence":
		d.confidence = sureness(value)
	}
}

// moment reads a timestamp; none when it is none.
func moment(value []byte) stix.Timestamp {
	if n := len(value); n > 1 && n < 64 && value[0] == '"' {
		if t, err := stix.ParseTimestamp(string(value[1 : n-1])); err == nil {
			return t // which has no escapes
		}
	}
	t, _ := stix.ParseTimestamp(stix.Text(value))
	return t
}

// sureness reads a number from 0 to 100; -1 for all else.
func sureness(value []byte) int {
	if len(value) == 2 && value[0]-'1' < 9 && value[1]-'0' < 10 { // as mostly
		return int(value[0]-'0')*10 + int(value[1]-'0')
	}
	n := 0
	if json.Unmarshal(value, &n) != nil || n < 0 || n > 100 {
		return -1
	}
	return n
}

func cut(name []byte) []byte {
	if len(name) <= longestName {
		return name
	}
	return bytes.ToValidUTF8(name[:longestName], nil)
}

func seconds(t stix.Timestamp) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Time().Unix()
}
