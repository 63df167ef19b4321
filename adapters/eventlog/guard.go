package eventlog

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// guard is the file system the engine sees. It stops the log at the first write or
// sync that fails: from then on nothing on the disk is changed, so that what a lying
// disk still holds is what will be found at the next opening.
//
// The engine ends the process when its write-ahead log fails. The guard keeps such
// errors from it and lets it write into the void instead: the committer asks the guard
// before it acknowledges anything.
type guard struct {
	vfs.FS
	dir     string
	stopped atomic.Pointer[error]
}

func newGuard(fs vfs.FS, dir string) *guard { return &guard{FS: fs, dir: dir} }

// stop notes the first failure.
func (g *guard) stop(err error) {
	if errors.Is(err, syscall.ENOSPC) {
		err = fmt.Errorf("%w: %w", g.full(), err)
	}
	err = fmt.Errorf("%s: %w: %w", g.dir, ErrStopped, err)
	g.stopped.CompareAndSwap(nil, &err)
}

// failure is what stopped the log, or nil.
func (g *guard) failure() error {
	if err := g.stopped.Load(); err != nil {
		return *err
	}
	return nil
}

func (g *guard) full() error {
	return fmt.Errorf("%w: %w", ErrFull, ledger.Refuse(
		ledger.Say("there is no room left on the disk of %s", g.dir),
		ledger.Say("free some space and open the journal again")))
}

// inside reports whether a file is the log's. What goes wrong elsewhere, with a
// backup for instance, does not stop it.
func (g *guard) inside(name string) bool { return g.FS.PathDir(name) == g.dir }

func isWAL(name string) bool { return strings.HasSuffix(name, ".log") }

// try runs a change of the file system. An error of the write-ahead log stops the log
// and is kept from the engine.
func (g *guard) try(wal bool, change func() error) error {
	if err := g.failure(); err != nil {
		if wal {
			return nil
		}
		return err
	}
	err := change()
	if err != nil && wal {
		g.stop(err)
		return nil
	}
	return err
}

func (g *guard) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return g.file(name, func() (vfs.File, error) { return g.FS.Create(name, category) })
}

func (g *guard) ReuseForWrite(oldname, newname string, category vfs.DiskWriteCategory) (vfs.File, error) {
	return g.file(newname, func() (vfs.File, error) { return g.FS.ReuseForWrite(oldname, newname, category) })
}

func (g *guard) OpenReadWrite(name string, category vfs.DiskWriteCategory, opts ...vfs.OpenOption) (vfs.File, error) {
	return g.file(name, func() (vfs.File, error) { return g.FS.OpenReadWrite(name, category, opts...) })
}

func (g *guard) file(name string, open func() (vfs.File, error)) (vfs.File, error) {
	if !g.inside(name) {
		return open()
	}
	var inner vfs.File
	err := g.try(isWAL(name), func() (err error) { inner, err = open(); return err })
	if err != nil {
		return nil, err
	}
	if inner == nil {
		inner = void{}
	}
	return &guardedFile{File: inner, guard: g, wal: isWAL(name)}, nil
}

func (g *guard) OpenDir(name string) (vfs.File, error) {
	inner, err := g.FS.OpenDir(name)
	if err != nil {
		return nil, err
	}
	if name != g.dir {
		return inner, nil
	}
	return &guardedFile{File: inner, guard: g, dir: true}, nil
}

func (g *guard) Link(oldname, newname string) error {
	if !g.inside(newname) {
		return g.FS.Link(oldname, newname)
	}
	return g.try(false, func() error { return g.FS.Link(oldname, newname) })
}

func (g *guard) Remove(name string) error {
	if !g.inside(name) {
		return g.FS.Remove(name)
	}
	return g.try(false, func() error { return g.FS.Remove(name) })
}

func (g *guard) RemoveAll(name string) error {
	if !g.inside(name) {
		return g.FS.RemoveAll(name)
	}
	return g.try(false, func() error { return g.FS.RemoveAll(name) })
}

func (g *guard) Rename(oldname, newname string) error {
	if !g.inside(newname) {
		return g.FS.Rename(oldname, newname)
	}
	return g.try(false, func() error { return g.FS.Rename(oldname, newname) })
}

func (g *guard) Unwrap() vfs.FS { return g.FS }

type guardedFile struct {
	vfs.File
	guard    *guard
	wal, dir bool
}

func (f *guardedFile) Write(p []byte) (int, error) {
	return len(p), f.guard.try(f.wal, func() error { _, err := f.File.Write(p); return f.written(err) })
}

func (f *guardedFile) WriteAt(p []byte, offset int64) (int, error) {
	return len(p), f.guard.try(f.wal, func() error { _, err := f.File.WriteAt(p, offset); return f.written(err) })
}

func (f *guardedFile) Sync() error {
	return f.synced(f.File.Sync)
}

func (f *guardedFile) SyncData() error {
	return f.synced(f.File.SyncData)
}

func (f *guardedFile) SyncTo(length int64) (full bool, err error) {
	err = f.synced(func() (err error) { full, err = f.File.SyncTo(length); return err })
	return full, err
}

// written stops the log, except that the engine may try again later to write a table
// for which there was no room.
func (f *guardedFile) written(err error) error {
	if err != nil && !errors.Is(err, syscall.ENOSPC) {
		f.guard.stop(err)
	}
	return err
}

// synced runs a sync. A directory's is treated like the write-ahead log's: the engine
// syncs the directory when it changes from one log to the next.
func (f *guardedFile) synced(sync func() error) error {
	return f.guard.try(f.wal || f.dir, func() error {
		err := sync()
		if err != nil {
			f.guard.stop(err)
		}
		return err
	})
}

// Stat and Close of the write-ahead log are among what the engine does not survive.
func (f *guardedFile) Stat() (vfs.FileInfo, error) {
	info, err := f.File.Stat()
	if err != nil && f.wal {
		f.guard.stop(err)
		return voidInfo{}, nil
	}
	return info, err
}

func (f *guardedFile) Close() error {
	err := f.File.Close()
	if err != nil && f.wal {
		f.guard.stop(err)
		return nil
	}
	return err
}

// void is the file that a write-ahead log becomes when it could not be made.
type void struct{}

func (void) Close() error                           { return nil }
func (void) Read([]byte) (int, error)               { return 0, io.EOF }
func (void) ReadAt([]byte, int64) (int, error)      { return 0, io.EOF }
func (void) Write(p []byte) (int, error)            { return len(p), nil }
func (void) WriteAt(p []byte, _ int64) (int, error) { return len(p), nil }
func (void) Preallocate(int64, int64) error         { return nil }
func (void) Stat() (vfs.FileInfo, error)            { return voidInfo{}, nil }
func (void) Sync() error                            { return nil }
func (void) SyncTo(int64) (bool, error)             { return false, nil }
func (void) SyncData() error                        { return nil }
func (void) Prefetch(int64, int64) error            { return nil }
func (void) Fd() uintptr                            { return vfs.InvalidFd }

type voidInfo struct{}

func (voidInfo) Name() string           { return "" }
func (voidInfo) Size() int64            { return 0 }
func (voidInfo) Mode() fs.FileMode      { return 0 }
func (voidInfo) ModTime() time.Time     { return time.Time{} }
func (voidInfo) IsDir() bool            { return false }
func (voidInfo) Sys() any               { return nil }
func (voidInfo) DeviceID() vfs.DeviceID { return vfs.DeviceID{} }
