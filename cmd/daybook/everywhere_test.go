package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"daybook/adapters/simulator"
	"daybook/projections"
)

// Days in five countries, with every form of bill, account and bank statement, five currencies and
// every kind of mistake: all files are recognised and taken in, in any order; every mistake is
// found with its kind, reference and amounts, and nothing else is; no row is lost or doubled.
func TestGeneratedEverywhere(t *testing.T) {
	for seed := range (*days + 1) / 2 { // a day of it is as long as two of Shanghai's
		t.Run(fmt.Sprintf("seed %d", seed+1), func(t *testing.T) {
			t.Parallel()
			testEverywhere(t, simulator.Options{
				Seed: uint64(seed + 1), World: simulator.Everywhere, Day: madeUpDay, Days: 2, Stores: 7 + seed%5, TerminalsPerStore: 2 + seed%3, Payments: max(*payments/4, 800), Breaks: 2 + seed%3,
			})
		})
	}
}

func testEverywhere(t *testing.T, options simulator.Options) {
	needsEngine(t)
	dir := filepath.Join(t.TempDir(), "made")
	made := jsonOf[generated](t, exitFine, "--data", t.TempDir(), "generate", "--out", dir, "--seed", fmt.Sprint(options.Seed), "--from", options.Day.String(), "--days", fmt.Sprint(options.Days),
		"--stores", fmt.Sprint(options.Stores), "--terminals", fmt.Sprint(options.TerminalsPerStore), "--payments", fmt.Sprint(options.Payments), "--breaks", fmt.Sprint(options.Breaks))
	keys, err := readKeys(dir)
	if err != nil || len(keys) != options.Days {
		t.Fatalf("%d keys: %v", len(keys), err)
	}
	planted, want := 0, simulator.Key{}
	kinds := map[string]bool{}
	for n, key := range keys {
		planted += len(key.Breaks)
		want.Items += key.Items
		want.Lines += key.Lines
		for _, b := range key.Breaks {
			kinds[b.Kind] = true
			if b.Kind != simulator.TimingNextDay || n == len(keys)-1 {
				want.Breaks = append(want.Breaks, b)
			}
		}
	}
	for _, kind := range simulator.Kinds(simulator.Everywhere) {
		if !kinds[kind] {
			t.Errorf("the days have no %s", kind)
		}
	}
	if made.Planted != planted || made.Days != options.Days {
		t.Errorf("it says %+v, the keys have %d mistakes", made, planted)
	}

	config, err := os.ReadFile(filepath.Join(dir, simulator.ConfigFile))
	if err != nil {
		t.Fatal(err)
	}
	p := configured(t, config)
	dice := rand.New(rand.NewPCG(options.Seed, 11))
	p.importShuffledFrom(dice, filepath.Join(dir, simulator.FilesDir))
	p.lastBreaks = p.breaks()
	p.checkBreaks(want)
	p.checkRows(want)
	for _, key := range keys {
		p.checkEquations(key)
	}

	p.checkGoods(keys...)
	p.checkMembers(dir)

	// The day after brings what was in transit on the last; the same files again bring nothing.
	p.importShuffledFrom(dice, filepath.Join(dir, simulator.NextDir))
	head := p.head()
	p.importShuffledFrom(dice, filepath.Join(dir, simulator.FilesDir))
	if again := p.head(); again != head {
		t.Errorf("the same files again moved the journal from %d to %d", head, again)
	}
	want.Breaks = slices.DeleteFunc(want.Breaks, func(b simulator.KeyBreak) bool { return b.Kind == simulator.TimingNextDay })
	p.lastBreaks = p.breaks()
	p.checkBreaks(want)
	for _, b := range ask[[]projections.BreakRow](p, "breaks", "list", "--all", "--kind", simulator.TimingNextDay) {
		if b.State != "closed" {
			t.Errorf("%s is still in transit", b.Reference)
		}
	}

	// A bill that was missing comes: what waited for it is matched, and its money is the payout's.
	late := 0
	for _, key := range keys {
		if key.Late == nil {
			continue
		}
		late++
		p.must(exitFine, "import", filepath.Join(dir, simulator.LateDir, key.Late.File))
		want.Lines += key.Late.Total.Lines
		key.Totals = []simulator.KeyTotal{key.Late.Total}
		p.checkEquations(key)
	}
	if late != (options.Days+1)/2 {
		t.Errorf("%d bills came late in %d days", late, options.Days)
	}
	want.Breaks = slices.DeleteFunc(want.Breaks, func(b simulator.KeyBreak) bool { return b.Kind == simulator.FileMissing })
	p.lastBreaks = p.breaks()
	p.checkBreaks(want)

	other := wants(t, exitRefused, "--data", t.TempDir(), "generate", "--out", dir)
	contains(t, other.stderr, dir, "holds something already")
}

