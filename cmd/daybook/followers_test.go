package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"daybook/adapters/simulator"
	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// following is a "daybook followers run" in a process of its own.
type following struct {
	*program
	child   *exec.Cmd
	metrics string
	stderr  *strings.Builder
	ended   bool
}

// on is the program on a served journal.
func (p *program) on(address string) *program {
	p.journal = "esdb://" + address + "?tls=false"
	return p
}

// follow starts followers of the program's event store.
func (p *program) follow() *following {
	p.t.Helper()
	f := &following{program: p, stderr: new(strings.Builder)}
	f.child = exec.Command(os.Args[0], p.args([]string{"-o", "json", "followers", "run", "--metrics", "127.0.0.1:0"})...)
	f.child.Env = append(os.Environ(), asProgram+"=1")
	f.child.Stderr = f.stderr
	stdout, err := f.child.StdoutPipe()
	if err == nil {
		err = f.child.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { f.stop(syscall.SIGKILL) })
	var said struct{ Metrics string }
	if err := json.NewDecoder(bufio.NewReader(stdout)).Decode(&said); err != nil {
		f.stop(syscall.SIGKILL)
		p.t.Fatalf("followers run said nothing: %v\n%s", err, f.stderr)
	}
	f.metrics = said.Metrics
	return f
}

// stop ends the process with a signal and reports whether it ended in order.
func (f *following) stop(signal syscall.Signal) bool {
	if f.ended {
		return true
	}
	f.ended = true
	f.child.Process.Signal(signal)
	return f.child.Wait() == nil
}

// gauges reads the metrics.
func (f *following) gauges() map[string]float64 {
	f.t.Helper()
	response, err := http.Get(f.metrics)
	if err != nil {
		f.t.Fatalf("%v\n%s", err, f.stderr)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	values := map[string]float64{}
	for _, found := range regexp.MustCompile(`(?m)^(daybook_\S+) (\S+)$`).FindAllStringSubmatch(string(text), -1) {
		if values[found[1]], err = strconv.ParseFloat(found[2], 64); err != nil {
			f.t.Fatal(err)
		}
	}
	return values
}

// until waits for something to become true of the metrics.
func (f *following) until(what string, is func(gauges map[string]float64) bool) map[string]float64 {
	f.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		gauges := f.gauges()
		if is(gauges) {
			return gauges
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("waited in vain for: %s\n%v\n%s", what, gauges, f.stderr)
		}
	}
}

// caughtUp waits until both followers have applied everything that they are given: what
// their filters pass over moves a position only now and then.
func (f *following) caughtUp() map[string]float64 {
	f.t.Helper()
	journal, closeJournal, err := openEventStore(f.t.Context(), f.journal)
	if err != nil {
		f.t.Fatal(err)
	}
	defer closeJournal()
	var gauges map[string]float64
	for name, filter := range map[string]ledger.Filter{"matcher": new(reconcile.Matcher).Filter(), "projector": new(projections.Projector).Filter()} {
		for event, err := range journal.Read(f.t.Context(), ledger.Query{After: ledger.LatestPosition, Backwards: true, Limit: 1, Filter: filter}) {
			if err != nil {
				f.t.Fatal(err)
			}
			gauges = f.until(fmt.Sprintf("the %s at %d", name, event.Position), func(gauges map[string]float64) bool {
				return gauges[fmt.Sprintf("daybook_follower_position{follower=%q}", name)] >= float64(event.Position)
			})
		}
	}
	return gauges
}

