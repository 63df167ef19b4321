package main

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"daybook/reconcile"
)

// Faults that were reproduced in another open reconciliation engine: rows lost and counted
// twice when dates are tied, the wrong file reconciled, a payment in two matches, an import
// of which a part is kept, and what cannot be read taken for nothing. None of them here.

const (
	tiedPayments = 6_000 // more than the 5,000 at which others refuse
	tiedOnly     = 100   // at the till alone; and as many in the bill alone
	acquirer     = "104440353310031"
)

// tied makes a till journal and a bill of one day in which every payment has the same time
// and the same amount.
func tied(t *testing.T, dir string, payments int) (tills, bill string) {
	t.Helper()
	headings := readText(t, scenarioFiles()[0])
	journal := []string{strings.SplitN(headings, "\n", 2)[0]}
	rows := []string{strings.SplitN(readText(t, scenarioFiles()[1]), "\n", 2)[0]}
	for n := range payments + tiedOnly {
		rrn := fmt.Sprintf("6005%08d", n)
		if n < payments {
			journal = append(journal, fmt.Sprintf("T%06d,S001,01080209,%s,card,sale,1000,CNY,2026-01-05 12:00:00,000013,%06d,%s,,622202******3321,,,approved", n, acquirer, n+1, rrn))
		}
		if n >= tiedOnly {
			rows = append(rows, fmt.Sprintf("%s,晨曦一店,01080209,12:00:00,消费,000013,%06d,%s,622202******3321,借记卡,01020000,工商银行,10.00,0.05,2026-01-05,26%013d,,,,10.00,9.95,,0.00,12:00:00,,,,0.00,10.00,,,,S001,2026-01-05",
				acquirer, n+1, rrn, n))
		}
	}
	end := func(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	return writeFile(t, dir, fmt.Sprintf("tills_%d.csv", payments), end(journal)), writeFile(t, dir, fmt.Sprintf("bill_%d.csv", payments), end(rows))
}

// once asks how many members a side has in matches and in breaks, and how many of them are
// there only once.
func once(p *program) (matched, distinct, inBreaks int) {
	p.t.Helper()
	type counts struct{ Matched, Distinct, Broken string }
	answer := ask[[]counts](p, "query", `SELECT toString(count()) AS Matched, toString(uniqExact(side, member)) AS Distinct,
		(SELECT toString(sum(length(items) + length(lines))) FROM fct_breaks WHERE state = 'open' AND leg = 'payment') AS Broken FROM fct_matches`)[0]
	for _, c := range []struct {
		text   string
		number *int
	}{{answer.Matched, &matched}, {answer.Distinct, &distinct}, {answer.Broken, &inBreaks}} {
		var err error
		if *c.number, err = strconv.Atoi(c.text); err != nil {
			p.t.Fatal(err)
		}
	}
	return matched, distinct, inBreaks
}

func TestTiedRowsAreNeitherLostNorCountedTwice(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	tills, bill := tied(t, t.TempDir(), tiedPayments)
	p.must(exitFine, "import", tills, bill)
	want := 2 * (tiedPayments - tiedOnly)
	for range 2 {
		matched, distinct, inBreaks := once(p)
		if matched != want || distinct != want || inBreaks != 2*tiedOnly {
			t.Errorf("%d matched, %d of them once, %d in breaks; want %d and %d", matched, distinct, inBreaks, want, 2*tiedOnly)
		}
		p.must(exitFine, "import", tills, bill) // again: nothing changes
	}
	kinds := map[reconcile.BreakKind]int{}
	for _, b := range p.breaks() {
		kinds[b.Kind]++
	}
	if kinds[reconcile.MissingInSettlement] != tiedOnly || kinds[reconcile.MissingInLedger] != tiedOnly {
		t.Errorf("the breaks are %v", kinds)
	}
}

func TestEachFileIsReconciledAsItself(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	dir := t.TempDir()
	tills, bill := tied(t, dir, 500)
	p.must(exitFine, "import", tills, bill)
	other := strings.NewReplacer("2026-01-05", "2026-01-06").Replace(readText(t, scenarioFiles()[1]))
	second := writeFile(t, dir, "second.csv", []byte(other))
	p.must(exitFine, "import", second)
	for date, want := range map[string]int64{scenarioDay: 500, "2026-01-06": 14} {
		lines := int64(0)
		for _, r := range ask[accountStatement](p, "statement", "--from", date).Days {
			lines += r.Lines
		}
		if lines != want {
			t.Errorf("%s has %d lines, not %d", date, lines, want)
		}
	}
	// A correction of the second touches nothing of the first, and leaves nothing in two matches.
	before, _, _ := once(p)
	shorter := writeFile(t, dir, "third.csv", []byte(strings.Join(strings.Split(other, "\n")[:14], "\n")+"\n"))
	p.must(exitFine, "import", "--correction", shorter)
	if matched, distinct, _ := once(p); matched != before || distinct != before {
		t.Errorf("%d matched, %d of them once; before there were %d", matched, distinct, before)
	}
}

func TestAFileIsTakenWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, bill := tied(t, dir, 5_000)
	good := readText(t, bill)
	for name, c := range map[string]struct{ from, to, want string }{
		"amount": {",10.00,0.05,2026-01-05,26%013d,", ",1O.00,0.05,2026-01-05,26%013d,", "1O.00"},
		"date":   {",10.00,0.05,2026-01-05,26%013d,", ",10.00,0.05,2026-13-45,26%013d,", "2026-13-45"},
	} {
		p := newProgram(t, scenarioConfig)
		row := func(pattern string) string { return fmt.Sprintf(pattern, 2_500) }
		bad := writeFile(t, dir, "bad_"+name+".csv", []byte(strings.Replace(good, row(c.from), row(c.to), 1)))
		got := p.run("import", bad)
		if place := fmt.Sprintf(".csv:%d:", 2_500-tiedOnly+2); got.code != exitRefused || !strings.Contains(got.stderr, c.want) || !strings.Contains(got.stderr, place) {
			t.Errorf("%s: exit code %d, %s (want %s)", name, got.code, got.stderr, place)
		}
		if rows := ask[[]map[string]any](p, "query", "SELECT * FROM fct_settlement_lines LIMIT 1"); len(rows) != 0 {
			t.Errorf("%s: a part was kept: %v", name, rows)
		}
		p.must(exitFine, "import", bill)
		if rows := ask[[]map[string]string](p, "query", "SELECT toString(count()) AS n FROM fct_settlement_lines"); rows[0]["n"] != "5000" {
			t.Errorf("%s: the corrected file gave %v lines", name, rows)
		}
	}
}
