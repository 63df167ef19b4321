package eventlog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/ledger/ledgertest"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// openTest opens a log that is closed at the end of the test.
func openTest(t testing.TB, dir string, options Options) *Log {
	t.Helper()
	l, err := Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return l
}

func TestJournal(t *testing.T) {
	ledgertest.TestJournal(t, func(t *testing.T) ledger.Journal {
		return openTest(t, "log", Options{FS: vfs.NewMem()})
	})
}

// TestJournalShared runs the contract again and again on the same log, so that every
// test starts on a journal that others have filled.
func TestJournalShared(t *testing.T) {
	l := openTest(t, t.TempDir(), Options{ReserveBytes: -1})
	ledgertest.TestJournal(t, func(*testing.T) ledger.Journal { return l })
}

func TestReopen(t *testing.T) {
	ledgertest.TestReopen(t, func(t *testing.T) (ledger.Journal, func() ledger.Journal) {
		dir := t.TempDir()
		open := func() *Log {
			l, err := Open(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		l := open()
		t.Cleanup(func() { l.Close() })
		return l, func() ledger.Journal {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			l = open()
			return l
		}
	})
}

func testEvent(serial int, data string) ledger.Event {
	return ledger.Event{
		ID:   ledger.DeriveID("eventlog", fmt.Sprint(serial)),
		Type: "test-written.v1", Data: []byte(data), Meta: []byte(`{"actor":"test"}`),
	}
}

func TestSecondOpening(t *testing.T) {
	dir := t.TempDir()
	openTest(t, dir, Options{})
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{dir, dir + "/.", link} {
		_, err := Open(name, Options{})
		if !errors.Is(err, ledger.ErrInUse) || !strings.Contains(err.Error(), dir) {
			t.Errorf("second opening of %s: %v", name, err)
		}
	}
}

func TestOpenForeignDirectory(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "letter.txt"), []byte("dear"), 0o600); err != nil {
		t.Fatal(err)
	}
	var refusal *ledger.Refusal
	if _, err := Open(dir, Options{}); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "letter.txt") {
		t.Fatalf("got error %v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Fatalf("opening left %v", files)
	}
}

func TestClosed(t *testing.T) {
	l, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(t.Context(), "one-1", ledger.Any, testEvent(1, "1")); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		for _, err := range l.Follow(t.Context(), 0, ledger.Filter{}) {
			if err != nil {
				ended <- err
			}
		}
	}()
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-ended; !errors.Is(err, ErrClosed) {
		t.Errorf("follow: %v", err)
	}
	if _, err := l.Append(t.Context(), "one-1", ledger.Any, testEvent(2, "2")); !errors.Is(err, ErrClosed) {
		t.Errorf("append: %v", err)
	}
	for _, err := range l.Read(t.Context(), ledger.Query{}) {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("read: %v", err)
		}
	}
}

func TestClockNeverGoesBack(t *testing.T) {
	fs := vfs.NewMem()
	noon := time.Date(2026, 1, 5, 12, 0, 0, 0, time.FixedZone("", 8*3600))
	var last time.Time
	for i, now := range []time.Time{noon, noon.Add(-time.Hour), noon.Add(-2 * time.Hour), noon.Add(time.Hour)} {
		l, err := Open("log", Options{FS: fs, Now: func() time.Time { return now }})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Append(t.Context(), "one-1", ledger.Any, testEvent(i, "1")); err != nil {
			t.Fatal(err)
		}
		for event, err := range l.Read(t.Context(), ledger.Query{After: ledger.LatestPosition, Backwards: true, Limit: 1}) {
			if err != nil || event.RecordedAt.Before(last) || event.RecordedAt.Before(noon) || event.RecordedAt.Location() != time.UTC {
				t.Errorf("recorded at %v after %v (%v)", event.RecordedAt, last, err)
			}
			last = event.RecordedAt
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if !last.Equal(noon.Add(time.Hour)) {
		t.Errorf("the clock stayed at %v", last)
	}
}
