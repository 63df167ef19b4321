package engine

import (
	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
)

const (
	memTableBytes = 16 << 20
	memTables     = 3
)

// Options are the engine's settings, with so much memory for blocks read from disk. They
// keep the rest small: what is read again and again is the end of the log, and reading all
// of it gains nothing from a cache. Whoever opens an engine gives back the cache.
func Options(cacheBytes int64) *pebble.Options {
	options := &pebble.Options{
		// The engine takes the memory of its tables of new entries out of the cache.
		Cache:                       pebble.NewCache(cacheBytes + memTables*memTableBytes),
		MemTableSize:                memTableBytes,
		MemTableStopWritesThreshold: memTables,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       64,
		LBaseMaxBytes:               128 << 20,
		MaxOpenFiles:                1000,
		MaxManifestFileSize:         4 << 20,
		// From this format on the engine can tell a torn tail of its log from damage
		// in the middle of it.
		FormatMajorVersion: pebble.FormatNewest,
	}
	for i := range options.Levels {
		options.Levels[i].BlockSize = 16 << 10
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	return options
}
