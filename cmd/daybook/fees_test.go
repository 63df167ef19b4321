package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// The schedule shows the fees of a day and no others.
func TestFeeSchedule(t *testing.T) {
	t.Parallel()
	text := readText(t, scenarioConfig)
	text = strings.Replace(text, "      - {card: credit, rate: 0.60%}\n", `      - {card: credit, rate: 0.60%, until: 2026-01-05}
      - {card: credit, rate: 0.55%, flat: "0.30", at_least: "1000.00", mid: "104440353310031", rounding: half_even, from: 2026-01-06}
      - {card: foreign, rate: 1.80%, from: 2026-01-06, until: 2026-01-06}
`, 1)
	p := configured(t, []byte(text))
	for day, want := range map[string]int{"2026-01-05": 4, "2026-01-06": 5, "2026-01-07": 4} {
		if got := ask[[]feeForPrograms](p, "fees", "--date", day); len(got) != want {
			t.Errorf("%s: %+v", day, got)
		}
	}
	out := p.must(exitFine, "fees", "schedule", "--date", "2026-01-06")
	for _, want := range []string{"0.55%", "half_even", "1000.00", "0.30", "104440353310031", "2026-01-06 – 2026-01-06", "returned"} {
		if !strings.Contains(out, want) {
			t.Errorf("the schedule lacks %q:\n%s", want, out)
		}
	}
	p = configured(t, []byte(strings.Replace(text, "half_even", "bankers", 1)))
	p.refuses(`"bankers"`, "fees")
}

// The claim list is the open fee differences; the sums tie with them.
func TestFeeClaims(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	fee := breaks["L260105-0009/fee_deviation"]
	claims := ask[feeClaims](p, "fees", "claims")
	if len(claims.Claims) != 1 || claims.Claims[0].ID != fee.ID || len(claims.Sums) != 1 || claims.Sums[0].Over != fee.Actual-fee.Expected ||
		claims.Sums[0].Overcharged != 1 || claims.Sums[0].Under != 0 || claims.Sums[0].Net != claims.Sums[0].Over {
		t.Errorf("the claims are %+v", claims)
	}
	if out := p.must(exitFine, "fees", "claims"); !strings.Contains(out, "allinpay: charged too much 0.15 CNY in 1 rows") {
		t.Errorf("%s", out)
	}
	if later := ask[feeClaims](p, "fees", "claims", "--from", "2026-01-06"); len(later.Claims) != 0 {
		t.Errorf("claims of later days: %+v", later)
	}
}

// Ages fall into the bands of the month-end report, at their edges too.
func TestAgeing(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	for on, band := range map[string]string{"2026-01-05": "0-1", "2026-01-06": "0-1", "2026-01-07": "2-3", "2026-01-09": "4-7", "2026-01-12": "4-7", "2026-01-13": "8-30", "2026-02-04": "8-30", "2026-02-05": ">30"} {
		count, amount, want := 0, int64(0), int64(0)
		for _, row := range ask[[]ageRow](p, "breaks", "ageing", "--on", on) {
			if row.Age != band {
				t.Errorf("on %s: %+v, not %s", on, row, band)
			}
			count, amount = count+row.Count, amount+row.Amount
		}
		for _, b := range breaks {
			want += b.Amount
		}
		if count != len(breaks) || amount != want {
			t.Errorf("on %s: %d differences of %d, %d of %d", on, count, len(breaks), amount, want)
		}
	}
	p.refuses(`"moon"`, "breaks", "ageing", "--by", "moon")
	for _, by := range []string{"store", "terminal", "assignee"} {
		if rows := ask[[]ageRow](p, "breaks", "ageing", "--by", by); len(rows) == 0 {
			t.Errorf("nothing by %s", by)
		}
	}
	mixed := ageing([]projections.BreakRow{{Amount: 1, Currency: "CNY"}, {Amount: 2, Currency: "JPY"}, {Amount: 3, Currency: "CNY"}}, breaks["L260105-0002/"+string(reconcile.MissingInSettlement)].BusinessDay,
		func(projections.BreakRow) string { return "x" })
	if len(mixed) != 2 || mixed[0].Amount != 4 || mixed[1].Amount != 2 {
		t.Errorf("currencies were mixed: %+v", mixed)
	}
}

// billRow is a row of a bill from Allinpay: a card sale, or a refund where gross is negative.
type billRow struct {
	number     int
	card       string // 622202******3321
	kind       string // 借记卡 or 贷记卡
	gross, fee int64  // fen
}

