package main

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"entente/internal/door/events"
	"entente/internal/node"
	"entente/internal/practice/seen"
)

func (c *cli) serveVerb() *cobra.Command {
	var o node.ServeOptions
	var l logging
	cmd := &cobra.Command{
		Use:   "serve [--data DIR] [--listen ADDR] [--tls-cert FILE --tls-key FILE | --behind-proxy]",
		Short: "Serve the node",
		Long: `Serves the node until it is told to stop (Ctrl-C, SIGTERM). It prints its
address when it is ready. On a stop, readiness goes first and requests under way
end; a second signal ends it at once.

TAXII 2.1 is at /taxii2/, the JSON API at /api/v1/, health at /healthz and /readyz,
and a page of addresses at /.

On loopback addresses it speaks plain HTTP; on any other, TLS with the files
given or with the certificate made at init; with --behind-proxy plain HTTP
anywhere, since the proxy in front speaks TLS. New certificate files are taken
within seconds; on SIGHUP at once, with a new --log-level from the file.

Metrics for Prometheus are at /metrics on the admin socket (admin.sock in the data
directory) and, when set, on --metrics-listen, loopback unless TLS is spoken.

Exit codes: 0 stopped when told to, 2 could not be served, as when another
process has the data directory.`,
		Example: `  entente serve --data ./entente-data --listen 127.0.0.1:8470
  entente serve --listen 0.0.0.0:443 --tls-cert cert.pem --tls-key key.pem`,
		Args: cobra.NoArgs,
		PreRunE: func(*cobra.Command, []string) error {
			if err := errors.Join(o.Check(c.data), l.check()); err != nil {
				return usage("%w", err)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return c.serve(cmd, o, &l) },
	}
	f := cmd.Flags()
	f.StringVar(&o.Listen, "listen", node.DefaultListen, "`ADDR`ess to listen on, host:port; port 0 takes a free one")
	f.StringVar(&o.TLSCert, "tls-cert", "", "PEM `FILE` with the certificate and its chain")
	f.StringVar(&o.TLSKey, "tls-key", "", "PEM `FILE` with the certificate's key")
	f.BoolVar(&o.BehindProxy, "behind-proxy", false, "a proxy in front speaks TLS; it must set X-Forwarded-For")
	f.StringArrayVar(&o.Origins, "allow-origin", nil, "`ORIGIN` of web pages whose scripts may use the JSON API, as https://soc.example (repeatable; none unless given)")
	f.StringVar(&o.MetricsListen, "metrics-listen", "", "`ADDR`ess to answer /metrics on, besides the admin socket")
	f.BoolVar(&o.LogRequests, "log-requests", false, "log each request, not only at the level debug")
	o.Seen = seen.DefaultSettings
	f.IntVar(&o.Seen.Days, "seen-days", o.Seen.Days, "for how many `DAYS` values of events are kept; 0 keeps none, and erases those that are there")
	sizeVar(f, &o.Seen.Bytes, "seen-size", o.Seen.Bytes, "most `BYTES` of the values of events that are kept; the oldest go first")
	f.StringVar(&o.Events.SyslogUDP, "syslog-udp", "", "`ADDR`ess to take events on as syslog by UDP; loopback unless it names a host")
	f.StringVar(&o.Events.SyslogTCP, "syslog-tcp", "", "`ADDR`ess likewise, by TCP")
	f.StringVar(&o.Events.SyslogTLS, "syslog-tls", "", "`ADDR`ess likewise, by TLS with the node's certificate")
	f.Float64Var(&o.Events.Rate, "syslog-rate", events.DefaultRate, "lines of syslog taken a second; no limit when negative")
	f.StringArrayVar(&o.Events.Files, "events-file", nil, "`PATH` of a log, or a folder of logs, to take events of as they are written (repeatable)")
	l.flags(f)
	limitFlags(f, &o.Limits)
	return cmd
}

// limitFlags are the bounds on what comes from outside. Each has a default that
// is safe.
func limitFlags(f *pflag.FlagSet, l *node.Limits) {
	d := node.DefaultLimits
	f.Float64Var(&l.Rate, "rate", d.Rate, "requests a second of one account; no limit when negative")
	f.IntVar(&l.Connections, "max-connections", d.Connections, "connections open at once")
	sizeVar(f, &l.Body, "max-body", d.Body, "most `BYTES` of a request's body, as sent and as unpacked, but for those below")
	sizeVar(f, &l.Bulk, "max-bulk", d.Bulk, "most `BYTES` of objects in one body of the JSON API, as sent and as unpacked")
	sizeVar(f, &l.Upload, "max-upload", d.Upload, "most `BYTES` of a file that is sent to the JSON API for a job")
	sizeVar(f, &l.Object, "max-object", d.Object, "most `BYTES` of one object that is sent here, at most 8MiB")
	sizeVar(f, &l.HeaderBytes, "max-header", d.HeaderBytes, "most `BYTES` of a request's header")
	f.IntVar(&l.Page, "max-page", d.Page, "most objects in one answer")
	f.DurationVar(&l.Header, "header-timeout", d.Header, "how long a request's header may take to arrive")
	f.DurationVar(&l.Idle, "idle-timeout", d.Idle, "how long a connection may be idle between requests")
	f.DurationVar(&l.Grace, "grace", d.Grace, "how long a client may take before its pace counts")
	sizeVar(f, &l.Pace, "pace", d.Pace, "fewest `BYTES` a second that a client must send or take after the grace")
	f.IntVar(&l.Streams, "max-streams", d.Streams, "streams of objects open at once")
	f.IntVar(&l.AccountStreams, "account-streams", d.AccountStreams, "streams of objects that one account may have open at once")
	f.DurationVar(&l.StreamPatience, "stream-patience", d.StreamPatience, "how long the reader of a stream may leave what was sent untaken before it is cut")
	f.DurationVar(&l.Patience, "patience", d.Patience, "how long a TAXII POST waits for its objects before it answers \"pending\"")
	f.DurationVar(&l.Drain, "drain", d.Drain, "how long requests under way may take to end on a stop")
	f.DurationVar(&l.Notice, "notice", d.Notice, "how long requests are still taken after readiness has gone")
}

// memoryAim is what the collector keeps the heap under when nothing else is
// said (GOMEMLIMIT): the store's caches and buffers and its filters take 310 MB of
// it. With much less room than that the collector runs all the time, and requests
// wait for it. Built with cgo, the cache of blocks and the memory tables lie outside
// the heap and count besides.
const (
	memoryAim     = 450 << 20
	besideWhenCgo = 190 << 20
)

// besideCores is how many more threads may run Go than there are cores when
// nothing else is said (GOMAXPROCS): as many as an import keeps busy (reading,
// preparing, committing, flushing, two compactions). Go lets each run for 10 ms,
// and a request would wait its turn behind them; the system's scheduler lets one
// that has slept go first. Measured on two cores, the slowest hundredth of
// requests beside an import: 12 ms with none more, 6.8 with two, 5.4 with six.
const besideCores = 6

func heapAim() int64 {
	if node.WithCgo() {
		return memoryAim - besideWhenCgo
	}
	return memoryAim
}

// aimHeap sets the aim, unless another one is said.
func (c *cli) aimHeap() {
	if _, said := c.env("GOMEMLIMIT"); !said {
		debug.SetMemoryLimit(heapAim())
	}
}

func (c *cli) serve(cmd *cobra.Command, o node.ServeOptions, l *logging) error {
	c.aimHeap()
	if _, said := c.env("GOMAXPROCS"); !said {
		runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + besideCores)
	}
	log := c.serverLog(l)
	n, err := node.Open(cmd.Context(), c.data, node.Options{Logger: log})
	if err != nil {
		return err
	}
	o.Ready = func(url string) {
		// Scripts wait for this line; whether it can be written is their matter.
		fmt.Fprintf(c.stdout, "serving %s at %s\n", n.Member.Name, url)
		c.tellSystemd("READY=1")
	}
	o.Stopping = func() { c.tellSystemd("STOPPING=1") }
	defer onHangup(func() { c.reload(cmd, n, l, log) })()
	return errors.Join(n.Serve(cmd.Context(), o), n.Close())
}
