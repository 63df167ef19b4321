package eventlog

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path"
	"testing"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// Every byte of the directory is changed in turn with
//
//	go test ./adapters/eventlog -run Flip -torture.flips=0 -timeout 2h -v
var tortureFlips = flag.Int("torture.flips", 40, "bytes to change in each state of the log; 0 for all")

// TestFlip changes one byte of a stored file at a time. Either that does no harm, and
// every event is there, or opening or Verify reports it; no read ever yields
// an event that was not written.
func TestFlip(t *testing.T) {
	seed := *tortureSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-torture.seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 2))

	// A log in which tables were written and merged, with events in the write-ahead
	// log too; as it is after a crash, and after it was closed.
	crashed, closed := vfs.NewMem(), vfs.NewMem()
	l, err := Open("log", Options{FS: closed})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		fill(t, l, 40*i, 40)
		if i == 3 {
			break
		}
		if err := l.db.Flush(); err != nil {
			t.Fatal(err)
		}
		if i == 1 {
			if err := l.db.Compact(t.Context(), []byte{0}, []byte{9}, false); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := readAll(t, l)
	if _, err := vfs.Clone(closed, crashed, "log", "log"); err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	for name, state := range map[string]*vfs.MemFS{"crashed": crashed, "closed": closed} {
		t.Run(name, func(t *testing.T) {
			tally := map[string]int{}
			for _, place := range places(t, state, random) {
				tally[flip(t, state, place.file, place.offset, byte(1)<<random.IntN(8), want)]++
			}
			t.Logf("%v", tally)
		})
	}
}

type place struct {
	file   string
	offset int64
}

// places chooses the bytes to change.
func places(t *testing.T, files vfs.FS, random *rand.Rand) []place {
	t.Helper()
	names, err := files.List("log")
	if err != nil {
		t.Fatal(err)
	}
	var all []place
	for _, name := range names {
		info, err := files.Stat(path.Join("log", name))
		if err != nil {
			t.Fatal(err)
		}
		for offset := range info.Size() {
			all = append(all, place{path.Join("log", name), offset})
		}
	}
	if n := *tortureFlips; n > 0 && n < len(all) {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		all = all[:n]
	}
	return all
}

// flip changes one byte in a copy of the log and says what came of it.
func flip(t *testing.T, state vfs.FS, file string, offset int64, bit byte, want []ledger.Recorded) string {
	t.Helper()
	where := fmt.Sprintf("%s, byte %d ^ %#x", file, offset, bit)
	files := vfs.NewMem()
	if _, err := vfs.Clone(state, files, "log", "log"); err != nil {
		t.Fatal(err)
	}
	f, err := files.OpenReadWrite(file, vfs.WriteCategoryUnspecified)
	if err != nil {
		t.Fatal(err)
	}
	var b [1]byte
	if _, err := f.ReadAt(b[:], offset); err != nil {
		t.Fatal(err)
	}
	b[0] ^= bit
	if _, err := f.WriteAt(b[:], offset); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	l, err := Open("log", Options{FS: files})
	if err != nil {
		if !errors.Is(err, ErrCorrupt) {
			t.Logf("%s: opening says %v", where, err)
		}
		return "not opened"
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Logf("%s: closing says %v", where, err)
		}
	}()
	report, err := l.Verify(t.Context(), nil)
	if err != nil {
		t.Fatalf("%s: %v", where, err)
	}
	failed := readEverything(t, l, want)
	if report.Err() != nil {
		return "reported"
	}
	if failed || report.Events != uint64(len(want)) || len(readAll(t, l)) != len(want) {
		t.Errorf("%s: verify found %d sound events of %d, and reading failed: %v", where, report.Events, len(want), failed)
	}
	return "harmless"
}
