package node

import (
	"context"
	"fmt"
	"net"
	"sync"

	"entente/internal/door/events"
)

// EventOptions say what events are taken beside those that are sent to the API. The zero
// value takes none.
type EventOptions struct {
	SyslogUDP string // host:port; loopback without a host
	SyslogTCP string
	SyslogTLS string  // with the node's certificate
	Rate      float64 // lines of syslog a second; events.DefaultRate when 0, no bound when negative
	Files     []string
}

func (e *EventOptions) check() error {
	for setting, addr := range map[string]string{"syslog-udp": e.SyslogUDP, "syslog-tcp": e.SyslogTCP, "syslog-tls": e.SyslogTLS} {
		if _, _, err := net.SplitHostPort(addr); addr != "" && err != nil {
			return fmt.Errorf("serve: %s %q: give HOST:PORT, as 127.0.0.1:6514, or :PORT for loopback", setting, addr)
		}
	}
	return nil
}

// syslog opens the listeners of syslog.
func (s *serving) syslog(keys *keyring) (*events.Syslog, error) {
	e := s.opts.Events
	o := events.Options{UDP: e.SyslogUDP, TCP: e.SyslogTCP, TLS: e.SyslogTLS, Rate: e.Rate, Logger: s.log}
	if o.TLS != "" {
		if keys == nil { // the API is answered without
			cert, key := certificatePaths(s.Dir)
			var err error
			if keys, err = newKeyring(cert, key, s.log); err != nil {
				return nil, fmt.Errorf("serve: certificate for syslog: %w", err)
			}
		}
		o.Config = keys.config()
	}
	l, err := events.Listen(s.Seen, o)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	for _, a := range l.Addresses() {
		s.log.Info("taking syslog", "network", a.Network(), "address", a.String())
	}
	return l, nil
}

// sense takes events, and keeps what was seen, until the context ends.
func (s *serving) sense(ctx context.Context, l *events.Syslog) {
	keeping, end := context.WithCancel(context.WithoutCancel(ctx)) // until the last of them is taken
	var takes, keeps sync.WaitGroup
	keeps.Go(func() { s.Seen.Run(keeping, s.opts.Seen) })
	if len(l.Addresses()) > 0 {
		takes.Go(func() { l.Run(ctx) })
	}
	if files := s.opts.Events.Files; len(files) > 0 {
		takes.Go(func() { events.Follow(ctx, s.Seen, files, s.log) })
	}
	<-ctx.Done()
	takes.Wait()
	end()
	keeps.Wait()
}
