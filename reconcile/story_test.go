package reconcile_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
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
//	unreported <provider>                                             its bill is not here
//
// Fields: at (hh:mm), expect, provider, mid, tid, rrn, batch, stan, auth, card, order,
// original (the payment refunded or voided), sale (the sale's order number), no, kind
// (debit, credit), fee (the contract's, unless given).
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
			in := read(t, story)
			out := reconcile.Pair(ourTerms(), in)
			for _, match := range out.Matches {
				rules[match.Rule] = true
			}
			for _, b := range slices.Concat(out.Breaks, out.Fees) {
				kinds[b.Kind] = true
			}
			got := tell(out)
			if update.Value.String() == "true" {
				if err := os.WriteFile(path, []byte(story+"----\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				want = got
			}
			if got != want {
				t.Errorf("%s\n----\ngot\n%s\nwant\n%s", story, got, want)
			}
			slices.Reverse(in.Items)
			slices.Reverse(in.Lines)
			if backwards := reconcile.Pair(ourTerms(), in); !reflect.DeepEqual(out, backwards) {
				t.Errorf("%s\n----\nbackwards\n%s\nforwards\n%s", story, tell(backwards), got)
			}
		})
	}
	for _, rule := range []string{"M1", "M2", "M3", "M4", "M7"} {
		if !rules[rule] {
			t.Errorf("no story has a match by %s", rule)
		}
	}
	for _, kind := range []reconcile.BreakKind{
		reconcile.AmountMismatch, reconcile.FeeDeviation, reconcile.DuplicateInSettlement, reconcile.DuplicateInLedger, reconcile.TimeoutButSettled,
		reconcile.ReversedButSettled, reconcile.CurrencyMismatch, reconcile.TerminalMismatch, reconcile.MethodMismatch, reconcile.UnexpectedLine,
		reconcile.Ambiguous, reconcile.Chargeback,
	} {
		if !kinds[kind] {
			t.Errorf("no story has a break of kind %s", kind)
		}
	}
}

func read(t *testing.T, story string) reconcile.Inputs {
	t.Helper()
	terms := ourTerms()
	in := reconcile.Inputs{Day: monday, Reported: map[ledger.ProviderID]bool{"acquirer": true, "wallet": true}}
	for number, text := range strings.Split(story, "\n") {
		text, _, _ = strings.Cut(text, "#")
		words := strings.Fields(text)
		if len(words) == 0 {
			continue
		}
		fail := func(err error) {
			if err != nil {
				t.Fatalf("line %d: %s: %v", number+1, text, err)
			}
		}
		if words[0] == "unreported" {
			delete(in.Reported, ledger.ProviderID(words[1]))
			continue
		}
		currency := ledger.Currency("CNY")
		fields := map[string]string{}
		for _, word := range words[3:] {
			name, value, is := strings.Cut(word, "=")
			if !is {
				currency = ledger.Currency(word)
				continue
			}
			fields[name] = value
		}
		minor, err := ledger.ParseAmount(words[2], currency)
		fail(err)
		clock, err := time.Parse("15:04", orElse(fields["at"], "09:00"))
		fail(err)
		when := at(monday, clock.Hour(), clock.Minute())
		card, err := ledger.ParseCardRef(fields["card"])
		fail(err)
		provider := ledger.ProviderID(orElse(fields["provider"], "acquirer"))
		channel := map[ledger.ProviderID]string{"acquirer": "card", "wallet": "alipay"}[provider]
		mid, tid := ledger.MID(orElse(fields["mid"], "M1")), ledger.TID(orElse(fields["tid"], "T1"))
		if kind, isLine := strings.CutPrefix(words[0], "line"); isLine {
			row, err := strconv.Atoi(words[1])
			fail(err)
			agreed, _ := terms.Provider(provider)
			fee, _ := agreed.Fee(reconcile.Line{Day: monday, Gross: minor, Currency: currency, CardKind: fields["kind"]})
			if fields["fee"] != "" {
				fee, err = ledger.ParseAmount(fields["fee"], currency)
				fail(err)
			}
			in.Lines = append(in.Lines, reconcile.Entry{
				ID: fmt.Sprint("row ", row), Statement: "bill", Provider: provider,
				Line: reconcile.Line{
					Row: row, Kind: reconcile.LineKind(orElse(strings.TrimPrefix(kind, "-"), "sale")), Day: monday, At: when, Currency: currency,
					Gross: minor, Fee: fee, Net: minor - fee, Channel: channel, MID: mid, TID: tid, Batch: ledger.BatchNo(fields["batch"]),
					STAN: ledger.STAN(fields["stan"]), RRN: ledger.RRN(fields["rrn"]), AuthCode: ledger.AuthCode(fields["auth"]), Card: card,
					CardKind: fields["kind"], OrderNo: fields["order"], OriginalNo: fields["sale"], ProviderNo: fields["no"], RawKind: words[0],
				},
			})
			continue
		}
		in.Items = append(in.Items, reconcile.Item{
			ID: words[1], Reference: orElse(fields["payment"], words[1]), Day: monday, BusinessDay: monday, At: when, Provider: provider, Channel: channel,
			Kind: reconcile.LineKind(words[0]), Expect: reconcile.Expectation(orElse(fields["expect"], "settles")), Amount: ledger.Minor(minor, currency),
			MID: mid, TID: tid, Batch: ledger.BatchNo(fields["batch"]), STAN: ledger.STAN(fields["stan"]), RRN: ledger.RRN(fields["rrn"]),
			AuthCode: ledger.AuthCode(fields["auth"]), Card: card, OrderNo: fields["order"], OriginalNo: fields["sale"], ProviderNo: fields["no"],
			Original: fields["original"],
		})
	}
	return in
}

func orElse(value, other string) string {
	if value == "" {
		return other
	}
	return value
}

// tell writes an outcome for people.
func tell(out reconcile.Outcome) string {
	var b bytes.Buffer
	list := func(ids []string) string {
		if len(ids) == 0 {
			return "nothing"
		}
		return strings.Join(ids, ", ")
	}
	for _, match := range out.Matches {
		fmt.Fprintf(&b, "match %s: %s and %s, %s\n", match.Rule, list(match.Items), list(match.Lines), match.Gross)
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
	return b.String()
}
