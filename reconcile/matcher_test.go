package reconcile_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/reconcile"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMatcherTellsTheFourDays(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, fourDays()...)
	h.mustCatchUp(t)
	s := h.standing(t)
	s.exclusive(t)
	s.balanced(t)
	want := map[reconcile.BreakKind]int{
		reconcile.FeeDeviation: 1, reconcile.ReversedButSettled: 1, reconcile.DuplicateInSettlement: 1,
		reconcile.TimingNextDay: 1, // the wallet's sale at 23:59, whose next bill is missing
		reconcile.FileMissing:   1, reconcile.PayoutShort: 2, reconcile.SequenceGap: 1,
		reconcile.PayoutNotReceived: 1, // the wallet's of Wednesday, due on a day of which there is a bill and no bank statement
	}
	if difference := cmp.Diff(want, s.kinds()); difference != "" {
		for _, b := range s.Breaks {
			t.Logf("%s %s %s expected %s actual %s", b.Day, b.Kind, b.Reference, b.Expected, b.Actual)
		}
		t.Errorf("open breaks (-want +got):\n%s", difference)
	}
	rules := map[string]int{}
	for _, match := range s.Matches {
		rules[match.Rule]++
	}
	if difference := cmp.Diff(map[string]int{"M1": 8, "M3": 3, "M8": 2}, rules); difference != "" {
		t.Errorf("matches (-want +got):\n%s", difference)
	}
}

// orders draws an order of the files in which a correction follows what it corrects.
func orders(t *rapid.T, files []file) []file {
	files = rapid.Permutation(files).Draw(t, "order")
	first := slices.IndexFunc(files, func(f file) bool { return f.name() == "acquirer "+monday.String() })
	second := slices.IndexFunc(files, func(f file) bool { return strings.HasSuffix(f.name(), "corrected") })
	if first >= 0 && second >= 0 && second < first {
		files[first], files[second] = files[second], files[first]
	}
	return files
}

func TestMatcherOrderOfFilesIsIrrelevant(t *testing.T) {
	at := newHistory(ourTerms())
	at.mustTake(t, fourDays()...)
	at.mustCatchUp(t)
	want := at.standing(t)
	checks(t, 8, func(t *rapid.T) {
		h := newHistory(ourTerms())
		matcher := h.matcher()
		for _, f := range orders(t, fourDays()) {
			h.mustTake(t, f)
			switch rapid.IntRange(0, 3).Draw(t, "then") {
			case 0: // more files first
			case 1: // the program is started again
				matcher = h.matcher()
				fallthrough
			default:
				if err := catchUp(t.Context(), h.journal, matcher); err != nil {
					t.Fatal(err)
				}
				h.standing(t).exclusive(t)
				h.standing(t).balanced(t)
			}
		}
		h.mustCatchUp(t)
		if difference := cmp.Diff(want, h.standing(t)); difference != "" {
			t.Fatalf("another order, another end:\n%s", difference)
		}
	})
}

// checks runs a property fewer times than the others, since it takes longer: so many of a
// hundred. More: go test ./reconcile -run MatcherOrder -rapid.checks=1000
func checks(t *testing.T, times int, property func(*rapid.T)) {
	t.Helper()
	if asked := flag.Lookup("rapid.checks"); asked != nil {
		if of, err := strconv.Atoi(asked.Value.String()); err == nil {
			times = max(1, times*of/100)
		}
	}
	count := 0
	rapid.Check(t, func(t *rapid.T) {
		if count++; count <= times || t.Failed() {
			property(t)
		}
	})
}

func TestMatcherHasNothingToAdd(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, fourDays()...)
	h.mustCatchUp(t)
	before := everything(t, h.journal)
	h.mustCatchUp(t)
	h.cursor.position = 0 // the cursor was lost
	h.mustCatchUp(t)
	h.mustTake(t, fourDays()...) // and everything arrives again
	h.mustCatchUp(t)
	sameJournal(t, everything(t, h.journal), before, "run again")
}

