package projections

import (
	"context"
	"encoding"
	"fmt"
	"slices"
	"strings"

	"daybook/ledger"
	"daybook/reconcile"
)

// Views answers the program's questions from the read models. It is safe for concurrent
// use. Answers reflect the journal up to AsOf, as it was before or after the question.
type Views struct{ warehouse Warehouse }

// NewViews makes the questions of a warehouse that a projector has migrated.
func NewViews(warehouse Warehouse) *Views { return &Views{warehouse} }

// AsOf is the journal position up to which the tables are filled.
func (v *Views) AsOf(ctx context.Context) (ledger.Position, error) { return cursor(ctx, v.warehouse) }

// text scans a String column into what reads itself from text, such as a day.
type text struct{ encoding.TextUnmarshaler }

// Scan is sql.Scanner.
func (t text) Scan(value any) error {
	s, isText := value.(string)
	if !isText {
		return fmt.Errorf("%T is not text", value)
	}
	return t.UnmarshalText([]byte(s))
}

// dayText is the text of a Date column; no day is empty.
func dayText(column string) string {
	return "if(toUInt16(" + column + ") = 0, '', toString(" + column + "))"
}

// wanted makes a condition that a zero value of the parameter switches off.
func wanted(column, name string) string {
	return "({" + name + ":String} = '' OR toString(" + column + ") = {" + name + ":String})"
}

// SheetRow is one provider's line on the control sheet of a day, in one currency.
// Amounts are minor units.
type SheetRow struct {
	Day ledger.BusinessDay `json:"day"`
	reconcile.Sheet
	Late      reconcile.Sum `json:"late"`       // open payments that found their line on another day
	LateLines reconcile.Sum `json:"late_lines"` // open lines that found their payment on another day
	// The payout that the day's bill belongs to. State is empty when there is none yet. A
	// payout may pay several days; it is then on the sheet of each.
	PayoutDue      ledger.BusinessDay    `json:"payout_due"`
	PayoutExpected int64                 `json:"payout_expected"`
	PayoutReceived int64                 `json:"payout_received"`
	PayoutState    reconcile.PayoutState `json:"payout_state"`
	Position       ledger.Position       `json:"position"` // the row reflects the journal up to here
}

// Status is the control sheet of a settlement day, or of all days when day is zero, by
// day, provider, channel and currency.
func (v *Views) Status(ctx context.Context, day ledger.BusinessDay) ([]SheetRow, error) {
	sums := make([]string, 0, 2*len(sheetSums))
	for _, s := range sheetSums {
		sums = append(sums, s.name+"_count", s.name+"_minor")
	}
	sql := "SELECT toString(day), provider, channel, currency, reported, " + strings.Join(sums, ", ") + `,
    late_count, late_minor, late_lines_count, late_lines_minor,
    bill_lines, bill_gross_minor, bill_discount_minor, bill_fee_minor, bill_net_minor, contract_fee_minor,
    ` + dayText("ifNull(payout_due, toDate(0))") + `, payout_expected_minor, payout_received_minor, payout_state, position
FROM agg_control_sheet
WHERE ` + wanted("day", "day") + `
ORDER BY ` + controlSheetView.key
	return query(ctx, v.warehouse, sql, func(r *SheetRow) []any {
		fields := []any{text{&r.Day}, &r.Provider, &r.Channel, &r.Currency, &r.Reported}
		for _, sum := range []*reconcile.Sum{
			&r.Ledger, &r.Matched, &r.Expected, &r.Absent, &r.Waiting, &r.Open, &r.MatchedLines, &r.Actual, &r.Cancelled, &r.OpenLines,
			&r.Late, &r.LateLines,
		} {
			fields = append(fields, &sum.Count, &sum.Amount)
		}
		return append(fields, &r.Bill.Lines, &r.Bill.Gross, &r.Bill.Discount, &r.Bill.Fee, &r.Bill.Net, &r.ContractFee,
			text{&r.PayoutDue}, &r.PayoutExpected, &r.PayoutReceived, &r.PayoutState, &r.Position)
	}, Arg{"day", day.String()})
}

// DayRow is a settlement day in short.
type DayRow struct {
	Day        ledger.BusinessDay `json:"day"`
	Sheets     int                `json:"sheets"`      // lines on the control sheet
	Reported   int                `json:"reported"`    // those of them whose bill is here
	OpenBreaks int                `json:"open_breaks"` // found on this day
	Position   ledger.Position    `json:"position"`
}

