package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"daybook/adapters/bus"
	"daybook/adapters/simulator"
	"daybook/ledger"
	"daybook/projections"
)

// More histories and deaths: go test ./cmd/daybook -run 'TestGenerationsAgree|TestProjections' -timeout 4h -histories 20 -deaths 200
var (
	histories = flag.Int("histories", 1, "how many made-up histories to fill generations of tables with")
	deaths    = flag.Int("deaths", 2, "how many times to die while filling them")
)

// mortal is a warehouse that takes so many inserts and then no more, as when the process dies.
type mortal struct {
	projections.Warehouse
	left int
}

var errDied = errors.New("died")

func (m *mortal) Insert(ctx context.Context, table string, columns ...projections.Column) error {
	if m.left--; m.left < 0 {
		return errDied
	}
	return m.Warehouse.Insert(ctx, table, columns...)
}

// reconciled is a program that has taken in a made-up day and the files of the next.
func reconciled(t *testing.T, seed uint64, payments int) *program {
	t.Helper()
	made, err := simulator.Generate(simulator.Options{Seed: seed, Day: madeUpDay, Stores: 2, TerminalsPerStore: 2, Payments: payments, Breaks: 2})
	if err != nil {
		t.Fatal(err)
	}
	p := configured(t, made.Config)
	dir := t.TempDir()
	for _, files := range [][]simulator.File{made.Files, made.Next()} {
		args := []string{"import"}
		for _, file := range files {
			args = append(args, writeFile(t, dir, file.Name, file.Data))
		}
		p.must(exitFine, args...)
	}
	return p
}

// Live tables, filled as files came in; tables filled by projectors that died at random again
// and again; and tables filled from zero in one go are the same byte for byte at the same
// position, and all are what the journal adds up to.
func TestGenerationsAgree(t *testing.T) {
	for seed := range *histories {
		t.Run(fmt.Sprintf("seed %d", seed+1), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(uint64(seed+1), 5))
			p := reconciled(t, uint64(seed+1), 150)
			p.inside(func(ctx context.Context, a *app, g *globals) error {
				dump := func() string {
					var out bytes.Buffer
					if err := a.views.Dump(ctx, &out); err != nil {
						t.Fatal(err)
					}
					return out.String()
				}
				verified := func(number uint32) {
					t.Helper()
					v, err := a.projector.Verify(ctx, a.journal, number, func(ledger.Position) {})
					if err != nil || len(v.Differences) > 0 || v.Totals < 100 {
						t.Fatalf("%v %+v", err, v)
					}
				}
				want := dump()
				if rows := strings.Count(want, "\n"); rows < 500 {
					t.Fatalf("only %d rows", rows)
				}
				verified(0)

				for died := 0; died < *deaths; {
					left := 1 + dice.IntN(14)
					filling, number, err := projections.New(&mortal{a.warehouse, left}, a.codec).Rebuild(ctx, false)
					if err == nil {
						err = a.fillInCuts(ctx, filling, dice)
					}
					if errors.Is(err, errDied) {
						if died++; died < *deaths {
							continue
						}
						// Enough; the next one lives.
						if filling, number, err = a.projector.Rebuild(ctx, false); err == nil {
							err = a.fillInCuts(ctx, filling, dice)
						}
					}
					if err != nil {
						t.Fatal(err)
					}
					verified(number)
					if err := a.projector.Show(ctx, number); err != nil {
						t.Fatal(err)
					}
					if diff := differenceOf(want, dump()); diff != "" {
						t.Errorf("after %d deaths: %s", died, diff)
					}
				}

				filling, number, err := a.projector.Rebuild(ctx, false)
				if err != nil {
					t.Fatal(err)
				}
				if err := bus.Drain(ctx, a.journal, filling, nil); err != nil {
					t.Fatal(err)
				}
				verified(number)
				if err := a.projector.Show(ctx, number); err != nil {
					t.Fatal(err)
				}
				if diff := differenceOf(want, dump()); diff != "" {
					t.Errorf("from zero: %s", diff)
				}
				return nil
			})
		})
	}
}

// fillInCuts gives a follower the journal in pages of random sizes, some events of them twice.
func (a *app) fillInCuts(ctx context.Context, filling *projections.Projector, dice *rand.Rand) error {
	at, err := filling.Cursor(ctx)
	if err != nil {
		return err
	}
	at -= ledger.Position(dice.Uint64N(uint64(at)/10 + 1))
	for {
		var page ledger.Page
		for event, err := range a.journal.Read(ctx, ledger.Query{After: at, Limit: 1 + dice.IntN(20)}) {
			if err != nil {
				return err
			}
			page.Events, page.Next = append(page.Events, event), event.Position
		}
		if len(page.Events) == 0 {
			page.Next, page.CaughtUp = at, true
		}
		if err := filling.Apply(ctx, page); err != nil || page.CaughtUp {
			return err
		}
		at = page.Next
	}
}

