package pcap

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// Limits on a capture.
const (
	mostPacket     = 1 << 18 // bytes of one packet
	mostBlock      = 1 << 20 // bytes of a block that is looked into
	mostInterfaces = 1024
)

// packet is one of a capture, with the kind of link that it was taken from.
type packet struct {
	link  uint32
	sec   int64
	nanos int64
	b     []byte // valid until the next one is read
}

// file reads packets out of either form.
type file struct {
	r     *bufio.Reader
	order binary.ByteOrder
	next  bool // it is pcapng
	nano  bool
	link  uint32 // of a pcap
	from  []source
	buf   []byte
}

// source is an interface of a pcapng; a tick is so many to the second.
type source struct {
	link  uint32
	ticks uint64
}

// Is tells whether a text that begins so is a capture.
func Is(head []byte) bool {
	_, _, ok := magic(head)
	return ok || len(head) >= 4 && binary.BigEndian.Uint32(head) == sectionBlock
}

func magic(head []byte) (order binary.ByteOrder, nano, ok bool) {
	if len(head) < 4 {
		return nil, false, false
	}
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		switch order.Uint32(head) {
		case 0xa1b2c3d4:
			return order, false, true
		case 0xa1b23c4d:
			return order, true, true
		}
	}
	return nil, false, false
}

// open reads the header.
func open(r *bufio.Reader) (*file, error) {
	f := &file{r: r}
	head, err := r.Peek(4)
	if err != nil {
		return nil, cut(err)
	}
	var ok bool
	if f.order, f.nano, ok = magic(head); !ok {
		if f.next = Is(head); !f.next {
			return nil, errors.New("no capture of packets")
		}
		return f, nil
	}
	b, err := f.take(24)
	if err != nil {
		return nil, err
	}
	f.link = f.order.Uint32(b[20:]) & 0xffff // above it are flags
	return f, nil
}

// take gives some bytes, valid until the next call.
func (f *file) take(n int) ([]byte, error) {
	if cap(f.buf) < n {
		f.buf = make([]byte, n)
	}
	b := f.buf[:n]
	_, err := io.ReadFull(f.r, b)
	return b, cut(err)
}

func cut(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the capture ends within a packet")
	}
	return err
}

// read gives the next packet; io.EOF behind the last one.
func (f *file) read() (packet, error) {
	if _, err := f.r.Peek(1); err != nil {
		return packet{}, err
	}
	if f.next {
		return f.readNext()
	}
	b, err := f.take(16)
	if err != nil {
		return packet{}, err
	}
	p := packet{link: f.link, sec: int64(f.order.Uint32(b)), nanos: int64(f.order.Uint32(b[4:]))}
	if !f.nano {
		p.nanos *= 1000
	}
	p.nanos %= 1e9
	n := f.order.Uint32(b[8:])
	if n > mostPacket {
		return packet{}, fmt.Errorf("a packet of %d bytes: the capture is damaged", n)
	}
	p.b, err = f.take(int(n))
	return p, err
}

// Blocks of pcapng.
const (
	sectionBlock   = 0x0a0d0d0a
	interfaceBlock = 1
	simpleBlock    = 3
	enhancedBlock  = 6
)

// readNext goes over blocks up to the next packet.
func (f *file) readNext() (packet, error) {
	for {
		if _, err := f.r.Peek(1); err != nil {
			return packet{}, err
		}
		kind, body, err := f.block()
		if err != nil {
			return packet{}, err
		}
		switch kind {
		case sectionBlock:
			f.from = nil
		case interfaceBlock:
			if len(f.from) == mostInterfaces {
				return packet{}, fmt.Errorf("more than %d interfaces: the capture is damaged", mostInterfaces)
			}
			f.from = append(f.from, f.source(body))
		case simpleBlock:
			if len(body) < 4 || len(f.from) == 0 {
				continue
			}
			n := min(int64(f.order.Uint32(body)), int64(len(body)-4))
			return packet{link: f.from[0].link, b: body[4 : 4+n]}, nil
		case enhancedBlock:
			if p, ok := f.enhanced(body); ok {
				return p, nil
			}
		}
	}
}

// block gives the next block and what is in it; nothing of one that is too large.
func (f *file) block() (kind uint32, body []byte, err error) {
	head, err := f.r.Peek(12)
	if err != nil {
		return 0, nil, cut(err)
	}
	if binary.BigEndian.Uint32(head) == sectionBlock { // the same in either order
		switch uint32(0x1a2b3c4d) {
		case binary.LittleEndian.Uint32(head[8:]):
			f.order = binary.LittleEndian
		case binary.BigEndian.Uint32(head[8:]):
			f.order = binary.BigEndian
		default:
			return 0, nil, errors.New("a section in no order of bytes: the capture is damaged")
		}
	}
	kind, n := f.order.Uint32(head), f.order.Uint32(head[4:])
	if n < 12 || n%4 != 0 || n > math.MaxInt32 {
		return 0, nil, fmt.Errorf("a block of %d bytes: the capture is damaged", n)
	}
	if n > mostBlock {
		_, err := io.CopyN(io.Discard, f.r, int64(n))
		return 0, nil, cut(err)
	}
	b, err := f.take(int(n))
	if err != nil {
		return 0, nil, err
	}
	return kind, b[8 : n-4], nil
}

// source reads an interface.
func (f *file) source(body []byte) source {
	s := source{ticks: 1e6}
	if len(body) < 8 {
		return s
	}
	s.link = uint32(f.order.Uint16(body))
	for b := body[8:]; len(b) >= 4; { // options
		code, n := f.order.Uint16(b), int(f.order.Uint16(b[2:]))
		if b = b[4:]; code == 0 || n > len(b) {
			break
		}
		if code == 9 && n == 1 {
			s.ticks = ticks(b[0])
		}
		b = b[min((n+3)&^3, len(b)):]
	}
	return s
}

// ticks of a second, as the option if_tsresol has them.
func ticks(b byte) uint64 {
	if b&0x80 != 0 {
		return 1 << min(b&0x7f, 62)
	}
	n := uint64(1)
	for range min(b, 18) {
		n *= 10
	}
	return n
}

func (f *file) enhanced(body []byte) (p packet, ok bool) {
	if len(body) < 20 {
		return p, false
	}
	id := f.order.Uint32(body)
	if uint64(id) >= uint64(len(f.from)) {
		return p, false
	}
	s := f.from[id]
	at := uint64(f.order.Uint32(body[4:]))<<32 | uint64(f.order.Uint32(body[8:]))
	n := min(int64(f.order.Uint32(body[12:])), int64(len(body)-20))
	return packet{link: s.link, sec: int64(at / s.ticks), nanos: int64(float64(at%s.ticks) / float64(s.ticks) * 1e9), b: body[20 : 20+n]}, true
}