// allinpayBill writes a day's bill.
func allinpayBill(t *testing.T, dir, day string, rows ...billRow) string {
	t.Helper()
	bill := "商户号,终端号,交易时间,交易类型,交易批次号,凭证号,参考号,卡号,卡类别,交易金额,手续费,交易日期,交易单号,订单号,结算金额\n"
	for _, r := range rows {
		what := "消费"
		if r.gross < 0 {
			what = "退货"
		}
		yuan := func(fen int64) string { return ledger.FormatMinor(fen, "CNY") }
		bill += fmt.Sprintf("104440353310031,01080209,10:%02d:00,%s,000013,%06d,%s%06d,%s,%s,%s,%s,%s,%s%06d,,%s\n",
			r.number, what, r.number, strings.ReplaceAll(day, "-", "")[2:], r.number, r.card, r.kind, yuan(r.gross), yuan(r.fee), day, strings.ReplaceAll(day, "-", ""), r.number, yuan(r.gross-r.fee))
	}
	return writeFile(t, dir, "allinpay_"+day+".csv", []byte(bill))
}

// contract is the scenario's configuration with other fees for cards.
func contract(t *testing.T, fees string) *program {
	t.Helper()
	text := readText(t, scenarioConfig)
	before, rest, found := strings.Cut(text, "      - {card: debit,  rate: 0.50%}")
	_, after, ends := strings.Cut(rest, "      - {card: credit, rate: 0.60%}\n")
	if !found || !ends {
		t.Fatal("the scenario's fees have changed")
	}
	return configured(t, []byte(before+fees+after))
}

// deviations are the claims: what the contract gives and what was charged, by reference.
func (p *program) deviations() map[string][2]int64 {
	p.t.Helper()
	found := map[string][2]int64{}
	for _, b := range ask[feeClaims](p, "fees", "claims").Claims {
		found[b.Reference] = [2]int64{b.Expected, b.Actual}
	}
	return found
}

// The vectors of the reconciliation rules (fee = clamp(round_half_up(amount × ppm / 10⁶),
// min, cap)), each charged rightly, one fen too much and one too little.
func TestFeeVectors(t *testing.T) {
	t.Parallel()
	p := contract(t, `      - {card: debit, scheme: visa, rate: 0.38%}
      - {card: debit, scheme: mastercard, rate: 0.50%, cap: "20.00"}
      - {card: debit, rate: 0.50%}
      - {card: credit, rate: 0.60%}
`)
	vectors := []billRow{
		{1, "622202******3321", "贷记卡", 19_999, 120},
		{2, "555555******4444", "借记卡", 1_234_567, 2_000},
		{3, "411111******1111", "借记卡", 1_316, 5},
		{4, "622202******3321", "借记卡", 100, 1},
	}
	var rows []billRow
	want := map[string][2]int64{}
	for _, v := range vectors {
		for n, off := range []int64{0, 1, -1} {
			row := v
			row.number, row.fee = 10*v.number+n, v.fee+off
			if rows = append(rows, row); off != 0 {
				want[fmt.Sprintf("260105%06d", row.number)] = [2]int64{v.fee, row.fee}
			}
		}
		v.number, v.gross, v.fee = 10*v.number+3, -v.gross, -v.fee // the fee comes back with the money
		rows = append(rows, v)
	}
	p.must(exitFine, "import", allinpayBill(t, t.TempDir(), "2026-01-05", rows...))
	if got := p.deviations(); !maps.Equal(got, want) {
		t.Errorf("the claims are %v, want %v", got, want)
	}
	sums := ask[feeClaims](p, "fees", "claims").Sums
	if len(sums) != 1 || sums[0].Overcharged != 4 || sums[0].Over != 4 || sums[0].Undercharged != 4 || sums[0].Under != 4 || sums[0].Net != 0 {
		t.Errorf("the sums are %+v", sums)
	}
	schedule := ask[[]feeForPrograms](p, "fees", "--date", "2026-01-05")
	if schedule[0].Scheme != "visa" || schedule[0].Rate != "0.38%" || schedule[1].Cap != "20.00" || schedule[2].Scheme != "" {
		t.Errorf("the schedule is %+v", schedule)
	}
	if counts := ask[[]struct{ Scheme, N string }](p, "query", "SELECT scheme AS Scheme, toString(count()) AS N FROM fct_settlement_lines GROUP BY scheme ORDER BY scheme"); len(counts) != 3 || counts[2].Scheme != "visa" || counts[2].N != "4" {
		t.Errorf("rows by scheme: %v", counts)
	}
}

