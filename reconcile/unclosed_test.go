package reconcile_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"
)

// counting is a journal that counts what is read of it, the history of closing apart.
type counting struct {
	ledger.Journal
	reads, events, closing int
}

func (c *counting) Read(ctx context.Context, query ledger.Query) iter.Seq2[ledger.Recorded, error] {
	c.reads++
	return func(yield func(ledger.Recorded, error) bool) {
		for recorded, err := range c.Journal.Read(ctx, query) {
			if strings.HasPrefix(string(recorded.Stream), "close-") {
				c.closing++
			} else {
				c.events++
			}
			if !yield(recorded, err) {
				return
			}
		}
	}
}

// Closing a day reads what came since the last one was signed, however many were closed
// before; of those it reads what was decided about closing them, and nothing else.
func TestClosingCostsTheDayAndNotTheHistory(t *testing.T) {
	terms := ourTerms()
	h := newHistory(terms)
	count := &counting{Journal: h.journal}
	limit := map[ledger.Currency]int64{"CNY": 1_000_000_000}
	desk := reconcile.NewDesk(count, codec, map[string]reconcile.Person{"li": {Prepare: true}, "boss": {Approve: limit}})
	ctx := t.Context()
	one := &till{id: "T1"}
	type cost struct{ reads, events, closing int }
	measure := func(act func() error) cost {
		t.Helper()
		before := *count
		if err := act(); err != nil {
			t.Fatal(err)
		}
		return cost{count.reads - before.reads, count.events - before.events, count.closing - before.closing}
	}
	done := map[string]bool{}
	day := func(n int) map[string]cost {
		monday := monday.AddDays(7 * n) // the same weekday, so that everything is due alike
		var actions []ledger.Action
		var lines []reconcile.Line
		for m := range 4 {
			actions = append(actions, sold(one.head(monday, 9, m), paid(10*n+m, cny(100))))
			if m != 2 {
				lines = append(lines, settled(m+2, monday, 9, m, paid(10*n+m, cny(100))))
			}
		}
		h.mustTake(t, tillFile{fmt.Sprint("till ", monday), actions}, billOf("acquirer", monday, monday, lines...),
			bankOf(monday.AddDays(1), credit(2, monday.AddDays(1), "Acquirer", 298, monday.Compact())))
		h.mustCatchUp(t)
		for id, ref := range h.refs(t) {
			if done[id] {
				continue
			}
			done[id] = true
			if err := h.desk().Propose(ctx, ref, "li", reconcile.Adjustment{Kind: reconcile.Accept, Reason: "r"}); err != nil {
				t.Fatal(id, err)
			}
			if err := h.desk().Approve(ctx, ref, "boss", monday); err != nil {
				t.Fatal(id, err)
			}
		}
		costs := map[string]cost{}
		for on, name := range []string{"day", "payout day"} {
			on := monday.AddDays(on)
			costs["sign "+name] = measure(func() error { return desk.Sign(ctx, on, "li", terms, "c") })
			costs["lock "+name] = measure(func() error { return desk.Lock(ctx, on, "boss", terms) })
			costs["late "+name] = measure(func() error {
				_, err := reconcile.SinceLocked(ctx, count, codec, terms, on)
				return err
			})
		}
		at, err := ledger.Head(ctx, h.journal)
		if err != nil {
			t.Fatal(err)
		}
		var whole *reconcile.PeriodFacts
		costs["period"] = measure(func() error {
			whole, err = reconcile.PeriodFactsOf(ctx, count, codec, monday, monday.AddDays(6), at)
			return err
		})
		// 400 sold, 3 × 0.01 in fees, 298 at the bank: every week the same.
		if total := whole.Totals[0]; total.Opening != int64(n)*total.Owed() || total.Sold != 400 || total.Received != 298 || total.Owed() != 99 {
			t.Fatalf("week %d comes to %+v", n, total)
		}
		return costs
	}
	early := day(0)
	for n := 1; n < 5; n++ {
		early = day(n)
	}
	var late map[string]cost
	for n := 5; n < 40; n++ {
		late = day(n)
	}
	for what, then := range early {
		now := late[what]
		if now.reads > then.reads || now.events > then.events || now.closing > 10*then.closing {
			t.Errorf("%s: %d reads of %d events after 5 weeks, %d of %d after 40", what, then.reads, then.events, now.reads, now.events)
		}
	}
}
