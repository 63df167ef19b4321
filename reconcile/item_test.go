package reconcile_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

// drawActions draws what a terminal or two report about a handful of payments: sales,
// refunds, voids, and answers that contradict one another.
func drawActions(t *rapid.T) []ledger.Action {
	tills := []*till{{id: "T1"}, {id: "T2"}}
	var actions []ledger.Action
	for range rapid.IntRange(1, 10).Draw(t, "actions") {
		head := pick(t, "till", tills...).head(monday.AddDays(rapid.IntRange(0, 1).Draw(t, "day")), 9, pick(t, "minute", 0, 0, 1, 2))
		if rapid.IntRange(0, 5).Draw(t, "training") == 0 {
			head.Mode = ledger.Training
		}
		tender := paid(rapid.IntRange(1, 3).Draw(t, "payment"), drawAmount(t))
		tender.Outcome = pick(t, "outcome", ledger.Approved, ledger.Approved, ledger.Unknown, ledger.Declined)
		tender.Batch = pick[ledger.BatchNo](t, "batch", "B1", "B1", "")
		original := fmt.Sprint("P", rapid.IntRange(1, 3).Draw(t, "original"))
		switch rapid.IntRange(0, 6).Draw(t, "what") {
		case 0, 1, 2:
			actions = append(actions, ledger.SaleRecorded{Till: head, Tenders: []ledger.Tender{tender}})
		case 3:
			actions = append(actions, ledger.RefundRecorded{Till: head, Original: original, Tenders: []ledger.Tender{tender}})
		case 4:
			actions = append(actions, ledger.PaymentVoided{Till: head, Original: original, Tender: tender})
		case 5:
			actions = append(actions, ledger.PaymentReversed{Till: head, Original: original})
		case 6:
			actions = append(actions, ledger.PaymentAnswered{Till: head, Original: original, Outcome: pick(t, "answer", ledger.Approved, ledger.Declined, ledger.Unknown)})
		}
	}
	for n := range rapid.IntRange(0, 2).Draw(t, "closings") {
		actions = append(actions, ledger.BatchClosed{Till: pick(t, "till", tills...).head(monday, 9, n+1), Batch: "B1"})
	}
	return actions
}

func TestBookOrderOfActionsIsIrrelevant(t *testing.T) {
	seen := tally{}
	rapid.Check(t, func(t *rapid.T) {
		actions := drawActions(t)
		type page struct {
			items  []reconcile.Item
			breaks []reconcile.Break
		}
		fold := func(actions []ledger.Action) (pages []page) {
			book := reconcile.NewBook(ourTerms())
			for _, action := range actions {
				book.Apply(7, action)
			}
			for n := range 2 {
				pages = append(pages, page{book.Items(monday.AddDays(n)), book.BatchBreaks(monday.AddDays(n))})
			}
			return pages
		}
		want := fold(actions)
		for _, p := range want {
			for _, item := range p.items {
				seen[string(item.Expect)+" "+string(item.Kind)]++
			}
			seen["batch breaks"] += len(p.breaks)
		}
		shuffled := rapid.Permutation(actions).Draw(t, "order")
		if got := fold(shuffled); !reflect.DeepEqual(got, want) {
			t.Fatalf("another order, another book:\n%+v\n%+v", got, want)
		}
		// A replay is ignored, and reading does not change what is read.
		if got := fold(append(shuffled, actions...)); !reflect.DeepEqual(got, want) {
			t.Fatalf("replayed, another book:\n%+v\n%+v", got, want)
		}
	})
	seen.saw(t, "settles sale", "reversed sale", "uncertain sale", "declined sale", "uncertain void", "settles refund", "batch breaks")
}

func items(t *testing.T, actions ...ledger.Action) map[string]reconcile.Item {
	t.Helper()
	book := reconcile.NewBook(ourTerms())
	for n, action := range actions {
		book.Apply(ledger.Position(n+1), action)
	}
	found := map[string]reconcile.Item{}
	for n := range 3 {
		for _, item := range book.Items(monday.AddDays(n)) {
			found[item.Reference] = item
		}
	}
	return found
}

