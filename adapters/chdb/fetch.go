//go:build linux || darwin

package chdb

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"syscall"
	"time"

	"daybook/ledger"
)

// Fetch brings the pinned library into the user's cache with the npm client, verified
// against the digests in this package, and returns its path. Two processes may fetch at
// once: one does it, the other waits and takes what is there. progress, which may be nil,
// is told how many bytes of the download have arrived.
//
// It needs about 1 GB of disk while it runs and 570 MB afterwards.
func Fetch(ctx context.Context, progress func(done, total int64)) (string, error) {
	r, ok := releases[platform()]
	if !ok {
		return "", ledger.Refuse(ledger.Say("no ClickHouse engine is known for %s", platform()), nextStep)
	}
	dir, err := r.dir()
	if err != nil {
		return "", err
	}
	return r.fetch(ctx, dir, npm, progress)
}

// download puts the package file into an empty directory and returns its path.
type download func(ctx context.Context, r release, dir string) (string, error)

func (r release) fetch(ctx context.Context, dir string, get download, progress func(done, total int64)) (string, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	path := filepath.Join(dir, fileName)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	unlock, err := lock(ctx, filepath.Join(dir, "fetch.lock"))
	if err != nil {
		return "", fmt.Errorf("fetch the ClickHouse engine: %w", err)
	}
	defer unlock()
	if r.check(path) == nil {
		return path, nil // the other process has fetched it
	}
	work, err := r.workDir(dir)
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	stop := watchGrowth(work, r.packageBytes, progress)
	archive, err := get(ctx, r, work)
	stop()
	if err != nil {
		return "", err
	}
	if err := r.unpack(ctx, archive, path); err != nil {
		return "", fmt.Errorf("unpack the ClickHouse engine: %w", err)
	}
	progress(r.packageBytes, r.packageBytes)
	return path, nil
}

// workDir makes an empty directory on the file system of dir, after removing those that
// killed processes left behind. The caller holds the lock.
func (r release) workDir(dir string) (string, error) {
	const pattern = "fetch-"
	left, err := filepath.Glob(filepath.Join(dir, pattern+"*"))
	if err != nil {
		return "", err
	}
	for _, old := range left {
		if err := os.RemoveAll(old); err != nil {
			return "", err
		}
	}
	return os.MkdirTemp(dir, pattern)
}

const lockEvery = 200 * time.Millisecond

// lock takes the file's lock, waiting for whoever has it.
func lock(ctx context.Context, path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { f.Close() }, nil // closing gives it back
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			f.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, context.Cause(ctx)
		case <-time.After(lockEvery):
		}
	}
}

const growthEvery = 250 * time.Millisecond

// watchGrowth reports the size of the largest file below dir until stopped: npm writes
// the package into its cache, then once more where it was asked to.
func watchGrowth(dir string, total int64, progress func(done, total int64)) (stop func()) {
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(growthEvery)
		defer tick.Stop()
		for most := int64(0); ; {
			most = max(most, largestBelow(dir))
			progress(min(most, total), total)
			select {
			case <-over:
				return
			case <-tick.C:
			}
		}
	}()
	return func() { close(over); <-done }
}

func largestBelow(dir string) (largest int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil // gone between listing and looking
		}
		if info, err := entry.Info(); err == nil {
			largest = max(largest, info.Size())
		}
		return nil
	})
	return largest
}

// npm downloads with the npm client, which knows the user's registry, proxy and
// credentials. Its cache is kept inside dir, so that no second copy stays behind.
func npm(ctx context.Context, r release, dir string) (string, error) {
	client, err := exec.LookPath("npm")
	if err != nil {
		return "", cannotFetch(ledger.Say("the ClickHouse engine is not on this machine, and there is no npm client to fetch it"))
	}
	cmd := exec.CommandContext(ctx, client, "pack", r.pkg+"@"+r.version,
		"--pack-destination", dir, "--cache", filepath.Join(dir, "cache"), "--ignore-scripts", "--loglevel", "error",
		// Someone is waiting: without a network, say so in seconds and not in minutes.
		"--fetch-retries", "1", "--fetch-retry-mintimeout", "1000", "--fetch-retry-maxtimeout", "3000")
	cmd.Dir = dir
	cmd.WaitDelay = 2 * time.Second
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	err = cmd.Run()
	if cause := context.Cause(ctx); cause != nil {
		return "", fmt.Errorf("fetch the ClickHouse engine: %w", cause)
	}
	if err != nil {
		return "", cannotFetch(ledger.Say("the ClickHouse engine is not on this machine and npm could not fetch %s@%s (%s); is there a network?",
			r.pkg, r.version, reason(complaint.Bytes(), err)))
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.tgz"))
	if err != nil {
		return "", err
	}
	if len(files) != 1 {
		return "", fmt.Errorf("fetch the ClickHouse engine: npm left %d package files", len(files))
	}
	return files[0], nil
}

var npmCode = regexp.MustCompile(`npm (?:error|ERR!) code (\S+)`)

// reason is npm's error code, such as E404 or ENOTFOUND; its prose names addresses.
func reason(complaint []byte, err error) string {
	if match := npmCode.FindSubmatch(complaint); match != nil {
		return string(match[1])
	}
	return err.Error()
}

func cannotFetch(what ledger.Text) error {
	return fmt.Errorf("%w: %w", ledger.Refuse(what, nextStep), ledger.ErrNotFound)
}

// unpack takes the library out of the package and puts it in its place, whole or not at
// all: it is written beside its place, verified, synced, and only then renamed.
func (r release) unpack(ctx context.Context, archive, path string) error {
	packed, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer packed.Close()
	temporary, err := os.CreateTemp(filepath.Dir(archive), fileName)
	if err != nil {
		return err
	}
	defer os.Remove(temporary.Name())
	defer temporary.Close()

	whole, library := sha512.New(), sha256.New()
	source := io.TeeReader(&cancellable{ctx, packed}, whole)
	if err := extract(source, "package/"+fileName, io.MultiWriter(temporary, library)); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, source); err != nil { // what tar has not read
		return err
	}
	if got := "sha512-" + base64.StdEncoding.EncodeToString(whole.Sum(nil)); got != r.integrity {
		return fmt.Errorf("the package is not the one we know: its integrity is %s", got)
	}
	if got := hex.EncodeToString(library.Sum(nil)); got != r.sha256 {
		return fmt.Errorf("the library is not the one we know: its SHA-256 is %s", got)
	}
	if err := temporary.Chmod(0o755); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := os.Rename(temporary.Name(), path); err != nil {
		return err
	}
	info, err := temporary.Stat()
	if err != nil {
		return err
	}
	// The stamp says that these bytes were verified a moment ago.
	if err := os.WriteFile(path+stampSuffix, []byte(r.stamp(info)), 0o644); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// extract copies one file out of a gzipped tar archive.
func extract(archive io.Reader, name string, to io.Writer) error {
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return err
	}
	files := tar.NewReader(unzipped)
	for {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("there is no %s in the package", name)
		}
		if err != nil {
			return err
		}
		if header.Name == name {
			_, err := io.Copy(to, files)
			return err
		}
	}
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// cancellable is a reader that ends with a context.
type cancellable struct {
	ctx context.Context
	r   io.Reader
}

func (c *cancellable) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, context.Cause(c.ctx)
	}
	return c.r.Read(p)
}
