package main

import (
	"cmp"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/adapters/simulator"
	"daybook/ledger"
	"daybook/projections"
)

// More and larger days: go test ./cmd/daybook -run TestGeneratedDays -timeout 4h -days 20 -payments 50000
var (
	days     = flag.Int("days", 2, "how many made-up days to reconcile")
	payments = flag.Int("payments", 5000, "of how many payments each")
)

var madeUpDay = ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}

// Made-up days with every kind of mistake: each is found, with
// its kind, reference and amounts, nothing else is, and no row is lost. What is planted
// and what is found share no code.
func TestGeneratedDays(t *testing.T) {
	t.Parallel()
	for seed := range *days {
		t.Run(fmt.Sprintf("seed %d", seed+1), func(t *testing.T) {
			testGeneratedDay(t, simulator.Options{
				Seed: uint64(seed + 1), Day: madeUpDay, Stores: 2 + seed%4, TerminalsPerStore: 2 + seed%3, Payments: *payments, Breaks: 5 + seed%7, Articles: []int{37, 500}[seed%2],
			})
		})
	}
}

func testGeneratedDay(t *testing.T, options simulator.Options) {
	dice := rand.New(rand.NewPCG(options.Seed, 7))
	made, err := simulator.Generate(options)
	if err != nil {
		t.Fatal(err)
	}
	planted := map[string]bool{}
	for _, b := range made.Key.Breaks {
		planted[b.Kind] = true
	}
	for _, kind := range simulator.Kinds(options.World) {
		if !planted[kind] {
			t.Fatalf("the day has no %s", kind)
		}
	}
	p := configured(t, made.Config)
	p.importShuffled(dice, made.Files)
	p.lastBreaks = p.breaks()
	p.checkBreaks(made.Key)
	p.checkSheet(made.Key, made.Key.Matched)
	p.checkRows(made.Key)
	p.checkGoods(made.Key)

	// The correction: refused unless it is said to be one, and then only the wrong fee
	// and what it does to the payout change.
	correction, corrected, some := made.Correction()
	if !some {
		t.Fatal("the day has no wrong card fee to correct")
	}
	before, head := p.lastBreaks, p.head()
	path := writeFile(t, t.TempDir(), correction.Name, correction.Data)
	got := p.run("import", path)
	for _, word := range []string{correction.Name, made.Key.BusinessDate.String(), "is already here", "1 of its", "the first in row", "--correction"} {
		if got.code != exitRefused || !strings.Contains(got.stderr, word) {
			t.Errorf("the correction without --correction: exit code %d, %q lacks %q", got.code, got.stderr, word)
		}
	}
	if again := p.head(); again != head {
		t.Errorf("the refused correction moved the journal from %d to %d", head, again)
	}
	p.must(exitFine, "import", "--correction", path)
	p.checkSheet(corrected, made.Key.Matched)
	p.checkBreaks(corrected)
	if gone := without(findings(before), findings(p.lastBreaks)); len(gone) != 2 {
		t.Errorf("the correction concerns one fee and one payout; it changed %v", gone)
	}
	for _, b := range before {
		if b.Channel != "card" && !slices.ContainsFunc(p.lastBreaks, func(now projections.BreakRow) bool { return now.ID == b.ID && now.Position == b.Position }) {
			t.Errorf("the correction touched %s %s %s, which another provider settles", b.Kind, b.Channel, b.Reference)
		}
	}

	// The next day's bills bring what was in transit: those breaks close, none opens.
	waiting := 0
	corrected.Breaks = slices.DeleteFunc(corrected.Breaks, func(b simulator.KeyBreak) bool {
		if b.Kind == simulator.TimingNextDay {
			waiting++
		}
		return b.Kind == simulator.TimingNextDay
	})
	p.importShuffled(dice, made.Next())
	late := p.checkSheet(corrected, made.Key.Matched)
	p.checkBreaks(corrected)
	closed := 0
	for _, b := range ask[[]projections.BreakRow](p, "breaks", "list", "--all", "--kind", simulator.TimingNextDay) {
		if b.State == "closed" {
			closed++
		}
	}
	if closed != waiting || waiting == 0 {
		t.Errorf("%d payments in transit were closed by the next bills, of %d", closed, waiting)
	}
	if late != waiting {
		t.Errorf("the sheet counts %d payments matched with another day, of %d", late, waiting)
	}
}