func TestBookItems(t *testing.T) {
	one := &till{id: "T1"}
	unknown := func(n int) ledger.Tender { x := paid(n, cny(100)); x.Outcome = ledger.Unknown; return x }
	training := one.head(monday, 8, 0)
	training.Mode = ledger.Training
	cash := ledger.Tender{Payment: "C1", Channel: "cash", Amount: cny(100), Outcome: ledger.Approved}
	refunded := wallet(5, cny(500))
	found := items(t,
		sold(training, paid(90, cny(100))),
		sold(one.head(monday, 9, 0), paid(1, cny(100)), cash, wallet(5, cny(500))),
		sold(one.head(monday, 9, 1), unknown(2)),
		sold(one.head(monday, 9, 2), unknown(3)),
		sold(one.head(monday, 9, 3), unknown(4)),
		ledger.PaymentReversed{Till: one.head(monday, 9, 4), Original: "P3"},
		ledger.PaymentAnswered{Till: one.head(monday, 9, 5), Original: "P4", Outcome: ledger.Approved},
		ledger.PaymentVoided{Till: one.head(monday, 9, 6), Original: "P1", Tender: paid(6, cny(100))},
		ledger.PaymentVoided{Till: one.head(monday, 9, 7), Original: "P3", Tender: paid(7, cny(100))},
		ledger.RefundRecorded{Till: one.head(monday.AddDays(1), 9, 8), Original: "W5", Tenders: []ledger.Tender{func() ledger.Tender { r := refunded; r.Payment, r.OrderNo = "F5", "F5"; return r }()}},
	)
	if len(found) != 8 {
		t.Errorf("%d items, want 8: cash and training are none", len(found))
	}
	for reference, want := range map[string]struct {
		expect   reconcile.Expectation
		amount   int64
		original string
	}{
		"P1": {reconcile.Settles, 100, ""}, "P2": {reconcile.Uncertain, 100, ""}, "P3": {reconcile.Reversed, 100, ""}, "P4": {reconcile.Settles, 100, ""},
		"P6": {reconcile.Settles, -100, ""}, "P7": {reconcile.Reversed, -100, ""}, "W5": {reconcile.Settles, 500, ""}, "F5": {reconcile.Settles, -500, "O5"},
	} {
		if item := found[reference]; item.Expect != want.expect || item.Amount != cny(want.amount) || item.OriginalNo != want.original {
			t.Errorf("%s: %s %s of order %q, want %+v", reference, item.Expect, item.Amount, item.OriginalNo, want)
		}
	}
}

func TestBookDays(t *testing.T) {
	terms := ourTerms()
	terms.Providers[0].Clock.Cut = 23 * time.Hour
	one := &till{id: "T1"}
	for _, test := range []struct {
		business ledger.BusinessDay
		at       time.Time
		want     ledger.BusinessDay
	}{
		{monday, at(monday, 22, 59), monday},
		{monday, at(monday, 23, 0), monday.AddDays(1)},
		{monday, at(monday.AddDays(1), 1, 0), monday.AddDays(1)}, // the till closes its day late
		{monday, at(monday.AddDays(2), 1, 0), monday},            // its clock is off
		{monday, time.Date(2000, 1, 1, 0, 0, 0, 0, shanghai), monday},
		{monday, at(monday.AddDays(-1), 9, 0), monday.AddDays(-1)},
	} {
		book := reconcile.NewBook(terms)
		head := one.head(test.business, 9, 0)
		head.At = test.at
		book.Apply(1, sold(head, paid(1, cny(100))))
		if got := book.Items(test.want); len(got) != 1 {
			t.Errorf("sold at %s on business day %s: not among the items of %s", test.at, test.business, test.want)
		}
	}
}

