package reconcile_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/reconcile"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The generator draws from small pools, so that times, amounts and references collide.

var (
	someCard, _  = ledger.ParseCardRef("622202******3321")
	otherCard, _ = ledger.ParseCardRef("411111******1111")
)

func pick[T any](t *rapid.T, name string, from ...T) T { return rapid.SampledFrom(from).Draw(t, name) }

func drawAmount(t *rapid.T) ledger.Money {
	return ledger.Minor(pick[int64](t, "amount", 100, 100, 200, 300, 0), pick[ledger.Currency](t, "currency", "CNY", "CNY", "CNY", "JPY", "KWD"))
}

func drawTime(t *rapid.T) time.Time {
	return at(monday, 9, pick(t, "minute", 0, 0, 8, 11, 16, 40))
}

func drawItem(t *rapid.T, n int) reconcile.Item {
	item := reconcile.Item{
		ID: fmt.Sprintf("T/%d/0", n+8), Reference: pick(t, "payment", "P1", "P2", fmt.Sprint("Q", n)), Position: ledger.Position(n + 1),
		Day: monday, BusinessDay: monday, At: drawTime(t), Amount: drawAmount(t),
		Provider: pick[ledger.ProviderID](t, "provider", "acquirer", "acquirer", "wallet"),
		Kind:     pick(t, "kind", reconcile.SaleLine, reconcile.SaleLine, reconcile.SaleLine, reconcile.RefundLine, reconcile.VoidLine),
		Expect:   pick(t, "expect", reconcile.Settles, reconcile.Settles, reconcile.Settles, reconcile.Uncertain, reconcile.Reversed, reconcile.Declined),
	}
	if item.Kind != reconcile.SaleLine {
		item.Amount = item.Amount.Neg()
		item.Original = pick(t, "original", "P1", "P2", "")
		item.OriginalNo = pick(t, "original no", "", "O1", "O2")
	}
	item.MID, item.TID = "M1", pick[ledger.TID](t, "tid", "T1", "T1", "T2")
	item.RRN = pick[ledger.RRN](t, "rrn", "", "", "R1", "R2")
	item.Batch, item.STAN = pick[ledger.BatchNo](t, "batch", "", "B1"), pick[ledger.STAN](t, "stan", "", "S1", "S2")
	item.AuthCode, item.Card = pick[ledger.AuthCode](t, "auth", "", "A1"), pick(t, "card", someCard, someCard, otherCard, ledger.CardRef{})
	item.OrderNo, item.ProviderNo = pick(t, "order", "", "", "O1", "O2"), pick(t, "provider no", "", "", "X1")
	return item
}

// drawLine draws a line by itself, or after an item with up to two things changed.
func drawLine(t *rapid.T, n int, items []reconcile.Item) reconcile.Entry {
	fresh := drawItem(t, n)
	from := fresh
	if len(items) > 0 && rapid.IntRange(0, 3).Draw(t, "alone") > 0 {
		from = pick(t, "of", items...)
		for range rapid.IntRange(0, 2).Draw(t, "changes") {
			switch rapid.IntRange(0, 7).Draw(t, "change") {
			case 0:
				from.Amount = ledger.Minor(fresh.Amount.Abs().Minor*sign(from.Amount.Minor), fresh.Amount.Currency)
			case 1:
				from.TID = fresh.TID
			case 2:
				from.RRN = fresh.RRN
			case 3:
				from.STAN = fresh.STAN
			case 4:
				from.OrderNo = fresh.OrderNo
			case 5:
				from.Provider = fresh.Provider
			case 6:
				from.At = fresh.At
			case 7:
				from.ProviderNo = fresh.ProviderNo
			}
		}
	}
	line := reconcile.Line{
		Row: n + 2, Kind: from.Kind, Day: monday, At: from.At, Currency: from.Amount.Currency, Gross: from.Amount.Minor, Net: from.Amount.Minor,
		Channel: "card", MID: from.MID, TID: from.TID, Batch: from.Batch, STAN: from.STAN, RRN: from.RRN, AuthCode: from.AuthCode, Card: from.Card,
		CardKind: pick(t, "card kind", "debit", "prepaid"), OrderNo: from.OrderNo, OriginalNo: from.OriginalNo, ProviderNo: from.ProviderNo,
	}
	switch rapid.IntRange(0, 11).Draw(t, "other kind") {
	case 0:
		line.Kind, line.Gross, line.Net = reconcile.ReversalLine, -line.Gross, -line.Net
	case 1:
		line.Kind = pick(t, "no payment", reconcile.FeeLine, reconcile.ChargebackLine, reconcile.OtherLine, reconcile.AdjustmentLine)
	case 2:
		if line.Kind == reconcile.RefundLine {
			line.OrderNo = ""
		}
	case 3:
		line.At = time.Time{}
	}
	statement := pick(t, "statement", "aaaaaaaaaaaa", "bbbbbbbbbbbb")
	return reconcile.Entry{ID: fmt.Sprintf("%s:%d", statement, line.Row), Statement: statement, Provider: from.Provider, Line: line}
}

