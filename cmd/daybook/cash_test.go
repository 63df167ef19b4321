package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// cashTill is a day of one drawer: it opens with 500.00, sells for 300.00 and 40.00, gives
// 20.00 back, pays 15.00 for stamps, drops 200.00 into the safe, and is counted.
func cashTill(t *testing.T, dir, day string, seq int, counted string) string {
	t.Helper()
	var out strings.Builder
	action := func(kind, at, fields string) {
		fmt.Fprintf(&out, `{"kind":%q,"terminal":"T1","seq":%d,"store":"S001","at":"%sT%s+08:00","currency":"CNY",%s}`+"\n", kind, seq, day, at, fields)
		seq++
	}
	tender := func(amount string) string {
		return fmt.Sprintf(`"tenders":[{"payment":"P-%s-%d","channel":"cash","amount":%q,"outcome":"approved"}],"total":%q`, day, seq, amount, amount)
	}
	action("drawer_open", "08:00:00", `"drawer":"D1","float":"500.00"`)
	action("sale", "09:00:00", `"sale":"R1",`+tender("300.00"))
	action("sale", "10:00:00", `"sale":"R2",`+tender("40.00"))
	action("refund", "11:00:00", `"refund":"R3",`+tender("20.00"))
	action("cash_out", "12:00:00", `"drawer":"D1","amount":"15.00","reason":"stamps"`)
	action("cash_out", "14:00:00", `"drawer":"D1","amount":"200.00","reason":"drop into the safe"`)
	action("drawer_count", "22:00:00", fmt.Sprintf(`"drawer":"D1","counted":%q`, counted))
	return writeFile(t, dir, "till_"+day+".ndjson", []byte(out.String()))
}

// icbcStatement has a credit for each amount, with a remark.
func icbcStatement(t *testing.T, dir, day string, amounts map[string]int64) string {
	t.Helper()
	text, balance := "[HISTORYDETAIL]\n凭证号,交易时间,对方单位,对方账号,转入金额,转出金额,余额,用途,摘要,附言\n", int64(100_000)
	row := 0
	for _, memo := range slices.Sorted(func(yield func(string) bool) {
		for memo := range amounts {
			if !yield(memo) {
				return
			}
		}
	}) {
		row++
		balance += amounts[memo]
		text += fmt.Sprintf("%s%03d,%s 10:%02d:00,现金,1001,%s,,%s,存款,现金缴存,%s\n", strings.ReplaceAll(day, "-", "")[2:], row, day, row,
			ledger.FormatMinor(amounts[memo], "CNY"), ledger.FormatMinor(balance, "CNY"), memo)
	}
	return writeFile(t, dir, "icbc_"+day+".csv", []byte(text))
}