// importShuffled imports files in a random order, in two goes.
func (p *program) importShuffled(dice *rand.Rand, files []simulator.File) {
	p.t.Helper()
	var paths []string
	dir := p.t.TempDir()
	for _, file := range files {
		paths = append(paths, writeFile(p.t, dir, filepath.Base(file.Name), file.Data))
	}
	dice.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	cut := 1 + dice.IntN(len(paths)-1)
	p.t.Logf("files in the order %v and then %v", names(paths[:cut]), names(paths[cut:]))
	p.must(exitFine, append([]string{"import"}, paths[:cut]...)...)
	p.must(exitFine, append([]string{"import"}, paths[cut:]...)...)
}

func names(paths []string) (list []string) {
	for _, path := range paths {
		list = append(list, filepath.Base(path))
	}
	return list
}

// checkSheet compares the control sheet of the day with an answer key, and takes the
// day's breaks from it. It returns how many payments another day's bill has settled.
func (p *program) checkSheet(key simulator.Key, matched int) (late int) {
	p.t.Helper()
	st := ask[status](p, "status", "--date", key.BusinessDate.String())
	if len(st.OtherDays) > 0 {
		p.t.Errorf("other days have open differences: %v", st.OtherDays)
	}
	p.lastBreaks = nil
	for _, b := range st.Breaks {
		p.lastBreaks = append(p.lastBreaks, b.BreakRow)
	}
	count := 0
	for _, total := range key.Totals {
		at := slices.IndexFunc(st.Providers, func(s providerStatus) bool {
			return s.Provider == total.Provider && s.Channel == total.Channel && s.Currency == total.Currency
		})
		if at < 0 {
			p.t.Errorf("the sheet lacks %s", total.Provider)
			continue
		}
		s := st.Providers[at]
		got := simulator.KeyTotal{Provider: s.Provider, Channel: s.Channel, Lines: s.Lines, Matched: s.MatchedCount,
			GrossMinor: s.Gross, DiscountMinor: s.Discount, FeeMinor: s.Fee, NetMinor: s.Net, Currency: s.Currency}
		if got != total {
			p.t.Errorf("the sheet has %+v, the key %+v", got, total)
		}
		if s.Ledger != s.Matched+s.Late+s.Differing+s.Waiting || s.Gross != s.MatchedLines+s.LateLines+s.DifferingLines {
			p.t.Errorf("%s: the sheet does not tie: %+v", s.Provider, s)
		}
		count += s.MatchedCount
		late += s.LateCount
	}
	if count != matched {
		p.t.Errorf("%d payments matched, the key says %d", count, matched)
	}
	return late
}

// checkRows counts what the files had in the tables: no row is lost, and none invented.
func (p *program) checkRows(key simulator.Key) {
	p.t.Helper()
	rows := ask[[]map[string]int](p, "query", `SELECT
		(SELECT toInt32(count()) FROM fct_payments WHERE channel != 'cash') AS items,
		(SELECT toInt32(count()) FROM fct_settlement_lines) AS lines,
		(SELECT toInt32(count()) FROM fct_quarantined) AS quarantined`)[0]
	if rows["items"] != key.Items || rows["lines"] != key.Lines || rows["quarantined"] != 0 {
		p.t.Errorf("the tables have %v, the key %d payments and %d lines", rows, key.Items, key.Lines)
	}
}

// checkBreaks compares the open breaks asked for last with an answer key: recall and
// precision in full.
func (p *program) checkBreaks(key simulator.Key) {
	p.t.Helper()
	var want, got []string
	for _, b := range key.Breaks {
		want = append(want, fmt.Sprintf("%s %s %q expected %d %s actual %d %s", b.Kind, b.Channel, b.Reference, b.ExpectedMinor, b.Currency, b.ActualMinor, cmp.Or(b.ActualCurrency, b.Currency)))
	}
	for _, b := range p.lastBreaks {
		got = append(got, fmt.Sprintf("%s %s %q expected %d %s actual %d %s", b.Kind, b.Channel, b.Reference, b.Expected, b.ExpectedCurrency, b.Actual, b.ActualCurrency))
	}
	for _, missed := range without(want, got) {
		p.t.Errorf("missed: %s", missed)
	}
	for _, invented := range without(got, want) {
		p.t.Errorf("not in the key: %s", invented)
	}
}

// without are the elements of a that b has not, counting each as often as it stands.
func without(a, b []string) (rest []string) {
	left := map[string]int{}
	for _, s := range b {
		left[s]++
	}
	for _, s := range a {
		if left[s]--; left[s] < 0 {
			rest = append(rest, s)
		}
	}
	return rest
}
