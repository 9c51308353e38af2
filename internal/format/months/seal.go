package months

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	saltLen  = 32
	pieceLen = 64 << 10
	tagLen   = 16
)

// pieces are what both ways have in common.
type pieces struct {
	aead  cipher.AEAD
	next  uint64
	nonce [12]byte
}

func (k *Key) pieces(salt []byte) (*pieces, error) {
	key, err := hkdf.Key(sha256.New, k.secret[:], salt, "entente month part", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &pieces{aead: aead}, err
}

func (p *pieces) number(last bool) []byte {
	binary.BigEndian.PutUint64(p.nonce[3:11], p.next)
	p.next++
	if p.nonce[11] = 0; last {
		p.nonce[11] = 1
	}
	return p.nonce[:]
}

// Seal gives a writer that seals what is written to it into w. It is whole once it was
// closed; w is not closed by that.
func (k Key) Seal(w io.Writer) (io.WriteCloser, error) {
	salt := make([]byte, saltLen)
	rand.Read(salt) // never fails (crypto/rand)
	p, err := k.pieces(salt)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(salt)
	return &sealer{pieces: p, to: w, plain: make([]byte, 0, pieceLen)}, err
}

type sealer struct {
	*pieces
	to     io.Writer
	plain  []byte
	sealed []byte
	closed bool
}

func (s *sealer) Write(b []byte) (n int, err error) {
	if s.closed {
		return 0, errors.New("what is sealed was closed")
	}
	for len(b) > 0 {
		if len(s.plain) == pieceLen {
			if err := s.flush(false); err != nil {
				return n, err
			}
		}
		some := min(len(b), pieceLen-len(s.plain))
		s.plain, b = append(s.plain, b[:some]...), b[some:]
		n += some
	}
	return n, nil
}

func (s *sealer) flush(last bool) error {
	s.sealed = s.aead.Seal(s.sealed[:0], s.number(last), s.plain, nil)
	s.plain = s.plain[:0]
	_, err := s.to.Write(s.sealed)
	return err
}

func (s *sealer) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	return s.flush(true)
}

// Open gives a reader of what was sealed. It ends with io.EOF after all of it, and with
// ErrDamaged where anything is not as it was written.
func (k Key) Open(r io.Reader) (io.Reader, error) {
	salt := make([]byte, saltLen)
	if _, err := io.ReadFull(r, salt); err != nil {
		return nil, ended(err)
	}
	p, err := k.pieces(salt)
	if err != nil {
		return nil, err
	}
	return &opener{pieces: p, from: r, sealed: make([]byte, pieceLen+tagLen+1)}, nil
}

func ended(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	return err
}

type opener struct {
	*pieces
	from   io.Reader
	sealed []byte // room for a piece, and one byte that shows whether another follows
	have   int    // of it, read ahead
	buf    []byte
	plain  []byte // of buf, not yet given
	last   bool
}

func (o *opener) Read(b []byte) (int, error) {
	for len(o.plain) == 0 {
		if o.last {
			return 0, io.EOF
		}
		if err := o.piece(); err != nil {
			return 0, err
		}
	}
	n := copy(b, o.plain)
	o.plain = o.plain[n:]
	return n, nil
}

func (o *opener) piece() error {
	n, err := io.ReadFull(o.from, o.sealed[o.have:])
	n += o.have
	switch {
	case err == nil:
		n--
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		o.last = true
	default:
		return err
	}
	if n < tagLen {
		return ended(io.EOF)
	}
	if o.buf, err = o.aead.Open(o.buf[:0], o.number(o.last), o.sealed[:n], nil); err != nil {
		return ErrDamaged
	}
	o.plain = o.buf
	if o.have = 0; !o.last {
		o.sealed[0], o.have = o.sealed[n], 1
	}
	return nil
}
