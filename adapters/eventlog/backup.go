package eventlog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// partial is the suffix of a backup or restored log that is not finished.
const partial = ".partial"

// Backup makes a copy of the log in a new directory while the log is in use. The copy
// holds everything that was acknowledged before the call. A directory with the name given is a whole
// backup: until then it is called dir.partial.
//
// On the same file system the copy shares the engine's finished files with the log as hard links: it is
// quick and takes little room, but does not outlive the disk.
func (l *Log) Backup(ctx context.Context, dir string) error {
	if err := l.backup(ctx, dir); err != nil {
		return fmt.Errorf("back up journal to %s: %w", dir, err)
	}
	return nil
}

func (l *Log) backup(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	files := l.options.FS
	if err := absent(files, dir); err != nil {
		return err
	}
	if err := files.RemoveAll(dir + partial); err != nil {
		return err
	}
	if err := l.enter(); err != nil {
		return err
	}
	defer l.leave()
	head, _ := l.visible()
	if err := l.db.Checkpoint(dir + partial); err != nil {
		return errors.Join(err, files.RemoveAll(dir+partial))
	}
	m, err := openMark(files, dir+partial)
	if err != nil {
		return err
	}
	if err := errors.Join(m.set(head), m.close(true)); err != nil {
		return err
	}
	return putInPlace(files, dir)
}

// absent refuses a directory that is there and not empty.
func absent(files vfs.FS, dir string) error {
	names, err := files.List(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(names) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return ledger.Refuse(ledger.Say("%s is there already, with %d files in it", dir, len(names)),
		ledger.Say("name a directory that does not exist yet"))
}

// putInPlace syncs a finished directory and gives it its name.
func putInPlace(files vfs.FS, dir string) error {
	if err := syncDir(files, dir+partial); err != nil {
		return err
	}
	if err := files.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := files.Rename(dir+partial, dir); err != nil {
		return err
	}
	return syncDir(files, files.PathDir(dir))
}

func syncDir(files vfs.FS, dir string) error {
	d, err := files.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Restore copies a backup to a new directory, opens it and verifies it. The events
// have the positions that they had. progress is that of Verify.
func Restore(ctx context.Context, backup, dir string, options Options, progress func(done, total uint64)) (Report, error) {
	report, err := restore(ctx, backup, dir, options.withDefaults(), progress)
	if err != nil {
		err = fmt.Errorf("restore journal from %s to %s: %w", backup, dir, err)
	}
	return report, err
}

func restore(ctx context.Context, backup, dir string, options Options, progress func(done, total uint64)) (Report, error) {
	files := options.FS
	if err := absent(files, dir); err != nil {
		return Report{}, err
	}
	names, err := files.List(backup)
	if err != nil {
		return Report{}, err
	}
	if err := checkBackup(files, backup, names); err != nil {
		return Report{}, err
	}
	if err := files.RemoveAll(dir + partial); err != nil {
		return Report{}, err
	}
	if err := files.MkdirAll(dir+partial, 0o700); err != nil {
		return Report{}, err
	}
	for _, name := range names {
		if name == "LOCK" || name == reserveName {
			continue
		}
		if err := copyFile(ctx, files, files.PathJoin(backup, name), files.PathJoin(dir+partial, name)); err != nil {
			return Report{}, errors.Join(err, files.RemoveAll(dir+partial))
		}
	}
	if err := putInPlace(files, dir); err != nil {
		return Report{}, err
	}
	l, err := open(dir, options)
	if err != nil {
		return Report{}, err
	}
	report, err := l.Verify(ctx, progress)
	return report, errors.Join(err, report.Err(), l.Close())
}

// checkBackup refuses a directory that is no journal, and one that is in use.
func checkBackup(files vfs.FS, dir string, names []string) error {
	known, locked := false, false
	for _, name := range names {
		known = known || strings.HasPrefix(name, "marker.format-version.")
		locked = locked || name == "LOCK"
	}
	if !known {
		return ledger.Refuse(ledger.Say("%s is no backup of a journal", dir), ledger.Say("name a directory that a backup was made in"))
	}
	if !locked {
		return nil
	}
	if files == vfs.Default {
		// A second lock under another spelling would, once given back, take the first
		// one with it.
		real, err := canonical(dir)
		if err != nil {
			return err
		}
		dir = real
	}
	held, err := lock(files, dir)
	if err != nil {
		return err
	}
	return held.Close()
}

func copyFile(ctx context.Context, files vfs.FS, from, to string) error {
	source, err := files.Open(from, vfs.SequentialReadsOption)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := files.Create(to, vfs.WriteCategoryUnspecified)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, cancellable{ctx, source})
	if err == nil {
		err = target.Sync()
	}
	return errors.Join(err, target.Close())
}

// cancellable stops reading when ctx ends.
type cancellable struct {
	ctx context.Context
	io.Reader
}

func (c cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.Reader.Read(p)
}