// importShuffledFrom imports all files of a directory in a random order, in two goes.
func (p *program) importShuffledFrom(dice *rand.Rand, dir string) {
	p.t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(paths) < 2 {
		p.t.Fatalf("%d files in %s: %v", len(paths), dir, err)
	}
	dice.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	cut := 1 + dice.IntN(len(paths)-1)
	p.must(exitFine, append([]string{"import"}, paths[:cut]...)...)
	p.must(exitFine, append([]string{"import"}, paths[cut:]...)...)
}

// checkEquations compares each provider's line of the control sheet with the key.
func (p *program) checkEquations(key simulator.Key) {
	p.t.Helper()
	st := ask[status](p, "status", "--date", key.BusinessDate.String())
	for _, total := range key.Totals {
		at := slices.IndexFunc(st.Providers, func(s providerStatus) bool { return s.Provider == total.Provider && s.Currency == total.Currency })
		if at < 0 {
			p.t.Errorf("the sheet of %s lacks %s", key.BusinessDate, total.Provider)
			continue
		}
		s := st.Providers[at]
		if s.MatchedCount != total.Matched || s.Gross != total.GrossMinor || s.Discount != total.DiscountMinor || s.Fee != total.FeeMinor || s.Net != total.NetMinor || s.Currency != total.Currency {
			p.t.Errorf("%s: the sheet has %+v, the key %+v", key.BusinessDate, s, total)
		}
		if s.Ledger != s.Matched+s.Late+s.Differing+s.Waiting || s.Gross != s.MatchedLines+s.LateLines+s.DifferingLines {
			p.t.Errorf("%s: %s does not tie: %+v", key.BusinessDate, s.Provider, s)
		}
	}
}

// A measurement of the tables has every figure, asks every question, and leaves nothing
// behind.
func TestBenchProjections(t *testing.T) {
	needsEngine(t)
	dir := t.TempDir()
	r := jsonOf[projectionBench](t, exitFine, "--data", dir, "bench", "projections", "--sizes", "4000,2000", "--rounds", "2", "--articles", "50", "--dir", dir)
	if len(r.Sizes) != 2 || r.Sizes[0].Events < 2000 || r.Sizes[1].Events < 4000 || r.PeakBytes == 0 || len(r.Queries) < 30 || r.SaleLines == 0 {
		t.Fatalf("measured %+v", r)
	}
	for _, s := range r.Sizes {
		if s.Rows < s.Events/2 || s.Rate <= 0 || s.BareRate <= 0 || s.Ratio != s.Rate/s.BareRate || s.Cost <= 0 {
			t.Errorf("a size without figures: %+v", s)
		}
	}
	if r.Flat != r.Sizes[1].Cost/r.Sizes[0].Cost {
		t.Errorf("flat is %v", r.Flat)
	}
	answered := 0
	for n, q := range r.Queries {
		if q.Median <= 0 || q.Worst < q.Median {
			t.Errorf("question %d without figures: %+v", n, q)
		}
		if q.Rows > 0 {
			answered++
		}
	}
	if answered < 30 {
		t.Errorf("%d of %d panels have something to show", answered, len(r.Queries))
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%d files stay behind, %v", len(names), err)
	}
	wants(t, exitRefused, "--data", dir, "bench", "projections", "--events", "10")
}
