package projections_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// told is the story in tables.
func told(t *testing.T) (projections.Warehouse, *projections.Views) {
	t.Helper()
	warehouse, projector, views := open(t)
	apply(t, projector, tell(t).events())
	return warehouse, views
}

// named are the differences of a name, with all there is about them.
func named(t *testing.T, views *projections.Views, name string) []projections.BreakDetail {
	t.Helper()
	found, err := views.NamedBreaks(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	details, err := views.Details(context.Background(), found)
	if err != nil {
		t.Fatal(err)
	}
	return details
}

// outcomes lists payments as reference, outcome and expected money.
func outcomes(t *testing.T, warehouse projections.Warehouse) map[string]string {
	t.Helper()
	rows, err := warehouse.Query(context.Background(), "SELECT id, reference || ' ' || outcome || ' ' || toString(expected_minor) FROM fct_payments ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	list := map[string]string{}
	for rows.Next() {
		var id, told string
		if err := rows.Scan(&id, &told); err != nil {
			t.Fatal(err)
		}
		list[id] = told
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func TestOutcomesOfPayments(t *testing.T) {
	warehouse, _ := told(t)
	want := map[string]string{
		"T1//2/0": "p1 approved 10000", "T1//3/0": "r1 approved -2000", "T1//4/0": "p2a declined 0", "T1//4/1": "p2 approved 5000",
		"T1//5/0": "p3a approved 1000", "T1//5/1": "p3b approved 2000", "T1//6/0": "p4 voided 7000", "T1//7/0": "v4 approved -7000",
		"T1//8/0": "p5 approved 800", "T1//10/0": "p6 reversed 0", "T1//13/0": "p8 approved 1234", "T1//14/0": "p9 approved 1234",
		"T2//18/0": "p10 approved 3000", "T2//21/0": "r10 approved -1000",
	}
	if diff := cmp.Diff(want, outcomes(t, warehouse)); diff != "" {
		t.Error(diff)
	}
}

// What is said later about a payment may stand before it in the journal, when files come
// in another order. It may be said twice, be practice, or speak of what nobody knows.
func TestOutcomesInAnyOrder(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := newStory(t)
	practice := func(head ledger.Till) ledger.Till { head.Mode = ledger.Training; return head }

	s.act(ledger.PaymentReversed{Till: s.till(), Original: "early"})
	s.act(ledger.PaymentVoided{Till: s.till(), Original: "cancelled", Tender: paid("v1", "card", cny(300), ledger.Approved)})
	s.sell("R1", paid("early", "card", cny(100), ledger.Unknown), paid("cancelled", "card", cny(300), ledger.Approved))

	s.sell("R2", paid("twice", "card", cny(400), ledger.Unknown))
	s.act(ledger.PaymentAnswered{Till: s.till(), Original: "twice", Outcome: ledger.Approved})
	s.act(ledger.PaymentReversed{Till: s.till(), Original: "twice"})

	s.sell("R3", paid("kept", "card", cny(500), ledger.Approved))
	s.act(ledger.PaymentVoided{Till: s.till(), Original: "kept", Tender: paid("v2", "card", cny(500), ledger.Declined)})
	s.act(ledger.PaymentVoided{Till: practice(s.till()), Original: "kept", Tender: paid("v3", "card", cny(500), ledger.Approved)})
	s.act(ledger.PaymentReversed{Till: practice(s.till()), Original: "kept"})

	s.sell("R4", paid("slow", "card", cny(600), ledger.Approved))
	s.act(ledger.PaymentVoided{Till: s.till(), Original: "slow", Tender: paid("v4", "card", cny(600), ledger.Unknown)})
	s.act(ledger.PaymentAnswered{Till: s.till(), Original: "v4", Outcome: ledger.Approved})

	// Two payments with one reference: what is said later is said of the first.
	s.sell("R5", paid("same", "card", cny(700), ledger.Unknown))
	s.sell("R6", paid("same", "card", cny(700), ledger.Unknown))
	s.act(ledger.PaymentAnswered{Till: s.till(), Original: "same", Outcome: ledger.Declined})

	s.act(ledger.PaymentVoided{Till: s.till(), Original: "nobody", Tender: paid("v5", "card", cny(800), ledger.Approved)})
	s.act(ledger.PaymentAnswered{Till: s.till(), Original: "", Outcome: ledger.Declined})
	s.sell("R7", paid("", "cash", cny(900), ledger.Approved))
	apply(t, projector, s.events())

	want := []string{
		" approved 900", "cancelled voided 300", "early reversed 0", "kept approved 500", "same declined 0", "same unknown 0", "slow voided 600",
		"twice reversed 0", "v1 approved -300", "v2 declined 0", "v4 approved -600", "v5 approved -800",
	}
	var got []string
	for _, told := range outcomes(t, warehouse) {
		got = append(got, told)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The ledger's own reckoning and fct_payments call payments by the same ids and expect
// the same money of them.
func TestPaymentsAgreeWithTheBook(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := tell(t)
	foreign := ledger.Till{Terminal: "T2", Series: "000007", Doc: "A-17", Store: "S2", BusinessDay: monday, At: s.till().At}
	s.act(ledger.SaleRecorded{Till: foreign, Sale: "X", Tenders: []ledger.Tender{paid("x1", "card", cny(1), ledger.Approved)}, Total: cny(1)})
	apply(t, projector, s.events())

	clock := ledger.Clock{Zone: shanghai}
	terms := &reconcile.Terms{Home: clock}
	for _, channel := range []string{"cash", "card", "alipay", "wechat"} {
		terms.Providers = append(terms.Providers, reconcile.Provider{ID: ledger.ProviderID(channel), Channel: channel, Clock: clock})
	}
	book := reconcile.NewBook(terms)
	for _, event := range s.events() {
		payload, err := s.codec.Decode(event.Event)
		if err != nil {
			t.Fatal(err)
		}
		if _, apart := payload.(ledger.ActionQuarantined); apart {
			continue
		}
		if action, ok := payload.(ledger.Action); ok {
			book.Apply(event.Position, action)
		}
	}
	want := map[string]int64{}
	for _, item := range book.Items(monday) {
		want[item.ID] = item.Expected().Minor
	}
	got := map[string]int64{}
	rows, err := warehouse.Query(context.Background(), "SELECT id, expected_minor FROM fct_payments")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var expected int64
		if err := rows.Scan(&id, &expected); err != nil {
			t.Fatal(err)
		}
		got[id] = expected
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 13 {
		t.Errorf("%d payments in the book:\n%s", len(want), diff)
	}
}

func TestDecimalsAreExact(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := newStory(t)
	amounts := []ledger.Money{}
	for _, currency := range []ledger.Currency{"JPY", "CNY", "KWD"} {
		for _, minor := range []int64{0, 1, -1, 5, 99, 100, 1234, -1234567, 29, 57, 1_000_000_000_000_000, -999_999_999_999_999} {
			amounts = append(amounts, ledger.Minor(minor, currency))
		}
	}
	for _, amount := range amounts {
		s.sell("R", paid("p", "card", amount, ledger.Approved))
	}
	apply(t, projector, s.events())
	rows, err := warehouse.Query(context.Background(), "SELECT amount, amount_minor, currency FROM fct_payments ORDER BY seq")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if _, types := rows.Columns(); types[0] != "Decimal(18, 3)" {
		t.Errorf("amount is a %s", types[0])
	}
	for _, want := range amounts {
		var shown any
		var money ledger.Money
		if !rows.Next() {
			t.Fatal("a payment is missing")
		}
		if err := rows.Scan(&shown, &money.Minor, &money.Currency); err != nil {
			t.Fatal(err)
		}
		if money != want || !shown.(decimal.Decimal).Equal(want.Decimal()) {
			t.Errorf("%s shows as %v and %s", want, shown, money)
		}
	}
}

func TestSumsTie(t *testing.T) {
	warehouse, _ := told(t)
	for _, check := range []struct{ what, sql string }{
		{"a ticket's lines carry its currency and kind", "SELECT count() FROM fct_sale_lines l JOIN fct_sales s ON s.id = l.id WHERE l.kind != s.kind OR l.currency != s.currency OR l.tender != s.tender"},
		{"net and tax are the total", "SELECT countIf(net_minor + tax_minor != total_minor) FROM fct_sales"},
		{"net and tax are a line's total", "SELECT countIf(net_minor + tax_minor != total_minor OR net + tax != total) FROM fct_sale_lines"},
		{"hours add up to the sales", "SELECT (SELECT sum(total) FROM agg_sales_hour) != (SELECT sum(total) FROM fct_sales)"},
		{"every sale is in some hour", "SELECT (SELECT sum(sales) FROM agg_sales_hour) != (SELECT count() FROM fct_sales)"},
		{"refunds are what was paid back", "SELECT (SELECT sum(total_minor) FROM fct_sales WHERE kind = 'refund') != (SELECT sum(expected_minor) FROM fct_payments WHERE kind = 'refund')"},
		{"a void and its payment come to nothing", "SELECT sum(expected_minor) FROM fct_payments WHERE reference IN ('p4', 'v4')"},
		{"net is gross less discount and fee", "SELECT countIf(net_minor != gross_minor - discount_minor - fee_minor OR net != gross - discount - fee) FROM fct_settlement_lines"},
		{"a statement's totals are its lines'", "SELECT countIf(s.net_minor[1] != l.net) FROM fct_statements s JOIN (SELECT statement, sum(net_minor) AS net FROM fct_settlement_lines GROUP BY statement) l ON l.statement = s.statement"},
		{"an account tells its payments once more, and adds none", "SELECT (SELECT (count(), sum(amount_minor)) FROM fct_account_lines) != (2, 1948) OR (SELECT count() FROM fct_settlement_lines) != 2"},
		{"bank lines are the payout", "SELECT (SELECT sum(amount_minor) FROM fct_bank_lines) != (SELECT sum(received_minor) FROM fct_payouts)"},
		{"practice shows nowhere", "SELECT (SELECT countIf(sale = 'R7') FROM fct_sales) + (SELECT countIf(sale = 'R7') FROM fct_sale_lines) + (SELECT countIf(reference = 'p7') FROM fct_payments)"},
		{"the sheet's equation", "SELECT countIf(ledger_minor != matched_minor + expected_minor + absent_minor + waiting_minor + open_minor OR bill_gross != matched_lines + actual + cancelled + open_lines) FROM agg_control_sheet"},
	} {
		var off int64
		one(t, warehouse, check.sql, &off)
		if off != 0 {
			t.Errorf("not so: %s (%d)", check.what, off)
		}
	}
	var practice int
	if one(t, warehouse, "SELECT count() FROM g1_r_sales FINAL WHERE mode = 'training'", &practice); practice != 1 {
		t.Errorf("%d training sales are kept in the table, want 1", practice)
	}
}

func TestMatchesThatHold(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := tell(t)
	held := func() (held []string) {
		apply(t, projector, s.events())
		rows, err := warehouse.Query(context.Background(), "SELECT DISTINCT match FROM fct_matches ORDER BY match")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var match string
			if err := rows.Scan(&match); err != nil {
				t.Fatal(err)
			}
			held = append(held, match)
		}
		return held
	}
	// m2 was undone; m8 was undone by one of its days, and holds for the other.
	if diff := cmp.Diff([]string{"m1", "m8"}, held()); diff != "" {
		t.Error(diff)
	}
	across := reconcile.Match{ID: "m8", Rule: "M8", Day: monday, Items: []string{"T1//9/0"}, Lines: []string{"e44444444444:5"}, Gross: cny(800)}
	second := reconcile.Match{ID: "m2", Rule: "M7", Day: monday, Items: []string{"T1//3/0"}, Lines: []string{"b11111111111:7", "b11111111111:8"}, Gross: cny(-2000)}
	s.say("late-2026-01-06", reconcile.MatchesUndone{Day: monday.AddDays(1), Matches: []reconcile.Match{across}})
	s.say("outcome-2026-01-05", reconcile.MatchesMade{Day: monday, Matches: []reconcile.Match{second}})
	if diff := cmp.Diff([]string{"m1", "m2"}, held()); diff != "" {
		t.Error(diff)
	}
	var gross, rows int64
	one(t, warehouse, "SELECT sum(gross_minor), count() FROM fct_matches WHERE side = 'line' AND place = 0", &gross, &rows)
	if gross != 8000 || rows != 2 {
		t.Errorf("%d matches over %d fen, want 2 over 8000", rows, gross)
	}
}

func TestBreaks(t *testing.T) {
	_, views := told(t)
	ctx := context.Background()
	ids := func(filter projections.BreakFilter) string {
		t.Helper()
		rows, err := views.Breaks(ctx, filter)
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, row := range rows {
			ids = append(ids, row.ID)
		}
		return strings.Join(ids, " ")
	}
	for _, check := range []struct {
		filter projections.BreakFilter
		want   string
	}{
		{projections.BreakFilter{}, "k4 k2 k3 k1"},
		{projections.BreakFilter{State: "open"}, "k4 k3 k1"},
		{projections.BreakFilter{Day: monday.AddDays(-2)}, ""}, // locked
		{projections.BreakFilter{Day: monday.AddDays(-1)}, "k4"},
		{projections.BreakFilter{State: "closed"}, "k2"},
		{projections.BreakFilter{Kind: reconcile.FeeDeviation}, "k2"},
		{projections.BreakFilter{Channel: "wechat", Day: monday}, "k1"},
		{projections.BreakFilter{Day: monday.AddDays(1)}, ""},
		{projections.BreakFilter{Channel: "' OR 1=1 --"}, ""},
	} {
		if got := ids(check.filter); got != check.want {
			t.Errorf("%+v gives %q, want %q", check.filter, got, check.want)
		}
	}
	found := named(t, views, "p1")
	if len(found) != 1 {
		t.Fatalf("%d breaks of p1", len(found))
	}
	fee := found[0]
	if fee.Amount != 5 || fee.Currency != "CNY" || fee.Difference == nil || *fee.Difference != -5 || fee.State != "closed" {
		t.Errorf("fee deviation: %+v", fee.BreakRow)
	}
	if len(fee.Payments) != 1 || fee.Payments[0].Reference != "p1" || fee.Payments[0].Amount != 10000 || fee.Payments[0].BusinessDay != monday {
		t.Errorf("its payments: %+v", fee.Payments)
	}
	if len(fee.Statements) != 1 || fee.Statements[0].Fee != 60 || fee.Statements[0].Row != 6 || fee.Statements[0].File != "bill-1.csv" || !fee.Statements[0].Superseded {
		t.Errorf("its lines: %+v", fee.Statements)
	}
	if found = named(t, views, "k3"); len(found) != 1 || found[0].Difference != nil || found[0].ExpectedCurrency != "JPY" || found[0].ActualCurrency != "KWD" {
		t.Errorf("currency mismatch: %+v", found)
	}
	if found = named(t, views, "nothing"); len(found) != 0 {
		t.Errorf("%d breaks of nothing", len(found))
	}
	text, err := json.Marshal(fee.BreakRow)
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range []string{`"id":"k2"`, `"kind":"fee_deviation"`, `"amount_minor":5`, `"currency":"CNY"`, `"difference_minor":-5`, `"business_date":"2026-01-05"`, `"state":"closed"`} {
		if !strings.Contains(string(text), field) {
			t.Errorf("%s is not in %s", field, text)
		}
	}
}

func TestStatus(t *testing.T) {
	_, views := told(t)
	ctx := context.Background()
	sheets, err := views.Status(ctx, monday)
	if err != nil {
		t.Fatal(err)
	}
	// The sheet of a provider that the last run no longer has is gone.
	want := []projections.SheetRow{{
		Day: monday,
		Sheet: reconcile.Sheet{Provider: "alipay", Channel: "alipay", Currency: "CNY", Reported: true,
			Ledger: reconcile.Sum{Count: 3, Amount: 8800}, Matched: reconcile.Sum{Count: 2, Amount: 8000}, Open: reconcile.Sum{Count: 1, Amount: 800},
			Bill: reconcile.Total{Lines: 2, Gross: 8000, Discount: -100, Fee: 48, Net: 8052}, MatchedLines: reconcile.Sum{Count: 2, Amount: 8000}, ContractFee: 43},
		Late:      reconcile.Sum{Count: 1, Amount: 800},
		PayoutDue: monday.AddDays(1), PayoutExpected: 8052, PayoutReceived: 8052, PayoutState: reconcile.PayoutReceived,
		Position: sheets[0].Position,
	}}
	if diff := cmp.Diff(want, sheets); diff != "" {
		t.Error(diff)
	}
	all, err := views.Status(ctx, ledger.BusinessDay{})
	if err != nil || !cmp.Equal(all, sheets) {
		t.Errorf("all days: %+v (%v)", all, err)
	}
	if none, err := views.Status(ctx, monday.AddDays(1)); err != nil || len(none) != 0 {
		t.Errorf("a day without a sheet: %+v (%v)", none, err)
	}
	days, err := views.Days(ctx)
	if err != nil || len(days) != 2 || days[0].Day != monday.AddDays(-1) || days[0].OpenBreaks != 1 || days[1].Sheets != 1 || days[1].Reported != 1 || days[1].OpenBreaks != 2 || days[1].Day != monday {
		t.Errorf("days: %+v (%v)", days, err)
	}
}

func TestStatementsAndQuarantined(t *testing.T) {
	warehouse, views := told(t)
	ctx := context.Background()
	var first, second string // the positions are the journal's affair
	one(t, warehouse, "SELECT any(statement), any(superseded_by) FROM fct_statements WHERE version = 1 AND kind = '"+string(reconcile.TradeBill)+"'", &first, &second)
	if first != billSHA || second != correctionSHA {
		t.Errorf("%s was replaced by %s", first, second)
	}
	want := []string{
		"('" + correctionSHA + "','bill-2.csv','" + string(reconcile.TradeBill) + "','alipay','2088','" + monday.String() + "','" + monday.String() +
			"','alipay-trade',900,2,['CNY'],[2],[8005],[-100],[48],[8057],2,1,2,2,'" + billSHA + "','')",
	}
	if diff := cmp.Diff(want, list(t, warehouse, `SELECT toString(tuple(statement, file, kind, sender, account, from_day, to_day, format, bytes, lines,
		currencies, total_lines, gross_minor, discount_minor, fee_minor, net_minor, controls, controls_untied, dropped, version, replaces, superseded_by))
		FROM fct_statements WHERE statement = '`+correctionSHA+"'")); diff != "" {
		t.Error(diff)
	}
	kinds := list(t, warehouse, "SELECT kind FROM fct_statements ORDER BY kind")
	if want := []string{string(reconcile.ProviderAccount), string(reconcile.BankStatement), string(reconcile.TradeBill), string(reconcile.TradeBill)}; !slices.Equal(kinds, want) {
		t.Errorf("statements of the kinds %q", kinds)
	}
	apart, err := views.Quarantined(ctx)
	if err != nil || len(apart) != 1 || apart[0].Seq != 15 || apart[0].Action != `{"sale":"R0"}` || apart[0].Type != "sale-recorded.v1" || apart[0].FileRow != 15 {
		t.Errorf("quarantined: %+v (%v)", apart, err)
	}
}

// Until its closing event is in, a statement has no lines for anyone.
func TestHalfAStatement(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := newStory(t)
	s.bill(billSHA, "", 1, 9940)
	events := s.events()
	for n, want := range []int{0, 0, 2} {
		apply(t, projector, events[n:n+1])
		var lines int
		if one(t, warehouse, "SELECT count() FROM fct_settlement_lines", &lines); lines != want {
			t.Errorf("%d lines after event %d, want %d", lines, n, want)
		}
	}
}

// A day no table can hold does not stop the journal from being read.
func TestDaysOutOfRange(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := newStory(t)
	for _, far := range []string{"1926-01-05", "2999-01-05", "2149-06-06", "1970-01-01"} {
		head := s.till()
		head.BusinessDay = day(far)
		head.At = head.BusinessDay.Midnight()
		s.act(ledger.SaleRecorded{Till: head, Sale: far, Total: cny(1)})
	}
	apply(t, projector, s.events())
	var got []string
	one(t, warehouse, "SELECT arraySort(groupArray(sale || ' ' || toString(business_date))) FROM fct_sales", &got)
	want := []string{"1926-01-05 1970-01-01", "1970-01-01 1970-01-01", "2149-06-06 2149-06-06", "2999-01-05 2149-06-06"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDumpLeavesColumnsOut(t *testing.T) {
	_, views := told(t)
	if rows := dump(t, views); !strings.Contains(rows, `"position":`) {
		t.Error("no positions in the dump")
	}
	if rows := dump(t, views, "position"); strings.Contains(rows, `"position":`) || !strings.Contains(rows, `"event_position":`) {
		t.Error("position was not left out, or more than it")
	}
}

// A session's own settings must not change a figure.
func TestViewsDoNotDependOnSettings(t *testing.T) {
	warehouse, _ := told(t)
	rows, err := warehouse.Query(context.Background(), "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine = 'View' ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	settings := []string{"join_use_nulls = 1", "prefer_column_name_to_alias = 1", "final = 1", "join_algorithm = 'full_sorting_merge'", "least_greatest_legacy_null_behavior = 1"}
	seen := 0
	for rows.Next() {
		var view string
		if err := rows.Scan(&view); err != nil {
			t.Fatal(err)
		}
		seen++
		sum := "SELECT count(), sum(cityHash64(toString(tuple(*)))) FROM " + view
		var count, want uint64
		one(t, warehouse, sum, &count, &want)
		if count == 0 {
			t.Errorf("the story has no row for %s", view)
		}
		var got uint64
		if one(t, warehouse, sum+" SETTINGS "+strings.Join(settings, ", "), &count, &got); got == want {
			continue
		}
		for _, setting := range settings {
			if one(t, warehouse, sum+" SETTINGS "+setting, &count, &got); got != want {
				t.Errorf("%s shows something else under %s", view, setting)
			}
		}
		t.Errorf("%s shows something else under all of %v", view, settings)
	}
	if seen < 15 {
		t.Errorf("%d views", seen)
	}
}
