package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// deliver puts a file into a folder.
func deliver(t *testing.T, dir, from string) string {
	t.Helper()
	return writeFile(t, dir, filepath.Base(from), []byte(readText(t, from)))
}

func namesIn(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// What arrives is taken whole and once, and put where it can be seen that it was; what is
// refused is put beside the reason; what is still arriving is left alone.
func TestWatchTakesWhatArrives(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	dir := t.TempDir()
	for _, file := range scenarioFiles() {
		deliver(t, dir, file)
	}
	writeFile(t, dir, "later.csv.part", []byte("half"))
	writeFile(t, dir, ".hidden", []byte("half"))
	if err := os.Symlink(filepath.Join(dir, ".hidden"), filepath.Join(dir, "link.csv")); err != nil {
		t.Fatal(err)
	}
	p.must(exitFine, "watch", dir, "--once")
	if open := p.breaks(); len(open) != 12 {
		t.Errorf("%d differences", len(open))
	}
	var want []string
	for _, file := range scenarioFiles() {
		want = append(want, filepath.Base(file))
	}
	slices.Sort(want)
	if got := namesIn(t, filepath.Join(dir, "taken")); !slices.Equal(got, want) {
		t.Errorf("taken are %v", got)
	}
	if left := namesIn(t, dir); !slices.Equal(left, []string{".hidden", "later.csv.part", "link.csv", "taken"}) {
		t.Errorf("left are %v", left)
	}

	// The same again, as after a crash between taking and moving: nothing changes but the place.
	head := p.head()
	deliver(t, dir, scenarioFiles()[0])
	bad := strings.Replace(readText(t, scenarioFiles()[1]), "13.00,0.07", "13x.00,0.07", 1)
	writeFile(t, dir, "bad.csv", []byte(bad))
	got := p.run("watch", dir, "--once")
	if got.code != exitRefused || p.head() != head || !strings.Contains(got.stderr, "13x.00") {
		t.Errorf("exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	if names := namesIn(t, filepath.Join(dir, "taken")); !slices.Contains(names, "pos_ledger.2.csv") || len(names) != 6 {
		t.Errorf("taken are %v", names)
	}
	if why := readText(t, filepath.Join(dir, "refused", "bad.csv.txt")); !strings.Contains(why, "bad.csv:3") || !strings.Contains(why, "13x.00") || !strings.Contains(why, "next: ") {
		t.Errorf("the reason is %s", why)
	}
	if readText(t, filepath.Join(dir, "refused", "bad.csv")) != bad {
		t.Error("the refused file was changed")
	}
	p.refuses("no directory", "watch", filepath.Join(dir, "nowhere"), "--once")
}

// A file that grows is not taken before it has stopped.
func TestWatchWaitsForAFileThatGrows(t *testing.T) {
	dir := t.TempDir()
	w := &watcher{dir: dir, settle: 5 * time.Second, seen: map[string]look{}}
	path := writeFile(t, dir, "bill.csv", []byte("a"))
	now := time.Now()
	is := func(when time.Duration, want bool) {
		t.Helper()
		ready, err := w.ready(now.Add(when), false)
		if err != nil || (len(ready) == 1) != want {
			t.Errorf("after %s: %v, %v", when, ready, err)
		}
	}
	is(0, false)
	is(4*time.Second, false)
	if err := os.WriteFile(path, []byte("ab"), 0o600); err != nil {
		t.Fatal(err)
	}
	is(6*time.Second, false) // it grew
	is(10*time.Second, false)
	is(11*time.Second, true)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	is(12*time.Second, false)
}

// It goes on until it is told to end, and ends well.
func TestWatchEndsWhenTold(t *testing.T) {
	p := newProgram(t, scenarioConfig)
	dir := t.TempDir()
	deliver(t, dir, scenarioFiles()[0])
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		ended <- run(ctx, p.args([]string{"watch", dir, "--every", "20ms", "--settle", "40ms"}), &strings.Builder{}, &strings.Builder{})
	}()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(dir, "taken", "pos_ledger.csv")); err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the file was not taken")
		}
	}
	cancel()
	if code := <-ended; code != exitFine {
		t.Errorf("exit code %d", code)
	}
}
