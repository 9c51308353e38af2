package pebble

// Stats is what a store is like at a moment, for whoever watches over it.
// Totals count from when it was opened.
type Stats struct {
	Bytes     uint64 // on disk
	FreeBytes uint64 // on its file system; 0 where that cannot be told
	Files     int64  // sorted files

	ReadAmplification int    // sorted files that a look-up may have to ask
	Compactions       int64  // total
	Compacting        int64  // now
	CompactionDebt    uint64 // bytes that compactions have still to rewrite, about
	Flushes           int64  // total

	WALBytes        uint64 // of the write-ahead log that a start would replay
	WALWrittenBytes uint64 // total
	MemTableBytes   uint64

	BlockCacheBytes  int64
	BlockCacheHits   int64 // total
	BlockCacheMisses int64 // total
	PageCacheBytes   int64
}

// Stats tells what the store is like. A store that a failed write has stopped,
// or that is closed, answers nothing but zeros.
func (s *Store) Stats() Stats {
	v, err := s.acquire() // keeps the database open meanwhile
	if err != nil || s.disk.reason() != nil {
		return Stats{}
	}
	defer v.release()
	m := s.db.Metrics()
	all := m.Total()
	out := Stats{
		Bytes: m.DiskSpaceUsage(), Files: all.TablesCount, ReadAmplification: m.ReadAmp(),
		Compactions: m.Compact.Count, Compacting: m.Compact.NumInProgress, CompactionDebt: m.Compact.EstimatedDebt,
		Flushes: m.Flush.Count, WALBytes: m.WAL.Size, WALWrittenBytes: m.WAL.BytesWritten, MemTableBytes: m.MemTable.Size,
		BlockCacheBytes: m.BlockCache.Size, BlockCacheHits: m.BlockCache.Hits, BlockCacheMisses: m.BlockCache.Misses,
		PageCacheBytes: s.hot.held(),
	}
	if usage, err := s.disk.FS.GetDiskUsage(s.dir); err == nil {
		out.FreeBytes = usage.AvailBytes
	}
	return out
}

func (h *hot) held() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.bytes
}

// LowOnSpace tells that less than four times the reserve is free, at which
// writes are refused.
func (s *Store) LowOnSpace() bool {
	usage, err := s.disk.FS.GetDiskUsage(s.dir)
	return err == nil && usage.AvailBytes < 4*min(reserve, usage.TotalBytes/20)
}