// What a store's drawers were counted to hold, less the change and with what went into the
// safe, has to be at the bank on the due day: in doubt before it, and a difference after it.
func TestCashDeposits(t *testing.T) {
	t.Parallel()
	text := strings.Replace(readText(t, scenarioConfig), "{id: S001, name: 晨曦一店}", "{id: S001, name: 晨曦一店, deposit: {reference: 缴款S001, bank: icbc}}", 1)
	dir := t.TempDir()
	monday, tuesday, wednesday := cashTill(t, dir, "2026-01-05", 1, "604.00"), cashTill(t, dir, "2026-01-06", 8, "605.00"), cashTill(t, dir, "2026-01-07", 15, "605.00")
	files := []string{monday, tuesday, wednesday,
		icbcStatement(t, dir, "2026-01-06", map[string]int64{"缴款S001 20260105": 30_400, "缴款S002 20260105": 9_900}),
		icbcStatement(t, dir, "2026-01-07", map[string]int64{"缴款S001 20260106": 30_000}),
		icbcStatement(t, dir, "2026-01-08", map[string]int64{"else": 100}),
	}
	p := configured(t, []byte(text))
	p.must(exitFine, "import", monday)
	if got := p.doubts()["cash payout_not_received"]; got != "2026-01-06" {
		t.Errorf("the deposit is expected by %q: %v", got, p.doubts())
	}
	if open := p.openChecks(reconcile.PayoutsKnown); !slices.Contains(open, "cash S001") {
		t.Errorf("in the way of signing: %v", open)
	}
	sheet := func(day string) projections.DepositRow {
		t.Helper()
		cash := ask[status](p, "status", "--date", day).Cash
		if len(cash) != 1 {
			t.Fatalf("the cash of %s is %+v", day, cash)
		}
		d := cash[0]
		if d.Sold+d.In-d.Out+d.OverShort != d.ToDeposit {
			t.Errorf("%s does not tie: %+v", day, d)
		}
		return d
	}
	if d := sheet("2026-01-05"); d.Sold != 32_000 || d.Out != 1_500 || d.ToDeposit != 30_400 || d.OverShort != -100 || d.State != reconcile.PayoutPending {
		t.Errorf("Monday's cash is %+v", d)
	}
	if out := p.run("status", "--date", "2026-01-05").stdout; !strings.Contains(out, "S001, cash CNY: sold 320.00 + paid in 0.00 - paid out 15.00 + over or short -1.00 = to deposit 304.00 = deposited 0.00 + on its way 304.00 + missing 0.00 (due 2026-01-06)") {
		t.Errorf("the sheet is\n%s", out)
	}
	p.must(exitFine, append([]string{"import"}, files[1:]...)...)
	check := func() []string {
		t.Helper()
		for day, state := range map[string]reconcile.PayoutState{"2026-01-05": reconcile.PayoutReceived, "2026-01-06": reconcile.PayoutDiffers, "2026-01-07": reconcile.PayoutAbsent} {
			if d := sheet(day); d.State != state {
				t.Errorf("%s: %+v", day, d)
			}
		}
		var found []projections.BreakRow
		for _, b := range p.breaks() {
			if b.Channel == "cash" {
				found = append(found, b)
			}
		}
		return findings(found)
	}
	first := check()
	if len(first) != 2 || !strings.Contains(first[0], "payout_not_received cash S001 2026-01-07 30500 0 30500") && !strings.Contains(fmt.Sprint(first), "payout_not_received") || !strings.Contains(fmt.Sprint(first), "payout_short") {
		t.Errorf("the differences are %v", first)
	}
	for lang, word := range map[string]string{"en": "store S001 counted 305.00 CNY to deposit, the bank received 300.00 CNY", "zh": "门店 S001 清点应存"} {
		if out := p.run("--lang", lang, "breaks", "--channel", "cash").stdout; !strings.Contains(out, word) {
			t.Errorf("%q is not said in\n%s", word, out)
		}
	}

	// The evidence of the day has it, the same bytes whenever it is written.
	packs := []string{filepath.Join(dir, "pack one"), filepath.Join(dir, "pack two")}
	for _, pack := range packs {
		p.must(exitFine, "close", "pack", "--date", "2026-01-06", "--dir", pack)
	}
	for _, name := range []string{"deposits.csv", "pack.xlsx", "report.html", "manifest.json"} {
		if one, two := readText(t, filepath.Join(packs[0], name)), readText(t, filepath.Join(packs[1], name)); one != two {
			t.Errorf("%s is written otherwise the second time", name)
		}
	}
	if got, want := readText(t, filepath.Join(packs[0], "deposits.csv")), "S001,CNY,2026-01-07,2026-01-06,320.00,0.00,15.00,0.00,305.00,300.00,differs,"; !strings.Contains(got, want) {
		t.Errorf("the pack lacks %s:\n%s", want, got)
	}
	if page := readText(t, filepath.Join(packs[0], "report.html")); !strings.Contains(page, "Cash to the bank") || !strings.Contains(page, "305.00") {
		t.Error("the page lacks the stores' cash")
	}

	// A shortage is booked: it leaves what the stores owe, to over and short.
	short := "S001 2026-01-06"
	p.must(exitFine, "breaks", "propose", short, "--how", "correction", "--account", "over_short", "--reason", "counted once more", "--as", "li.na")
	p.must(exitFine, "breaks", "approve", short, "--as", "wang.wei")
	book := map[reconcile.Account]int64{}
	for _, account := range ask[[]projections.AccountRow](p, "book") {
		book[account.Account] = account.Balance
	}
	if book[reconcile.OverShort] != 500 || book["receivable:cash"] != -500 {
		t.Errorf("the book is %v", book)
	}

	// With the shortage booked, what is left to come is what nothing was seen of.
	if open := ask[[]map[string]string](p, "query", "SELECT toString(sum(movement_minor)) AS owed FROM agg_receivables WHERE provider = 'cash'"); open[0]["owed"] != "30500" {
		t.Errorf("the stores owe %v", open)
	}

	// In another order it comes to the same; the late line closes what was missing.
	other := configured(t, []byte(text))
	slices.Reverse(files)
	for _, file := range files {
		other.must(exitFine, "import", file)
	}
	p = other
	if diff := difference(first, check()); diff != "" {
		t.Errorf("in another order: %s", diff)
	}
	other.must(exitFine, "import", icbcStatement(t, dir, "2026-01-09", map[string]int64{"缴款S001 20260107": 30_500}))
	if d := sheet("2026-01-07"); d.State != reconcile.PayoutReceived || other.kinds()[reconcile.PayoutNotReceived] != 0 {
		t.Errorf("after the late line: %+v, %v", d, other.kinds())
	}
	configured(t, []byte(strings.Replace(text, "reference: 缴款S001, ", "", 1))).refuses("reference", "fees")
}
