package eventlog

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"
)

var errDisk = errors.New("input/output error")

// faulty is a file system whose operations of some kinds fail from the nth on.
type faulty struct {
	kinds  map[errorfs.OpKind]bool
	err    error
	suffix string // of the files concerned, all when empty
	left   atomic.Int64
	armed  atomic.Bool
	hits   atomic.Int64
}

func (f *faulty) String() string { return "faulty" }

func (f *faulty) MaybeError(op errorfs.Op) error {
	if !f.armed.Load() || !f.kinds[op.Kind] || !strings.HasSuffix(op.Path, f.suffix) {
		return nil
	}
	if f.left.Add(-1) >= 0 {
		return nil
	}
	f.hits.Add(1)
	return f.err
}

var (
	syncs  = map[errorfs.OpKind]bool{errorfs.OpFileSync: true, errorfs.OpFileSyncData: true, errorfs.OpFileSyncTo: true}
	writes = map[errorfs.OpKind]bool{errorfs.OpFileWrite: true, errorfs.OpFileWriteAt: true}
	all    = map[errorfs.OpKind]bool{
		errorfs.OpFileSync: true, errorfs.OpFileSyncData: true, errorfs.OpFileSyncTo: true,
		errorfs.OpFileWrite: true, errorfs.OpFileWriteAt: true, errorfs.OpCreate: true, errorfs.OpLink: true,
		errorfs.OpReuseForWrite: true, errorfs.OpRename: true, errorfs.OpOpenDir: true,
	}
)

// TestFailingDisk has the disk fail at some operation while 16 writers write, with
// files small enough that flushes and compactions happen. What was acknowledged stays
// readable, nothing is acknowledged afterwards, and after a power cut that loses what
// was not synced the log has everything acknowledged.
func TestFailingDisk(t *testing.T) {
	for name, fault := range map[string]struct {
		kinds map[errorfs.OpKind]bool
		err   error
		only  string
	}{
		"sync":              {syncs, errDisk, ""},
		"sync of the log":   {syncs, errDisk, ".log"},
		"write":             {writes, errDisk, ""},
		"write to the log":  {writes, errDisk, ".log"},
		"anything":          {all, errDisk, ""},
		"no room":           {all, syscall.ENOSPC, ""},
		"no room in tables": {writes, syscall.ENOSPC, ".sst"},
		"no room in log":    {writes, syscall.ENOSPC, ".log"},
	} {
		t.Run(name, func(t *testing.T) {
			hits := int64(0)
			for after := range int64(6) {
				f := &faulty{kinds: fault.kinds, err: fault.err, suffix: fault.only}
				f.left.Store(after * after * 17)
				failDisk(t, f)
				hits += f.hits.Load()
			}
			if hits == 0 {
				t.Error("nothing has failed")
			}
		})
	}
}

