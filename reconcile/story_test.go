package reconcile_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

var update = flag.Lookup("update") // of ledgertest

// TestStories reads testdata/stories/*.txt: what a till recorded and what a bill says, a
// line each, and below "----" what becomes of it, which -update writes. Each is told
// forwards and backwards. The language:
//
//	sale|refund|void <payment> <amount> [<currency>] [field=value]…   what the till recorded
//	line|line-refund|line-void|line-reversal|line-chargeback|line-fee|line-other <row> <amount> [<currency>] [field=value]…
//	unreported <provider> [day=…]                                     its bill is not here
//	owed <provider> <amount> day=…                                    the net of a bill, due on a day
//	credit <row> <amount> day=… [memo=…]                              what the bank shows
//	bank day=…                                                        its statement of a day is here
//	rule <name> same=<field>+<field>,… [unless=…] [absolute=…] [relative=…] [within=…] [days=…] [shape=…] [mode=…] [basis=…] [loose=yes] [budget=…]
//	                                                                  a rule after the usual ones
//	decide together|apart|withdrawn <payment>,… <row>,… [day=…]       what a person decided
//
// Everything falls on day 0, a Monday, unless day says otherwise; with several days what
// is left open is concluded.
//
// Fields: day, at (hh:mm), expect, provider, mid, tid, rrn, batch, stan, auth, card, order,
// original (the payment refunded or voided), sale (the sale's order number), no, kind
// (debit, credit), fee (the contract's, unless given), coupon (the merchant's own).
func TestStories(t *testing.T) {
	paths, err := filepath.Glob("testdata/stories/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	rules, kinds := map[string]bool{}, map[reconcile.BreakKind]bool{}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			story, want, _ := strings.Cut(string(text), "----\n")
			told := read(t, story)
			var got string
			for backwards := range 2 {
				ending := told.tell(rules, kinds)
				if backwards == 1 && ending != got {
					t.Errorf("%s\n----\nbackwards\n%s\nforwards\n%s", story, ending, got)
				}
				got = ending
				told.reverse()
			}
			if update.Value.String() == "true" {
				if err := os.WriteFile(path, []byte(story+"----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				want = got
			}
			if got != want {
				t.Errorf("%s\n----\ngot\n%s\nwant\n%s", story, got, want)
			}
		})
	}
	for _, rule := range []string{"M1", "M2", "M3", "M4", "M7", "M8"} {
		if !rules[rule] {
			t.Errorf("no story has a match by %s", rule)
		}
	}
	for _, kind := range []reconcile.BreakKind{
		reconcile.AmountMismatch, reconcile.FeeDeviation, reconcile.DuplicateInSettlement, reconcile.DuplicateInLedger, reconcile.TimeoutButSettled,
		reconcile.ReversedButSettled, reconcile.CurrencyMismatch, reconcile.TerminalMismatch, reconcile.MethodMismatch, reconcile.UnexpectedLine,
		reconcile.Ambiguous, reconcile.Chargeback, reconcile.MissingInSettlement, reconcile.MissingInLedger, reconcile.TimingNextDay,
		reconcile.FileMissing, reconcile.PayoutShort, reconcile.PayoutNotReceived,
	} {
		if !kinds[kind] {
			t.Errorf("no story has a break of kind %s", kind)
		}
	}
}

// story is what there is before anything is reconciled.
type story struct {
	days    []reconcile.Inputs // from Monday on
	payouts []reconcile.Payout
	credits []reconcile.Entry
	bank    map[ledger.BusinessDay]bool
	rules   []reconcile.Rule
}

func (s *story) terms() *reconcile.Terms {
	terms := ourTerms()
	if len(s.rules) > 0 {
		terms.Rules = slices.Concat(reconcile.DefaultRules(), s.rules)
	}
	return terms
}