func sameJournal(t fataler, got, want []ledger.Recorded, when string) {
	t.Helper()
	for n := range min(len(got), len(want)) {
		g, w := got[n], want[n]
		if g.Stream != w.Stream || g.Revision != w.Revision || g.Position != w.Position || g.Type != w.Type || g.ID != w.ID ||
			!bytes.Equal(g.Data, w.Data) || !bytes.Equal(g.Meta, w.Meta) || !g.RecordedAt.Equal(w.RecordedAt) {
			t.Fatalf("%s, at position %d:\n%s %d %s %s\nwant\n%s %d %s %s", when, w.Position, g.Stream, g.Revision, g.Type, g.Data, w.Stream, w.Revision, w.Type, w.Data)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: the journal has %d events, want %d; next is %+v", when, len(got), len(want), slices.Concat(got, want)[min(len(got), len(want))])
	}
}

// many is a history whose runs take several appends: more matches, breaks and open lines
// than fit one.
func many() []file {
	one := &till{id: "T1"}
	var actions []ledger.Action
	var lines []reconcile.Line
	for n := range 700 {
		actions = append(actions, sold(one.head(monday, 9, n/60), paid(n, cny(100))))
		switch {
		case n%3 == 0:
			lines = append(lines, settled(n+2, monday, 9, n/60, paid(n, cny(100))))
		case n%3 == 1:
			lines = append(lines, settled(n+2, monday, 9, n/60, paid(n+10_000, cny(100))))
			lines[len(lines)-1].Raw = strings.Repeat("原", 1_500)
		}
	}
	return []file{tillFile{"many", actions}, billOf("acquirer", monday, monday, lines...)}
}

func TestMatcherSurvivesACrashAtEveryAppend(t *testing.T) {
	files := fourDays()
	stories := map[string]struct{ before, after []file }{
		"at once":                   {nil, files},
		"in two parts":              {files[:6], files[6:]},
		"before and after a change": {files[:13], files[13:]},
		"many":                      {nil, many()},
	}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			prepare := func() *history {
				h := newHistory(ourTerms())
				h.mustTake(t, story.before...)
				h.mustCatchUp(t)
				h.mustTake(t, story.after...)
				return h
			}
			uninterrupted := prepare()
			memory := uninterrupted.journal
			counting := &failing{Journal: memory}
			uninterrupted.journal = counting
			uninterrupted.mustCatchUp(t)
			want := everything(t, memory)
			for at := 1; at <= counting.appends; at++ {
				for _, written := range []bool{false, true} {
					h := prepare()
					memory := h.journal
					h.journal = &failing{Journal: memory, at: at, written: written}
					matcher := h.matcher()
					if err := catchUp(t.Context(), memory, matcher); !errors.Is(err, errLost) {
						t.Fatalf("append %d fails, and the matcher: %v", at, err)
					}
					if at%2 == 0 { // half of the time the program goes on, half of the time it is started again
						h.journal = memory
						matcher = h.matcher()
					}
					if err := catchUp(t.Context(), memory, matcher); err != nil {
						t.Fatal(err)
					}
					sameJournal(t, everything(t, memory), want, fmt.Sprintf("after a crash at append %d (written: %v)", at, written))
				}
			}
			t.Logf("%d appends, %d events", counting.appends, len(want))
		})
	}
}

func TestMatcherRetriesWithWhatIsNew(t *testing.T) {
	// The first attempt fails after it has read the day's list; a bill arrives before the
	// second. It must count.
	files := fourDays()
	h := newHistory(ourTerms())
	memory := h.journal
	h.mustTake(t, files[:5]...)
	h.journal = &failing{Journal: memory, at: 1}
	matcher := h.matcher()
	if err := catchUp(t.Context(), memory, matcher); !errors.Is(err, errLost) {
		t.Fatal(err)
	}
	h.journal = memory
	h.mustTake(t, files[5:]...)
	if err := catchUp(t.Context(), memory, matcher); err != nil {
		t.Fatal(err)
	}
	want := newHistory(ourTerms())
	want.mustTake(t, files...)
	want.mustCatchUp(t)
	if difference := cmp.Diff(want.standing(t), h.standing(t)); difference != "" {
		t.Error(difference)
	}
}

