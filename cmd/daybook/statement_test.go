package main

import (
	"testing"

	"daybook/reconcile"
)

// A statement's sums tie with the answer key, its stores add up to the whole, and what a
// provider owes at the end of one period is what it owes before the next.
func TestStatement(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	lost := breaks["L260105-0002/missing_in_settlement"]
	p.must(exitFine, "breaks", "propose", lost.ID, "--how", "write_off", "--reason", "r", "--as", "li.na")
	p.must(exitFine, "breaks", "approve", lost.ID, "--as", "zhao.min", "--on", "2026-01-07")

	of := func(args ...string) (s accountStatement, gross, fee, net map[string]int64) {
		s = ask[accountStatement](p, append([]string{"statement"}, args...)...)
		gross, fee, net = map[string]int64{}, map[string]int64{}, map[string]int64{}
		for _, r := range s.Days {
			gross[string(r.Provider)] += r.Gross
			fee[string(r.Provider)] += r.Fee
			net[string(r.Provider)] += r.Net
			if r.Net != r.Gross-r.Discount-r.Fee {
				t.Errorf("%+v", r)
			}
		}
		for _, r := range s.Receivables {
			if r.Closing != r.Opening+r.Sold-r.Coupons-r.ContractFee-r.Received+r.Adjusted {
				t.Errorf("%+v", r)
			}
		}
		return s, gross, fee, net
	}
	whole, gross, fee, net := of("--from", scenarioDay)
	key := readScenarioKey(t).Totals
	for name, got := range map[string]int64{"card_gross_fen": gross["allinpay"], "card_fee_fen": fee["allinpay"], "card_net_fen": net["allinpay"],
		"alipay_net_fen": net["alipay"], "wechat_net_fen": net["wechat"]} {
		if got != key[name] {
			t.Errorf("%s: the statement has %d, the key %d", name, got, key[name])
		}
	}
	sum := map[string]int64{}
	for _, store := range []string{"S001", "S002"} {
		part, _, _, net := of("--from", scenarioDay, "--store", store)
		if len(part.Receivables) != 0 || len(part.Days) == 0 {
			t.Errorf("of one store: %+v", part)
		}
		for id, amount := range net {
			sum[id] += amount
		}
	}
	for id := range net {
		if id != "alipay" && id != "wechat" && sum[id] != net[id] { // wallets do not name the store of what has no payment
			t.Errorf("%s: the stores come to %d, all to %d", id, sum[id], net[id])
		}
	}
	later, _, _, _ := of("--from", "2026-01-06", "--to", "2026-01-31")
	for n, r := range whole.Receivables {
		next := later.Receivables[n]
		if next.Opening != r.Closing || r.Opening != 0 {
			t.Errorf("%+v goes on as %+v", r, next)
		}
		if r.Provider == "allinpay" && next.Adjusted != -33870 {
			t.Errorf("the write-off is missing: %+v", next)
		}
	}
	one, _, _, _ := of("--from", scenarioDay, "--mid", "104440353310031")
	for _, r := range one.Days {
		if r.Provider != "allinpay" {
			t.Errorf("of one merchant id: %+v", r)
		}
	}
	p.refuses("--from", "statement")
	p.refuses("2026-01-05 comes after 2026-01-01", "statement", "--from", "2026-01-05", "--to", "2026-01-01")
}

// When every difference is settled by an entry, no provider owes anything beyond what was
// claimed and what is still to come.
func TestEverythingSettledLeavesNothingOwed(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	waiting := map[string]int64{}
	for _, b := range breaks {
		how := []string{"--how", "write_off"}
		switch b.Kind {
		case reconcile.TimingNextDay:
			waiting[string(b.Provider)] += b.Amount
			continue
		case reconcile.FeeDeviation, reconcile.PayoutNotReceived:
			how = []string{"--how", "claim"}
		case reconcile.MissingInLedger:
			how = []string{"--how", "correction", "--account", "suspense"}
		}
		p.must(exitFine, append([]string{"breaks", "propose", b.ID, "--reason", "r", "--as", "li.na"}, how...)...)
		p.must(exitFine, "breaks", "approve", b.ID, "--as", "zhao.min", "--on", "2026-01-07")
	}
	s := ask[accountStatement](p, "statement", "--from", scenarioDay, "--to", "2026-01-31")
	if len(s.Receivables) != 3 {
		t.Errorf("receivables of %d providers", len(s.Receivables))
	}
	for _, r := range s.Receivables {
		if r.Closing != waiting[string(r.Provider)] {
			t.Errorf("%s owes %d, and %d is to come: %+v", r.Provider, r.Closing, waiting[string(r.Provider)], r)
		}
	}
	p.accounts()
}