// rule reads a rule.
func rule(name string, fields map[string]string) (reconcile.Rule, error) {
	r := reconcile.Rule{Name: name, Version: 1, Loose: fields["loose"] != "", Shape: reconcile.Shape(fields["shape"]), Mode: reconcile.Mode(fields["mode"]),
		Basis: reconcile.Basis(fields["basis"]), Score: 50}
	list := func(text string) (list []reconcile.Field) {
		for _, f := range strings.FieldsFunc(text, func(r rune) bool { return r == '+' }) {
			list = append(list, reconcile.Field(f))
		}
		return list
	}
	for _, same := range strings.Split(fields["same"], ",") {
		r.Same = append(r.Same, list(same))
	}
	r.Unless = list(fields["unless"])
	var errs [6]error
	r.Absolute, errs[0] = strconv.ParseInt(orElse(fields["absolute"], "0"), 10, 64)
	r.Relative, errs[1] = ledger.ParseRate(orElse(fields["relative"], "0%"))
	r.Within, errs[2] = time.ParseDuration(orElse(fields["within"], "0s"))
	r.Days, errs[3] = strconv.Atoi(orElse(fields["days"], "0"))
	r.Budget, errs[4] = strconv.Atoi(orElse(fields["budget"], "0"))
	errs[5] = reconcile.CheckRules([]reconcile.Rule{r})
	return r, errors.Join(errs[:]...)
}

func (s *story) reverse() {
	for n := range s.days {
		slices.Reverse(s.days[n].Items)
		slices.Reverse(s.days[n].Lines)
	}
	slices.Reverse(s.payouts)
	slices.Reverse(s.credits)
}

// day makes days up to number n.
func (s *story) day(n int) *reconcile.Inputs {
	for len(s.days) <= n {
		s.days = append(s.days, reconcile.Inputs{Day: monday.AddDays(len(s.days)), Reported: map[ledger.ProviderID]bool{"acquirer": true, "wallet": true}})
	}
	return &s.days[n]
}