func TestBookBatches(t *testing.T) {
	one := &till{id: "T1"}
	closing := func(head ledger.Till, sales ledger.BatchTotal) ledger.Action {
		return ledger.BatchClosed{Till: head, Batch: "000001", Sales: sales, Refunds: ledger.BatchTotal{Amount: cny(0)}}
	}
	total := func(count int, fen int64) ledger.BatchTotal { return ledger.BatchTotal{Count: count, Amount: cny(fen)} }
	tuesday := monday.AddDays(1)
	late := paid(3, cny(300))
	late.Outcome = ledger.Unknown
	yen := paid(9, ledger.Minor(5_000, "JPY"))
	for _, test := range []struct {
		name    string
		actions []ledger.Action
		want    []string // expected and actual
	}{
		{"ties", []ledger.Action{sold(one.head(monday, 9, 0), paid(1, cny(100)), paid(2, cny(200))), closing(one.head(monday, 21, 0), total(2, 300))}, nil},
		{"count", []ledger.Action{sold(one.head(monday, 9, 0), paid(1, cny(100)), paid(2, cny(200))), closing(one.head(monday, 21, 0), total(1, 300))}, []string{"3.00 CNY 3.00 CNY"}},
		{"sum", []ledger.Action{sold(one.head(monday, 9, 0), paid(1, cny(100))), closing(one.head(monday, 21, 0), total(1, 101))}, []string{"1.00 CNY 1.01 CNY"}},
		{"nothing was recorded", []ledger.Action{closing(one.head(monday, 21, 0), total(3, 900))}, []string{"0.00 CNY 9.00 CNY"}},
		{"a batch without sales or a currency", []ledger.Action{ledger.BatchClosed{Till: one.head(monday, 21, 0), Batch: "000001"}}, nil},
		{"no currency, and sales", []ledger.Action{sold(one.head(monday, 9, 0), paid(1, cny(100))), ledger.BatchClosed{Till: one.head(monday, 21, 0), Batch: "000001"}}, []string{"1.00 CNY 0.00 CNY"}},
		{"approved before the closing", []ledger.Action{sold(one.head(monday, 9, 0), late), ledger.PaymentAnswered{Till: one.head(monday, 9, 5), Original: "P3", Outcome: ledger.Approved}, closing(one.head(monday, 21, 0), total(1, 300))}, nil},
		{"approved after the closing", []ledger.Action{sold(one.head(monday, 9, 0), late), closing(one.head(monday, 21, 0), total(0, 0)), ledger.PaymentAnswered{Till: one.head(monday, 21, 5), Original: "P3", Outcome: ledger.Approved}}, nil},
		{"the same number every day", []ledger.Action{
			sold(one.head(monday, 9, 0), paid(1, cny(100))), closing(one.head(monday, 21, 0), total(1, 100)),
			sold(one.head(tuesday, 9, 0), paid(2, cny(200))), closing(one.head(tuesday, 21, 0), total(1, 200))}, nil},
		{"one batch over two days", []ledger.Action{sold(one.head(monday, 9, 0), paid(1, cny(100))), sold(one.head(tuesday, 9, 0), paid(2, cny(200))), closing(one.head(tuesday, 21, 0), total(2, 300))}, nil},
		{"two currencies", []ledger.Action{sold(one.head(monday, 9, 0), paid(1, cny(100))), sold(one.head(monday, 9, 1), yen), closing(one.head(monday, 21, 0), total(1, 100))}, nil},
	} {
		book := reconcile.NewBook(ourTerms())
		for n, action := range test.actions {
			book.Apply(ledger.Position(n+1), action)
		}
		var got []string
		for _, b := range slices.Concat(book.BatchBreaks(monday), book.BatchBreaks(tuesday)) {
			if b.Kind != reconcile.BatchTotalMismatch || b.Leg != reconcile.BatchLeg || b.Channel != reconcile.TillChannel || b.Reference != "T1 000001" || b.Position == 0 {
				t.Errorf("%s: %+v", test.name, b)
			}
			got = append(got, b.Expected.String()+" "+b.Actual.String())
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
