//go:build linux || darwin

package chdb

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"daybook/ledger"
)

// release is a library as it was published: a package of the npm registry, pinned to the
// byte.
type release struct {
	pkg, version string
	integrity    string // of the package, as npm and W3C Subresource Integrity write it
	packageBytes int64
	sha256       string // of libchdb.so in it
	bytes        int64
}

// releases are the pinned libraries, by operating system and processor. Where none is
// pinned the library has to be brought along (CHDB_LIB_PATH): nothing is loaded into the
// process that was not named here or by whoever started it.
//
// Sister packages @chdb/lib-linux-arm64-gnu, @chdb/lib-darwin-arm64 and
// @chdb/lib-darwin-x64 are announced by their makers; they could not be had when this was
// written, so there was no digest to pin.
var releases = map[string]release{
	"linux/amd64": {
		pkg: "@chdb/lib-linux-x64-gnu", version: "26.7.3-stable.1",
		integrity:    "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
		packageBytes: 177817999,
		sha256:       "36ad4e999882821ef13cf2d0f52c93f48e6ee1b4498b35a201c23ce4b8d15bf5",
		bytes:        566330096,
	},
}

const (
	environment = "CHDB_LIB_PATH"
	fileName    = "libchdb.so"
)

// systemPaths are where chDB's own installer and packages put the library.
var systemPaths = []string{"/usr/local/lib/" + fileName, "/usr/lib/" + fileName}

// Library returns the path of the library: found (Locate), or else fetched once into the
// user's cache (Fetch).
func Library(ctx context.Context, progress func(done, total int64)) (string, error) {
	path, err := Locate()
	if err == nil || !errors.Is(err, ledger.ErrNotFound) {
		return path, err
	}
	return Fetch(ctx, progress)
}

// Locate looks for the library without fetching it: where CHDB_LIB_PATH says, in the
// user's cache, in the system's library directories. A cached copy that is not what was
// once fetched does not count. The error wraps ledger.ErrNotFound, unless CHDB_LIB_PATH
// names something that is not a file: then nobody should look elsewhere.
func Locate() (string, error) {
	if path := os.Getenv(environment); path != "" {
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() {
			return path, nil
		}
		return "", ledger.Refuse(ledger.Say("the variable %s names %s, which is not a file", environment, path),
			ledger.Say("let it name a libchdb.so, or unset it"))
	}
	var looked []string
	if r, ok := releases[platform()]; ok {
		dir, err := r.dir()
		if err != nil {
			return "", err
		}
		cached := filepath.Join(dir, fileName)
		if err := r.check(cached); err == nil {
			return cached, nil
		} else if !errors.Is(err, os.ErrNotExist) {
			looked = append(looked, cached+" ("+err.Error()+")")
		} else {
			looked = append(looked, cached)
		}
	}
	for _, path := range systemPaths {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path, nil
		}
		looked = append(looked, path)
	}
	return "", fmt.Errorf("%w: %w", ledger.Refuse(
		ledger.Say("the ClickHouse engine (libchdb.so) is not on this machine; looked for %s", strings.Join(looked, ", ")),
		nextStep), ledger.ErrNotFound)
}

// nextStep is what a person can do when the library cannot be had.
var nextStep = ledger.Say("set CHDB_LIB_PATH to a libchdb.so, or use --clickhouse with the address of a server")

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// dir is where this release lives in the user's cache.
func (r release) dir() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(cache, "daybook", "chdb", r.version), nil
}

// check says whether path is this release's library. Hashing half a gigabyte takes a
// second or more, so the digest is taken when the file is new or has changed since, and
// noted in a stamp beside it.
func (r release) check(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Size() != r.bytes {
		return fmt.Errorf("damaged: %d bytes instead of %d", info.Size(), r.bytes)
	}
	stamp := r.stamp(info)
	if noted, err := os.ReadFile(path + stampSuffix); err == nil && string(noted) == stamp {
		return nil
	}
	digest, err := digestOf(path)
	if err != nil {
		return err
	}
	if digest != r.sha256 {
		return fmt.Errorf("damaged: its SHA-256 is %s", digest)
	}
	// Without the stamp, the next start is a second slower; that is all.
	_ = os.WriteFile(path+stampSuffix, []byte(stamp), 0o644)
	return nil
}

const stampSuffix = ".verified"

// stamp ties a digest to the file it was taken of, by size and time of change.
func (r release) stamp(info os.FileInfo) string {
	return fmt.Sprintf("sha256 %s %d bytes %d\n", r.sha256, info.Size(), info.ModTime().UnixNano())
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
