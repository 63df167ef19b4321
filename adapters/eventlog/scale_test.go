package eventlog

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"daybook/adapters/eventlog/yardstick"
	"daybook/ledger"
)

// The scale test has a child process write and read events of 600 bytes and asks how much
// memory that took, then kills children in the middle of writing and says how long opening
// takes. How much memory a short run takes depends on when the collector runs, so it is held
// to the limit only at the size that is asked for; with 20 GB of room where TMPDIR points:
//
//	go test ./adapters/eventlog -run Scale -timeout 2h -scale.events=10000000 -v
var (
	scaleEvents = flag.Int("scale.events", 0, "events to write and read, within the limit of memory; 0 for a few, without one")
	scaleChild  = flag.String("scale.child", "", "directory of the log; makes this process the writer")
)

const (
	scaleFew     = 100_000
	scaleWriters = 64
	scaleBatch   = 100
	scaleKills   = 5
	scaleMemory  = 200 << 20 // resident, of the whole process
)

func TestScale(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	size := *scaleEvents
	if size == 0 {
		size = scaleFew
	}
	for kill := range scaleKills {
		events := 0
		if kill == 0 {
			events = size
		}
		child := exec.Command(os.Args[0], "-scale.child", dir, "-scale.events", fmt.Sprint(events))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		var wrote, read, peak uint64
		var writing, reading time.Duration
		if _, err := fmt.Fscanln(bufio.NewReader(out), &wrote, &read, &peak, (*int64)(&writing), (*int64)(&reading)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(kill+1) * 300 * time.Millisecond) // it goes on writing
		child.Process.Kill()
		child.Wait() // says that it was killed
		if kill == 0 {
			t.Logf("%d events written in %v, read in %v, %d MB resident at most", wrote, writing, reading, peak>>20)
			if wrote < uint64(events) || read != wrote {
				t.Errorf("%d of %d events were written, %d came back", wrote, events, read)
			}
			if *scaleEvents > 0 && peak > scaleMemory {
				t.Errorf("%d bytes were resident, more than %d", peak, scaleMemory)
			}
		}
		began := time.Now()
		l, err := Open(dir, Options{})
		if err != nil {
			t.Fatal(err)
		}
		head, err := ledger.Head(t.Context(), l)
		t.Logf("killed, opened in %v at event %d", time.Since(began).Round(time.Millisecond), head)
		if err != nil || head < ledger.Position(size) {
			t.Errorf("the log ends at event %d, %v", head, err)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// beWriter writes and reads, says what that took, and goes on writing until it is killed.
func beWriter(dir string, events int) error {
	l, err := Open(dir, Options{})
	if err != nil {
		return err
	}
	run := l.head.Load() // so that every run has streams of its own
	appendTo := func(writer int, events []ledger.Event) error {
		_, err := l.Append(context.Background(), ledger.Stream("scale", fmt.Sprint(run), fmt.Sprint(writer)), ledger.Any, events...)
		return err
	}
	if events == 0 {
		fmt.Println(0, 0, 0, 0, 0)
		_, err := yardstick.Drive(scaleWriters, 1, 1<<40, appendTo)
		return err
	}
	wrote, err := yardstick.Drive(scaleWriters, scaleBatch, events, appendTo)
	if err != nil {
		return err
	}
	began, read := time.Now(), 0
	for _, err := range l.Read(context.Background(), ledger.Query{}) {
		if err != nil {
			return err
		}
		read++
	}
	fmt.Println(wrote.Events, read, yardstick.PeakMemory(), int64(wrote.Elapsed), int64(time.Since(began)))
	run = l.head.Load()
	_, err = yardstick.Drive(scaleWriters, 1, 1<<40, appendTo)
	return err
}