// Days lists the days that have a control sheet or a break, oldest first.
func (v *Views) Days(ctx context.Context) ([]DayRow, error) {
	return query(ctx, v.warehouse, `
SELECT toString(day), toInt64(sum(sheet)), toInt64(sum(here)), toInt64(sum(open)), max(position)
FROM
(
    SELECT day, 1 AS sheet, toUInt8(reported) AS here, 0 AS open, position FROM agg_control_sheet
    UNION ALL
    SELECT listed_on AS day, 0 AS sheet, 0 AS here, toUInt8(state = 'open') AS open, position FROM fct_breaks
)
GROUP BY day
ORDER BY day`, func(r *DayRow) []any {
		return []any{text{&r.Day}, &r.Sheets, &r.Reported, &r.OpenBreaks, &r.Position}
	})
}

// BreakFilter selects breaks; a zero field selects all.
type BreakFilter struct {
	State string // open, closed or doubt
	// AsOf is the day that stands for today where a difference is in doubt; the newest of
	// which there are facts when it is zero.
	AsOf ledger.BusinessDay
	// Handling is how far people are with it, or overtaken: closed by itself after an
	// adjustment was approved.
	Handling reconcile.Handling
	Day      ledger.BusinessDay // under which they are listed
	Kind     reconcile.BreakKind
	Channel  string
	IDs      []string // all, when there are none
}

// BreakRow is a difference and whether it still is one. Amounts are minor units, in the
// merchant's view.
type BreakRow struct {
	ID               string              `json:"id"`
	Kind             reconcile.BreakKind `json:"kind"`
	Channel          string              `json:"channel"`
	Provider         ledger.ProviderID   `json:"provider"`
	Reference        string              `json:"reference"`
	Amount           int64               `json:"amount_minor"` // the money in question, unsigned
	Currency         ledger.Currency     `json:"currency"`     // of Amount
	Expected         int64               `json:"expected_minor"`
	ExpectedCurrency ledger.Currency     `json:"expected_currency"`
	Actual           int64               `json:"actual_minor"`
	ActualCurrency   ledger.Currency     `json:"actual_currency"`
	// Difference is actual less expected; nil when their currencies differ.
	Difference  *int64             `json:"difference_minor"`
	BusinessDay ledger.BusinessDay `json:"business_date"`
	Day         ledger.BusinessDay `json:"day"`
	ListedOn    ledger.BusinessDay `json:"listed_on"` // the locked day it was signed with, or else the first open one from its own on
	State       string             `json:"state"`     // open, closed or doubt
	// ExpectedBy is the day until which it is in doubt.
	ExpectedBy ledger.BusinessDay `json:"expected_by,omitzero"`
	Leg        reconcile.Leg      `json:"leg"`
	Store      ledger.StoreID     `json:"store"`
	Terminal   ledger.TerminalID  `json:"terminal"`
	Rule       string             `json:"rule"`
	Detail     string             `json:"detail"`
	Items      []string           `json:"items"` // ids of payments
	Lines      []string           `json:"lines"` // ids of statement lines
	// EventPosition is that of the event the difference is about; 0 when there is none.
	EventPosition ledger.Position    `json:"event_position"`
	Position      ledger.Position    `json:"position"` // of the event that opened or closed it
	Handling      reconcile.Handling `json:"handling"` // how far people are with it
	Assignee      string             `json:"assignee"`
	Due           ledger.BusinessDay `json:"due,omitzero"` // until when
	Cause         reconcile.Cause    `json:"cause"`
	// Overtaken: what came in later explains it, and yet an adjustment of it is in force.
	Overtaken bool `json:"overtaken"`
}

var selectBreaks = `
SELECT id, kind, channel, provider, reference, amount_minor, currency, expected_minor, expected_currency, actual_minor, actual_currency,
    difference_minor, toString(business_date), toString(day), toString(listed_on), state, leg, store, terminal, rule, detail, items, lines, event_position, position,
    handling, assignee, ` + dayText("due") + `, cause, overtaken, ` + dayText("expected_by") + `
FROM fct_breaks
`

func breakFields(r *BreakRow) []any {
	return []any{&r.ID, &r.Kind, &r.Channel, &r.Provider, &r.Reference, &r.Amount, &r.Currency, &r.Expected, &r.ExpectedCurrency,
		&r.Actual, &r.ActualCurrency, &r.Difference, text{&r.BusinessDay}, text{&r.Day}, text{&r.ListedOn}, &r.State, &r.Leg, &r.Store, &r.Terminal,
		&r.Rule, &r.Detail, &r.Items, &r.Lines, &r.EventPosition, &r.Position,
		&r.Handling, &r.Assignee, text{&r.Due}, &r.Cause, &r.Overtaken, text{&r.ExpectedBy}}
}

