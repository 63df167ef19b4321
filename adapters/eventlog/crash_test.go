package eventlog

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2/vfs"
)

// The torture kills a child process with 64 writers at a random moment, again and again
// on the same log, and compares what is found with what was acknowledged. The long
// version is
//
//	go test ./adapters/eventlog -run 'Torture|PowerCut' -timeout 2h -torture.rounds=500 -v
var (
	tortureRounds = flag.Int("torture.rounds", 5, "rounds of killing and reopening")
	tortureSeed   = flag.Uint64("torture.seed", 0, "seed of the torture; 0 for a new one")
	tortureChild  = flag.String("torture.child", "", "directory of the log; makes this process the victim")
	tortureRound  = flag.Int("torture.round", 0, "the victim's round")
)

func TestMain(m *testing.M) {
	flag.Parse()
	if *tortureChild != "" {
		beVictim(*tortureChild, *tortureRound)
	}
	if *scaleChild != "" {
		fmt.Fprintln(os.Stderr, beWriter(*scaleChild, *scaleEvents))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

const (
	tortureWriters = 64
	tortureStreams = 16 // so that several writers share a stream
	tortureFresh   = 10 // rounds after which a new log is begun
)

// An acknowledgement is what a victim's writer has been told.
type acknowledgement struct {
	writer, serial, count int
	position              ledger.Position // of the last event
}

// tortureAppend is what a writer appends in a round: one to four events. Both sides
// know it.
func tortureAppend(round, writer, serial int) (ledger.StreamID, []ledger.Event) {
	random := rand.New(rand.NewPCG(uint64(round)<<32|uint64(writer), uint64(serial)))
	events := make([]ledger.Event, 1+random.IntN(4))
	for i := range events {
		data := make([]byte, random.IntN(900))
		for j := range data {
			data[j] = byte('a' + random.IntN(26))
		}
		events[i] = ledger.Event{
			ID:   ledger.DeriveID("torture", fmt.Sprint(round), fmt.Sprint(writer), fmt.Sprint(serial), fmt.Sprint(i)),
			Type: "tortured.v1",
			Data: data,
			// What the checker needs to know about the append.
			Meta: fmt.Appendf(nil, "%d %d %d %d %d", round, writer, serial, i, len(events)),
		}
	}
	return ledger.Stream("torture", fmt.Sprint(writer%tortureStreams)), events
}

// beVictim appends from 64 goroutines and reports every acknowledgement on standard
// output, until it is killed.
func beVictim(dir string, round int) {
	l, err := Open(dir, Options{ReserveBytes: -1})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var mu sync.Mutex
	report := func(a acknowledgement) {
		var line [16]byte
		binary.BigEndian.PutUint16(line[0:], uint16(a.writer))
		binary.BigEndian.PutUint16(line[2:], uint16(a.count))
		binary.BigEndian.PutUint32(line[4:], uint32(a.serial))
		binary.BigEndian.PutUint64(line[8:], uint64(a.position))
		mu.Lock()
		defer mu.Unlock()
		if _, err := os.Stdout.Write(line[:]); err != nil {
			os.Exit(1)
		}
	}
	writeAll(l, round, report)
}

// writeAll appends from all writers until an append fails.
func writeAll(l *Log, round int, acknowledged func(acknowledgement)) {
	var wg sync.WaitGroup
	for writer := range tortureWriters {
		wg.Go(func() {
			for serial := 0; ; serial++ {
				stream, events := tortureAppend(round, writer, serial)
				position, err := l.Append(context.Background(), stream, ledger.Any, events...)
				if err != nil {
					return
				}
				acknowledged(acknowledgement{writer, serial, len(events), position})
			}
		})
	}
	wg.Wait()
}

func TestTorture(t *testing.T) {
	seed := *tortureSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-torture.seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var dir string
	var c checker
	for round := range *tortureRounds {
		if round%tortureFresh == 0 {
			dir, c = filepath.Join(t.TempDir(), "log"), checker{}
		}
		acknowledged := runVictim(t, dir, round, time.Duration(20+random.IntN(600))*time.Millisecond)
		l, err := Open(dir, Options{ReserveBytes: -1})
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		found := c.check(t, l, round, acknowledged)
		if round%tortureFresh == tortureFresh-1 || round == *tortureRounds-1 {
			verifySound(t, l, len(readAll(t, l)))
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d: %d appends acknowledged, %d events in the log", round, len(acknowledged), found)
	}
}

// startVictim starts a child on a log and returns what it reports.
func startVictim(t *testing.T, dir string, round int) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	victim := exec.Command(os.Args[0], "-torture.child", dir, "-torture.round", fmt.Sprint(round))
	victim.Stderr = os.Stderr
	out, err := victim.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := victim.Start(); err != nil {
		t.Fatal(err)
	}
	return victim, bufio.NewReader(out)
}

// TestSecondProcess opens a log that another process has open, and again when that
// one is dead.
func TestSecondProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "log")
	victim, lines := startVictim(t, dir, 0)
	if _, err := lines.ReadByte(); err != nil {
		t.Fatal(err)
	}
	var refusal *ledger.Refusal
	if _, err := Open(dir, Options{}); !errors.Is(err, ledger.ErrInUse) || !errors.As(err, &refusal) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second opening: %v", err)
	}
	if _, err := Restore(t.Context(), dir, dir+"2", Options{}, nil); !errors.Is(err, ledger.ErrInUse) {
		t.Errorf("restore from a log in use: %v", err)
	}
	if err := victim.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	victim.Wait() // says that it was killed
	openTest(t, dir, Options{})
}

