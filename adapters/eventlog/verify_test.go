package eventlog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

// fill appends so many events, by turns to seven streams.
func fill(t testing.TB, l *Log, from, count int) {
	t.Helper()
	for i := from; i < from+count; i++ {
		if _, err := l.Append(t.Context(), ledger.Stream("fill", fmt.Sprint(i%7)), ledger.Any, testEvent(i, fmt.Sprintf(`{"n":%d}`, i))); err != nil {
			t.Fatal(err)
		}
	}
}

func readAll(t testing.TB, l *Log) []ledger.Recorded {
	t.Helper()
	var all []ledger.Recorded
	for event, err := range l.Read(t.Context(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, event)
	}
	return all
}

// verifySound expects that Verify finds so many events and nothing else.
func verifySound(t testing.TB, l *Log, events int) {
	t.Helper()
	report, err := l.Verify(t.Context(), nil)
	if err := errors.Join(err, report.Err()); err != nil {
		t.Fatalf("verify: %v", err)
	}
	if report.Events != uint64(events) {
		t.Fatalf("verify found %d events, want %d", report.Events, events)
	}
}

func TestVerifySound(t *testing.T) {
	l := openTest(t, "log", Options{FS: vfs.NewMem()})
	verifySound(t, l, 0)
	fill(t, l, 0, 9000)
	calls, last := 0, uint64(0)
	report, err := l.Verify(t.Context(), func(done, total uint64) {
		if calls++; done < last || done > total || total != 3*9000 {
			t.Errorf("progress went from %d to %d of %d", last, done, total)
		}
		last = done
	})
	if err != nil || report.Err() != nil {
		t.Fatal(err, report.Err())
	}
	if report.Events != 9000 || report.Streams != 7 || report.Bytes < 9000*recordHead || last != 3*9000 {
		t.Errorf("report %+v after progress %d", report, last)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestVerifyFinds changes single entries behind the log's back, with right checksums of the
// engine's own, and expects that Verify and reads name the place.
func TestVerifyFinds(t *testing.T) {
	revision := func(stream, r int) []byte { return putRevisionKey(nil, streamKey(stream), ledger.Revision(r)) }
	position := func(p int) []byte { return putPositionKey(nil, ledger.Position(p)) }
	be := func(n int) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	get := func(t *testing.T, db *pebble.DB, key []byte) []byte {
		value, closer, err := db.Get(key)
		if err != nil {
			t.Fatal(err)
		}
		defer closer.Close()
		return slices.Clone(value)
	}
	flip := func(offset int) func(*testing.T, *pebble.DB) error {
		return func(t *testing.T, db *pebble.DB) error {
			value := get(t, db, position(20))
			value[offset] ^= 0x10
			return db.Set(position(20), value, nil)
		}
	}
	tests := map[string]struct {
		damage func(t *testing.T, db *pebble.DB) error
		want   string // in a problem
		reads  bool   // reading everything must fail too
	}{
		"record version":     {flip(0), "event 20:", true},
		"record checksum":    {flip(1), "event 20:", true},
		"record time":        {flip(6), "event 20:", true},
		"record revision":    {flip(20), "event 20:", true},
		"record id":          {flip(30), "event 20:", true},
		"record length":      {flip(38), "event 20:", true},
		"record stream":      {flip(recordHead), "event 20:", true},
		"record data":        {flip(recordHead + 25), "event 20:", true},
		"short record":       {func(t *testing.T, db *pebble.DB) error { return db.Set(position(20), []byte{1, 2}, nil) }, "event 20:", true},
		"moved record":       {func(t *testing.T, db *pebble.DB) error { return db.Set(position(20), get(t, db, position(27)), nil) }, "event 20:", true},
		"missing record":     {func(t *testing.T, db *pebble.DB) error { return db.Delete(position(20), nil) }, "event 20: missing", true},
		"missing records":    {func(t *testing.T, db *pebble.DB) error { return db.DeleteRange(position(20), position(23), nil) }, "events 20 to 22: missing", true},
		"missing revision":   {func(t *testing.T, db *pebble.DB) error { return db.Delete(revision(1, 1), nil) }, "index of revisions", true},
		"last revision gone": {func(t *testing.T, db *pebble.DB) error { return db.Delete(revision(1, 7), nil) }, "index of revisions", false},
		"wrong revision":     {func(t *testing.T, db *pebble.DB) error { return db.Set(revision(1, 1), be(9), nil) }, "index of revisions has event 9", true},
		"further revision":   {func(t *testing.T, db *pebble.DB) error { return db.Set(revision(1, 8), be(9), nil) }, "index of revisions has 51 entries", true},
		"odd revision":       {func(t *testing.T, db *pebble.DB) error { return db.Set(revision(1, 1), be(9)[:7], nil) }, "index of revisions", true},
		"missing id": {func(t *testing.T, db *pebble.DB) error {
			return db.Delete(putIDKey(nil, 1, testEvent(7, "").ID), nil)
		}, "event 8, fill-0: not in the index of event ids", false},
		"further id": {func(t *testing.T, db *pebble.DB) error {
			return db.Set(putIDKey(nil, 1, testEvent(9999, "").ID), be(8), nil)
		}, "index of event ids has 51 entries", false},
		"missing name": {func(t *testing.T, db *pebble.DB) error { return db.Delete(putNameKey(nil, "fill-0"), nil) }, "index of streams does not have it", false},
		"wrong name":   {func(t *testing.T, db *pebble.DB) error { return db.Set(putNameKey(nil, "fill-0"), be(2), nil) }, "index of streams", true},
		"further name": {func(t *testing.T, db *pebble.DB) error { return db.Set(putNameKey(nil, "other"), be(2), nil) }, "event 2, other:", true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			l := openTest(t, "log", Options{FS: vfs.NewMem()})
			fill(t, l, 0, 50)
			before := readAll(t, l)
			if err := test.damage(t, l.db); err != nil {
				t.Fatal(err)
			}
			report, err := l.Verify(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(report.Problems, func(p Problem) bool { return strings.Contains(p.String(), test.want) }) {
				t.Errorf("problems %v, want one with %q", report.Problems, test.want)
			}
			if err := report.Err(); !errors.Is(err, ErrCorrupt) {
				t.Errorf("report's error is %v", err)
			}
			if failed := readEverything(t, l, before); failed != test.reads {
				t.Errorf("reading reported damage: %v, want %v", failed, test.reads)
			}
		})
	}
}

// readEverything reads in every way there is and reports whether a read failed. What
// is read without an error must be what was written.
func readEverything(t *testing.T, l *Log, want []ledger.Recorded) (failed bool) {
	t.Helper()
	streams := map[ledger.StreamID]bool{"other": true}
	for _, event := range want {
		streams[event.Stream] = true
	}
	queries := []ledger.Query{{}, {After: ledger.LatestPosition, Backwards: true}}
	for stream := range streams {
		queries = append(queries, ledger.Query{Stream: stream}, ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true})
	}
	for _, query := range queries {
		for event, err := range l.Read(t.Context(), query) {
			if err != nil {
				failed = true
				if !errors.Is(err, ErrCorrupt) {
					t.Errorf("%+v: error %v does not say that the journal is damaged", query, err)
				}
				continue
			}
			if event.Position > ledger.Position(len(want)) {
				t.Fatalf("%+v: event at %d was never written", query, event.Position)
			}
			if w := want[event.Position-1]; fmt.Sprint(w) != fmt.Sprint(event) || (query.Stream != "" && query.Stream != w.Stream) {
				t.Fatalf("%+v: wrong event\n got %v\nwant %v", query, event, w)
			}
		}
	}
	return failed
}

func TestBackupAndRestore(t *testing.T) {
	dir := t.TempDir()
	l := openTest(t, filepath.Join(dir, "log"), Options{})
	fill(t, l, 0, 300)
	stop := make(chan struct{})
	done := make(chan int)
	go func() { // the log is in use meanwhile
		i := 300
		for ; ; i++ {
			select {
			case <-stop:
				done <- i
				return
			default:
				fill(t, l, i, 1)
			}
		}
	}()
	head, _ := l.visible()
	backup := filepath.Join(dir, "backup")
	if err := l.Backup(t.Context(), backup); err != nil {
		t.Fatal(err)
	}
	close(stop)
	written := <-done
	all := readAll(t, l)
	if len(all) != written {
		t.Fatalf("%d events are in the log, %d were written", len(all), written)
	}
	var refusal *ledger.Refusal
	if err := l.Backup(t.Context(), backup); !errors.As(err, &refusal) {
		t.Errorf("backup over another: %v", err)
	}
	for i := range 2 { // a backup can be restored more than once
		restored := filepath.Join(dir, fmt.Sprint("restored", i))
		report, err := Restore(t.Context(), backup, restored, Options{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if report.Events < uint64(head) {
			t.Fatalf("%d events were acknowledged before the backup, it has %d", head, report.Events)
		}
		if _, err := Restore(t.Context(), backup, restored, Options{}, nil); !errors.As(err, &refusal) {
			t.Errorf("restore over another: %v", err)
		}
		r := openTest(t, restored, Options{})
		for i, event := range readAll(t, r) {
			if fmt.Sprint(event) != fmt.Sprint(all[i]) {
				t.Fatalf("event %d is %v after restoring, was %v", i, event, all[i])
			}
		}
		fill(t, r, 100_000, 10) // and goes on
	}
	if _, err := Restore(t.Context(), filepath.Join(dir, "log"), filepath.Join(dir, "third"), Options{}, nil); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("restore from a log in use: %v", err)
	}
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(t.Context(), empty, filepath.Join(dir, "third"), Options{}, nil); !errors.As(err, &refusal) {
		t.Errorf("restore from nothing: %v", err)
	}
	if names, _ := filepath.Glob(filepath.Join(dir, "*"+partial)); len(names) > 0 {
		t.Errorf("left over: %v", names)
	}
}

func TestStats(t *testing.T) {
	l := openTest(t, t.TempDir(), Options{})
	fill(t, l, 0, 100)
	stats, err := l.Stats()
	if err != nil {
		t.Fatal(err)
	}
	if stats.Head != 100 || stats.Appended != 100 || stats.Groups == 0 || stats.Groups > 100 || stats.DiskBytes == 0 || stats.FreeBytes == 0 || stats.Stopped != nil {
		t.Errorf("%+v", stats)
	}
}