// Followers that stay match and project what others append to an event store, though they
// are killed again and again: in the end every event was applied once, and the tables are
// those that commands make which follow by themselves.
func TestFollowersRun(t *testing.T) {
	t.Parallel()
	made, err := simulator.Generate(simulator.Options{Seed: 12, Day: madeUpDay, Stores: 2, TerminalsPerStore: 2, Payments: 250, Breaks: 1})
	if err != nil {
		t.Fatal(err)
	}
	config := writeFile(t, t.TempDir(), "daybook.yaml", bytes.Replace(made.Config, []byte("\npeople:\n"), []byte("\npeople:\n  - {id: sun.li, customers: [edit, privacy]}\n"), 1))
	dir := t.TempDir()
	var files []string
	for _, file := range made.Files {
		files = append(files, writeFile(t, dir, file.Name, file.Data))
	}
	address, _ := serving(t, t.TempDir())
	one, other := newProgram(t, config).on(address), newProgram(t, config).on(address)

	contains(t, wants(t, exitRefused, one.args([]string{"followers"})...).stderr, "no daybook keeps followers running", "next: start one")
	dice := rand.New(rand.NewPCG(*killSeed, 9))
	for _, file := range files {
		f := one.follow()
		other.must(exitFine, "import", file)
		if dice.IntN(3) > 0 {
			time.Sleep(time.Duration(dice.IntN(60)) * time.Millisecond)
			f.stop(syscall.SIGKILL)
			continue
		}
		f.caughtUp()
		f.stop(syscall.SIGKILL)
	}
	f := one.follow()
	contains(t, wants(t, exitRefused, one.args([]string{"followers", "run", "--metrics", "127.0.0.1:0"})...).stderr, "another daybook is using the data directory")
	gauges := f.caughtUp()
	for name, want := range map[string]float64{"lag_seconds": 0, "parked": 0} {
		for _, follower := range []string{"matcher", "projector"} {
			if got := gauges[fmt.Sprintf("daybook_follower_%s{follower=%q}", name, follower)]; got != want {
				t.Errorf("%s of %s is %v", name, follower, got)
			}
		}
	}
	list := ask[[]follower](one, "followers")
	if len(list) != 4 || list[0].Name != "matcher" || !list[0].CaughtUp || list[1].Name != "planner" || !list[1].CaughtUp || list[2].Name != "projector" || !list[2].CaughtUp || list[3].Name != "shredder" {
		t.Errorf("followers are %+v", list)
	}
	erasedBesideFollowers(t, f, other)
	contains(t, one.must(exitFine, "followers"), "matcher", "projector", "at the end")
	contains(t, wants(t, exitRefused, one.args([]string{"followers", "retry", "matcher"})...).stderr, "the follower matcher is not parked")
	contains(t, wants(t, exitRefused, one.args([]string{"followers", "retry", "nobody"})...).stderr, `there is no follower "nobody"`)
	if response, err := http.Post(f.metrics, "text/plain", nil); err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("posting to the metrics: %v, %v", response, err)
	}
	if !f.stop(syscall.SIGTERM) {
		t.Errorf("it did not end in order:\n%s", f.stderr)
	}
	if _, err := os.Lstat(filepath.Join(one.data, followersSocket)); !os.IsNotExist(err) {
		t.Errorf("the socket is left: %v", err)
	}
	want := other.stored()
	if strings.Count(want, "\n") < 500 {
		t.Fatalf("%d rows are too little to compare", strings.Count(want, "\n"))
	}
	if diff := differenceOf(want, one.stored()); diff != "" {
		t.Error(diff)
	}
	if want, got := findings(other.breaks()), findings(one.breaks()); len(want) == 0 || difference(want, got) != "" {
		t.Errorf("%d differences, %d in the tables that were followed", len(want), len(got))
	}
}