// Breaks lists differences by day, channel, kind and reference.
func (v *Views) Breaks(ctx context.Context, filter BreakFilter) ([]BreakRow, error) {
	from := "FROM fct_breaks"
	if !filter.AsOf.IsZero() {
		from = "FROM (SELECT * REPLACE (if(state = 'closed', state, if(expected_by > toDate({as_of:String}), 'doubt', 'open')) AS state) FROM fct_breaks)"
	}
	sql := strings.Replace(selectBreaks, "FROM fct_breaks", from, 1) + "WHERE " + wanted("state", "state") + " AND " + wanted("listed_on", "day") + " AND " +
		wanted("kind", "kind") + " AND " + wanted("channel", "channel") + " AND " +
		"(empty({ids:Array(String)}) OR id IN {ids:Array(String)}) AND " +
		"({handling:String} = '' OR handling = {handling:String} OR ({handling:String} = 'overtaken' AND overtaken))\nORDER BY day, channel, kind, reference, id"
	return query(ctx, v.warehouse, sql, breakFields,
		Arg{"state", filter.State}, Arg{"day", filter.Day.String()}, Arg{"kind", string(filter.Kind)}, Arg{"channel", filter.Channel}, Arg{"handling", string(filter.Handling)}, Arg{"as_of", filter.AsOf.String()},
		Arg{"ids", slices.Concat([]string{}, filter.IDs)})
}

// BreakDetail is a difference with what stands on both its sides.
type BreakDetail struct {
	BreakRow
	Payments   []PaymentRow `json:"payments"`
	Statements []LineRow    `json:"statement_lines"` // of bills and bank statements, corrected ones too
	History    []CaseRow    `json:"history"`         // what people did about it
}

// shortestID is how much of an id stands for it.
const shortestID = 4

// NamedBreaks finds the differences with an id or a reference, open ones first, or else those
// whose ids begin so. There may be several of one name, and there may be none.
func (v *Views) NamedBreaks(ctx context.Context, name string) ([]BreakRow, error) {
	found, err := query(ctx, v.warehouse, selectBreaks+
		"WHERE id = {name:String} OR reference = {name:String} OR ({shorten:Bool} AND startsWith(id, {name:String}))\nORDER BY state = 'open' DESC, day, channel, kind, id",
		breakFields, Arg{"name", name}, Arg{"shorten", len(name) >= shortestID})
	begins := func(b BreakRow) bool { return b.ID != name && b.Reference != name }
	if slices.ContainsFunc(found, func(b BreakRow) bool { return !begins(b) }) {
		found = slices.DeleteFunc(found, begins)
	}
	return found, err
}

// Details finds what stands on both sides of differences, and what was done about them.
func (v *Views) Details(ctx context.Context, breaks []BreakRow) ([]BreakDetail, error) {
	details := make([]BreakDetail, len(breaks))
	var items, lines, ids []string
	for n, b := range breaks {
		details[n] = BreakDetail{b, []PaymentRow{}, []LineRow{}, []CaseRow{}}
		items, lines, ids = append(items, b.Items...), append(lines, b.Lines...), append(ids, b.ID)
	}
	payments, err := v.payments(ctx, items)
	if err != nil {
		return nil, err
	}
	rows, err := v.lines(ctx, lines)
	if err != nil {
		return nil, err
	}
	histories, err := v.histories(ctx, ids)
	if err != nil {
		return nil, err
	}
	for n := range details {
		d := &details[n]
		for _, p := range payments {
			if slices.Contains(d.Items, p.ID) {
				d.Payments = append(d.Payments, p)
			}
		}
		for _, r := range rows {
			if slices.Contains(d.Lines, r.ID) {
				d.Statements = append(d.Statements, r)
			}
		}
		for _, h := range histories {
			if h.of == d.ID {
				d.History = append(d.History, h.CaseRow)
			}
		}
	}
	return details, nil
}

// CaseRow is one thing that a person did about a break.
type CaseRow struct {
	What     string             `json:"what"` // assigned, commented, explained, proposed, approved, rejected, reversed
	By       string             `json:"by"`
	Assignee string             `json:"assignee,omitempty"`
	Due      ledger.BusinessDay `json:"due,omitzero"`
	Cause    string             `json:"cause,omitempty"` // or the kind of adjustment
	Text     string             `json:"text,omitempty"`
	Position ledger.Position    `json:"position"`
}

// caseOf is what was done about the break of.
type caseOf struct {
	CaseRow
	of string
}