// runVictim lets a child write for a while after its first acknowledgement and kills it.
func runVictim(t *testing.T, dir string, round int, after time.Duration) []acknowledgement {
	t.Helper()
	victim, lines := startVictim(t, dir, round)
	var all []acknowledgement
	for {
		var line [16]byte
		if _, err := io.ReadFull(lines, line[:]); err != nil {
			break // killed; what was not wholly reported does not count
		}
		if all == nil {
			time.AfterFunc(after, func() { victim.Process.Kill() })
		}
		all = append(all, acknowledgement{
			writer: int(binary.BigEndian.Uint16(line[0:])), count: int(binary.BigEndian.Uint16(line[2:])),
			serial: int(binary.BigEndian.Uint32(line[4:])), position: ledger.Position(binary.BigEndian.Uint64(line[8:])),
		})
	}
	err := victim.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != -1 {
		t.Fatalf("the victim ended by itself: %v", err)
	}
	return all
}

// checker remembers what was in the log at the round before: that may never change.
type checker struct {
	before []ledger.Recorded // without data
}

// check compares a log with what a round's writers were told. It returns the number of events.
func (c *checker) check(t testing.TB, l *Log, round int, acknowledged []acknowledgement) int {
	t.Helper()
	type appendKey struct{ writer, serial int }
	told := map[appendKey]acknowledgement{}
	for _, a := range acknowledged {
		told[appendKey{a.writer, a.serial}] = a
	}
	next := map[ledger.StreamID]ledger.Revision{}
	var all []ledger.Recorded
	whole := 0 // events left of the append that is being read
	for event, err := range l.Read(t.Context(), ledger.Query{}) {
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		if event.Position != ledger.Position(len(all)+1) || event.Revision != next[event.Stream] {
			t.Fatalf("round %d: event %d of %s has revision %d, want event %d with revision %d", round, event.Position, event.Stream, event.Revision, len(all)+1, next[event.Stream])
		}
		next[event.Stream]++
		var r, writer, serial, i, count int
		if _, err := fmt.Sscan(string(event.Meta), &r, &writer, &serial, &i, &count); err != nil {
			t.Fatal(err)
		}
		stream, events := tortureAppend(r, writer, serial)
		if event.Stream != stream || event.ID != events[i].ID || string(event.Data) != string(events[i].Data) {
			t.Fatalf("round %d: event %d is not what was appended: %v", round, event.Position, event)
		}
		// An append is wholly there, in one run.
		if whole == 0 {
			whole = count
		}
		if i != count-whole {
			t.Fatalf("round %d: event %d is part %d of an append of %d, want part %d", round, event.Position, i, count, count-whole)
		}
		whole--
		if r == round {
			if a, is := told[appendKey{writer, serial}]; is && i == count-1 {
				if a.position != event.Position {
					t.Fatalf("round %d: event %d was acknowledged at %d", round, event.Position, a.position)
				}
				delete(told, appendKey{writer, serial})
			}
		} else if len(all) >= len(c.before) {
			t.Fatalf("round %d: event %d of round %d was not there before", round, event.Position, r)
		}
		if n := len(all); n < len(c.before) && (c.before[n].ID != event.ID || c.before[n].Stream != event.Stream || !c.before[n].RecordedAt.Equal(event.RecordedAt)) {
			t.Fatalf("round %d: event %d has changed", round, event.Position)
		}
		event.Data, event.Meta = nil, nil
		all = append(all, event)
	}
	if len(told) > 0 {
		t.Fatalf("round %d: %d acknowledged appends are not in the log", round, len(told))
	}
	if len(all) < len(c.before) || whole != 0 {
		t.Fatalf("round %d: %d events, there were %d; %d are left of an append", round, len(all), len(c.before), whole)
	}
	c.before = all
	return len(all)
}

// TestPowerCut does the same with a file system that forgets what was not synced, wholly or
// in part.
func TestPowerCut(t *testing.T) {
	seed := *tortureSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-torture.seed=%d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	var files *vfs.MemFS
	var c checker
	for round := range *tortureRounds {
		if round%tortureFresh == 0 {
			files, c = vfs.NewCrashableMem(), checker{}
		}
		l, err := Open("log", Options{FS: files})
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		var acknowledged, told []acknowledgement
		var crashed *vfs.MemFS
		wait := 1 + random.IntN(4000)
		kept := []int{0, 0, 30, 70, 100}[random.IntN(5)]
		end := make(chan struct{})
		go func() {
			defer close(end)
			writeAll(l, round, func(a acknowledgement) {
				mu.Lock()
				defer mu.Unlock()
				if acknowledged = append(acknowledged, a); len(acknowledged) == wait {
					// What has been acknowledged by now must survive.
					told = acknowledged
					crashed = files.CrashClone(vfs.CrashCloneCfg{UnsyncedDataPercent: kept, RNG: random})
					go l.Close()
				}
			})
		}()
		<-end
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		files = crashed
		again, err := Open("log", Options{FS: files})
		if err != nil {
			t.Fatalf("round %d, %d%% of the unsynced kept: %v", round, kept, err)
		}
		found := c.check(t, again, round, told)
		verifySound(t, again, found)
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		// The next round begins where a cut during the check would have left it.
		if random.IntN(2) == 0 {
			files = files.CrashClone(vfs.CrashCloneCfg{})
		}
		t.Logf("round %d, %d%% of the unsynced kept: %d appends acknowledged, %d events in the log", round, kept, len(told), found)
	}
}
