package eventlog

import (
	"errors"
	"fmt"
	"io/fs"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const reserveName = "RESERVE"

// releaseReserve gives up the reserve file when the disk has no room to open the log.
func (g *guard) releaseReserve(reserve int64) error {
	free, known := g.free()
	if reserve <= 0 || !known || free >= uint64(reserve) {
		return nil
	}
	err := g.FS.Remove(g.FS.PathJoin(g.dir, reserveName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// keepReserve makes the reserve file when there is room for it and as much again.
// Where the file system cannot set space aside, the file is empty and does nothing.
func (g *guard) keepReserve(reserve int64) error {
	free, known := g.free()
	name := g.FS.PathJoin(g.dir, reserveName)
	if _, err := g.FS.Stat(name); reserve <= 0 || !known || err == nil || free < 2*uint64(reserve) {
		return nil
	}
	file, err := g.FS.Create(name, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	if err := file.Preallocate(0, reserve); err != nil {
		return errors.Join(file.Close(), g.FS.Remove(name))
	}
	return file.Close()
}

func (g *guard) free() (bytes uint64, known bool) {
	usage, err := g.FS.GetDiskUsage(g.dir)
	return usage.AvailBytes, err == nil
}

// checkRoom refuses to go on when less than the reserve is free: the engine needs room
// to work even when nothing is appended.
func (g *guard) checkRoom(reserve int64) error {
	if free, known := g.free(); reserve > 0 && known && free < uint64(reserve) {
		return fmt.Errorf("%w: %w", ErrFull, ledger.Refuse(
			ledger.Say("only %d MB are free on the disk of %s", int(free>>20), g.dir),
			ledger.Say("free at least %d MB", int(reserve>>20)+1)))
	}
	return nil
}
