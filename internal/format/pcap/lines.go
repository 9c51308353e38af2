package pcap

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
)

// Lines gives a capture as lines of JSON, one for each packet: the time ts, src_ip, src_port,
// dest_ip and dest_port, and dns, tls and http as Suricata names what is in them. A capture
// that is damaged ends with an error, behind what came before; and so does one with packets
// of links that are not read, since nothing found in those says nothing.
func Lines(r io.Reader) io.Reader {
	return &lines{in: bufio.NewReaderSize(r, 1<<16)}
}

type lines struct {
	in    *bufio.Reader
	file  *file
	flows flows
	n     int
	other int    // packets of links that are not read,
	link  uint32 // and the first such link
	rest  []byte
	line  []byte
	err   error
}

func (l *lines) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(l.rest) == 0 {
			if l.err != nil || n > 0 && len(p)-n < 1024 {
				break
			}
			l.err = l.next()
		}
		some := copy(p[n:], l.rest)
		l.rest, n = l.rest[some:], n+some
	}
	if n == 0 && len(p) > 0 {
		return 0, l.err
	}
	return n, nil
}

// next makes the line of the next packet.
func (l *lines) next() (err error) {
	if l.file == nil {
		if l.file, err = open(l.in); err != nil {
			return err
		}
	}
	p, err := l.file.read()
	if errors.Is(err, io.EOF) && l.other > 0 {
		return fmt.Errorf("%d of %d packets are of the link type %d, which is not read; what is in them was not looked at", l.other, l.n, l.link)
	}
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	if err != nil {
		return fmt.Errorf("packet %d: %w", l.n+1, err)
	}
	l.n++
	s, known := p.read()
	if !known {
		if l.other == 0 {
			l.link = p.link
		}
		l.other++
	}
	said := l.flows.say(&s)
	w := writer{append(l.line[:0], '{')}
	w.b = fmt.Appendf(w.b, `"ts":%d.%09d`, p.sec, p.nanos)
	w.end("src", s.from)
	w.end("dest", s.to)
	w.group("dns", func() {
		w.list("query", said.query)
		w.list("answers", said.answers)
	})
	w.group("tls", func() { w.text("sni", said.sni) })
	w.group("http", func() {
		w.text("hostname", said.host)
		w.text("url", said.url)
	})
	l.line = append(w.b, '}', '\n')
	l.rest = l.line
	return nil
}

// writer writes members of an object.
type writer struct{ b []byte }

func (w *writer) name(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(append(append(w.b, '"'), name...), '"', ':')
}

func (w *writer) end(name string, at netip.AddrPort) {
	if !at.Addr().IsValid() {
		return
	}
	w.name(name + "_ip")
	w.b = append(at.Addr().AppendTo(append(w.b, '"')), '"')
	if at.Port() != 0 {
		w.name(name + "_port")
		w.b = strconv.AppendUint(w.b, uint64(at.Port()), 10)
	}
}

// group writes an object, unless nothing is in it.
func (w *writer) group(name string, in func()) {
	before := len(w.b)
	w.name(name)
	w.b = append(w.b, '{')
	n := len(w.b)
	if in(); len(w.b) == n {
		w.b = w.b[:before]
		return
	}
	w.b = append(w.b, '}')
}

func (w *writer) text(name, text string) {
	if text != "" {
		w.name(name)
		w.quote(text)
	}
}

func (w *writer) list(name string, texts []string) {
	if len(texts) == 0 {
		return
	}
	w.name(name)
	for i, t := range texts {
		w.b = append(w.b, "[,"[min(i, 1)])
		w.quote(t)
	}
	w.b = append(w.b, ']')
}

// quote writes a text, of which what is no sign of ASCII is escaped: it may be anything.
func (w *writer) quote(text string) {
	w.b = append(w.b, '"')
	for i := range len(text) {
		switch c := text[i]; {
		case c == '"' || c == '\\':
			w.b = append(w.b, '\\', c)
		case c < ' ' || c >= 0x7f:
			w.b = fmt.Appendf(w.b, `\u%04x`, c)
		default:
			w.b = append(w.b, c)
		}
	}
	w.b = append(w.b, '"')
}