func (v *Views) histories(ctx context.Context, ids []string) ([]caseOf, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return query(ctx, v.warehouse, `
SELECT break, what, by, assignee, `+dayText("due")+`, cause, text, position
FROM fct_case_events
WHERE break IN {ids:Array(String)}
ORDER BY position`, func(r *caseOf) []any {
		return []any{&r.of, &r.What, &r.By, &r.Assignee, text{&r.Due}, &r.Cause, &r.Text, &r.Position}
	}, Arg{"ids", ids})
}

// AccountRow is an account of the book of adjustments. Amounts are minor units.
type AccountRow struct {
	Account  reconcile.Account `json:"account"`
	Currency ledger.Currency   `json:"currency"`
	Debit    int64             `json:"debit_minor"`
	Credit   int64             `json:"credit_minor"`
	Balance  int64             `json:"balance_minor"` // debit less credit
	Postings int64             `json:"postings"`
}

// TrialBalance lists the accounts; the balances of a currency add up to nothing.
func (v *Views) TrialBalance(ctx context.Context) ([]AccountRow, error) {
	return query(ctx, v.warehouse, `
SELECT account, currency, debit_minor, credit_minor, balance_minor, toInt64(postings)
FROM agg_trial_balance
ORDER BY currency, account`, func(r *AccountRow) []any {
		return []any{&r.Account, &r.Currency, &r.Debit, &r.Credit, &r.Balance, &r.Postings}
	})
}

// Found is a payment or a line of a bill that carries a reference.
type Found struct {
	ID  string
	Day ledger.BusinessDay // the store's of a payment, the provider's of a line
}

// Find looks for payments and lines by id, reference, RRN, order number, receipt number or
// the provider's number, payments first, by day. Lines of statements that were replaced are
// left out.
func (v *Views) Find(ctx context.Context, reference string) ([]Found, error) {
	return query(ctx, v.warehouse, `
SELECT id, day FROM (
    SELECT id, false AS line, toString(business_date) AS day
    FROM fct_payments
    WHERE {ref:String} IN (id, reference, rrn, order_no, sale, provider_no)
    UNION ALL
    SELECT id, true AS line, toString(day) AS day
    FROM fct_settlement_lines
    WHERE {ref:String} IN (id, rrn, order_no, original_no, provider_no)
)
ORDER BY line, day, id`, func(r *Found) []any { return []any{&r.ID, text{&r.Day}} }, Arg{"ref", reference})
}

// PaymentRow is one attempt to pay, with its outcome as known now. Amounts are minor units
// of Currency.
type PaymentRow struct {
	ID          string             `json:"id"`
	Kind        reconcile.LineKind `json:"kind"` // sale, refund or void
	BusinessDay ledger.BusinessDay `json:"business_date"`
	Store       ledger.StoreID     `json:"store"`
	Terminal    ledger.TerminalID  `json:"terminal"`
	Cashier     string             `json:"cashier"`
	LocalTime   string             `json:"local_time"` // the till's clock, with its offset
	Sale        string             `json:"sale"`       // receipt number
	Reference   string             `json:"reference"`
	Original    string             `json:"original"` // of a refund or void
	Channel     string             `json:"channel"`
	Outcome     string             `json:"outcome"` // approved, declined, unknown, reversed or voided
	Amount      int64              `json:"amount_minor"`
	Currency    ledger.Currency    `json:"currency"`
	MID         ledger.MID         `json:"mid"`
	TID         ledger.TID         `json:"tid"`
	Batch       ledger.BatchNo     `json:"batch"`
	STAN        ledger.STAN        `json:"stan"`
	RRN         ledger.RRN         `json:"rrn"`
	AuthCode    ledger.AuthCode    `json:"auth_code"`
	Card        string             `json:"card"`
	OrderNo     string             `json:"order_no"`
	ProviderNo  string             `json:"provider_no"`
	File        string             `json:"file"`
	FileRow     int                `json:"file_row"`
	Position    ledger.Position    `json:"position"`
}

func (v *Views) payments(ctx context.Context, ids []string) ([]PaymentRow, error) {
	if len(ids) == 0 {
		return []PaymentRow{}, nil
	}
	return query(ctx, v.warehouse, `
SELECT id, kind, toString(business_date), store, terminal, cashier, local_time, sale, reference, original, channel, outcome,
    amount_minor, currency, mid, tid, batch, stan, rrn, auth_code, card, order_no, provider_no, file, file_row, position
FROM fct_payments
WHERE id IN {ids:Array(String)}
ORDER BY id`, func(r *PaymentRow) []any {
		return []any{&r.ID, &r.Kind, text{&r.BusinessDay}, &r.Store, &r.Terminal, &r.Cashier, &r.LocalTime, &r.Sale, &r.Reference, &r.Original,
			&r.Channel, &r.Outcome, &r.Amount, &r.Currency, &r.MID, &r.TID, &r.Batch, &r.STAN, &r.RRN, &r.AuthCode, &r.Card, &r.OrderNo, &r.ProviderNo,
			&r.File, &r.FileRow, &r.Position}
	}, Arg{"ids", ids})
}

