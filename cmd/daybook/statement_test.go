package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"daybook/adapters/simulator"
	"daybook/ledger"
	"daybook/projections"
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

// The same on a made-up day with every kind of mistake: also what another provider settled
// than the till says is owed by the one that settled it, once that is accepted, and by the
// other again once that is taken back.
func TestEveryKindSettledLeavesNothingOwed(t *testing.T) {
	t.Parallel()
	made, err := simulator.Generate(simulator.Options{Seed: 3, Day: madeUpDay, Stores: 2, TerminalsPerStore: 2, Payments: 300, Breaks: 2})
	if err != nil {
		t.Fatal(err)
	}
	p := configured(t, bytes.ReplaceAll(made.Config, []byte(`approve: {CNY: "50000.00"}`), []byte(`approve: {CNY: "50000.00", HKD: "50000.00"}`)))
	dir := t.TempDir()
	var paths []string
	for _, file := range made.Files {
		paths = append(paths, writeFile(t, dir, filepath.Base(file.Name), file.Data))
	}
	p.must(exitFine, append([]string{"import"}, paths...)...)
	waiting, ids, elsewhere, foreign := map[string]int64{}, map[string][]string{}, "", []projections.BreakRow(nil)
	owed := func() map[string]int64 {
		owed := map[string]int64{}
		for _, r := range ask[accountStatement](p, "statement", "--from", madeUpDay.String(), "--to", "2026-01-31").Receivables {
			owed[string(r.Provider)+" "+string(r.Currency)] = r.Closing
		}
		return owed
	}
	for _, b := range p.breaks() {
		how := "write_off"
		switch {
		case b.Kind == reconcile.TimingNextDay:
			waiting[string(b.Provider)+" "+string(b.Currency)] += b.Amount
			continue
		case b.Kind == reconcile.FileMissing: // its money has come, and its fee is not known yet
			waiting[string(b.Provider)+" "+string(b.Currency)] += b.Expected - made.Key.Late.Total.NetMinor
			continue
		case b.Kind == reconcile.CurrencyMismatch:
			how, foreign = "accept", append(foreign, b)
		case b.Kind == reconcile.MethodMismatch:
			how, elsewhere = "accept", b.ID
		case b.Provider == "" || b.Expected == b.Actual || b.Kind == reconcile.ControlTotalMismatch:
			how = "accept"
		}
		ids[how] = append(ids[how], b.ID)
	}
	for how, ids := range ids {
		p.must(exitFine, append([]string{"breaks", "propose", "--how", how, "--reason", "r", "--as", "li.na", "--yes"}, ids...)...)
		p.must(exitFine, append([]string{"breaks", "approve", "--as", "zhao.min", "--on", "2026-01-07", "--yes"}, ids...)...)
	}
	same := func(want, got map[string]int64) {
		t.Helper()
		for _, provider := range made.Key.Totals {
			for key, closing := range got {
				if strings.HasPrefix(key, string(provider.Provider)+" ") && want[key] != closing {
					t.Errorf("%s is owed %d, want %d", key, closing, want[key])
				}
			}
		}
	}
	same(waiting, owed())
	p.accounts()

	// What was taken in one currency and settled in another: entries that tie in both, with the
	// rate that comes of them in the statement, and in the reason.
	if len(foreign) == 0 {
		t.Fatal("nothing was taken in another currency")
	}
	exchanges := func() map[string]projections.ExchangeRow {
		list := map[string]projections.ExchangeRow{}
		for _, e := range ask[accountStatement](p, "statement", "--from", madeUpDay.String(), "--to", "2026-01-31").Exchanges {
			list[e.Break+fmt.Sprint(e.Reversal)] = e
		}
		return list
	}
	for _, b := range foreign {
		e := exchanges()[b.ID+"false"]
		rate := ledger.Minor(b.Expected, b.ExpectedCurrency).ExchangeRate(ledger.Minor(b.Actual, b.ActualCurrency))
		if e.Provider != b.Provider || e.Taken != b.Expected || e.TakenCurrency != b.ExpectedCurrency || e.Settled != b.Actual || e.SettledCurrency != b.ActualCurrency || e.Rate != rate || rate == "" {
			t.Errorf("%+v became the entry %+v", b, e)
		}
		if got := p.run("breaks", "explain", b.ID); !strings.Contains(got.stdout, "1 HKD = "+rate+" CNY") {
			t.Errorf("no rate %s is said: %s", rate, got.stdout)
		}
	}
	for _, b := range ask[closeStatus](p, "close", "status", "--date", "2026-01-07").Balances {
		if key := string(b.Provider) + " " + string(b.Currency); b.Closing != waiting[key] || b.Closing != b.Opening+b.Owed() {
			t.Errorf("closing says that %s ends at %d, want %d: %+v", key, b.Closing, waiting[key], b)
		}
	}
	evidence := filepath.Join(t.TempDir(), "pack")
	p.must(exitFine, "close", "pack", "--date", madeUpDay.String(), "--to", evidence)
	for _, b := range foreign {
		rate := ledger.Minor(b.Expected, b.ExpectedCurrency).ExchangeRate(ledger.Minor(b.Actual, b.ActualCurrency))
		entry := b.ID + ",accept,2026-01-07,exchange,HKD," + ledger.FormatMinor(b.Expected, "HKD") + "," + rate + ",zhao.min,r"
		if pack := readText(t, filepath.Join(evidence, "entries.csv")); !strings.Contains(pack, entry) {
			t.Errorf("the pack lacks %s:\n%s", entry, pack)
		}
	}
	p.refuses("wang.wei may approve up to", "breaks", "reverse", foreign[0].ID, "--reason", "r", "--as", "wang.wei", "--on", "2026-01-08")
	p.must(exitFine, "breaks", "reverse", foreign[0].ID, "--reason", "r", "--as", "zhao.min", "--on", "2026-01-08")
	back := exchanges()[foreign[0].ID+"true"]
	waiting[string(back.Provider)+" "+string(back.TakenCurrency)] -= back.Taken
	waiting[string(back.Provider)+" "+string(back.SettledCurrency)] += back.Settled
	same(waiting, owed())
	p.accounts()

	// The one entry taken back moves its amount back, between two providers, and no more.
	p.must(exitFine, "breaks", "reverse", elsewhere, "--reason", "r", "--as", "zhao.min", "--on", "2026-01-08")
	moved := int64(0)
	for provider, closing := range owed() {
		if closing != waiting[provider] {
			moved++
		}
	}
	if moved != 2 {
		t.Errorf("taken back, it changes what %d providers owe", moved)
	}
	p.accounts()
}