func sign(n int64) int64 {
	if n < 0 {
		return -1
	}
	return 1
}

func drawInputs(t *rapid.T, atMost int) reconcile.Inputs {
	in := reconcile.Inputs{Day: monday, Reported: map[ledger.ProviderID]bool{"acquirer": true}}
	if rapid.IntRange(0, 2).Draw(t, "wallet reported") > 0 {
		in.Reported["wallet"] = true
	}
	for n := range rapid.IntRange(0, atMost).Draw(t, "items") {
		in.Items = append(in.Items, drawItem(t, n))
	}
	for n := range rapid.IntRange(0, atMost).Draw(t, "lines") {
		in.Lines = append(in.Lines, drawLine(t, n, in.Items))
	}
	if rapid.IntRange(0, 3).Draw(t, "split") == 0 { // one payment in several lines, or several in one
		whole, part := drawItem(t, atMost), drawLine(t, atMost, nil)
		whole.Amount, whole.Expect, whole.OrderNo = ledger.Minor(300*sign(whole.Amount.Minor), whole.Amount.Currency), reconcile.Settles, "O3"
		part.Provider, part.Kind, part.OrderNo, part.Currency = whole.Provider, whole.Kind, "O3", whole.Amount.Currency
		part.Gross = whole.Amount.Minor / 3
		if rapid.Bool().Draw(t, "several lines") {
			rest := part
			rest.Row++
			rest.ID = fmt.Sprintf("%s:%d", rest.Statement, rest.Row)
			rest.Gross = whole.Amount.Minor - part.Gross
			in.Items, in.Lines = append(in.Items, whole), append(in.Lines, part, rest)
		} else {
			rest := whole
			rest.ID += "1"
			rest.Amount.Minor -= part.Gross
			whole.Amount.Minor, part.Gross = part.Gross, whole.Amount.Minor
			in.Items, in.Lines = append(in.Items, whole, rest), append(in.Lines, part)
		}
	}
	if rapid.IntRange(0, 7).Draw(t, "astray") == 0 { // settled under another terminal or another provider
		item := drawItem(t, atMost+2)
		item.Expect, item.RRN, item.OrderNo, item.STAN, item.ProviderNo, item.AuthCode = reconcile.Settles, "R7", "O7", "", "", ""
		if item.Kind != reconcile.SaleLine {
			item.OriginalNo = ""
		}
		line := drawLine(t, atMost+2, []reconcile.Item{item})
		line.Kind, line.Gross, line.Currency, line.RRN, line.OrderNo = item.Kind, item.Amount.Minor, item.Amount.Currency, "R7", ""
		if rapid.Bool().Draw(t, "another terminal") {
			line.Provider, line.TID = item.Provider, "T3"
		} else {
			line.Provider, line.OrderNo = "wallet", "O7"
			item.Provider = "acquirer"
		}
		in.Items, in.Lines = append(in.Items, item), append(in.Lines, line)
	}
	return in
}