func TestMatcherSaysABreakAgainWhenWhatItNamesChanges(t *testing.T) {
	// A payment is settled twice. The first till's file comes when the break is open: from
	// then on it is that till's payment that was settled first, and the break must say so.
	one, two := &till{id: "T1"}, &till{id: "T2"}
	late := tillFile{"till 2", []ledger.Action{sold(two.head(monday, 9, 30), paid(1, cny(10_000)))}}
	early := tillFile{"till 1", []ledger.Action{sold(one.head(monday, 9, 0), paid(1, cny(10_000)))}}
	thrice := billOf("acquirer", monday, monday, settled(2, monday, 9, 0, paid(1, cny(10_000))),
		settled(3, monday, 9, 30, paid(1, cny(10_000))), settled(4, monday, 9, 40, paid(1, cny(10_000))))
	want := newHistory(ourTerms())
	want.mustTake(t, early, late, thrice)
	want.mustCatchUp(t)
	got := newHistory(ourTerms())
	got.mustTake(t, late, thrice)
	got.mustCatchUp(t)
	got.mustTake(t, early)
	got.mustCatchUp(t)
	if difference := cmp.Diff(want.standing(t), got.standing(t)); difference != "" {
		t.Errorf("another order, another end:\n%s", difference)
	}
}

func TestMatcherCorrectionTouchesOnlyWhatItConcerns(t *testing.T) {
	files := fourDays()
	h := newHistory(ourTerms())
	h.mustTake(t, files[:13]...)
	h.mustCatchUp(t)
	before, length := h.standing(t), len(everything(t, h.journal))
	h.mustTake(t, files[13])
	h.mustCatchUp(t)
	after := h.standing(t)
	for _, recorded := range everything(t, h.journal)[length:] {
		switch noun := recorded.Stream.Noun(); noun {
		case "outcome", "late":
			if recorded.Stream.ID() != monday.String() {
				t.Errorf("%s: %s %s", recorded.Stream, recorded.Type, recorded.Data)
			}
		case "payout":
			if !strings.HasPrefix(string(recorded.Stream), "payout-acquirer.CNY.") {
				t.Errorf("%s: %s", recorded.Stream, recorded.Type)
			}
		case "gaps":
			t.Errorf("%s: %s", recorded.Stream, recorded.Type)
		}
	}
	gone, fresh := []string{}, []string{}
	for key, b := range before.Breaks {
		if _, still := after.Breaks[key]; !still {
			gone = append(gone, string(b.Kind)+" "+b.Reference)
		}
	}
	for key, b := range after.Breaks {
		if _, known := before.Breaks[key]; !known {
			fresh = append(fresh, string(b.Kind)+" "+b.Reference)
		}
	}
	slices.Sort(gone)
	slices.Sort(fresh)
	// Lines have their statement in their id, so that what a break says of a line of the
	// corrected bill is said again.
	wantGone := []string{"amount_mismatch P2", "fee_deviation P3", "missing_in_ledger 000000000090", "payout_short M1 2026-01-05", "reversed_but_settled P6"}
	wantFresh := []string{"fee_deviation P3", "reversed_but_settled P6"}
	if !slices.Equal(gone, wantGone) || !slices.Equal(fresh, wantFresh) {
		t.Errorf("closed %q, want %q; opened %q, want %q", gone, wantGone, fresh, wantFresh)
	}
}

// elsewhere is a bill with a payout in another currency and a row of another day, and its
// corrections without them.
func elsewhere() (first, second, third bill) {
	yen := settled(3, monday, 10, 0, paid(71, ledger.Minor(5_000, "JPY")))
	stray := settled(4, monday.AddDays(1), 10, 0, paid(72, cny(7_200)))
	first = billOf("acquirer", monday, monday, settled(2, monday, 9, 0, paid(70, cny(7_000))), yen, stray)
	second = again(first, "second version", func(lines []reconcile.Line) []reconcile.Line { return lines[:1] })
	third = again(first, "third version", func(lines []reconcile.Line) []reconcile.Line { return nil })
	return first, second, third
}