func failDisk(t *testing.T, f *faulty) {
	t.Helper()
	disk := vfs.NewCrashableMem()
	l, err := Open("log", Options{FS: errorfs.Wrap(disk, f)})
	if err != nil {
		t.Fatal(err)
	}
	fill(t, l, 0, 20)
	before := readAll(t, l)
	f.armed.Store(true)

	var mu sync.Mutex
	told := map[ledger.EventID]ledger.Position{}
	for _, event := range before {
		told[event.ID] = event.Position
	}
	var wg sync.WaitGroup
	for w := range 16 {
		wg.Go(func() {
			for i := range 40 {
				event := testEvent(1000*(w+1)+i, strings.Repeat("x", 4000))
				position, err := l.Append(t.Context(), ledger.Stream("faulty", fmt.Sprint(w)), ledger.Any, event)
				if err == nil {
					mu.Lock()
					told[event.ID] = position
					mu.Unlock()
					continue
				}
				if !errors.Is(err, ErrStopped) && !errors.Is(err, ErrFull) {
					t.Errorf("append: %v", err)
				}
				if errors.Is(f.err, syscall.ENOSPC) && !errors.Is(err, ErrFull) {
					t.Errorf("append on a full disk: %v", err)
				}
				return
			}
		})
		if w == 8 {
			l.db.AsyncFlush() // so that tables are being written too
		}
	}
	wg.Wait()
	stopped := l.guard.failure() != nil
	if !stopped && f.suffix != ".sst" && f.hits.Load() > 0 && f.err == errDisk {
		t.Error("the disk failed and the log went on")
	}

	// Reading goes on, and shows what was acknowledged and nothing else.
	check := func(l *Log) {
		t.Helper()
		found := 0
		for _, event := range readAll(t, l) {
			if position, is := told[event.ID]; is {
				if found++; position != event.Position {
					t.Fatalf("event %d was acknowledged at %d", event.Position, position)
				}
			}
		}
		if found != len(told) {
			t.Fatalf("%d events were acknowledged, %d are there", len(told), found)
		}
	}
	check(l)
	if shown := len(readAll(t, l)); shown != len(told) {
		t.Fatalf("%d events are shown, %d were acknowledged", shown, len(told))
	}
	if stopped {
		f.armed.Store(false) // even when the disk works again
		if _, err := l.Append(t.Context(), "faulty-0", ledger.Any, testEvent(99_999, "")); !errors.Is(err, ErrStopped) {
			t.Fatalf("append after a failure: %v", err)
		}
		stats, err := l.Stats()
		if err != nil || !errors.Is(stats.Stopped, ErrStopped) {
			t.Fatalf("stats after a failure: %+v, %v", stats, err)
		}
	}
	cut := disk.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: 50, RNG: rand.New(rand.NewPCG(1, uint64(len(told))))})
	f.armed.Store(false)
	if err := l.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	for _, files := range []vfs.FS{cut, disk} {
		again, err := Open("log", Options{FS: files})
		if err != nil {
			t.Fatalf("open again: %v", err)
		}
		check(again)
		fill(t, again, 200_000, 10)
		verifySound(t, again, len(readAll(t, again)))
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFullDisk has the free space shrink below the reserve and grow again.
func TestFullDisk(t *testing.T) {
	disk := vfs.NewMem()
	free := func(mb uint64) {
		disk.TestingSetDiskUsage(vfs.DiskUsage{AvailBytes: mb << 20, TotalBytes: 1 << 40, UsedBytes: 1<<40 - mb<<20})
	}
	free(1000)
	l, err := Open("log", Options{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Stat("log/" + reserveName); err != nil {
		t.Fatal("there is no reserve:", err)
	}
	fill(t, l, 0, 10)
	free(10)
	var refused error
	large := strings.Repeat("x", 900<<10)
	written := 10
	for i := range 20 { // it is not looked at the disk for every append
		if _, refused = l.Append(t.Context(), "full-1", ledger.Any, testEvent(100+i, large)); refused != nil {
			break
		}
		written++
	}
	var refusal *ledger.Refusal
	if !errors.Is(refused, ErrFull) || !errors.As(refused, &refusal) || !strings.Contains(refused.Error(), "log") {
		t.Fatalf("append on a full disk: %v", refused)
	}
	if got := len(readAll(t, l)); got != written {
		t.Fatalf("%d events are there, %d were written", got, written)
	}
	free(1000) // somebody tidied up
	fill(t, l, 1000, 1)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}

	// On a full disk the log opens at the cost of its reserve, reads, and refuses to write.
	free(1)
	if l, err = Open("log", Options{FS: disk}); err != nil {
		t.Fatal(err)
	}
	if _, err := disk.Stat("log/" + reserveName); err == nil {
		t.Error("the reserve was not given up")
	}
	if got := len(readAll(t, l)); got != written+1 {
		t.Fatalf("%d events are there, %d were written", got, written+1)
	}
	if _, err := l.Append(t.Context(), "full-1", ledger.Any, testEvent(5000, "")); !errors.Is(err, ErrFull) {
		t.Fatalf("append on a full disk: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	free(1000)
	l = openTest(t, "log", Options{FS: disk})
	if _, err := disk.Stat("log/" + reserveName); err != nil {
		t.Error("the reserve was not made again")
	}
	verifySound(t, l, written+1)
}

// TestBackupToFailingDisk: what goes wrong with a backup does not stop the log.
func TestBackupToFailingDisk(t *testing.T) {
	f := &faulty{kinds: writes, err: syscall.ENOSPC}
	l := openTest(t, "log", Options{FS: errorfs.Wrap(vfs.NewMem(), errorfs.InjectorFunc(func(op errorfs.Op) error {
		if strings.HasPrefix(op.Path, "backup") {
			return f.MaybeError(op)
		}
		return nil
	}))})
	fill(t, l, 0, 10)
	f.armed.Store(true)
	if err := l.Backup(t.Context(), "backup"); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("backup to a full disk: %v", err)
	}
	f.armed.Store(false)
	fill(t, l, 10, 10)
	if err := l.Backup(t.Context(), "backup"); err != nil {
		t.Fatal(err)
	}
	verifySound(t, l, 20)
}