// drawTerms draws ours, half of the time with other rules.
func drawTerms(t *rapid.T) *reconcile.Terms {
	terms := ourTerms()
	if rapid.Bool().Draw(t, "the usual rules") {
		return terms
	}
	for n := range rapid.IntRange(1, 4).Draw(t, "rules") {
		r := reconcile.Rule{Name: fmt.Sprint("R", n), Loose: rapid.Bool().Draw(t, "loose"), Alone: rapid.Bool().Draw(t, "alone"),
			Basis: pick(t, "basis", reconcile.OnGross, reconcile.OnGross, reconcile.OnPaid, reconcile.OnNet, reconcile.OnNetTo),
			Shape: pick(t, "shape", reconcile.OneToOne, reconcile.OneToOne, reconcile.InSum, reconcile.Subset),
			Mode:  pick(t, "mode", reconcile.Auto, reconcile.Auto, reconcile.Suggest),
		}
		for range rapid.IntRange(1, 2).Draw(t, "lists") {
			r.Same = append(r.Same, rapid.SliceOfNDistinct(rapid.SampledFrom(reconcile.Fields), 1, 3, rapid.ID[reconcile.Field]).Draw(t, "same"))
		}
		r.Unless = rapid.SliceOfNDistinct(rapid.SampledFrom(reconcile.Fields), 0, 2, rapid.ID[reconcile.Field]).Draw(t, "unless")
		switch {
		case r.Shape == reconcile.Subset:
			r.Budget = pick(t, "budget", 0, 1, 10, 100)
		case r.Shape == reconcile.OneToOne:
			r.Absolute, r.Relative = pick[int64](t, "absolute", 0, 0, 1, 100), pick[ledger.Rate](t, "relative", 0, 0, 500_000)
			r.Within = pick(t, "within", 0, 0, 10*time.Minute)
		}
		terms.Rules = append(terms.Rules, r)
	}
	if err := reconcile.CheckRules(terms.Rules); err != nil {
		t.Fatal(err)
	}
	return terms
}

// drawDecisions draws what people may have decided about these items and lines, and others.
func drawDecisions(t *rapid.T, in *reconcile.Inputs) {
	items, lines := []string{"T/99/0"}, []string{"cccccccccccc:1"}
	for _, item := range in.Items {
		items = append(items, item.ID)
	}
	for _, line := range in.Lines {
		lines = append(lines, line.ID)
	}
	for range rapid.IntRange(0, 3).Draw(t, "decisions") {
		in.Decided = append(in.Decided, reconcile.Decision{
			Items:   rapid.SliceOfNDistinct(rapid.SampledFrom(items), 1, min(2, len(items)), rapid.ID[string]).Draw(t, "decided items"),
			Lines:   rapid.SliceOfNDistinct(rapid.SampledFrom(lines), 1, min(2, len(lines)), rapid.ID[string]).Draw(t, "decided lines"),
			Verdict: pick(t, "verdict", reconcile.Together, reconcile.Together, reconcile.Apart, reconcile.Withdrawn), By: "li",
		})
	}
}

// tally counts what the draws came to, so that a test can say that what it is about
// happened at all.
type tally map[string]int

func (c tally) count(out reconcile.Outcome) {
	for _, match := range out.Matches {
		c[match.Rule]++
	}
	for _, b := range out.Breaks {
		c[string(b.Kind)]++
	}
	for range out.Fees {
		c["fees"]++
	}
	for name, n := range map[string]int{"absent": len(out.Absent), "cancelled": len(out.Cancelled), "waiting": len(out.Waiting), "open items": len(out.OpenItems), "open lines": len(out.OpenLines)} {
		c[name] += n
	}
}

