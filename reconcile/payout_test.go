package reconcile_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

func payout(due int, currency ledger.Currency, expected int64) reconcile.Payout {
	return reconcile.Payout{Provider: "acquirer", Currency: currency, Due: monday.AddDays(due), Days: []ledger.BusinessDay{monday.AddDays(due - 1)}, Expected: expected}
}

func received(row, day int, currency ledger.Currency, net int64, memo string) reconcile.Entry {
	return reconcile.Entry{ID: fmt.Sprint("bank:", row), Statement: "bank", Provider: "bank",
		Line: reconcile.Line{Row: row, Kind: reconcile.PayoutLine, Day: monday.AddDays(day), Currency: currency, Net: net, Memo: memo}}
}

func TestAssignCredits(t *testing.T) {
	of := func(n int) string { return monday.AddDays(n).Compact() }
	payouts := []reconcile.Payout{payout(0, "CNY", 100), payout(1, "CNY", 200), payout(2, "CNY", 200), payout(4, "CNY", 400), payout(1, "JPY", 50)}
	tests := []struct {
		name   string
		credit reconcile.Entry
		due    int // -1 for none
	}{
		{"the remark names the bill's day", received(2, 1, "CNY", 77, "结算 "+of(-1)), 0},
		{"the remark names it with dashes", received(2, 1, "CNY", 77, monday.AddDays(-1).String()), 0},
		{"the remark outweighs the sum", received(2, 2, "CNY", 200, of(3)), 4},
		{"early with a remark", received(2, 1, "CNY", 400, of(3)), 4},
		{"too early, even with a remark", received(2, 0, "CNY", 1, of(3)), 0},
		{"six days late with a remark", received(2, 6, "CNY", 1, of(-1)), 0},
		{"seven days late with a remark", received(2, 7, "CNY", 1, of(-1)), 4},
		{"the sum, three days late", received(2, 3, "CNY", 100, ""), 0},
		{"two payouts have the sum: the day decides", received(2, 2, "CNY", 200, ""), 2},
		{"two payouts have the sum, and it is a day late", received(2, 3, "CNY", 200, ""), 2},
		{"no sum: the day decides", received(2, 1, "CNY", 55, ""), 1},
		{"no sum, a day late", received(2, 3, "CNY", 55, ""), 2},
		{"another currency", received(2, 1, "JPY", 200, ""), 1},
		{"a currency that nothing is owed in", received(2, 1, "KWD", 200, ""), -1},
		{"before anything is due", received(2, -1, "CNY", 100, ""), -1},
		{"long after everything", received(2, 8, "CNY", 100, ""), -1},
	}
	for _, test := range tests {
		receipts, unassigned := reconcile.AssignCredits(payouts, []reconcile.Entry{test.credit})
		got := -1
		for _, r := range receipts {
			if len(r.Credits) > 0 {
				got = r.Due.Sub(monday)
				if r.Received != test.credit.Net || r.Currency != test.credit.Currency {
					t.Errorf("%s: %+v", test.name, r)
				}
			}
		}
		if got != test.due || (got < 0) != (len(unassigned) == 1) {
			t.Errorf("%s: goes to the payout due on day %d, want %d; unassigned %v", test.name, got, test.due, unassigned)
		}
	}
}

// A day whose refunds are more than its sales is owed to the provider, who takes it off what
// it pays next: the credit pays what is due, and falls short by the refunds, and by no more.
func TestCreditsDoNotPayWhatIsOwedToTheProvider(t *testing.T) {
	for name, test := range map[string]struct {
		expected []int64 // due on day 0, 1, …
		day      int
		want     []int64
	}{
		"taken off the payout before": {[]int64{100, -30}, 1, []int64{70, 0}},
		"on a day of nothing":         {[]int64{100, 0}, 1, []int64{70, 0}},
		"nothing but refunds":         {[]int64{-100, -30}, 1, []int64{0, 70}},
		"its own day":                 {[]int64{-30, 100}, 1, []int64{0, 70}},
	} {
		var payouts []reconcile.Payout
		for due, expected := range test.expected {
			payouts = append(payouts, payout(due, "KWD", expected))
		}
		receipts, _ := reconcile.AssignCredits(payouts, []reconcile.Entry{received(2, test.day, "KWD", 70, "")})
		for n, r := range receipts {
			if r.Received != test.want[n] {
				t.Errorf("%s: the payout of %d received %d, want %d", name, r.Expected, r.Received, test.want[n])
			}
		}
	}
}