// erasedBesideFollowers: whom another data directory erases has no key in that of the followers
// either. Its folder of keys is put there while they run, as a copy that is older than an erasure
// they have passed.
func erasedBesideFollowers(t *testing.T, f *following, other *program) {
	t.Helper()
	other.must(exitFine, "import", "--as", "sun.li", customerFile(t, members))
	copied := map[string]string{}
	files, err := filepath.Glob(filepath.Join(other.data, "keys", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := filepath.Base(file); name == "master.key" || strings.HasPrefix(name, "people-") {
			copied[name] = readText(t, file)
		}
	}
	// The tables beside the folder are being written to, and hold no key.
	held := func(traces []string) (names []string) {
		t.Helper()
		files, err := filepath.Glob(filepath.Join(f.data, "keys", "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text := readText(t, file)
			if slices.ContainsFunc(traces, func(trace string) bool { return strings.Contains(text, trace) }) {
				names = append(names, filepath.Base(file))
			}
		}
		return names
	}
	var traces []string
	erase := func(m member) {
		t.Helper()
		id, events := other.customerOf(m.number), f.gauges()[`daybook_follower_events_total{follower="shredder"}`]
		traces = append(traces, other.traces(t, id)...)
		other.must(exitFine, "customers", "erase", string(id), "--as", "sun.li", "--yes")
		f.until("the shredder behind the erasure", func(gauges map[string]float64) bool {
			return gauges[`daybook_follower_events_total{follower="shredder"}`] > events
		})
	}
	erase(members[0])
	if err := os.Mkdir(filepath.Join(f.data, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range copied {
		if err := os.WriteFile(filepath.Join(f.data, "keys", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if places := held(traces); len(places) == 0 {
		t.Fatal("what the copy has of the erased is not found: the search finds nothing")
	}
	erase(members[1])
	if places := held(traces); len(places) > 0 {
		t.Errorf("left after erasing: %v", places)
	}
	if places := held(other.traces(t, other.customerOf(members[2].number))); len(places) == 0 {
		t.Error("more was destroyed than the keys of the erased")
	}
	f.caughtUp()
}

// A poisonous event parks the followers before it, at once and with the reason, and they
// stay parked when told to try again. A page that cannot be applied for a reason of ours is
// applied, when the follower is told to, once the reason is gone.
func TestFollowersParked(t *testing.T) {
	t.Parallel() // it waits long, and opens no engine in this process
	address, _ := serving(t, t.TempDir())
	p := newProgram(t, filepath.Join("testdata", "scenario.yaml")).on(address)
	journal, closeJournal, err := openEventStore(t.Context(), p.journal)
	if err != nil {
		t.Fatal(err)
	}
	defer closeJournal()

	// Where the matcher's cursor shall be saved there is a directory.
	if err := os.MkdirAll(p.data, 0o700); err != nil {
		t.Fatal(err)
	}
	f := p.follow()
	obstacle := filepath.Join(p.data, "matcher.cursor")
	os.Remove(obstacle)
	if err := os.MkdirAll(filepath.Join(obstacle, "in the way"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, _ := filepath.Glob(filepath.Join("testdata", "scenario", "*.csv"))
	if len(files) == 0 {
		t.Fatal("the scenario has no files")
	}
	newProgram(t, p.config).on(address).kill(moment{"never", func(time.Duration, [2]int64) bool { return false }}, append([]string{"import"}, files...))
	f.until("the matcher parked", func(gauges map[string]float64) bool {
		return gauges[`daybook_follower_parked{follower="matcher"}`] == 1 && gauges[`daybook_follower_failures_total{follower="matcher"}`] > 5
	})
	got := wants(t, exitVerification, p.args([]string{"followers"})...)
	contains(t, got.stdout, "parked", "matcher.cursor")
	if err := os.RemoveAll(obstacle); err != nil {
		t.Fatal(err)
	}
	contains(t, p.must(exitFine, "followers", "retry", "matcher"), "matcher tries again from position")
	f.caughtUp()
	p.must(exitFine, "followers")

	poison := ledger.Event{ID: ledger.DeriveID("poison"), Type: "sale-recorded.v1", Data: []byte(`{"total":"a lot"}`), Meta: []byte(`{}`)}
	if _, err := journal.Append(t.Context(), "storeday-S001.2026-01-05", ledger.Any, poison); err != nil {
		t.Fatal(err)
	}
	failures := `daybook_follower_failures_total{follower="projector"}`
	before := f.until("both parked", func(gauges map[string]float64) bool {
		return gauges[`daybook_follower_parked{follower="matcher"}`] == 1 && gauges[`daybook_follower_parked{follower="projector"}`] == 1
	})
	list := []follower{}
	if err := json.Unmarshal([]byte(wants(t, exitVerification, p.args([]string{"-o", "json", "followers"})...).stdout), &list); err != nil {
		t.Fatal(err)
	}
	for _, follower := range list {
		if (follower.Name == "planner" || follower.Name == "shredder") && follower.Parked == "" {
			continue // no product is listed, and nobody erased: they read no sale
		}
		contains(t, follower.Parked, "sale-recorded.v1", ledger.ErrUndecodable.Error())
		if !follower.NextTry.IsZero() {
			t.Errorf("%s tries again by itself", follower.Name)
		}
	}
	p.must(exitFine, "followers", "retry", "projector")
	f.until("another try", func(gauges map[string]float64) bool { return gauges[failures] == before[failures]+1 })
	if got := p.run("followers"); got.code != exitVerification {
		t.Errorf("after the try: exit code %d\n%s", got.code, got.stdout)
	}
	if !f.stop(syscall.SIGTERM) {
		t.Errorf("it did not end in order:\n%s", f.stderr)
	}
	contains(t, f.stderr.String(), "stands still after position", "and tries again at", "next: when the reason is gone: daybook followers retry matcher", "matcher goes on, from position")
}

// The embedded journal has one writer, which follows it; and metrics are nobody else's.
func TestFollowersRefuse(t *testing.T) {
	data := t.TempDir()
	contains(t, wants(t, exitRefused, "--data", data, "followers", "run").stderr, "only an event store is followed", "next: ")
	contains(t, wants(t, exitRefused, "--data", data, "--journal", "esdb://127.0.0.1:1", "followers", "run", "--metrics", "0.0.0.0:9464").stderr, "everybody there could read the metrics", "next: ")
}