func (c tally) collisions(in reconcile.Inputs) {
	for n, x := range in.Items {
		for _, y := range in.Items[:n] {
			if x.At.Equal(y.At) {
				c["tied times"]++
			}
			if x.Amount == y.Amount {
				c["equal amounts"]++
			}
			if x.RRN == y.RRN && x.RRN != "" && x.Amount.Currency != y.Amount.Currency {
				c["shared reference, two currencies"]++
			}
		}
		for _, e := range in.Lines {
			if e.RRN == x.RRN && x.RRN != "" {
				c["shared reference"]++
			}
		}
	}
}

func (c tally) saw(t *testing.T, what ...string) {
	t.Helper()
	for _, name := range what {
		if c[name] == 0 {
			t.Errorf("%s never happened: %v", name, c)
		}
	}
}

func TestPairOrderIsIrrelevant(t *testing.T) {
	seen := tally{}
	rapid.Check(t, func(t *rapid.T) {
		in := drawInputs(t, 9)
		terms := drawTerms(t)
		drawDecisions(t, &in)
		want := reconcile.Pair(terms, in)
		seen.count(want)
		seen.collisions(in)
		other := in
		other.Items = rapid.Permutation(in.Items).Draw(t, "items in order")
		other.Lines = rapid.Permutation(in.Lines).Draw(t, "lines in order")
		if got := reconcile.Pair(terms, other); !reflect.DeepEqual(got, want) {
			t.Fatalf("another order, another outcome:\n%s", cmp.Diff(want, got, cmp.Comparer(func(a, b ledger.CardRef) bool { return a == b })))
		}
	})
	seen.saw(t, "tied times", "equal amounts", "shared reference", "shared reference, two currencies",
		"M1", "M3", "open items", "open lines", "absent", "waiting", string(reconcile.AmountMismatch), string(reconcile.DuplicateInSettlement))
}

func TestPairPlacesEverythingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInputs(t, 12)
		drawDecisions(t, &in)
		out := reconcile.Pair(drawTerms(t), in)
		items, lines := map[string]int{}, map[string]int{}
		for _, match := range out.Matches {
			for _, id := range match.Items {
				items[id]++
			}
			for _, id := range match.Lines {
				lines[id]++
			}
		}
		for _, b := range out.Breaks {
			for _, id := range b.Items {
				items[id]++
			}
			for _, id := range b.Lines {
				lines[id]++
			}
		}
		for _, item := range slices.Concat(out.Absent, out.Waiting, out.OpenItems) {
			items[item.ID]++
		}
		for _, line := range slices.Concat(out.Cancelled, out.OpenLines) {
			lines[line.ID]++
		}
		for _, item := range in.Items {
			if items[item.ID] != 1 {
				t.Fatalf("item %s is in %d outcomes: %+v", item.ID, items[item.ID], out)
			}
		}
		for _, line := range in.Lines {
			if lines[line.ID] != 1 {
				t.Fatalf("line %s is in %d outcomes: %+v", line.ID, lines[line.ID], out)
			}
		}
		if len(items) != len(in.Items) || len(lines) != len(in.Lines) {
			t.Fatalf("%d items and %d lines came out of %d and %d", len(items), len(lines), len(in.Items), len(in.Lines))
		}
		suggested, matched := map[string]bool{}, map[string]bool{}
		for _, match := range out.Matches {
			for _, id := range slices.Concat(match.Items, match.Lines) {
				matched[id] = true
			}
		}
		for _, match := range out.Suggestions {
			for _, id := range slices.Concat(match.Items, match.Lines) {
				if suggested[id] || matched[id] {
					t.Fatalf("%s is suggested, and in a match or another suggestion: %+v", id, out)
				}
				suggested[id] = true
			}
		}
		ids := map[string]bool{}
		for _, match := range out.Matches {
			ids[match.ID] = true
		}
		for _, b := range slices.Concat(out.Breaks, out.Fees) {
			ids[b.ID] = true
		}
		if len(ids) != len(out.Matches)+len(out.Breaks)+len(out.Fees) {
			t.Fatalf("two outcomes share an id: %+v", out)
		}
	})
}

