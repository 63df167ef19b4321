package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daybook/ledger"
	"daybook/reconcile"
)

// lostSales is a day of eight sales of which the bill has three, and the bank's next day.
func lostSales() []file {
	one := &till{id: "T1"}
	var actions []ledger.Action
	var lines []reconcile.Line
	for n := range 8 {
		actions = append(actions, sold(one.head(monday, 9, n), paid(n, cny(100))))
		if n < 3 {
			lines = append(lines, settled(n+2, monday, 9, n, paid(n, cny(100))))
		}
	}
	return []file{tillFile{"till", actions}, billOf("acquirer", monday, monday, lines...),
		bankOf(monday.AddDays(1), credit(2, monday.AddDays(1), "Acquirer", 298, monday.Compact()))}
}

// refs are the open breaks, and where they were opened.
func (h *history) refs(t fataler) map[string]reconcile.BreakRef {
	refs := map[string]reconcile.BreakRef{}
	for _, e := range everything(t, h.journal) {
		payload, err := codec.Decode(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		switch p := payload.(type) {
		case reconcile.BreakOpened:
			refs[p.Break.ID] = reconcile.BreakRef{ID: p.Break.ID, Position: e.Position}
		case reconcile.BreakClosed:
			delete(refs, p.Break.ID)
		}
	}
	return refs
}

// nameAll gives every open break an owner, a due date and a cause.
func (h *history) nameAll(t fataler) {
	desk := h.desk()
	for _, ref := range h.refs(t) {
		if err := desk.Assign(context.Background(), ref, "li", "wang", monday.AddDays(5)); err != nil {
			t.Fatal(err)
		}
		if err := desk.Explain(context.Background(), ref, "li", reconcile.Causes[0], ""); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *history) period(t fataler, from, to ledger.BusinessDay) *reconcile.PeriodFacts {
	t.Helper()
	at, err := ledger.Head(context.Background(), h.journal)
	if err == nil {
		var f *reconcile.PeriodFacts
		if f, err = reconcile.PeriodFactsOf(context.Background(), h.journal, codec, from, to, at); err == nil {
			return f
		}
	}
	t.Fatal(err)
	return nil
}

func (h *history) facts(t fataler, day ledger.BusinessDay) *reconcile.DayFacts {
	t.Helper()
	at, err := ledger.Head(context.Background(), h.journal)
	if err == nil {
		var f *reconcile.DayFacts
		if f, err = reconcile.FactsOf(context.Background(), h.journal, codec, h.terms, day, at); err == nil {
			return f
		}
	}
	t.Fatal(err)
	return nil
}

// movedOf sums what was booked by the day whose facts moved it.
func movedOf(booked []reconcile.Booked) map[string]int64 {
	sums := map[string]int64{}
	for _, b := range booked {
		for part, minor := range map[string]int64{"sold": b.Sold, "coupons": b.Coupons, "fee": b.ContractFee, "received": b.Received, "adjusted": b.Adjusted} {
			key := fmt.Sprint(b.Of, " ", b.Provider, " ", b.Currency, " ", part)
			if sums[key] += minor; sums[key] == 0 {
				delete(sums, key)
			}
		}
	}
	return sums
}

// closingFiles are those of three days, nine that come in time and nine that may come when
// the days are locked: sales of another till, corrected bills, and money of the bank.
func closingFiles(t *rapid.T) []file {
	var intime, late []file
	for n := range 3 {
		day := monday.AddDays(n)
		one, other := &till{id: ledger.TerminalID(fmt.Sprint("A", n))}, &till{id: ledger.TerminalID(fmt.Sprint("B", n))}
		var actions []ledger.Action
		var lines []reconcile.Line
		for m := range 4 {
			actions = append(actions, sold(one.head(day, 9, m), paid(10*n+m, cny(100))))
			if m != 2 {
				lines = append(lines, settled(m+2, day, 9, m, paid(10*n+m, cny(100))))
			}
		}
		first := billOf("acquirer", day, day, lines...)
		intime = append(intime, tillFile{fmt.Sprint("till ", day), actions}, first, bankOf(day.AddDays(1), credit(2, day.AddDays(1), "Acquirer", 298, day.Compact())))
		second := first
		second.title, second.correction = first.title+" corrected", true
		second.statement.Lines = append(slices.Clone(lines), settled(9, day, 9, 2, paid(10*n+2, cny(100))))
		money := bankOf(day.AddDays(5), credit(2, day.AddDays(5), "Acquirer", 100, day.Compact()))
		late = append(late, tillFile{fmt.Sprint("late till ", day), []ledger.Action{sold(other.head(day, 10, 0), paid(100+n, cny(33)))}}, second, money)
	}
	return append(rapid.Permutation(intime).Draw(t, "in time"), rapid.Permutation(late).Draw(t, "late")...)
}

// Whatever is signed, locked and reopened, and whenever files come: what is locked keeps its
// figures; what every day comes to counts once, on some day or other; each open break is
// listed under one day; and opening + movement = closing.
func TestLateFactsAreNeitherLostNorCountedTwice(t *testing.T) {
	first, last := monday.AddDays(-3), monday.AddDays(16) // nothing is decided about a day after the 11th
	locks, carried := 0, 0
	checks(t, 10, func(t *rapid.T) {
		h, plain := newHistory(ourTerms()), newHistory(ourTerms())
		desk := h.desk()
		locked := map[ledger.BusinessDay][]reconcile.Booked{} // as when it was locked
		files := closingFiles(t)
		ctx := context.Background()
		for len(files) > 0 {
			some := min(rapid.IntRange(1, 4).Draw(t, "files"), len(files))
			if len(files) == 18 { // what comes in time
				some = 9
			}
			for _, h := range []*history{h, plain} {
				h.mustTake(t, files[:some]...)
				h.mustCatchUp(t)
			}
			files = files[some:]
			h.nameAll(t)
			for range rapid.IntRange(2, 12).Draw(t, "acts") {
				day := monday.AddDays(rapid.IntRange(0, 5).Draw(t, "day"))
				to := day.AddDays(rapid.IntRange(0, 3).Draw(t, "days"))
				var err error
				switch rapid.SampledFrom([]string{"close", "close", "close", "close", "close", "reopen", "period", "reopen period"}).Draw(t, "act") {
				case "close":
					if err = desk.Sign(ctx, day, "li", h.terms, "c"); err == nil {
						if err = desk.Lock(ctx, day, "boss", h.terms); err == nil {
							locks++
							f := h.facts(t, day)
							locked[day] = slices.Concat(f.Movements, f.Carried)
							carried += len(f.Carried)
						}
					}
				case "reopen":
					if err = desk.Reopen(ctx, day, "boss", "r"); err == nil {
						delete(locked, day)
					}
				case "period":
					if err = desk.SignPeriod(ctx, day, to, "li", "c"); err == nil {
						err = desk.LockPeriod(ctx, day, to, "boss")
					}
				case "reopen period":
					err = desk.ReopenPeriod(ctx, day, to, "boss", "r")
				}
				if refusal := (*ledger.Refusal)(nil); err != nil && !errors.As(err, &refusal) {
					t.Fatal(err)
				}
			}
			whole, without := h.period(t, first, last), plain.period(t, first, last)
			if diff := cmp.Diff(movedOf(without.Booked), movedOf(whole.Booked)); diff != "" {
				t.Fatalf("what the days come to (-without +with closing):\n%s", diff)
			}
			for day, want := range locked {
				var got []reconcile.Booked
				for _, b := range whole.Booked {
					if b.Day == day {
						got = append(got, b)
					}
				}
				slices.SortFunc(want, func(a, b reconcile.Booked) int {
					return strings.Compare(fmt.Sprint(a.Of, a.Provider, a.Currency), fmt.Sprint(b.Of, b.Provider, b.Currency))
				})
				if diff := cmp.Diff(want, got); len(want)+len(got) > 0 && diff != "" {
					t.Fatalf("%s is locked and has other figures:\n%s", day, diff)
				}
			}
			owed := map[ledger.ProviderID]int64{}
			listed, breaks := map[string]int{}, map[string]bool{}
			for day := first; day.Compare(last) <= 0; day = day.AddDays(1) {
				f := h.facts(t, day)
				for _, b := range f.Balances {
					if b.Opening != owed[b.Provider] || b.Closing != b.Opening+b.Owed() {
						t.Fatalf("%s: %+v, and %d was owed before", day, b, owed[b.Provider])
					}
					owed[b.Provider] = b.Closing
				}
				for _, b := range f.AllBreaks() {
					listed[b.ID]++
				}
				for _, b := range plain.facts(t, day).Breaks {
					breaks[b.ID] = true
				}
			}
			for id, times := range listed {
				if times != 1 || !breaks[id] {
					t.Fatalf("break %s is listed %d times", id, times)
				}
			}
			if len(listed) != len(breaks) {
				t.Fatalf("%d breaks are listed, of %d", len(listed), len(breaks))
			}
		}
	})
	if locks < 50 || carried < 10 {
		t.Errorf("only %d days were locked, and %d movements carried", locks, carried)
	}
}

// A day locked and an entry approved for it at the same instant: one of the two is refused,
// and whichever it is, nothing is booked on a locked day that was not signed with it.
func TestNoEntrySlipsPastALock(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, lostSales()...)
	h.mustCatchUp(t)
	h.nameAll(t)
	desk, ctx := h.desk(), t.Context()
	approved, locks := 0, 0
	for id, ref := range h.refs(t) {
		if err := desk.Propose(ctx, ref, "li", reconcile.Adjustment{Kind: reconcile.WrittenOff, Reason: "r"}); err != nil {
			continue // no money is missing in it
		}
		if err := desk.Reject(ctx, ref, "li", "r"); err != nil {
			t.Fatal(err)
		}
		for approved := 0; approved == 0; {
			if err := desk.Sign(ctx, monday, "li", h.terms, "c"); err != nil {
				t.Fatal(err)
			}
			if err := desk.Propose(ctx, ref, "li", reconcile.Adjustment{Kind: reconcile.WrittenOff, Reason: "r"}); err != nil {
				t.Fatal(err)
			}
			var wait sync.WaitGroup
			var approve, lock error
			wait.Go(func() { approve = h.desk().Approve(ctx, ref, "boss", monday) })
			wait.Go(func() { lock = h.desk().Lock(ctx, monday, "boss", h.terms) })
			wait.Wait()
			if (approve == nil) == (lock == nil) {
				t.Fatalf("%s: approved: %v; locked: %v", id, approve, lock)
			}
			if lock == nil {
				locks++
				if err := desk.Reopen(ctx, monday, "boss", "r"); err != nil {
					t.Fatal(err)
				}
				if err := desk.Reject(ctx, ref, "li", "r"); err != nil {
					t.Fatal(err)
				}
			} else {
				approved++
			}
			if locks > 200 {
				return
			}
		}
		approved++
	}
	if approved == 0 {
		t.Error("nothing was ever approved")
	}
}

// A person who was admitted and then cut off: whoever locks the day writes the entry first,
// and so finds that the day is no longer what was signed.
func TestWhatWasAdmittedIsWrittenBeforeTheLock(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, lostSales()...)
	h.mustCatchUp(t)
	h.nameAll(t)
	ctx := t.Context()
	var ref reconcile.BreakRef
	for _, r := range h.refs(t) {
		if h.desk().Propose(ctx, r, "li", reconcile.Adjustment{Kind: reconcile.WrittenOff, Reason: "r"}) == nil {
			ref = r
			break
		}
	}
	people := map[string]reconcile.Person{"boss": {Approve: map[ledger.Currency]int64{"CNY": 1_000_000}}}
	cut := reconcile.NewDesk(&cutOff{h.journal, "break-"}, codec, people)
	if err := cut.Approve(ctx, ref, "boss", monday); !errors.Is(err, errCutOff) {
		t.Fatal(err)
	}
	if sold := h.facts(t, monday).Movements; len(sold) != 1 || sold[0].Adjusted != 0 {
		t.Fatalf("booked already: %+v", sold)
	}
	if err := h.desk().Sign(ctx, monday, "li", h.terms, "c"); err != nil {
		t.Fatal(err)
	}
	if err := h.desk().Lock(ctx, monday, "boss", h.terms); err != nil {
		t.Fatal(err)
	}
	if f := h.facts(t, monday); len(f.Movements) != 1 || f.Movements[0].Adjusted == 0 {
		t.Errorf("the entry was not written: %+v", f.Movements)
	}
	if err := h.desk().Approve(ctx, ref, "boss", monday); err == nil || !strings.Contains(err.Error(), "locked by boss") {
		t.Errorf("approved again: %v", err)
	}
}

