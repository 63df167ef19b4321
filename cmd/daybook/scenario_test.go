package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"daybook/projections"
)

const (
	scenarioDir    = "testdata/scenario"
	scenarioConfig = "testdata/scenario.yaml"
	scenarioDay    = "2026-01-05"
)

// scenarioFiles are the files of the day, in no order that matters.
func scenarioFiles() []string {
	return []string{
		filepath.Join(scenarioDir, "pos_ledger.csv"),
		filepath.Join(scenarioDir, "allinpay_104440353310031_20260105.csv"),
		filepath.Join(scenarioDir, "alipay_trade_20260105.csv.zip"),
		filepath.Join(scenarioDir, "wechat_tradebill_ALL_20260105.csv"),
		filepath.Join(scenarioDir, "bank_icbc_20260106.csv"),
	}
}

// scenarioKey is the answer key as it stands in expected.json.
type scenarioKey struct {
	BusinessDate string           `json:"business_date"`
	Counts       map[string]int   `json:"counts"`
	Totals       map[string]int64 `json:"totals"`
	Matched      int              `json:"expected_amount_matched"`
	Breaks       []struct {
		Kind       string `json:"kind"`
		Channel    string `json:"channel"`
		Txn        string `json:"txn_id"`
		RRN        string `json:"rrn"`
		Amount     *int64 `json:"amount_fen"`
		Ledger     *int64 `json:"ledger_fen"`
		Settled    *int64 `json:"settled_fen"`
		Expected   *int64 `json:"expected_fen"`
		Charged    *int64 `json:"charged_fen"`
		Received   *int64 `json:"received_fen"`
		Difference *int64 `json:"difference_fen"`
	} `json:"expected_breaks"`
}

func readScenarioKey(t *testing.T) scenarioKey {
	t.Helper()
	var key scenarioKey
	if err := json.Unmarshal([]byte(readText(t, filepath.Join(scenarioDir, "expected.json"))), &key); err != nil {
		t.Fatal(err)
	}
	if len(key.Breaks) != 12 || key.Matched != 30 || key.BusinessDate != scenarioDay {
		t.Fatalf("the answer key has %d breaks, %d matched, day %s", len(key.Breaks), key.Matched, key.BusinessDate)
	}
	return key
}

// checkScenario compares what the program says with the answer key, fact by fact, and
// returns the breaks.
func checkScenario(t *testing.T, p *program) []projections.BreakRow {
	t.Helper()
	key := readScenarioKey(t)
	breaks := p.breaks()
	if len(breaks) != len(key.Breaks) {
		t.Errorf("%d breaks, the key has %d:\n%v", len(breaks), len(key.Breaks), findings(breaks))
	}
	open := slices.Clone(breaks)
	for _, want := range key.Breaks {
		at := slices.IndexFunc(open, func(b projections.BreakRow) bool {
			reference := want.Txn
			if reference == "" {
				reference = want.RRN
			}
			return string(b.Kind) == want.Kind && b.Channel == want.Channel && (reference == "" || b.Reference == reference)
		})
		if at < 0 {
			t.Errorf("%s %s %s%s is not among the breaks", want.Kind, want.Channel, want.Txn, want.RRN)
			continue
		}
		got := open[at]
		open = slices.Delete(open, at, at+1)
		label := want.Kind + " " + got.Reference
		equal := func(name string, want *int64, got int64) {
			if want != nil && *want != got {
				t.Errorf("%s: %s is %d, the key says %d", label, name, got, *want)
			}
		}
		equal("amount_minor", want.Amount, got.Amount)
		for _, expected := range []*int64{want.Ledger, want.Expected} {
			equal("expected_minor", expected, got.Expected)
		}
		for _, actual := range []*int64{want.Settled, want.Charged, want.Received} {
			equal("actual_minor", actual, got.Actual)
		}
		if want.Difference != nil && (got.Difference == nil || *got.Difference != *want.Difference) {
			t.Errorf("%s: difference_minor is %v, the key says %d", want.Kind, got.Difference, *want.Difference)
		}
		if got.Currency != "CNY" || got.State != "open" || got.BusinessDay.String() != scenarioDay {
			t.Errorf("%s %s: currency %s, state %s, business date %s", want.Kind, got.Reference, got.Currency, got.State, got.BusinessDay)
		}
	}
	for _, b := range open {
		t.Errorf("%s %s %s is not in the key", b.Kind, b.Channel, b.Reference)
	}
	checkScenarioTotals(t, p, key)
	return breaks
}