func TestPairKeepsTheMoneyTogether(t *testing.T) {
	seen := tally{}
	rapid.Check(t, func(t *rapid.T) {
		in := drawInputs(t, 12)
		drawDecisions(t, &in)
		out := reconcile.Pair(drawTerms(t), in)
		seen.count(out)
		type sums map[ledger.Currency]int64
		expected, told := sums{}, sums{}
		billed, shown := sums{}, sums{}
		for _, item := range in.Items {
			expected[item.Amount.Currency] += item.Expected().Minor
		}
		for _, line := range in.Lines {
			billed[line.Currency] += line.Gross
		}
		for _, match := range out.Matches {
			told[match.Gross.Currency] += match.Gross.Minor - match.Difference
			shown[match.Gross.Currency] += match.Gross.Minor
		}
		for _, b := range out.Breaks {
			told[b.Expected.Currency] += b.Expected.Minor
			shown[b.Actual.Currency] += b.Actual.Minor
		}
		absent := sums{}
		for _, item := range out.Absent {
			absent[item.Amount.Currency] += item.Expected().Minor
		}
		for currency, sum := range absent {
			if sum != 0 {
				t.Fatalf("%d %s are rightly absent, which is not nothing", sum, currency)
			}
		}
		for _, item := range slices.Concat(out.Waiting, out.OpenItems) {
			told[item.Amount.Currency] += item.Expected().Minor
		}
		for _, line := range slices.Concat(out.Cancelled, out.OpenLines) {
			shown[line.Currency] += line.Gross
		}
		for _, currency := range []ledger.Currency{"CNY", "JPY", "KWD"} {
			if expected[currency] != told[currency] {
				t.Fatalf("the ledger expects %d %s, the outcome tells of %d: %+v", expected[currency], currency, told[currency], out)
			}
			if billed[currency] != shown[currency] {
				t.Fatalf("the bill has %d %s, the outcome shows %d: %+v", billed[currency], currency, shown[currency], out)
			}
		}
		if told[""] != 0 || shown[""] != 0 {
			t.Fatalf("money without a currency: %+v", out)
		}
	})
	seen.saw(t, string(reconcile.CurrencyMismatch), "absent", "cancelled")
}

func TestPairIsNotMovedByAnUnrelatedLine(t *testing.T) {
	matches := 0
	rapid.Check(t, func(t *rapid.T) {
		in := drawInputs(t, 8)
		before := reconcile.Pair(ourTerms(), in)
		matches += len(before.Matches)
		unrelated := drawLine(t, 90, in.Items)
		unrelated.Kind, unrelated.RRN, unrelated.STAN, unrelated.AuthCode = reconcile.SaleLine, "R9", "S9", "A9"
		unrelated.OrderNo, unrelated.OriginalNo, unrelated.ProviderNo = "O9", "", "X9"
		in.Lines = append(in.Lines, unrelated)
		after := reconcile.Pair(ourTerms(), in)
		if !reflect.DeepEqual(before.Matches, after.Matches) || !reflect.DeepEqual(before.Breaks, after.Breaks) {
			t.Fatalf("an unrelated line changed matches or breaks:\n%s", cmp.Diff(before, after, cmp.Comparer(func(a, b ledger.CardRef) bool { return a == b })))
		}
		if len(after.OpenLines) != len(before.OpenLines)+1 {
			t.Fatalf("the unrelated line is not open: %+v", after.OpenLines)
		}
	})
	if matches == 0 {
		t.Error("nothing ever matched")
	}
}