func TestMatcherTakesBackWhatACorrectionLeavesOut(t *testing.T) {
	first, second, third := elsewhere()
	bank := []file{bankOf(monday.AddDays(1)), bankOf(monday.AddDays(2))}
	alone := func(files ...file) standing {
		h := newHistory(ourTerms())
		h.mustTake(t, append(files, bank...)...)
		h.mustCatchUp(t)
		return h.standing(t)
	}
	h := newHistory(ourTerms())
	h.mustTake(t, append([]file{first}, bank...)...)
	h.mustCatchUp(t)
	before := h.standing(t)
	if got := before.kinds(); got[reconcile.PayoutNotReceived] != 3 || got[reconcile.MissingInLedger] != 3 || len(before.Payouts) != 3 {
		t.Fatalf("at first: %v, %v", got, before.Payouts)
	}
	for _, correction := range []bill{second, third} {
		h.mustTake(t, correction)
		h.mustCatchUp(t)
		got := h.standing(t)
		fresh := correction
		fresh.correction = false
		want := alone(fresh)
		if difference := cmp.Diff(want.Breaks, got.Breaks); difference != "" {
			t.Errorf("%s: breaks, beside those of the bill alone:\n%s", correction.title, difference)
		}
		if difference := cmp.Diff(want.Payouts, got.Payouts); difference != "" {
			t.Errorf("%s: payouts, beside those of the bill alone:\n%s", correction.title, difference)
		}
		length := len(everything(t, h.journal))
		h.cursor.position = 0
		h.mustCatchUp(t)
		if again := everything(t, h.journal); len(again) != length {
			t.Errorf("%s: run again it adds %d events, first %s %s", correction.title, len(again)-length, again[length].Stream, again[length].Type)
		}
	}
	last := ""
	for _, recorded := range everything(t, h.journal) {
		if recorded.Stream == ledger.Stream("payout", "acquirer", "JPY", monday.AddDays(1).String()) {
			last = string(recorded.Data)
		}
	}
	if !strings.Contains(last, `"days":[]`) || !strings.Contains(last, `"state":"none"`) {
		t.Errorf("the last word on the yen is %s", last)
	}
}

func TestMatcherAStrayRowIsNoBill(t *testing.T) {
	one := &till{id: "T1"}
	tuesday := monday.AddDays(1)
	sales := tillFile{"till", []ledger.Action{sold(one.head(tuesday, 9, 0), paid(1, cny(100))), sold(one.head(tuesday, 9, 1), paid(2, cny(200)))}}
	h := newHistory(ourTerms())
	// Monday's bill has one of Tuesday's rows already.
	h.mustTake(t, sales, billOf("acquirer", monday, monday, settled(2, tuesday, 9, 0, paid(1, cny(100)))))
	h.mustCatchUp(t)
	s := h.standing(t)
	if len(s.Matches) != 1 || len(s.kinds()) != 0 {
		t.Errorf("one sale is matched and the other waits for its bill, but: %v %v", s.Matches, s.Breaks)
	}
	s.balanced(t)
	// Tuesday's own bill is no second file for Tuesday.
	h.mustTake(t, billOf("acquirer", tuesday, tuesday, settled(2, tuesday, 9, 1, paid(2, cny(200)))))
	h.mustCatchUp(t)
	if s := h.standing(t); len(s.Matches) != 2 || len(s.kinds()) != 0 {
		t.Errorf("both are matched, but: %v %v", s.Matches, s.Breaks)
	}
}

func TestMatcherKeepsPaymentsOfStrangeClocks(t *testing.T) {
	one := &till{id: "T1"}
	overnight := one.head(monday, 9, 0)
	overnight.At = at(monday.AddDays(1), 0, 30) // the till had not closed its Monday
	dead := one.head(monday, 9, 0)
	dead.At = time.Date(2000, 1, 1, 0, 0, 0, 0, shanghai) // the battery of its clock is empty
	h := newHistory(ourTerms())
	h.mustTake(t, tillFile{"till", []ledger.Action{sold(overnight, paid(1, cny(100))), sold(dead, paid(2, cny(200)))}},
		billOf("acquirer", monday, monday, settled(2, monday, 9, 0, paid(2, cny(200)))),
		billOf("acquirer", monday.AddDays(1), monday.AddDays(1), settled(2, monday.AddDays(1), 0, 30, paid(1, cny(100)))))
	h.mustCatchUp(t)
	// Monday's payout was due on Tuesday, of which there is a bill and no bank statement.
	if s := h.standing(t); len(s.Matches) != 2 || len(s.kinds()) != 1 || s.kinds()[reconcile.PayoutNotReceived] != 1 {
		t.Errorf("both are matched, but: %v %v", s.Matches, s.Breaks)
	}
}