func read(t *testing.T, text string) *story {
	t.Helper()
	terms := ourTerms()
	s := &story{bank: map[ledger.BusinessDay]bool{}}
	s.day(0)
	for number, row := range strings.Split(text, "\n") {
		row, _, _ = strings.Cut(row, "#")
		words := strings.Fields(row)
		if len(words) == 0 {
			continue
		}
		fail := func(err error) {
			if err != nil {
				t.Fatalf("line %d: %s: %v", number+1, row, err)
			}
		}
		currency := ledger.Currency("CNY")
		fields := map[string]string{}
		for n, word := range words {
			if name, value, is := strings.Cut(word, "="); is {
				fields[name] = value
			} else if n > 2 {
				currency = ledger.Currency(word)
			}
		}
		n, err := strconv.Atoi(orElse(fields["day"], "0"))
		fail(err)
		day := monday.AddDays(n)
		switch words[0] {
		case "unreported":
			delete(s.day(n).Reported, ledger.ProviderID(words[1]))
			continue
		case "bank":
			s.bank[day] = true
			continue
		case "rule":
			r, err := rule(words[1], fields)
			fail(err)
			s.rules = append(s.rules, r)
			continue
		case "decide":
			d := reconcile.Decision{Verdict: reconcile.Verdict(words[1]), By: "li", Items: strings.Split(words[2], ",")}
			for _, row := range strings.Split(words[3], ",") {
				d.Lines = append(d.Lines, "row "+row)
			}
			for n := range 2 { // the days of our stories with decisions
				in := s.day(n)
				in.Decided = append(in.Decided, d)
			}
			continue
		}
		minor, err := ledger.ParseAmount(words[2], currency)
		fail(err)
		switch words[0] {
		case "owed":
			s.payouts = append(s.payouts, reconcile.Payout{Provider: ledger.ProviderID(words[1]), Currency: currency, Due: day, Days: []ledger.BusinessDay{day.AddDays(-1)}, Expected: minor})
			continue
		case "credit":
			s.bank[day] = true
			s.credits = append(s.credits, reconcile.Entry{ID: "row " + words[1], Line: reconcile.Line{Kind: reconcile.PayoutLine, Day: day, Currency: currency, Net: minor, Memo: fields["memo"]}})
			continue
		}
		in := s.day(n)
		clock, err := time.Parse("15:04", orElse(fields["at"], "09:00"))
		fail(err)
		when := at(day, clock.Hour(), clock.Minute())
		card, err := ledger.ParseCardRef(fields["card"])
		fail(err)
		provider := ledger.ProviderID(orElse(fields["provider"], "acquirer"))
		channel := map[ledger.ProviderID]string{"acquirer": "card", "wallet": "alipay"}[provider]
		mid, tid := ledger.MID(orElse(fields["mid"], "M1")), ledger.TID(orElse(fields["tid"], "T1"))
		if kind, isLine := strings.CutPrefix(words[0], "line"); isLine {
			row, err := strconv.Atoi(words[1])
			fail(err)
			agreed, _ := terms.Provider(provider)
			fee, _ := agreed.Fee(&reconcile.Line{Day: day, Gross: minor, Currency: currency, CardKind: fields["kind"]}, reconcile.Turnover{})
			if fields["fee"] != "" {
				fee, err = ledger.ParseAmount(fields["fee"], currency)
				fail(err)
			}
			discount, err := ledger.ParseAmount(orElse(fields["coupon"], "0"), currency)
			fail(err)
			in.Lines = append(in.Lines, reconcile.Entry{
				ID: fmt.Sprint("row ", row), Statement: "bill", Provider: provider,
				Line: reconcile.Line{
					Row: row, Kind: reconcile.LineKind(orElse(strings.TrimPrefix(kind, "-"), "sale")), Day: day, At: when, Currency: currency,
					Gross: minor, Discount: discount, Fee: fee, Net: minor - discount - fee, Channel: channel, MID: mid, TID: tid, Batch: ledger.BatchNo(fields["batch"]),
					STAN: ledger.STAN(fields["stan"]), RRN: ledger.RRN(fields["rrn"]), AuthCode: ledger.AuthCode(fields["auth"]), Card: card,
					CardKind: fields["kind"], OrderNo: fields["order"], OriginalNo: fields["sale"], ProviderNo: fields["no"], RawKind: words[0],
				},
			})
			continue
		}
		in.Items = append(in.Items, reconcile.Item{
			ID: words[1], Reference: orElse(fields["payment"], words[1]), Day: day, BusinessDay: day, At: when, Provider: provider, Channel: channel,
			Kind: reconcile.LineKind(words[0]), Expect: reconcile.Expectation(orElse(fields["expect"], "settles")), Amount: ledger.Minor(minor, currency),
			MID: mid, TID: tid, Batch: ledger.BatchNo(fields["batch"]), STAN: ledger.STAN(fields["stan"]), RRN: ledger.RRN(fields["rrn"]),
			AuthCode: ledger.AuthCode(fields["auth"]), Card: card, CardKind: fields["kind"], OrderNo: fields["order"], OriginalNo: fields["sale"], ProviderNo: fields["no"],
			Original: fields["original"],
		})
	}
	return s
}

