package main

import (
	"strings"
	"testing"

	"daybook/projections"
	"daybook/reconcile"
)

// The schedule shows the fees of a day and no others.
func TestFeeSchedule(t *testing.T) {
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