func TestMatcherTakesBackADayThatNothingFallsOn(t *testing.T) {
	one := &till{id: "T1"}
	h := newHistory(ourTerms())
	h.mustTake(t, tillFile{"till", []ledger.Action{sold(one.head(monday, 9, 0), wallet(1, cny(100)))}}, bankOf(monday.AddDays(1)))
	h.mustCatchUp(t)
	if kinds := h.standing(t).kinds(); kinds[reconcile.FileMissing] != 1 || len(kinds) != 1 {
		t.Fatalf("the wallet's bill is missing, but: %v", kinds)
	}
	h.terms.Providers[1].Channel, h.digest = "other", "terms 2" // nobody settles such a sale any more
	h.mustCatchUp(t)
	if kinds := h.standing(t).kinds(); len(kinds) != 0 {
		t.Errorf("nothing is to be settled, but: %v", kinds)
	}
	length := len(everything(t, h.journal))
	h.cursor.position = 0
	h.mustCatchUp(t)
	if added := len(everything(t, h.journal)) - length; added != 0 {
		t.Errorf("run again it adds %d events", added)
	}
}

func TestMatcherReckonsAgainUnderNewTerms(t *testing.T) {
	changes := map[string]func(*reconcile.Terms){
		"fees": func(terms *reconcile.Terms) { terms.Providers[0].Fees = []reconcile.FeeRule{{Rate: 1_000}} },
		"payout days": func(terms *reconcile.Terms) {
			terms.Providers[0].Payout.Days = 2
			terms.Providers[1].Payout.Calendar.WorkingDaysOnly = true
		},
		"the provider's clock": func(terms *reconcile.Terms) { terms.Providers[0].Clock.Cut = 23 * time.Hour },
		"the wallet's channel": func(terms *reconcile.Terms) { terms.Providers[1].Channel = "other" },
		"the cut's margin":     func(terms *reconcile.Terms) { terms.Providers[0].CutMargin = 0 },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			files := fourDays()
			first, _, _ := elsewhere()
			first.title, first.statement.From, first.statement.To = "elsewhere", monday.AddDays(14), monday.AddDays(14)
			for n := range first.statement.Lines {
				first.statement.Lines[n].Day = monday.AddDays(14)
			}
			files = append(files, first)
			h := newHistory(ourTerms())
			h.mustTake(t, files...)
			h.mustCatchUp(t)
			before := h.standing(t)
			change(h.terms)
			h.digest = "terms 2"
			h.mustCatchUp(t)
			got := h.standing(t)
			if name != "the cut's margin" && cmp.Equal(before, got) {
				t.Error("nothing changed")
			}
			fresh := newHistory(ourTerms())
			change(fresh.terms)
			fresh.digest = "terms 2"
			fresh.mustTake(t, files...)
			fresh.mustCatchUp(t)
			want := fresh.standing(t)
			if difference := cmp.Diff(want.Matches, got.Matches); difference != "" {
				t.Errorf("matches, beside those of a journal that knew no other terms:\n%s", difference)
			}
			if difference := cmp.Diff(want.Breaks, got.Breaks); difference != "" {
				t.Errorf("breaks, beside those of a journal that knew no other terms:\n%s", difference)
			}
			if difference := cmp.Diff(want.Payouts, got.Payouts); difference != "" {
				t.Errorf("payouts, beside those of a journal that knew no other terms:\n%s", difference)
			}
			length := len(everything(t, h.journal))
			h.mustCatchUp(t)
			if added := len(everything(t, h.journal)) - length; added != 0 {
				t.Errorf("run again it adds %d events", added)
			}
		})
	}
}