// What a person does when tables are damaged: find it, build them anew, show those, go back.
func TestProjections(t *testing.T) {
	p := reconciled(t, 3, 100)
	list := func() (states []string) {
		t.Helper()
		for _, g := range ask[[]projections.Generation](p, "projections", "list") {
			if g.Rows < 100 || g.Position == 0 || !g.Ours || g.Since.IsZero() {
				t.Errorf("%+v", g)
			}
			states = append(states, fmt.Sprintf("%d %s", g.Number, g.State))
		}
		return states
	}
	says := func(what string, words ...string) {
		t.Helper()
		for _, word := range words {
			if !strings.Contains(what, word) {
				t.Errorf("%q is not in\n%s", word, what)
			}
		}
	}
	says(p.must(exitFine, "projections", "verify"), "generation 1, position", "differences: 0")
	if got := p.run("projections", "switch"); got.code != exitRefused {
		t.Errorf("switch with nothing to show: %d %s", got.code, got.stderr)
	}
	if got := p.run("projections", "rollback"); got.code != exitRefused {
		t.Errorf("rollback with nothing to go back to: %d %s", got.code, got.stderr)
	}
	clean := p.tables()

	p.inside(func(ctx context.Context, a *app, _ *globals) error {
		return a.warehouse.Exec(ctx, "ALTER TABLE g1_r_sales UPDATE total_minor = total_minor + 1 WHERE id = (SELECT min(id) FROM g1_r_sales WHERE mode = 'live') SETTINGS mutations_sync = 2")
	})
	got := p.run("projections", "verify")
	if got.code != exitVerification {
		t.Errorf("exit code %d\n%s", got.code, got.stderr)
	}
	says(got.stdout, "r_sales", "fct_sales", "2026-01-05", "CNY", "total_minor", "differences: 2")
	says(got.stderr, "daybook projections rebuild")

	says(p.must(exitFine, "projections", "rebuild"), "generation 2 is filled", "the live tables say otherwise", "total_minor")
	if states := list(); strings.Join(states, ", ") != "1 live, 2 ready" {
		t.Errorf("%q", states)
	}
	if p.tables() == clean {
		t.Error("the live tables were touched before the switch")
	}
	says(p.must(exitFine, "projections", "switch"), "generation 2 is live")
	if states := list(); strings.Join(states, ", ") != "1 previous, 2 live" {
		t.Errorf("%q", states)
	}
	if diff := differenceOf(clean, p.tables()); diff != "" {
		t.Errorf("after the switch: %s", diff)
	}
	p.must(exitFine, "projections", "verify")
	// The damaged one cannot come back.
	if got := p.run("projections", "rollback"); got.code != exitVerification || !strings.Contains(got.stderr, "was not shown") {
		t.Errorf("rollback to damaged tables: %d\n%s", got.code, got.stderr)
	}
	p.killRebuilding()
	p.must(exitFine, "projections", "rebuild")
	says(p.must(exitFine, "projections", "switch"), "is live")
	says(p.must(exitFine, "projections", "verify"), "differences: 0") // of what went on after the kills
	says(p.must(exitFine, "projections", "rollback"), "generation 2 is live")
	if states := list(); len(states) != 2 || states[0] != "2 live" || !strings.HasSuffix(states[1], " previous") {
		t.Errorf("%q", states)
	}
	if diff := differenceOf(clean, p.tables()); diff != "" {
		t.Errorf("after going back: %s", diff)
	}
}

// killRebuilding kills the program (SIGKILL) while it makes and fills a generation, again and
// again, each time at another moment. One that is being filled is left, to go on.
func (p *program) killRebuilding() {
	p.t.Helper()
	whole := len(p.madeSince("g2_", time.Time{})) // tables of a generation
	if whole < 40 {
		p.t.Fatalf("%d tables of a generation", whole)
	}
	p.leave()
	dice := rand.New(rand.NewPCG(*killSeed, 12))
	filling, longest := false, 2*time.Second
	for died := 0; died < (*deaths+1)/2 || !filling; {
		wait, start, at := time.Duration(dice.Int64N(int64(longest))), time.Now(), time.Duration(0)
		args, what := []string{"projections", "rebuild", "--again"}, "while tables are made"
		begun := func([2]int64) bool { return len(p.madeSince("g", start)) > 0 }
		switch before := p.sizes()[1]; {
		case filling && dice.IntN(2) == 0:
			args, what = args[:2], "going on"
			begun = func(size [2]int64) bool { return size[1] > before+4096 }
		case died%2 == 1 || *deaths < 3:
			what = "while they are filled"
			begun = func([2]int64) bool { return len(p.madeSince("g", start)) >= whole }
		}
		ended := p.kill(moment{what, func(passed time.Duration, size [2]int64) bool {
			if at == 0 && begun(size) {
				at = passed + wait
			}
			return at > 0 && passed >= at
		}}, args)
		if ended { // too late: the next comes sooner
			filling, longest = false, max(longest/2, time.Millisecond)
			continue
		}
		p.t.Logf("killed %s, %v after that began", what, wait)
		filling = what == "while they are filled" || what == "going on"
		died++
	}
}

// madeSince are the tables of which the engine has written the definition since.
func (p *program) madeSince(prefix string, since time.Time) (names []string) {
	filepath.WalkDir(filepath.Join(p.data, "warehouse"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasPrefix(entry.Name(), prefix) || !strings.HasSuffix(path, ".sql") {
			return nil
		}
		if info, err := entry.Info(); err == nil && info.ModTime().After(since) {
			names = append(names, entry.Name())
		}
		return nil
	})
	return names
}