func TestAssignCreditsPlacesEachOnce(t *testing.T) {
	unfit := 0
	rapid.Check(t, func(t *rapid.T) {
		var payouts []reconcile.Payout
		for due := range 8 {
			for _, currency := range []ledger.Currency{"CNY", "JPY"} {
				if rapid.IntRange(0, 2).Draw(t, "due") > 0 {
					payouts = append(payouts, payout(due, currency, pick[int64](t, "expected", 100, 100, 200, -50, 0)))
				}
			}
		}
		var credits []reconcile.Entry
		for n := range rapid.IntRange(0, 8).Draw(t, "credits") {
			memo := ""
			if rapid.Bool().Draw(t, "tagged") {
				memo = monday.AddDays(rapid.IntRange(-2, 8).Draw(t, "tag")).Compact()
			}
			credits = append(credits, received(n+2, rapid.IntRange(-2, 14).Draw(t, "day"), pick[ledger.Currency](t, "currency", "CNY", "JPY", "KWD"), pick[int64](t, "net", 100, 200, 50), memo))
		}
		receipts, unassigned := reconcile.AssignCredits(payouts, credits)
		unfit += len(unassigned)
		if len(receipts) != len(payouts) {
			t.Fatalf("%d receipts for %d payouts", len(receipts), len(payouts))
		}
		times := map[string]int{}
		for _, r := range receipts {
			sum := int64(0)
			for _, credit := range r.Credits {
				times[credit.ID]++
				sum += credit.Net
			}
			if sum != r.Received {
				t.Fatalf("credits of %d are received as %d", sum, r.Received)
			}
		}
		for _, credit := range unassigned {
			times[credit.ID]++
		}
		for _, credit := range credits {
			if times[credit.ID] != 1 {
				t.Fatalf("credit %s is in %d places", credit.ID, times[credit.ID])
			}
		}
		payouts, credits = rapid.Permutation(payouts).Draw(t, "payouts in order"), rapid.Permutation(credits).Draw(t, "credits in order")
		r2, u2 := reconcile.AssignCredits(payouts, credits)
		if !reflect.DeepEqual(receipts, r2) || !reflect.DeepEqual(unassigned, u2) {
			t.Fatal("the order matters")
		}
		// Each goes its own way: one fewer moves no other.
		if len(credits) > 0 {
			r3, _ := reconcile.AssignCredits(payouts, credits[1:])
			for n := range r3 {
				r2[n].Credits = slices.DeleteFunc(r2[n].Credits, func(e reconcile.Entry) bool { return e.ID == credits[0].ID })
				if len(r2[n].Credits) != len(r3[n].Credits) {
					t.Fatalf("without %s another credit moves", credits[0].ID)
				}
			}
		}
	})
	if unfit == 0 {
		t.Error("every credit fitted")
	}
}

func TestReceiptsBreak(t *testing.T) {
	for _, test := range []struct {
		name               string
		expected, received int64
		credits            int
		covered            bool
		want               reconcile.BreakKind
	}{
		{"to the fen", 100, 100, 1, true, ""},
		{"in two parts", 100, 100, 2, true, ""},
		{"short", 100, 99, 1, true, reconcile.PayoutShort},
		{"more than owed", 100, 101, 1, true, reconcile.UnexpectedLine},
		{"nothing yet", 100, 0, 0, false, ""},
		{"nothing", 100, 0, 0, true, reconcile.PayoutNotReceived},
		{"early and short", 100, 60, 1, false, reconcile.PayoutShort},
		{"refunds outweigh sales", -100, 0, 0, true, ""},
		{"nothing owed", 0, 0, 0, true, ""},
		{"nothing owed and something paid", 0, 50, 1, true, reconcile.UnexpectedLine},
	} {
		r := reconcile.Receipts{Payout: payout(1, "CNY", test.expected), Received: test.received}
		for n := range test.credits {
			r.Credits = append(r.Credits, received(n, 1, "CNY", test.received/int64(test.credits), ""))
		}
		b, broken := r.Break("card", "M1", test.covered)
		if broken != (test.want != "") || b.Kind != test.want {
			t.Errorf("%s: %q, want %q", test.name, b.Kind, test.want)
		}
		if broken && (b.Expected != cny(test.expected) || b.Actual != cny(test.received) || len(b.Lines) != test.credits || b.Reference != "M1 "+monday.String() || b.Day != monday) {
			t.Errorf("%s: %+v", test.name, b)
		}
	}
}