// drawHistory draws a week of files in which few payments, references and amounts come
// again and again, on the same day and on others.
func drawHistory(t *rapid.T) []file {
	var files []file
	for _, id := range []ledger.TerminalID{"T1", "T2"} {
		one := &till{id: id}
		for n := range 5 {
			var actions []ledger.Action
			for range rapid.IntRange(0, 3).Draw(t, "actions") {
				head := one.head(monday.AddDays(n), pick(t, "hour", 9, 9, 23), pick(t, "minute", 0, 56, 58))
				tender := paid(rapid.IntRange(1, 5).Draw(t, "payment"), cny(pick[int64](t, "amount", 10_000, 10_000, 20_000)))
				tender.Outcome = pick(t, "outcome", ledger.Approved, ledger.Approved, ledger.Approved, ledger.Unknown)
				original := fmt.Sprint("P", rapid.IntRange(1, 5).Draw(t, "original"))
				switch rapid.IntRange(0, 7).Draw(t, "what") {
				case 0:
					actions = append(actions, ledger.PaymentReversed{Till: head, Original: original})
				case 1:
					actions = append(actions, ledger.PaymentAnswered{Till: head, Original: original, Outcome: ledger.Approved})
				case 2:
					actions = append(actions, ledger.PaymentVoided{Till: head, Original: original, Tender: tender})
				case 3:
					one.seq++ // lost on the way
					fallthrough
				default:
					actions = append(actions, sold(head, tender))
				}
			}
			if len(actions) > 0 {
				files = append(files, tillFile{fmt.Sprint(id, " ", n), actions})
			}
		}
	}
	for n := range 6 {
		day := monday.AddDays(n)
		var lines []reconcile.Line
		for row := range rapid.IntRange(0, 4).Draw(t, "lines") {
			on := day
			if rapid.IntRange(0, 7).Draw(t, "stray") == 0 {
				on = day.AddDays(-1)
			}
			line := settled(row+2, on, 9, row, paid(rapid.IntRange(1, 6).Draw(t, "payment"), cny(pick[int64](t, "amount", 10_000, 10_000, 20_000))))
			if rapid.IntRange(0, 7).Draw(t, "wrong fee") == 0 {
				line.Fee, line.Net = line.Fee+1, line.Net-1
			}
			lines = append(lines, line)
		}
		if rapid.IntRange(0, 3).Draw(t, "bill") > 0 {
			bill := billOf("acquirer", day, day, lines...)
			files = append(files, bill)
			if rapid.Bool().Draw(t, "paid") {
				files = append(files, bankOf(day.AddDays(1), credit(2, day.AddDays(1), "Acquirer Ltd", net(bill)+pick[int64](t, "less", 0, 0, -5), "M1")))
			}
		}
	}
	return files
}

func TestMatcherOrderOfAnyFilesIsIrrelevant(t *testing.T) {
	seen := tally{}
	checks(t, 35, func(t *rapid.T) {
		files := drawHistory(t)
		h := newHistory(ourTerms())
		h.mustTake(t, files...)
		h.mustCatchUp(t)
		want := h.standing(t)
		want.exclusive(t)
		want.balanced(t)
		for _, match := range want.Matches {
			seen[match.Rule]++
		}
		for _, b := range want.Breaks {
			seen[string(b.Kind)]++
		}
		other := newHistory(ourTerms())
		for _, f := range rapid.Permutation(files).Draw(t, "order") {
			other.mustTake(t, f)
			if rapid.Bool().Draw(t, "catch up") {
				other.mustCatchUp(t)
				other.standing(t).exclusive(t)
			}
		}
		other.mustCatchUp(t)
		if difference := cmp.Diff(want, other.standing(t)); difference != "" {
			t.Fatalf("another order, another end:\n%s", difference)
		}
		length := len(everything(t, other.journal))
		other.cursor.position = 0
		other.mustCatchUp(t)
		if added := len(everything(t, other.journal)) - length; added != 0 {
			t.Fatalf("run again it adds %d events", added)
		}
	})
	seen.saw(t, "M1", "M8", string(reconcile.MissingInSettlement), string(reconcile.MissingInLedger), string(reconcile.TimingNextDay), string(reconcile.FileMissing),
		string(reconcile.PayoutShort), string(reconcile.PayoutNotReceived), string(reconcile.SequenceGap), string(reconcile.FeeDeviation),
		string(reconcile.AmountMismatch), string(reconcile.DuplicateInSettlement), string(reconcile.DuplicateInLedger),
		string(reconcile.TimeoutButSettled), string(reconcile.ReversedButSettled))
}