func TestPairJudgesFees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := drawInputs(t, 6)
		terms := ourTerms()
		terms.Providers[0].FeeTolerance = pick[int64](t, "tolerance", 0, 1, 5)
		for n := range in.Lines {
			in.Lines[n].Fee = pick[int64](t, "fee", 0, 1, -1, 2, 6)
		}
		out := reconcile.Pair(terms, in)
		want, cancelled := map[string]bool{}, map[string]int64{}
		kept := int64(0) // on payments that were taken back
		for _, line := range out.Cancelled {
			cancelled[line.ID] = line.Fee
		}
		for _, line := range in.Lines {
			if _, is := cancelled[line.ID]; is {
				continue
			}
			provider, _ := terms.Provider(line.Provider)
			fee, agreed := provider.Fee(&line.Line, reconcile.Turnover{})
			payment := line.Kind == reconcile.SaleLine || line.Kind == reconcile.RefundLine || line.Kind == reconcile.VoidLine
			if off := line.Fee - fee; payment && agreed && (off > provider.FeeTolerance || -off > provider.FeeTolerance) {
				want[line.ID] = true
			}
		}
		for _, b := range out.Fees {
			if _, is := cancelled[b.Lines[0]]; is {
				for _, id := range b.Lines {
					kept += cancelled[id]
				}
				if b.Kind != reconcile.FeeDeviation || b.Expected.Minor != 0 || b.Actual.Minor == 0 {
					t.Fatalf("no fee kept: %+v", b)
				}
				continue
			}
			if b.Kind != reconcile.FeeDeviation || b.Leg != reconcile.FeeLeg || len(b.Lines) != 1 || !want[b.Lines[0]] || b.Expected == b.Actual {
				t.Fatalf("no deviation: %+v", b)
			}
			delete(want, b.Lines[0])
		}
		if len(want) > 0 {
			t.Fatalf("deviations of %v were not told", want)
		}
		for _, fee := range cancelled {
			kept -= fee
		}
		if slack := terms.Providers[0].FeeTolerance * int64(len(cancelled)); kept > slack || -kept > slack {
			t.Fatalf("fees of %d on cancelled payments were not told: %+v", kept, out.Fees)
		}
	})
}

// Every terminal counts its STANs for itself. Where tills do not say which terminal it was, as
// with wallets, a batch and a STAN that another payment has too are no reference of it.
func TestPairDoesNotTakeStansOfTwoTerminalsForOne(t *testing.T) {
	payment := func(n int, terminal ledger.TerminalID) reconcile.Item {
		return reconcile.Item{ID: fmt.Sprintf("%s/1/0", terminal), Reference: fmt.Sprint("P", n), Terminal: terminal, Position: ledger.Position(n),
			Day: monday, BusinessDay: monday, At: at(monday, 9, n), Amount: cny(1000), Provider: "wallet", Channel: "wallet", Kind: reconcile.SaleLine, Expect: reconcile.Settles,
			Batch: "000001", STAN: "000007", OrderNo: fmt.Sprint("O", n)}
	}
	in := reconcile.Inputs{Day: monday, Items: []reconcile.Item{payment(1, "T1"), payment(2, "T2")}, Reported: map[ledger.ProviderID]bool{"wallet": true},
		Lines: []reconcile.Entry{{ID: "aaaaaaaaaaaa:2", Statement: "aaaaaaaaaaaa", Provider: "wallet", Line: reconcile.Line{
			Row: 2, Kind: reconcile.SaleLine, Day: monday, At: at(monday, 9, 1), Currency: "CNY", Gross: 1000, Net: 1000, Channel: "wallet", OrderNo: "O1"}}}}
	out := reconcile.Pair(&reconcile.Terms{Rules: reconcile.DefaultRules()}, in)
	if len(out.Matches) != 1 || len(out.Breaks) != 0 || len(out.OpenItems) != 1 {
		t.Fatalf("%d matches, breaks %+v, %d open", len(out.Matches), out.Breaks, len(out.OpenItems))
	}
}