// The rate falls with the turnover of the month: in parts, or for all of it. What stands in
// the end does not depend on the order in which the bills came, and another month, or
// another merchant, begins anew.
func TestFeesByTurnover(t *testing.T) {
	t.Parallel()
	const card = "622202******3321"
	tiers := `[{turnover: "1000.00", rate: 0.50%}, {turnover: "3000.00", rate: 0.40%}]`
	bills := func(dir string) []string {
		return []string{
			allinpayBill(t, dir, "2026-01-05", billRow{1, card, "贷记卡", 80_000, 480}, billRow{2, card, "贷记卡", 40_000, 240}), // to 800.00, 1200.00
			allinpayBill(t, dir, "2026-01-06", billRow{1, card, "贷记卡", 200_000, 1_200}),                                    // to 3200.00
			allinpayBill(t, dir, "2026-01-07", billRow{1, card, "贷记卡", -40_000, -240}),                                     // back to 2800.00
			allinpayBill(t, dir, "2026-02-01", billRow{1, card, "贷记卡", 80_000, 480}),
		}
	}
	for volume, want := range map[string]map[string][2]int64{
		// 200.00 at 0.6% and 200.00 at 0.5%; 1800.00 at 0.5% and 200.00 at 0.4%; and back.
		"marginal": {"260105000002": {220, 240}, "260106000001": {980, 1_200}, "260107000001": {-180, -240}},
		// The month comes to 2800.00: all of it at 0.5%.
		"whole": {"260105000001": {400, 480}, "260105000002": {200, 240}, "260106000001": {1_000, 1_200}, "260107000001": {-200, -240}},
	} {
		for _, backwards := range []bool{false, true} {
			p := contract(t, "      - {rate: 0.60%, volume: "+volume+", tiers: "+tiers+"}\n")
			files := bills(t.TempDir())
			if backwards {
				slices.Reverse(files)
			}
			for _, file := range files {
				p.must(exitFine, "import", file)
			}
			if got := p.deviations(); !maps.Equal(got, want) {
				t.Errorf("%s, backwards %v: the claims are %v, want %v", volume, backwards, got, want)
			}
			st := ask[status](p, "status", "--date", "2026-01-06").Providers[0]
			if st.ContractFee != want["260106000001"][0] {
				t.Errorf("%s: the sheet's contract fee is %d", volume, st.ContractFee)
			}
			if out := p.must(exitFine, "fees"); !strings.Contains(out, "1000.00 0.5%, 3000.00 0.4%") {
				t.Errorf("the schedule does not show the tiers:\n%s", out)
			}
			// The correction of one day takes the days after it along.
			less := allinpayBill(t, t.TempDir(), "2026-01-05", billRow{1, card, "贷记卡", 10_000, 60})
			p.must(exitFine, "import", "--correction", less)
			after := map[string]map[string][2]int64{
				// To 100.00; to 2100.00: 900.00 at 0.6%, 1100.00 at 0.5%; back to 1700.00.
				"marginal": {"260106000001": {540 + 550, 1_200}, "260107000001": {-200, -240}},
				"whole":    {"260105000001": {50, 60}, "260106000001": {1_000, 1_200}, "260107000001": {-200, -240}},
			}[volume]
			if got := p.deviations(); !maps.Equal(got, after) {
				t.Errorf("%s, corrected: the claims are %v, want %v", volume, got, after)
			}
		}
	}
	for fault, text := range map[string]string{
		"volume:":    "      - {rate: 0.60%, tiers: " + tiers + "}\n",
		`"slope"`:    "      - {rate: 0.60%, volume: slope, tiers: " + tiers + "}\n",
		`"1.00"`:     "      - {rate: 0.60%, volume: whole, tiers: [{turnover: \"2.00\", rate: 0.5%}, {turnover: \"1.00\", rate: 0.4%}]}\n",
		`"vista"`:    "      - {rate: 0.60%, scheme: vista}\n",
		"percentage": "      - {rate: 0.60%, volume: whole, tiers: [{turnover: \"2.00\", rate: low}]}\n",
	} {
		contract(t, text).refuses(fault, "fees")
	}
}
