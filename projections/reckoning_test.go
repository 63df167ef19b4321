package projections_test

import (
	"context"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// place is a matcher's cursor in memory.
type place struct {
	position ledger.Position
	tag      string
}

func (p *place) Load() (ledger.Position, string, error) { return p.position, p.tag, nil }

func (p *place) Save(position ledger.Position, tag string) error {
	p.position, p.tag = position, tag
	return nil
}

// What the real intake, importer and matcher write comes together in the views: every
// member of a match or break is a row that can be found, and the control sheet's figures
// are those of the rows.
func TestReckonedDay(t *testing.T) {
	ctx := context.Background()
	journal := ledger.NewMemory(nil)
	clock := ledger.Clock{Zone: shanghai}
	terms := &reconcile.Terms{Home: clock, Currency: "CNY",
		Providers: []reconcile.Provider{{
			ID: "alipay", Channel: "alipay", Formats: []string{"alipay-trade"}, Accounts: []string{"2088"}, Currency: "CNY", Clock: clock,
			Payout: reconcile.PayoutTerms{Days: 1, Payers: []string{"支付宝"}}, Fees: []reconcile.FeeRule{{Rate: 6000}},
		}},
		Banks: []reconcile.Bank{{ID: "icbc", Formats: []string{"icbc"}, Currency: "CNY"}},
	}

	var actions []ledger.Reported
	bill := &reconcile.Statement{Format: "alipay-trade", Kind: reconcile.TradeBill, Account: "2088", From: monday, To: monday}
	for n := range 40 {
		reference := "p" + strconv.Itoa(n)
		amount := int64(1000 + 10*n)
		head := ledger.Till{Terminal: "T1", Seq: uint64(n + 1), Store: "S1", BusinessDay: monday, At: time.Date(2026, 1, 5, 9, n, 0, 0, shanghai)}
		actions = append(actions, ledger.Reported{Row: n + 1, Action: ledger.SaleRecorded{Till: head, Sale: "R" + reference,
			Tenders: []ledger.Tender{paid(reference, "alipay", cny(amount), ledger.Approved)}, Total: cny(amount)}})
		if n%8 == 3 {
			continue // not settled
		}
		fee := ledger.Rate(6000).Of(cny(amount)).Minor
		if n%8 == 5 {
			fee += 3
		}
		bill.Lines = append(bill.Lines, reconcile.Line{Row: n + 6, Kind: reconcile.SaleLine, Day: monday, At: head.At, Currency: "CNY",
			Gross: amount, Fee: fee, Net: amount - fee, Channel: "alipay", OrderNo: "o-" + reference, Raw: reference})
	}
	if _, err := ledger.NewIntake(journal, codec()).File(ctx, ledger.TillFile{Name: "tills.ndjson", SHA256: strings.Repeat("a", 64), Actions: actions}, nil); err != nil {
		t.Fatal(err)
	}
	importer := reconcile.NewImporter(journal, codec(), terms)
	bank := &reconcile.Statement{Format: "icbc", Kind: reconcile.BankStatement, From: monday.AddDays(1), To: monday.AddDays(1), Lines: []reconcile.Line{
		{Row: 2, Kind: reconcile.PayoutLine, Day: monday.AddDays(1), Currency: "CNY", Net: 12345, Counterparty: "支付宝", Memo: "20260105"}}}
	for name, statement := range map[string]*reconcile.Statement{"a": bill, "b": bank} {
		if _, err := importer.Statement(ctx, reconcile.StatementFile{Name: name, SHA256: strings.Repeat(name, 64), Statement: statement}, false, nil); err != nil {
			t.Fatal(err)
		}
	}
	matcher := reconcile.NewMatcher(journal, codec(), terms, "terms", new(place))
	for page, err := range journal.Follow(ctx, 0, matcher.Filter()) {
		if err == nil {
			err = matcher.Apply(ctx, page)
		}
		if err != nil {
			t.Fatal(err)
		}
		if page.CaughtUp {
			break
		}
	}

	warehouse, projector, views := open(t)
	for page, err := range journal.Follow(ctx, 0, projector.Filter()) {
		if err == nil {
			err = projector.Apply(ctx, page)
		}
		if err != nil {
			t.Fatal(err)
		}
		if page.CaughtUp {
			break
		}
	}
	head, err := ledger.Head(ctx, journal)
	if err != nil {
		t.Fatal(err)
	}
	if asOf, err := views.AsOf(ctx); err != nil || asOf > head || asOf == 0 {
		t.Errorf("as of %d (%v), the journal ends at %d", asOf, err, head)
	}

	for what, sql := range map[string]string{
		"members of matches": `SELECT countIf(member NOT IN (SELECT id FROM fct_payments)) FROM fct_matches WHERE side = 'item'`,
		"lines of matches":   `SELECT countIf(member NOT IN (SELECT id FROM fct_settlement_lines)) FROM fct_matches WHERE side = 'line'`,
		"items of breaks":    `SELECT countIf(item NOT IN (SELECT id FROM fct_payments)) FROM fct_breaks ARRAY JOIN items AS item`,
		"lines of breaks":    `SELECT countIf(line NOT IN (SELECT id FROM v_lines)) FROM fct_breaks ARRAY JOIN lines AS line`,
		"credits of payouts": `SELECT countIf(credit NOT IN (SELECT id FROM fct_bank_lines)) FROM fct_payouts ARRAY JOIN credits AS credit`,
	} {
		var lost int
		if one(t, warehouse, sql, &lost); lost != 0 {
			t.Errorf("%d %s can't be found", lost, what)
		}
	}
	sheets, err := views.Status(ctx, monday)
	if err != nil || len(sheets) != 1 {
		t.Fatalf("%d sheets (%v)", len(sheets), err)
	}
	var payments, matched, bills, net int64
	one(t, warehouse, "SELECT sum(expected_minor) FROM fct_payments", &payments)
	one(t, warehouse, "SELECT sum(gross_minor) FROM fct_matches WHERE side = 'item' AND place = 0", &matched)
	one(t, warehouse, "SELECT sum(gross_minor), sum(net_minor) FROM fct_settlement_lines", &bills, &net)
	sheet := sheets[0]
	got := []int64{sheet.Ledger.Amount, sheet.Matched.Amount, sheet.Bill.Gross, sheet.Bill.Net, sheet.PayoutExpected, sheet.PayoutReceived}
	if diff := cmp.Diff([]int64{payments, matched, bills, net, net, 12345}, got); diff != "" {
		t.Errorf("the sheet and the rows differ:\n%s", diff)
	}
	open, err := views.Breaks(ctx, projections.BreakFilter{State: "open"})
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[reconcile.BreakKind]int{}
	for _, row := range open {
		kinds[row.Kind]++
	}
	want := map[reconcile.BreakKind]int{reconcile.MissingInSettlement: 5, reconcile.FeeDeviation: 5, reconcile.PayoutShort: 1}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	short, err := views.Breaks(ctx, projections.BreakFilter{Kind: reconcile.PayoutShort})
	if err != nil || len(short) != 1 {
		t.Fatalf("%d payouts are short (%v)", len(short), err)
	}
	detail := named(t, views, short[0].ID)
	if len(detail) != 1 || len(detail[0].Statements) != 1 || detail[0].Statements[0].Net != 12345 || detail[0].Statements[0].Sender != "icbc" {
		t.Errorf("payout break: %+v", detail)
	}
}
