package main

import (
	"io"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"entente/internal/practice/intake"
)

// bar shows how much of the sources has been read, on a terminal alone. The
// zero bar shows nothing.
type bar struct{ shown *progressbar.ProgressBar }

// progress makes a bar for sources; of unknown size when one of them is.
func (c *cli) progress(sources []intake.Source) *bar {
	var total int64
	for _, s := range sources {
		if s.Size < 0 {
			total = -1
			break
		}
		total += s.Size
	}
	return c.progressOf("import", total)
}

// progressOf makes a bar for so many bytes, -1 when that is not known.
func (c *cli) progressOf(what string, total int64) *bar { return c.newBar(what, total, true) }

func (c *cli) newBar(what string, total int64, bytes bool) *bar {
	if !term.IsTerminal(int(c.stderr.Fd())) {
		return &bar{}
	}
	return &bar{progressbar.NewOptions64(total, progressbar.OptionSetWriter(c.stderr),
		progressbar.OptionShowBytes(bytes), progressbar.OptionSetDescription(what),
		progressbar.OptionThrottle(100e6), progressbar.OptionClearOnFinish())}
}

// reader counts what is read through it.
func (b *bar) reader(r io.Reader) io.Reader {
	if b.shown == nil {
		return r
	}
	return io.TeeReader(r, b.shown)
}

// set tells how far it is.
func (b *bar) set(done int64) {
	if b.shown != nil {
		_ = b.shown.Set64(done) // see end
	}
}

func (b *bar) end() {
	if b.shown != nil {
		_ = b.shown.Finish() // a terminal that is gone is no fault of the import
	}
}