// checkScenarioTotals compares the control sheet with the key, per provider and to the
// fen. The key has the net of the wallets only; their gross and fee are those that the
// bills' own footers state.
func checkScenarioTotals(t *testing.T, p *program, key scenarioKey) {
	t.Helper()
	st := ask[status](p, "status", "--date", scenarioDay)
	type totals struct {
		Lines                     int
		Gross, Discount, Fee, Net int64
	}
	want := map[string]totals{
		"card":   {key.Counts["card_lines"], key.Totals["card_gross_fen"], 0, key.Totals["card_fee_fen"], key.Totals["card_net_fen"]},
		"alipay": {key.Counts["alipay_lines"], 66723, 100, 400, key.Totals["alipay_net_fen"]},
		"wechat": {key.Counts["wechat_lines"], 18202 - 2147, 100, 97, key.Totals["wechat_net_fen"]},
	}
	matched := 0
	for _, s := range st.Providers {
		if got := (totals{s.Lines, s.Gross, s.Discount, s.Fee, s.Net}); got != want[s.Channel] || s.Currency != "CNY" {
			t.Errorf("%s: the sheet has %+v %s, the key %+v", s.Channel, got, s.Currency, want[s.Channel])
		}
		if s.Ledger != s.Matched+s.Late+s.Differing+s.Waiting || s.Gross != s.MatchedLines+s.LateLines+s.DifferingLines || s.Net != s.Gross-s.Discount-s.Fee {
			t.Errorf("%s: the sheet does not tie: %+v", s.Channel, s)
		}
		delete(want, s.Channel)
		matched += s.MatchedCount
	}
	if len(want) > 0 {
		t.Errorf("the sheet lacks %v", want)
	}
	if matched != key.Matched {
		t.Errorf("%d payments matched, the key says %d", matched, key.Matched)
	}
	if st.Open.Count != len(key.Breaks) {
		t.Errorf("status counts %d open differences, the key has %d", st.Open.Count, len(key.Breaks))
	}
}

// A clerk drops yesterday's files in, in whatever order they come, and again: the same
// twelve differences, and nothing twice.
func TestScenario(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(20260105, 1))
	var first []string
	for round := range 3 {
		p := newProgram(t, scenarioConfig)
		order := scenarioFiles()
		dice.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		if round%2 == 0 {
			p.must(exitFine, append([]string{"import"}, order...)...)
		} else {
			for _, file := range order {
				p.must(exitFine, "import", file)
			}
		}
		got := findings(checkScenario(t, p))
		if first == nil {
			first = got
		}
		if diff := difference(first, got); diff != "" {
			t.Errorf("files in the order %v give other breaks: %s", order, diff)
		}
		p.importsAgain(order)
		if t.Failed() {
			t.Fatalf("after %v, one by one: %v", order, round%2 != 0)
		}
	}
}

// importsAgain imports files that are in already: nothing may change.
func (p *program) importsAgain(files []string) {
	p.t.Helper()
	tables, head := p.stored(), p.head()
	for _, taken := range ask[[]taken](p, append([]string{"import"}, files...)...) {
		if !taken.Already {
			p.t.Errorf("%s is said to be new: %+v", taken.File, taken)
		}
	}
	if again := p.head(); again != head {
		p.t.Errorf("the second import moved the journal from %d to %d", head, again)
	}
	again := p.stored()
	if diff := differenceOf(tables, again); diff != "" {
		p.t.Errorf("the second import changed the tables: %s", diff)
	}
	key := readScenarioKey(p.t)
	payments := ask[[]map[string]string](p, "query", "SELECT toString(count()) AS n FROM fct_payments")[0]["n"]
	if payments != fmt.Sprint(key.Counts["ledger"]) {
		p.t.Errorf("%s payments in the tables, %d in the file", payments, key.Counts["ledger"])
	}
}
