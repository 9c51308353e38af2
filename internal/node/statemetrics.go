package node

import (
	"runtime"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// stateMetrics tells, when it is asked, what the node is like.
type stateMetrics struct {
	node  *Node
	ready *readiness
	keys  *keyring // nil without TLS
	crowd *crowd
}

// describe names one thing that a scrape reads off the node's parts.
func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("entente_"+name, help, labels, nil)
}

var (
	descBuild       = describe("build_info", "The program that runs; always 1.", "version", "revision", "go")
	descReady       = describe("ready", "1 while requests should be sent here, as /readyz has it.")
	descWarnings    = describe("warnings", "Warnings that /readyz tells.")
	descConnections = describe("http_open_connections", "Connections open on the public listener.")
	descStreams     = describe("streams_open", "Streams of objects open, of the JSON API.")
	descPublished   = describe("objects_published_total", "Objects that writers brought, by what became of them.", "verdict")
	descRead        = describe("objects_read_total", "Objects given to readers, through whatever door.")
	descLag         = describe("follower_lag_seconds", "How long the oldest change that a follower has not taken has waited; 0 when it is up to date.", "follower")
	descStopped     = describe("follower_stopped", "1 when a follower has stopped by a fault.", "follower")
	descLines       = describe("events_lines_total", "Lines of events that were gone over.")
	descLost        = describe("syslog_lost_total", "Of syslog: lines that were dropped (dropped) since they were too many, or cut (cut) since they were too long, and connections that were refused (refused).", "what")
	descHit         = describe("seen_hits_total", "Hits of indicators: in lines of events as they came (live), and values that were seen before their indicator was known (before).", "when")
	descUncounted   = describe("seen_hits_dropped_total", "Hits that were too many at once and are not counted.")
	descSeen        = describe("seen_values", "Values of events that are kept.")
	descSeenBytes   = describe("seen_bytes", "Bytes of the files in which they are kept.")
	descLeaves      = describe("log_leaves", "Leaves of the member's transparency log.")
	descExpiry      = describe("tls_certificate_expiry_timestamp_seconds", "When the certificate in use expires, in Unix time.")
	descReload      = describe("tls_reload_failed", "1 when the certificate's files have changed and could not be taken.")
	descBytes       = describe("store_bytes", "Bytes of the store on disk.")
	descFree        = describe("store_free_bytes", "Bytes free on the store's file system.")
	descFiles       = describe("store_files", "Sorted files of the store.")
	descReadAmp     = describe("store_read_amplification", "Sorted files that a look-up may have to ask.")
	descCompactions = describe("store_compactions_total", "Compactions ended.")
	descCompacting  = describe("store_compactions_in_progress", "Compactions under way.")
	descDebt        = describe("store_compaction_debt_bytes", "Bytes that compactions have still to rewrite, about.")
	descFlushes     = describe("store_flushes_total", "Memory tables written to sorted files.")
	descWAL         = describe("store_wal_bytes", "Bytes of the write-ahead log that a start would replay.")
	descWALWritten  = describe("store_wal_written_bytes_total", "Bytes written to the write-ahead log.")
	descMemTables   = describe("store_memtable_bytes", "Bytes of memory tables.")
	descCache       = describe("store_cache_bytes", "Bytes held by a cache: blocks of files, or pages ready to be given again.", "cache")
	descHits        = describe("store_cache_hits_total", "Blocks found in the cache.")
	descMisses      = describe("store_cache_misses_total", "Blocks that had to be read.")
)

// Describe sends no descriptions, so that what is not there now (TLS) may come.
func (m *stateMetrics) Describe(chan<- *prometheus.Desc) {}

func (m *stateMetrics) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	version, revision := Program()
	gauge(descBuild, 1, version, revision, runtime.Version())
	gauge(descReady, oneIf(len(m.ready.reasons()) == 0))
	gauge(descWarnings, float64(len(m.ready.warned())))
	gauge(descConnections, float64(m.crowd.count()))
	gauge(descStreams, float64(m.node.API.Streams()))
	tally := m.node.Exchange.Tally()
	for verdict, n := range tally.Published {
		counter(descPublished, float64(n), string(verdict))
	}
	counter(descRead, float64(tally.Read))
	seen := m.node.Seen.Counts()
	counter(descLines, float64(seen.Lines))
	if l := m.node.syslog.Load(); l != nil {
		lost := l.Counts()
		counter(descLost, float64(lost.Dropped), "dropped")
		counter(descLost, float64(lost.Cut), "cut")
		counter(descLost, float64(lost.Refused), "refused")
	}
	counter(descHit, float64(seen.Live), "live")
	counter(descHit, float64(seen.Before), "before")
	counter(descUncounted, float64(seen.Dropped))
	gauge(descSeen, float64(seen.Values))
	gauge(descSeenBytes, float64(seen.Bytes))
	gauge(descLeaves, float64(m.node.Store.LogSize()))
	if followers, err := m.node.Exchange.Followers(); err == nil {
		for _, f := range followers {
			lag := 0.0
			if f.Waits > 0 {
				lag = time.Since(time.UnixMicro(int64(f.Waits))).Seconds()
			}
			gauge(descLag, max(lag, 0), f.Name)
			gauge(descStopped, oneIf(f.Fault != ""), f.Name)
		}
	}
	if m.keys != nil {
		gauge(descExpiry, float64(m.keys.expires().Unix()))
		gauge(descReload, oneIf(m.keys.failed() != nil))
	}
	m.collectStore(gauge, counter)
}

func (m *stateMetrics) collectStore(gauge, counter func(*prometheus.Desc, float64, ...string)) {
	s := m.node.engine.Stats()
	gauge(descBytes, float64(s.Bytes))
	gauge(descFree, float64(s.FreeBytes))
	gauge(descFiles, float64(s.Files))
	gauge(descReadAmp, float64(s.ReadAmplification))
	counter(descCompactions, float64(s.Compactions))
	gauge(descCompacting, float64(s.Compacting))
	gauge(descDebt, float64(s.CompactionDebt))
	counter(descFlushes, float64(s.Flushes))
	gauge(descWAL, float64(s.WALBytes))
	counter(descWALWritten, float64(s.WALWrittenBytes))
	gauge(descMemTables, float64(s.MemTableBytes))
	gauge(descCache, float64(s.BlockCacheBytes), "blocks")
	gauge(descCache, float64(s.PageCacheBytes), "pages")
	counter(descHits, float64(s.BlockCacheHits))
	counter(descMisses, float64(s.BlockCacheMisses))
}

func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