var errCutOff = errors.New("cut off")

// cutOff loses the connection before an append to some streams.
type cutOff struct {
	ledger.Journal
	streams string
}

func (c *cutOff) Append(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) (ledger.Position, error) {
	if strings.HasPrefix(string(stream), c.streams) {
		return 0, errCutOff
	}
	return c.Journal.Append(ctx, stream, expect, events...)
}

// A period is signed when its days are locked, by two people; its days are opened after it.
func TestAPeriodIsClosed(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, lostSales()...)
	h.mustCatchUp(t)
	h.nameAll(t)
	desk, ctx := h.desk(), t.Context()
	tuesday, friday := monday.AddDays(1), monday.AddDays(4)
	refuses := func(want string, err error) {
		t.Helper()
		if refusal := (*ledger.Refusal)(nil); !errors.As(err, &refusal) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refuses("no day", desk.SignPeriod(ctx, monday, friday, "li", "c"))
	must(desk.Sign(ctx, monday, "li", h.terms, "c"))
	must(desk.Lock(ctx, monday, "boss", h.terms))
	refuses("not locked: "+tuesday.String(), desk.SignPeriod(ctx, monday, friday, "li", "c")) // the bank's credit is due on it
	must(desk.Sign(ctx, tuesday, "li", h.terms, "c"))
	must(desk.Lock(ctx, tuesday, "boss", h.terms))
	refuses("boss may not", desk.SignPeriod(ctx, monday, friday, "boss", "c"))
	refuses("comes after", desk.SignPeriod(ctx, friday, monday, "li", "c"))
	must(desk.SignPeriod(ctx, monday, friday, "li.na", "c"))
	refuses("cannot lock it", desk.LockPeriod(ctx, monday, friday, "li.na"))
	refuses("has days of this one", desk.SignPeriod(ctx, friday, friday.AddDays(7), "li", "c"))
	must(desk.LockPeriod(ctx, monday, friday, "boss"))
	refuses("locked by boss", desk.SignPeriod(ctx, monday, friday, "li", "c"))
	refuses("the period from", desk.Reopen(ctx, monday, "boss", "r"))
	refuses("the period from", desk.Sign(ctx, friday, "li", h.terms, "c"))
	facts := h.period(t, monday, friday)
	if len(facts.Totals) != 1 || facts.Totals[0].Opening != 0 || facts.Totals[0].Sold != 800 || facts.Totals[0].Received != 298 || facts.Totals[0].Closing != facts.Totals[0].Owed() {
		t.Errorf("the totals are %+v", facts.Totals)
	}

	// A bill that comes for a day of it on which nothing had happened counts behind it.
	wednesday, saturday := monday.AddDays(2), friday.AddDays(1)
	digest := facts.Digest()
	one := &till{id: "T9"}
	h.mustTake(t, tillFile{"late", []ledger.Action{sold(one.head(wednesday, 9, 0), paid(50, cny(77)))}})
	h.mustCatchUp(t)
	if again := h.period(t, monday, friday).Digest(); again != digest {
		t.Error("what came late changes the period")
	}
	f := h.facts(t, saturday)
	if len(f.Carried) != 1 || f.Carried[0].Of != wednesday || f.Carried[0].Sold != 77 || len(f.LateFacts) != 1 || f.LateFacts[0].File != "late" || f.LateFacts[0].Row != 1 {
		t.Errorf("carried: %+v, facts %+v", f.Carried, f.LateFacts)
	}
	if b := f.Balances[0]; b.Opening != facts.Totals[0].Closing || b.Closing != b.Opening+77 || b.Late != 77 {
		t.Errorf("the balance is %+v", b)
	}
	// What waits for its bill is signed with the day on which it counts.
	h.nameAll(t)
	must(desk.Sign(ctx, saturday, "li", h.terms, "c"))
	must(desk.Lock(ctx, saturday, "boss", h.terms))
	must(desk.ReopenPeriod(ctx, monday, friday, "boss", "r"))
	refuses("is open", desk.ReopenPeriod(ctx, monday, friday, "boss", "r"))
	must(desk.Reopen(ctx, tuesday, "boss", "r"))
	refuses("has changed since", func() error {
		must(desk.Sign(ctx, tuesday, "li", h.terms, "c"))
		h.mustTake(t, tillFile{"later", []ledger.Action{sold(one.head(tuesday, 9, 1), paid(51, cny(1)))}})
		h.mustCatchUp(t)
		return desk.Lock(ctx, tuesday, "boss", h.terms)
	}())
}
