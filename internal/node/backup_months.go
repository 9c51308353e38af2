package node

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"

	"entente/internal/format/backup"
	"entente/internal/format/months"
	"entente/internal/store"
)

// monthPart is what a backup keeps apart for a month, sealed, in a file until it is
// written to the backup.
type monthPart struct {
	backup.Month
	file   *os.File
	buf    *bufio.Writer
	sealed io.WriteCloser
}

// keepApart takes out of the copy what is to be erased at a time.
func (b *backingUp) keepApart(ctx context.Context, c store.Copy) error {
	key, err := b.node.months.keyOf(months.Of(b.node.now()))
	if err != nil {
		return err
	}
	err = b.node.Exchange.KeepApart(ctx, c, key.Month, func(m months.Month, objects int) (io.Writer, error) {
		p, err := b.node.months.part(key, m, objects)
		if err != nil {
			return nil, err
		}
		b.parts = append(b.parts, p)
		return p.sealed, nil
	})
	for _, p := range b.parts {
		if err == nil {
			err = errors.Join(p.sealed.Close(), p.buf.Flush())
		}
	}
	return err
}

// part begins the part of a month.
func (k *monthsKept) part(key months.Key, m months.Month, objects int) (*monthPart, error) {
	key, err := key.At(m)
	if err != nil {
		return nil, err
	}
	file, err := os.CreateTemp(k.dir, partPattern) // made 0600
	if err != nil {
		return nil, err
	}
	p := &monthPart{Month: backup.Month{Month: m.String(), Objects: objects, Key: key.ID()}, file: file, buf: bufio.NewWriterSize(file, 256<<10)}
	if p.sealed, err = key.Seal(p.buf); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *monthPart) addTo(out *backup.Writer) error {
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	return out.Add(p.File(), info.Size(), func() (io.ReadCloser, error) { return os.Open(p.file.Name()) })
}

func (p *monthPart) close() error {
	return errors.Join(p.file.Close(), os.Remove(p.file.Name()))
}

// close takes away what the backup needed beside what it wrote.
func (b *backingUp) close() {
	for _, p := range b.parts {
		if err := p.close(); err != nil {
			b.node.log.Warn("what a backup kept apart meanwhile stays until the next start", "err", err)
		}
	}
}
