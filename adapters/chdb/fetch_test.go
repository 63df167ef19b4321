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
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daybook/ledger"
)

// published makes a release whose library has these bytes, and a download that serves it.
func published(t *testing.T, library []byte) (release, *download) {
	t.Helper()
	archive := pack(t, map[string][]byte{"package/index.js": []byte("//"), "package/libchdb.so": library, "package/package.json": []byte("{}")})
	whole, inner := sha512.Sum512(archive), sha256.Sum256(library)
	get := download(func(_ context.Context, _ release, dir string) (string, error) {
		path := filepath.Join(dir, "package.tgz")
		return path, os.WriteFile(path, archive, 0o644)
	})
	return release{
		pkg: "@test/lib", version: "1.0.0",
		integrity:    "sha512-" + base64.StdEncoding.EncodeToString(whole[:]),
		packageBytes: int64(len(archive)),
		sha256:       hex.EncodeToString(inner[:]),
		bytes:        int64(len(library)),
	}, &get
}

func pack(t *testing.T, files map[string][]byte) []byte {
	t.Helper()
	var out bytes.Buffer
	zipped := gzip.NewWriter(&out)
	archive := tar.NewWriter(zipped)
	for _, name := range []string{"package/index.js", "package/libchdb.so", "package/package.json"} {
		content, ok := files[name]
		if !ok {
			continue
		}
		if err := archive.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(archive.Close(), zipped.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestFetch(t *testing.T) {
	library := bytes.Repeat([]byte("engine "), 100_000)
	r, get := published(t, library)
	dir := filepath.Join(t.TempDir(), "chdb", r.version)
	var last, total int64
	path, err := r.fetch(context.Background(), dir, *get, func(done, all int64) {
		if done < last || done > all {
			t.Errorf("progress went from %d to %d of %d", last, done, all)
		}
		last, total = done, all
	})
	if err != nil {
		t.Fatal(err)
	}
	if last != r.packageBytes || total != r.packageBytes {
		t.Errorf("progress ended at %d of %d, want %d", last, total, r.packageBytes)
	}
	if got, err := os.ReadFile(path); !bytes.Equal(got, library) || err != nil {
		t.Errorf("another library arrived (%d bytes, %v)", len(got), err)
	}
	if err := r.check(path); err != nil {
		t.Error(err)
	}
	wantOnly(t, dir, "fetch.lock", "libchdb.so", "libchdb.so.verified")
}

// wantOnly checks that nothing else was left behind.
func wantOnly(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("in the cache: %v, want %v", got, want)
	}
}

func TestFetchRefusesOtherBytes(t *testing.T) {
	r, get := published(t, []byte("the engine"))
	unlike, other := published(t, []byte("something else"))
	for name, attempt := range map[string]struct {
		r   release
		get download
	}{
		"another package": {r, *other},
		"another library": {func() release { r := r; r.sha256 = unlike.sha256; return r }(), *get},
		"no library": {r, func(_ context.Context, _ release, dir string) (string, error) {
			path := filepath.Join(dir, "p.tgz")
			return path, os.WriteFile(path, pack(t, map[string][]byte{"package/index.js": nil}), 0o644)
		}},
		"cut short": {r, func(ctx context.Context, r release, dir string) (string, error) {
			path, err := (*get)(ctx, r, dir)
			return path, errors.Join(err, os.Truncate(path, r.packageBytes/2))
		}},
		"not an archive": {r, func(_ context.Context, _ release, dir string) (string, error) {
			path := filepath.Join(dir, "p.tgz")
			return path, os.WriteFile(path, []byte("<html>"), 0o644)
		}},
		"nothing": {r, func(context.Context, release, string) (string, error) { return "", errors.New("no network") }},
	} {
		dir := t.TempDir()
		if path, err := attempt.r.fetch(context.Background(), dir, attempt.get, nil); err == nil {
			t.Errorf("%s: fetched %s", name, path)
		}
		wantOnly(t, dir, "fetch.lock")
	}
}

// Many fetch at once; one downloads, all end with the library.
func TestFetchAtOnce(t *testing.T) {
	library := bytes.Repeat([]byte("engine "), 1000)
	r, get := published(t, library)
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "fetch-left-behind", "cache"), 0o755); err != nil {
		t.Fatal(err)
	}
	var downloads atomic.Int32
	slow := func(ctx context.Context, r release, dir string) (string, error) {
		downloads.Add(1)
		time.Sleep(50 * time.Millisecond)
		return (*get)(ctx, r, dir)
	}
	var fetching sync.WaitGroup
	for range 8 {
		fetching.Go(func() {
			path, err := r.fetch(context.Background(), dir, slow, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := os.ReadFile(path); !bytes.Equal(got, library) || err != nil {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	fetching.Wait()
	if n := downloads.Load(); n != 1 {
		t.Errorf("%d downloads", n)
	}
	wantOnly(t, dir, "fetch.lock", "libchdb.so", "libchdb.so.verified")
}

func TestFetchWaitsNoLongerThanAsked(t *testing.T) {
	r, get := published(t, []byte("the engine"))
	dir := t.TempDir()
	unlock, err := lock(context.Background(), filepath.Join(dir, "fetch.lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := r.fetch(ctx, dir, *get, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("want the deadline, got %v", err)
	}
}

func TestDamagedLibrary(t *testing.T) {
	library := []byte("the engine, as published")
	r, get := published(t, library)
	for name, damage := range map[string]func(path string) error{
		"shorter": func(path string) error { return os.Truncate(path, 3) },
		"longer":  func(path string) error { return os.WriteFile(path, append(library, 0), 0o755) },
		"changed": func(path string) error { return os.WriteFile(path, []byte("the engine, as disliked!"), 0o755) },
		"gone":    os.Remove,
		"stamp of another": func(path string) error {
			return errors.Join(os.WriteFile(path+stampSuffix, []byte("x"), 0o644), os.WriteFile(path, []byte("the engine, as disliked!"), 0o755))
		},
		"without its digest": func(path string) error { return os.Remove(path + stampSuffix) },
	} {
		dir := t.TempDir()
		path, err := r.fetch(context.Background(), dir, *get, nil)
		if err != nil {
			t.Fatal(err)
		}
		later := time.Now().Add(time.Hour)
		if err := damage(path); err != nil {
			t.Fatal(err)
		}
		if name == "changed" || name == "stamp of another" {
			if err := os.Chtimes(path, later, later); err != nil {
				t.Fatal(err)
			}
		}
		if err := r.check(path); (err == nil) != (name == "without its digest") {
			t.Errorf("%s: check says %v", name, err)
		}
		if _, err := r.fetch(context.Background(), dir, *get, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got, err := os.ReadFile(path); !bytes.Equal(got, library) || err != nil {
			t.Errorf("%s: after fetching again: %q, %v", name, got, err)
		}
		if stamp, err := os.ReadFile(path + stampSuffix); !strings.Contains(string(stamp), r.sha256) || err != nil {
			t.Errorf("%s: stamp %q, %v", name, stamp, err)
		}
	}
}

func TestLocate(t *testing.T) {
	for _, path := range systemPaths {
		if _, err := os.Stat(path); err == nil {
			t.Skip("this machine has the library installed: ", path)
		}
	}
	cache := t.TempDir()
	t.Setenv("HOME", cache)
	t.Setenv("XDG_CACHE_HOME", cache)
	t.Setenv(environment, "")
	t.Setenv("PATH", t.TempDir()) // no npm

	var refusal *ledger.Refusal
	path, err := Locate()
	if !errors.Is(err, ledger.ErrNotFound) || !errors.As(err, &refusal) {
		t.Fatalf("an empty machine: %q, %v", path, err)
	}
	for _, fact := range append([]string{"CHDB_LIB_PATH", "--clickhouse"}, systemPaths...) {
		if !strings.Contains(err.Error(), fact) {
			t.Errorf("no %s in: %v", fact, err)
		}
	}
	if _, err := Library(context.Background(), nil); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "CHDB_LIB_PATH") {
		t.Errorf("without npm: %v", err)
	}

	named := filepath.Join(t.TempDir(), "libchdb.so")
	t.Setenv(environment, named)
	if _, err := Library(context.Background(), nil); !errors.As(err, &refusal) || errors.Is(err, ledger.ErrNotFound) || !strings.Contains(err.Error(), named) {
		t.Errorf("a name without a file: %v", err)
	}
	if err := os.WriteFile(named, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	if path, err := Library(context.Background(), nil); path != named || err != nil {
		t.Errorf("a name with a file: %q, %v", path, err)
	}
	if _, err := load(named); err == nil {
		t.Error("loaded a text file")
	}

	t.Setenv(environment, "")
	r, ok := releases[platform()]
	if !ok {
		return // nothing is cached where nothing is pinned
	}
	dir, err := r.dir()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte("cut short"), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := Locate(); !errors.Is(err, ledger.ErrNotFound) || !strings.Contains(err.Error(), "damaged: 9 bytes") {
		t.Errorf("a damaged copy: %v", err)
	}
}

// npm's own words name its registry; only its code is passed on.
func TestNpmFails(t *testing.T) {
	bin := t.TempDir()
	script := "#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\necho 'npm error request to https://registry.example/x failed' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "npm"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	r, _ := published(t, []byte("the engine"))
	_, err := r.fetch(context.Background(), t.TempDir(), npm, nil)
	var refusal *ledger.Refusal
	if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "ENOTFOUND") || strings.Contains(err.Error(), "registry.example") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.fetch(ctx, t.TempDir(), npm, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