// tell reconciles and writes what comes of it for people.
func (s *story) tell(rules map[string]bool, kinds map[reconcile.BreakKind]bool) string {
	var b bytes.Buffer
	note := func(matches []reconcile.Match, breaks []reconcile.Break) {
		for _, match := range matches {
			rules[match.Rule] = true
		}
		for _, x := range breaks {
			kinds[x.Kind] = true
		}
	}
	terms := s.terms()
	var open []*reconcile.Open
	for _, in := range s.days {
		out := reconcile.Pair(terms, in)
		note(out.Matches, slices.Concat(out.Breaks, out.Fees))
		if len(s.days) > 1 {
			fmt.Fprintf(&b, "%s\n", in.Day)
		}
		b.WriteString(tell(out))
		left := &reconcile.Open{Day: in.Day, Items: out.OpenItems, Lines: out.OpenLines, Reported: in.Reported, Decided: in.Decided}
		for _, item := range out.Waiting { // one each is enough here
			left.Waiting, left.WaitingFor = append(left.Waiting, item.Expected()), append(left.WaitingFor, item.Provider)
		}
		open = append(open, left)
	}
	if len(s.days) > 1 || len(s.bank) > 0 {
		for _, own := range open {
			c := reconcile.Conclude(terms, own, open, func(d ledger.BusinessDay) bool { return s.bank[d] })
			note(c.Matches, c.Breaks)
			if len(c.Matches)+len(c.Breaks)+len(c.Suggestions) > 0 {
				fmt.Fprintf(&b, "%s, concluded\n%s", own.Day, tell(reconcile.Outcome{Matches: c.Matches, Breaks: c.Breaks, Suggestions: c.Suggestions}))
			}
		}
	}
	receipts, unassigned := reconcile.AssignCredits(s.payouts, s.credits)
	for _, r := range receipts {
		fmt.Fprintf(&b, "payout due %s: owed %s, received %s", r.Due, ledger.Minor(r.Expected, r.Currency), ledger.Minor(r.Received, r.Currency))
		for _, credit := range r.Credits {
			fmt.Fprintf(&b, ", %s", credit.ID)
		}
		if x, broken := r.Break("card", "M1", s.bank[r.Due]); broken {
			note(nil, []reconcile.Break{x})
			fmt.Fprintf(&b, ": break %s under %q", x.Kind, x.Reference)
		}
		b.WriteByte('\n')
	}
	for _, credit := range unassigned {
		fmt.Fprintf(&b, "no payout for %s, %s\n", credit.ID, ledger.Minor(credit.Net, credit.Currency))
	}
	return b.String()
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// tell writes an outcome.
func tell(out reconcile.Outcome) string {
	var b bytes.Buffer
	list := func(ids []string) string {
		if len(ids) == 0 {
			return "nothing"
		}
		return strings.Join(ids, ", ")
	}
	join := func(what string, match reconcile.Match) {
		fmt.Fprintf(&b, "%s %s: %s and %s, %s", what, match.Rule, list(match.Items), list(match.Lines), match.Gross)
		if match.Difference != 0 {
			fmt.Fprintf(&b, ", which is %s too much", ledger.Minor(match.Difference, match.Gross.Currency))
		}
		b.WriteByte('\n')
	}
	for _, match := range out.Matches {
		join("match", match)
	}
	for _, x := range out.Breaks {
		fmt.Fprintf(&b, "break %s", x.Kind)
		if x.Rule != "" {
			fmt.Fprintf(&b, " by %s", x.Rule)
		}
		fmt.Fprintf(&b, ": %s and %s, expected %s, actual %s, under %q", list(x.Items), list(x.Lines), x.Expected, x.Actual, x.Reference)
		if x.Detail != "" {
			fmt.Fprintf(&b, " (%s)", x.Detail)
		}
		b.WriteByte('\n')
	}
	for _, x := range out.Fees {
		fmt.Fprintf(&b, "break %s: %s, contract %s, billed %s, under %q\n", x.Kind, list(x.Lines), x.Expected, x.Actual, x.Reference)
	}
	for _, x := range []struct {
		what  string
		items []reconcile.Item
	}{{"rightly absent", out.Absent}, {"waits for the bill", out.Waiting}, {"open", out.OpenItems}} {
		for _, item := range x.items {
			fmt.Fprintf(&b, "%s: %s, %s\n", x.what, item.ID, item.Amount)
		}
	}
	for _, line := range out.Cancelled {
		fmt.Fprintf(&b, "cancelled in the bill: %s, %s\n", line.ID, ledger.Minor(line.Gross, line.Currency))
	}
	for _, line := range out.OpenLines {
		fmt.Fprintf(&b, "open: %s, %s\n", line.ID, ledger.Minor(line.Gross, line.Currency))
	}
	for _, match := range out.Suggestions {
		join("suggested by", match)
	}
	return b.String()
}
