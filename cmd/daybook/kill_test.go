package main

import (
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daybook/adapters/simulator"
)

// More rounds: go test ./cmd/daybook -run TestKilledAnywhere -timeout 4h -kills 500 -killseed 2
var (
	kills    = flag.Int("kills", 3, "how many times to kill the program")
	killSeed = flag.Uint64("killseed", 1, "which moments to choose")
)

// stage is a command that changes much: what it starts from, and what it must end in.
type stage struct {
	name    string
	start   string // data directory to start from; empty for none
	args    []string
	journal []string
	tables  string
	took    time.Duration // of the run that nobody killed
	written [2][]int64    // the sizes that its journal and its tables went through
}

// A program killed with SIGKILL in the middle of an import or a match and started again
// with the same command ends in the same journal, event by event, and the same tables,
// row by row, as one that was never killed. The moments are spread over the whole run:
// half of them by the size of the journal on disk, which hits the imports and the matcher
// event by event, the others by that of the tables and by the clock.
func TestKilledAnywhere(t *testing.T) {
	t.Parallel()
	made, err := simulator.Generate(simulator.Options{Seed: 11, Day: madeUpDay, Stores: 2, TerminalsPerStore: 2, Payments: 250, Breaks: 2})
	if err != nil {
		t.Fatal(err)
	}
	config := writeFile(t, t.TempDir(), "daybook.yaml", made.Config)
	dir := t.TempDir()
	day, later := []string{"import"}, []string{"import", "--correction"}
	for _, file := range made.Files {
		day = append(day, writeFile(t, dir, file.Name, file.Data))
	}
	correction, _, _ := made.Correction()
	for _, file := range append([]simulator.File{correction}, made.Next()...) {
		later = append(later, writeFile(t, dir, file.Name, file.Data))
	}
	first := measure(t, config, stage{name: "the day", args: day})
	stages := []stage{first.stage, measure(t, config, stage{name: "the correction and the next day", start: first.data, args: later}).stage}

	dice := rand.New(rand.NewPCG(*killSeed, 3))
	inTheMiddle := 0
	for round := range *kills {
		s := stages[round%len(stages)]
		share := (float64(round) + dice.Float64()) / float64(*kills)
		p := s.begin(t, config)
		moment := []func(float64) moment{s.atJournal, s.atTables, s.atJournal, s.atTime}[round/len(stages)%4](share)
		ended := p.kill(moment, s.args)
		again := dice.IntN(4) == 0
		if again { // and once more, early in what is left
			p.kill(s.atTime(dice.Float64()/2), s.args)
		}
		where := fmt.Sprintf("%s, killed at %.2f (%s, twice: %v)", s.name, share, moment.what, again)
		if !ended {
			inTheMiddle++
			where += fmt.Sprintf(" with the journal at %d", p.head())
		}
		if got := p.run(s.args...); got.code != exitFine {
			t.Fatalf("%s: the same command again: exit code %d\n%s", where, got.code, got.stderr)
		}
		if diff := difference(s.journal, journalLines(p.events())); diff != "" {
			t.Errorf("%s: the journal differs: %s", where, diff)
		}
		if diff := differenceOf(s.tables, p.stored()); diff != "" {
			t.Errorf("%s: the tables differ: %s", where, diff)
		}
		t.Log(where)
		if t.Failed() {
			return
		}
		p.leave()
		os.RemoveAll(p.data)
	}
	if inTheMiddle < *kills/2 {
		t.Errorf("only %d of %d kills came before the end: this test says little", inTheMiddle, *kills)
	}
}

type measured struct {
	stage
	data string
}

// measure runs a stage in a process of its own, undisturbed.
func measure(t *testing.T, config string, s stage) measured {
	t.Helper()
	p := s.begin(t, config)
	begun := time.Now()
	never := func(_ time.Duration, size [2]int64) bool {
		for n := range size {
			if seen := s.written[n]; len(seen) == 0 || seen[len(seen)-1] < size[n] {
				s.written[n] = append(seen, size[n])
			}
		}
		return false
	}
	if !p.kill(moment{"never", never}, s.args) {
		t.Fatal("the program did not end by itself")
	}
	s.took = time.Since(begun)
	s.journal, s.tables = journalLines(p.events()), p.stored()
	if len(s.journal) < 20 || strings.Count(s.tables, "\n") < 100 {
		t.Fatalf("%s: %d events and %d rows are too little to kill", s.name, len(s.journal), strings.Count(s.tables, "\n"))
	}
	p.leave()
	return measured{s, p.data}
}

// begin makes a program as it is before the stage.
func (s stage) begin(t *testing.T, config string) *program {
	t.Helper()
	p := untouched(t, config)
	if s.start != "" {
		if err := os.CopyFS(p.data, os.DirFS(s.start)); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// moment is when to kill: a condition on the time that has passed and the bytes that
// journal and tables have on disk.
type moment struct {
	what string
	come func(passed time.Duration, size [2]int64) bool
}

func (s stage) atTime(share float64) moment {
	at := time.Duration(share * float64(s.took))
	return moment{fmt.Sprintf("after %v", at.Round(time.Millisecond)), func(passed time.Duration, _ [2]int64) bool { return passed >= at }}
}

// atJournal is when the journal has got so far between its first and its last size.
func (s stage) atJournal(share float64) moment {
	first, last := s.written[0][0], s.written[0][len(s.written[0])-1]
	at := first + int64(share*float64(last-first))
	return moment{fmt.Sprintf("journal of %d bytes", at), func(_ time.Duration, size [2]int64) bool { return size[0] >= at }}
}

// atTables is when the tables have gone through such a share of their sizes.
func (s stage) atTables(share float64) moment {
	at := s.written[1][int(share*float64(len(s.written[1])))]
	return moment{fmt.Sprintf("tables of %d bytes", at), func(_ time.Duration, size [2]int64) bool { return size[1] >= at }}
}

// kill starts the program in a process of its own and kills it when the moment has come.
// It reports whether the program ended before that.
func (p *program) kill(when moment, args []string) (ended bool) {
	p.t.Helper()
	child := exec.Command(os.Args[0], p.args(args)...)
	child.Env = append(os.Environ(), asProgram+"=1")
	var said strings.Builder
	child.Stdout, child.Stderr = &said, &said
	if err := child.Start(); err != nil {
		p.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- child.Wait() }()
	begun := time.Now()
	for {
		select {
		case err := <-done:
			if err != nil {
				p.t.Fatalf("the program ended by itself: %v\n%s", err, said.String())
			}
			return true
		case <-time.After(200 * time.Microsecond):
		}
		if when.come(time.Since(begun), p.sizes()) {
			if err := child.Process.Kill(); err != nil {
				return <-done == nil
			}
			<-done
			return false
		}
	}
}

// sizes are the bytes of the journal's log and of the tables, while they are written.
func (p *program) sizes() [2]int64 {
	return [2]int64{treeSize(filepath.Join(p.data, "journal"), ".log"), treeSize(filepath.Join(p.data, "warehouse"), "")}
}

func treeSize(dir, suffix string) (bytes int64) {
	filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, suffix) {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes
}
