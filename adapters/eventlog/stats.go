package eventlog

import "daybook/ledger"

// Stats are a log's figures at a moment.
type Stats struct {
	Dir         string          `json:"dir"`
	Head        ledger.Position `json:"head"`         // position of the last event, which is also their number
	Appended    uint64          `json:"appended"`     // events since the log was opened
	Groups      uint64          `json:"groups"`       // groups they were written in, each with one sync
	DiskBytes   uint64          `json:"disk_bytes"`   // of all files, without the reserve
	FreeBytes   uint64          `json:"free_bytes"`   // left on the disk; 0 when it cannot be known
	MemoryBytes uint64          `json:"memory_bytes"` // of the engine's buffers and cache
	Stopped     error           `json:"-"`            // why nothing more is written, or nil
}

// Stats returns the log's figures.
func (l *Log) Stats() (Stats, error) {
	if err := l.enter(); err != nil {
		return Stats{}, err
	}
	defer l.leave()
	metrics := l.db.Metrics()
	free, _ := l.guard.free()
	head, _ := l.visible()
	return Stats{
		Dir: l.dir, Head: head, Appended: l.appended.Load(), Groups: l.groups.Load(),
		DiskBytes: metrics.DiskSpaceUsage(), FreeBytes: free,
		MemoryBytes: metrics.MemTable.Size + uint64(metrics.BlockCache.Size) + uint64(metrics.FileCache.Size),
		Stopped:     l.guard.failure(),
	}, nil
}
