package events

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"entente/internal/practice/seen"
)

// Options say where syslog is taken. Addresses are host:port; without a host it is
// loopback, and where none is given nothing is listened on.
type Options struct {
	UDP, TCP, TLS string
	Config        *tls.Config // of TLS
	Rate          float64     // lines a second; DefaultRate when 0, no bound when negative
	Connections   int         // open at once; 256 when 0
	Logger        *slog.Logger
}

// DefaultRate is how many lines a second are taken unless told otherwise.
const DefaultRate = 20_000

const (
	defaultConnections = 256
	idle               = 10 * time.Minute // how long a connection may send nothing
	handshake          = 10 * time.Second
)

// Syslog takes messages from its listeners.
type Syslog struct {
	opts   Options
	seen   *seen.Seen
	basin  *basin
	packet net.PacketConn
	open   []net.Listener
	places chan struct{} // one in it for each connection
	conns  sync.WaitGroup
}

// Listen opens the listeners. Close it, or Run it.
func Listen(s *seen.Seen, o Options) (*Syslog, error) {
	l := &Syslog{opts: o, seen: s, basin: newBasin(cmp.Or(o.Rate, DefaultRate), o.Logger), places: make(chan struct{}, cmp.Or(o.Connections, defaultConnections))}
	err := l.listen()
	if err != nil {
		l.Close()
		return nil, fmt.Errorf("syslog: %w", err)
	}
	return l, nil
}

func (l *Syslog) listen() (err error) {
	if l.opts.UDP != "" {
		if l.packet, err = net.ListenPacket("udp", atHome(l.opts.UDP)); err != nil {
			return err
		}
		if c, ok := l.packet.(*net.UDPConn); ok {
			_ = c.SetReadBuffer(4 << 20) // as much as the system lets
		}
	}
	for _, addr := range []string{l.opts.TCP, l.opts.TLS} {
		if addr == "" {
			continue
		}
		one, err := net.Listen("tcp", atHome(addr))
		if err != nil {
			return err
		}
		if addr == l.opts.TLS && l.opts.Config != nil {
			one = tls.NewListener(one, l.opts.Config)
		}
		l.open = append(l.open, one)
	}
	return nil
}

// atHome is loopback where an address names no host.
func atHome(addr string) string {
	if host, port, err := net.SplitHostPort(addr); err == nil && host == "" {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}

// Addresses are those that are listened on, UDP first.
func (l *Syslog) Addresses() (all []net.Addr) {
	if l.packet != nil {
		all = append(all, l.packet.LocalAddr())
	}
	for _, one := range l.open {
		all = append(all, one.Addr())
	}
	return all
}

// Counts are since the start.
type Counts struct{ Dropped, Cut, Refused int64 }

// Counts tell how many lines were dropped, how many were cut, and how many connections were
// refused.
func (l *Syslog) Counts() Counts {
	b := l.basin
	return Counts{b.dropped.Load(), b.cut.Load(), b.refused.Load()}
}

// Close gives the listeners up.
func (l *Syslog) Close() error {
	var errs []error
	if l.packet != nil {
		errs = append(errs, l.packet.Close())
	}
	for _, one := range l.open {
		errs = append(errs, one.Close())
	}
	return errors.Join(errs...)
}

// Run takes messages until the context ends, and what waits then.
func (l *Syslog) Run(ctx context.Context) {
	var all sync.WaitGroup
	stop := context.AfterFunc(ctx, func() { _ = l.Close(); l.basin.close() })
	defer stop()
	if l.packet != nil {
		all.Go(func() { l.packets(ctx) })
	}
	for _, one := range l.open {
		all.Go(func() { l.accept(ctx, one) })
	}
	done := make(chan struct{})
	go func() { defer close(done); all.Wait(); l.conns.Wait() }()
	l.drain(ctx, done)
	l.basin.tell()
}

// drain has what waits gone over.
func (l *Syslog) drain(ctx context.Context, done <-chan struct{}) {
	source, err := l.seen.Begin(ctx)
	for err != nil && ctx.Err() == nil { // it is being started
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
		}
		source, err = l.seen.Begin(ctx)
	}
	if err != nil {
		<-done
		return
	}
	lines, last := []byte(nil), false
	for !last {
		select {
		case <-l.basin.there:
		case <-done:
			last = true
		}
		lines = l.basin.take(lines)
		if err := source.Add(lines); err != nil {
			l.opts.Logger.Error("syslog: what came could not be gone over", "err", err)
		}
	}
	if _, err := source.End(); err != nil {
		l.opts.Logger.Error("syslog: what came last could not be gone over", "err", err)
	}
}

// packets takes a message of each packet (RFC 5426).
func (l *Syslog) packets(ctx context.Context) {
	b := make([]byte, 64<<10)
	for {
		n, _, err := l.packet.ReadFrom(b)
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			l.basin.offer(bytes.TrimRight(b[:n], "\r\n\x00"))
		}
	}
}

func (l *Syslog) accept(ctx context.Context, from net.Listener) {
	for {
		conn, err := from.Accept()
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			if err == nil {
				conn.Close()
			}
			return
		}
		if err != nil {
			select {
			case <-time.After(50 * time.Millisecond): // as when no files are left to open
			case <-ctx.Done():
			}
			continue
		}
		select {
		case l.places <- struct{}{}:
			l.conns.Go(func() {
				defer func() { <-l.places }()
				l.connection(ctx, conn)
			})
		default:
			l.basin.lost(&l.basin.refused)
			conn.Close()
		}
	}
}

// connection takes the messages of a connection.
func (l *Syslog) connection(ctx context.Context, conn net.Conn) {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	if t, ok := conn.(*tls.Conn); ok {
		_ = conn.SetDeadline(time.Now().Add(handshake))
		if err := t.HandshakeContext(ctx); err != nil {
			l.basin.lost(&l.basin.refused)
			return
		}
		_ = conn.SetDeadline(time.Time{})
	}
	f := frames{in: bufio.NewReaderSize(&patient{conn}, 16<<10), cut: func() { l.basin.lost(&l.basin.cut) }}
	for {
		line, err := f.next()
		if err != nil {
			if errors.Is(err, errFrame) {
				l.basin.lost(&l.basin.refused)
			}
			return
		}
		if !l.basin.wait(ctx, bytes.TrimRight(line, "\r\n\x00")) {
			return
		}
	}
}

// patient gives each read its time.
type patient struct{ net.Conn }

func (p *patient) Read(b []byte) (int, error) {
	_ = p.SetReadDeadline(time.Now().Add(idle))
	return p.Conn.Read(b)
}