// LineRow is one row of a bill or bank statement. Amounts are minor units of Currency.
type LineRow struct {
	ID           string             `json:"id"`
	Statement    string             `json:"statement"` // SHA-256 of the file
	File         string             `json:"file"`
	Row          int                `json:"row"`
	Superseded   bool               `json:"superseded"` // a correction has taken the file's place
	Sender       string             `json:"sender"`
	Kind         reconcile.LineKind `json:"kind"`
	RawKind      string             `json:"raw_kind"`
	Day          ledger.BusinessDay `json:"day"`
	LocalTime    string             `json:"local_time"`
	Channel      string             `json:"channel"`
	Currency     ledger.Currency    `json:"currency"`
	Gross        int64              `json:"gross_minor"`
	Discount     int64              `json:"discount_minor"`
	Fee          int64              `json:"fee_minor"`
	Net          int64              `json:"net_minor"`
	MID          ledger.MID         `json:"mid"`
	TID          ledger.TID         `json:"tid"`
	Batch        ledger.BatchNo     `json:"batch"`
	STAN         ledger.STAN        `json:"stan"`
	RRN          ledger.RRN         `json:"rrn"`
	AuthCode     ledger.AuthCode    `json:"auth_code"`
	Card         string             `json:"card"`
	OrderNo      string             `json:"order_no"`
	OriginalNo   string             `json:"original_no"`
	ProviderNo   string             `json:"provider_no"`
	Counterparty string             `json:"counterparty"`
	Memo         string             `json:"memo"`
	Raw          string             `json:"raw"`
	Position     ledger.Position    `json:"position"`
}

func (v *Views) lines(ctx context.Context, ids []string) ([]LineRow, error) {
	if len(ids) == 0 {
		return []LineRow{}, nil
	}
	return query(ctx, v.warehouse, `
SELECT id, statement, file, row, superseded_by != '', sender, kind, raw_kind, toString(day), local_time, channel, currency,
    gross_minor, discount_minor, fee_minor, net_minor, mid, tid, batch, stan, rrn, auth_code, card, order_no, original_no, provider_no,
    counterparty, memo, raw, position
FROM v_lines
WHERE id IN {ids:Array(String)}
ORDER BY statement, row`, func(r *LineRow) []any {
		return []any{&r.ID, &r.Statement, &r.File, &r.Row, &r.Superseded, &r.Sender, &r.Kind, &r.RawKind, text{&r.Day}, &r.LocalTime, &r.Channel,
			&r.Currency, &r.Gross, &r.Discount, &r.Fee, &r.Net, &r.MID, &r.TID, &r.Batch, &r.STAN, &r.RRN, &r.AuthCode, &r.Card, &r.OrderNo,
			&r.OriginalNo, &r.ProviderNo, &r.Counterparty, &r.Memo, &r.Raw, &r.Position}
	}, Arg{"ids", ids})
}

// QuarantinedRow is an action that was kept apart, because its number stood for another
// content already.
type QuarantinedRow struct {
	Terminal    ledger.TerminalID  `json:"terminal"`
	Series      string             `json:"series"`
	Seq         uint64             `json:"seq"`
	Doc         string             `json:"doc"`
	Store       ledger.StoreID     `json:"store"`
	BusinessDay ledger.BusinessDay `json:"business_date"`
	LocalTime   string             `json:"local_time"`
	Type        string             `json:"type"`
	Action      string             `json:"action"` // JSON
	Digest      string             `json:"digest"`
	Kept        string             `json:"kept"` // digest of the content the number stands for
	File        string             `json:"file"`
	FileRow     int                `json:"file_row"`
	Position    ledger.Position    `json:"position"`
}

// Quarantined lists the actions kept apart, by terminal and number.
func (v *Views) Quarantined(ctx context.Context) ([]QuarantinedRow, error) {
	return query(ctx, v.warehouse, `
SELECT terminal, series, seq, doc, store, toString(business_date), local_time, type, action, digest, kept, file, file_row, position
FROM fct_quarantined
ORDER BY `+quarantinedView.key, func(r *QuarantinedRow) []any {
		return []any{&r.Terminal, &r.Series, &r.Seq, &r.Doc, &r.Store, text{&r.BusinessDay}, &r.LocalTime, &r.Type, &r.Action, &r.Digest, &r.Kept,
			&r.File, &r.FileRow, &r.Position}
	})
}
