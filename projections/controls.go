package projections

import (
	"fmt"
	"slices"
	"time"

	"daybook/ledger"
	"daybook/ledger/stock"
	"daybook/reconcile"
)

// control says what one table or view must add up to: how ClickHouse adds up its rows, and how
// the journal's events add up without it. A table has at least one; every column of an amount
// is among its sums.
type control struct {
	of       string   // table or view
	rows     string   // what stands behind FROM; empty: of FINAL
	day      string   // day that a row counts on; empty: none
	currency string   // of its amounts; empty: none
	sums     []string // whole numbers
	fold     func(t *tally, e fact)
}

// fact is an event as folds see it.
type fact struct {
	stream   ledger.StreamID
	payload  any
	recorded time.Time
}

// isAhead: the day begins more than a day, and a day for the zones in which it begins earlier,
// after the instant.
func isAhead(day ledger.BusinessDay, recorded time.Time) bool {
	return day.Midnight().Sub(recorded) > 24*time.Hour
}

// controls of all tables, and of the views that most others read. A new table's is added
// here. The folds are written from what the events mean, and share no code with what fills the
// tables: a mistake would have to be made twice to stay hidden.
var controls = slices.Concat([]control{
	{of: "r_sales", day: "business_date", currency: "currency", sums: []string{"lines", "net_minor", "discount_minor", "tax_minor", "total_minor"},
		fold: func(t *tally, e fact) { foldSales(t, e, false) }},
	{of: "fct_sales", rows: "fct_sales", day: "business_date", currency: "currency", sums: []string{"lines", "net_minor", "discount_minor", "tax_minor", "total_minor"},
		fold: func(t *tally, e fact) { foldSales(t, e, true) }},
	{of: "r_sale_lines", day: "business_date", currency: "currency", sums: []string{"qty_milli", "unit_minor", "discount_minor", "net_minor", "tax_minor", "total_minor", "tax_ppm"},
		fold: func(t *tally, e fact) {
			head, lines, sign := ledger.Till{}, []ledger.SaleLine(nil), int64(1)
			switch p := e.payload.(type) {
			case ledger.SaleRecorded:
				head, lines = p.Till, p.Lines
			case ledger.RefundRecorded:
				head, lines, sign = p.Till, p.Lines, -1
			}
			for _, l := range lines {
				t.add(head.BusinessDay, l.Net.Currency, sign*l.QtyMilli, l.Unit.Minor, sign*l.Discount.Minor,
					sign*l.Net.Minor, sign*l.Tax.Minor, sign*(l.Net.Minor+l.Tax.Minor), int64(l.TaxRate))
			}
		}},
	{of: "r_payments", day: "business_date", currency: "currency", sums: []string{"amount_minor"},
		fold: func(t *tally, e fact) { foldPayments(t, e, false) }},
	{of: "fct_payments", rows: "fct_payments", day: "business_date", currency: "currency", sums: []string{"amount_minor"},
		fold: func(t *tally, e fact) { foldPayments(t, e, true) }},
	{of: "r_payment_answers", day: "business_date", sums: []string{"outcome = 'approved'", "outcome = 'declined'", "outcome = 'reversed'"},
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case ledger.PaymentAnswered:
				t.add(p.BusinessDay, "", one(p.Outcome == ledger.Approved), one(p.Outcome == ledger.Declined), one(p.Outcome == ledger.Reversed))
			case ledger.PaymentReversed:
				t.add(p.BusinessDay, "", 0, 0, 1)
			}
		}},
	{of: "r_quarantined", day: "business_date", sums: []string{"length(action)"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(ledger.ActionQuarantined); is {
				t.put([...]any{p.Terminal, p.Series, p.Seq, p.Doc, p.Digest}, p.BusinessDay, "", int64(len(p.Action)))
			}
		}},
	{of: "r_quarantined_rows", sums: []string{"row", "length(raw)"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(ledger.RowsQuarantined); is {
				for _, r := range p.Rows {
					t.put([...]any{p.Statement, r.Row}, ledger.BusinessDay{}, "", int64(r.Row), int64(len(r.Raw)))
				}
			}
		}},
	{of: "r_mended", sums: []string{"length(by)"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(ledger.UnreadMended); is {
				t.put([...]any{p.File}, ledger.BusinessDay{}, "", int64(len(p.By)))
			}
		}},
	{of: "r_files", sums: []string{"bytes", "state = 'whole'"},
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case ledger.ImportBegun:
				t.put([...]any{p.SHA256, "begun"}, ledger.BusinessDay{}, "", p.Bytes, 0)
			case ledger.TillFileImported:
				t.put([...]any{p.SHA256, "whole"}, ledger.BusinessDay{}, "", p.Bytes, 1)
			case reconcile.StatementImported:
				t.put([...]any{p.Statement, "whole"}, ledger.BusinessDay{}, "", p.Bytes, 1)
			case stock.FileImported:
				t.put([...]any{p.SHA256, "whole"}, ledger.BusinessDay{}, "", p.Bytes, 1)
			}
		}},
	{of: "r_lines", day: "day", currency: "currency", sums: []string{"row", "gross_minor", "discount_minor", "fee_minor", "net_minor"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(reconcile.LinesRecorded); is {
				for _, l := range p.Lines {
					t.add(l.Day, l.Currency, int64(l.Row), l.Gross, l.Discount, l.Fee, l.Net)
				}
			}
		}},
	{of: "r_statements", rows: "r_statements FINAL LEFT ARRAY JOIN currencies AS c, total_lines AS n, gross_minor AS gross, discount_minor AS discount, fee_minor AS fee, net_minor AS net",
		day: "to_day", currency: "c", sums: []string{"lines", "bytes", "version", "n", "gross", "discount", "fee", "net"},
		fold: func(t *tally, e fact) {
			p, is := e.payload.(reconcile.StatementImported)
			if !is {
				return
			}
			totals := p.Totals
			if len(totals) == 0 {
				totals = []reconcile.Total{{}}
			}
			for n, total := range totals {
				t.put([...]any{p.Statement, n}, p.To, total.Currency, int64(p.Lines), p.Bytes, int64(p.Version), int64(total.Lines), total.Gross, total.Discount, total.Fee, total.Net)
			}
		}},
	{of: "r_matches", rows: "(SELECT * FROM r_matches FINAL WHERE state = 'made')", day: "day", currency: "currency", sums: []string{"gross_minor", "side = 'line'"},
		// A reckoning undoes what it has made and makes what it has not: what holds is the difference.
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case reconcile.MatchesMade:
				foldMatches(t.add, p.Matches)
			case reconcile.MatchesUndone:
				foldMatches(t.takeOff, p.Matches)
			}
		}},
	{of: "r_breaks", day: "day", currency: "currency", sums: []string{"state = 'open'", "amount_minor", "expected_minor", "actual_minor", "length(items)", "length(lines)"},
		fold: func(t *tally, e fact) {
			var b reconcile.Break
			open := false
			switch p := e.payload.(type) {
			case reconcile.BreakOpened:
				b, open = p.Break, true
			case reconcile.BreakClosed:
				b = p.Break
			default:
				return
			}
			amount := b.Amount()
			t.put([...]any{b.ID, open}, b.Day, amount.Currency, one(open), amount.Minor, b.Expected.Minor, b.Actual.Minor, int64(len(b.Items)), int64(len(b.Lines)))
		}},
	{of: "r_fact_days", day: "day",
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case ledger.StoredayOpened:
				if !p.Day.IsZero() && !isAhead(p.Day, e.recorded) {
					t.put([...]any{p.Day}, p.Day, "")
				}
			case reconcile.StatementListed:
				if !p.To.IsZero() {
					t.put([...]any{p.To}, p.To, "")
				}
			}
		}},
	{of: "r_days_ahead", day: "business_date",
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(ledger.StoredayOpened); is && !p.Day.IsZero() && isAhead(p.Day, e.recorded) {
				t.put([...]any{p.Store, p.Day}, p.Day, "")
			}
		}},
	{of: "r_case_events", sums: []string{"length(break)", "length(by)", "length(text)"},
		fold: func(t *tally, e fact) {
			id, by, text := "", "", ""
			switch p := e.payload.(type) {
			case reconcile.BreakAssigned:
				id, by = p.Break, p.By
			case reconcile.BreakCommented:
				id, by, text = p.Break, p.By, p.Text
			case reconcile.BreakExplained:
				id, by, text = p.Break, p.By, p.Text
			case reconcile.AdjustmentProposed:
				id, by, text = p.Break.ID, p.By, p.Reason
			case reconcile.AdjustmentApproved:
				id, by, text = p.Break, p.By, p.Reason
			case reconcile.AdjustmentRejected:
				id, by, text = p.Break, p.By, p.Reason
			case reconcile.AdjustmentReversed:
				id, by, text = p.Break, p.By, p.Reason
			default:
				return
			}
			t.add(ledger.BusinessDay{}, "", int64(len(id)), int64(len(by)), int64(len(text)))
		}},
	{of: "r_postings", day: "day", currency: "currency", sums: []string{"amount_minor", "abs(amount_minor)", "reversal"},
		fold: func(t *tally, e fact) {
			var day ledger.BusinessDay
			var postings []reconcile.Posting
			reversal := false
			switch p := e.payload.(type) {
			case reconcile.AdjustmentApproved:
				day, postings = p.Day, p.Postings
			case reconcile.AdjustmentReversed:
				day, postings, reversal = p.Day, p.Postings, true
			}
			for _, posting := range postings {
				t.add(day, posting.Amount.Currency, posting.Amount.Minor, posting.Amount.Abs().Minor, one(reversal))
			}
		}},
	{of: "r_days", day: "day", sums: []string{"step = 'joined'", "length(statements)"},
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case reconcile.DayJoined:
				t.put([...]any{p.Day, "joined"}, p.Day, "", 1, int64(len(p.Statements)))
			case reconcile.DayConcluded:
				t.put([...]any{p.Day, "concluded"}, p.Day, "", 0, 0)
			}
		}},
	{of: "r_sheets", day: "day", currency: "currency", sums: sheetNames,
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(reconcile.DayJoined); is {
				for _, s := range p.Sheets {
					t.put([...]any{p.Day, s.Provider, s.Channel, s.Currency}, p.Day, s.Currency, sheetNumbers(s)...)
				}
			}
		}},
	{of: "r_late", day: "day", currency: "currency", sums: lateNames,
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(reconcile.DayConcluded); is {
				for _, l := range p.Late {
					t.put([...]any{p.Day, l.Provider, l.Currency}, p.Day, l.Currency, lateNumbers(l)...)
				}
			}
		}},
	{of: "r_payouts", day: "due", currency: "currency", sums: []string{"expected_minor", "received_minor", "length(days)", "length(credits)"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(reconcile.PayoutReckoned); is {
				t.put([...]any{p.Due, p.Provider, p.Currency}, p.Due, p.Currency, p.Expected, p.Received, int64(len(p.Days)), int64(len(p.Credits)))
			}
		}},
	{of: "r_deposits", day: "due", currency: "currency",
		sums: []string{"sold_minor", "paid_in_minor", "paid_out_minor", "over_short_minor", "to_deposit_minor", "received_minor", "length(days)", "length(credits)"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(reconcile.DepositReckoned); is {
				t.put([...]any{p.Due, p.Store, p.Currency}, p.Due, p.Currency, p.Sold, p.In, p.Out, p.OverShort, p.ToDeposit, p.Received, int64(len(p.Days)), int64(len(p.Credits)))
			}
		}},
	{of: "r_closings", day: "day", sums: []string{"state = 'locked'", "signed_position"},
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case reconcile.DayLocked:
				if p.Position != 0 {
					t.put([...]any{p.Day}, p.Day, "", 1, int64(p.Position))
				}
			case reconcile.DayReopened:
				t.put([...]any{p.Day}, p.Day, "", 0, 0)
			}
		}},
	{of: "r_signatures", day: "day", sums: []string{"signed_position", "length(breaks)", "arraySum(found)"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(reconcile.DaySigned); is {
				var found int64
				for _, listed := range p.Listed {
					found += int64(listed.At)
				}
				t.put([...]any{p.Day, p.Position}, p.Day, "", int64(p.Position), int64(len(p.Listed)), found)
			}
		}},
	{of: "r_periods", day: "first_day", sums: []string{"state = 'locked'", "toUInt16(last_day)"},
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case reconcile.PeriodLocked:
				t.put([...]any{p.From, p.To}, p.From, "", 1, dayNumber(p.To))
			case reconcile.PeriodReopened:
				t.put([...]any{p.From, p.To}, p.From, "", 0, dayNumber(p.To))
			}
		}},
	{of: "r_locked_sheets", day: "day", currency: "currency", sums: append(append([]string{"payout_expected_minor", "payout_received_minor"}, sheetNames...), lateNames...),
		fold: foldLockedSheets},
	{of: "r_locked_movements", day: "day", currency: "currency", sums: []string{"sold_minor", "coupons_minor", "contract_fee_minor", "received_minor", "adjusted_minor"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(reconcile.DayLocked); is && p.Position != 0 {
				for _, list := range [][]reconcile.Booked{p.Movements, p.Carried} {
					for _, m := range list {
						t.put([...]any{m.Day, m.Of, m.Provider, m.Currency}, m.Day, m.Currency, m.Sold, m.Coupons, m.ContractFee, m.Received, m.Adjusted)
					}
				}
			}
		}},
}, tillControls, goodsControls, sumControls)

func foldSales(t *tally, e fact, liveOnly bool) {
	var head ledger.Till
	var lines []ledger.SaleLine
	var discount, tax, total ledger.Money
	sign := int64(1)
	switch p := e.payload.(type) {
	case ledger.SaleRecorded:
		head, lines, discount, tax, total = p.Till, p.Lines, p.Discount, p.Tax, p.Total
	case ledger.RefundRecorded:
		head, lines, tax, total, sign = p.Till, p.Lines, p.Tax, p.Total, -1
	default:
		return
	}
	if liveOnly && head.Mode != ledger.Live {
		return
	}
	off := discount.Minor
	for _, l := range lines {
		off += l.Discount.Minor
	}
	t.add(head.BusinessDay, total.Currency, int64(len(lines)), sign*(total.Minor-tax.Minor), sign*off, sign*tax.Minor, sign*total.Minor)
}

func foldPayments(t *tally, e fact, liveOnly bool) {
	var head ledger.Till
	var tenders []ledger.Tender
	sign := int64(-1)
	switch p := e.payload.(type) {
	case ledger.SaleRecorded:
		head, tenders, sign = p.Till, p.Tenders, 1
	case ledger.RefundRecorded:
		head, tenders = p.Till, p.Tenders
	case ledger.PaymentVoided:
		head, tenders = p.Till, []ledger.Tender{p.Tender}
	}
	for _, tender := range tenders {
		if head.Mode == ledger.Live || !liveOnly {
			t.add(head.BusinessDay, tender.Amount.Currency, sign*tender.Amount.Minor)
		}
	}
}

func foldMatches(put func(ledger.BusinessDay, ledger.Currency, ...int64), matches []reconcile.Match) {
	for _, m := range matches {
		for range m.Items {
			put(m.Day, m.Gross.Currency, m.Gross.Minor, 0)
		}
		for range m.Lines {
			put(m.Day, m.Gross.Currency, m.Gross.Minor, 1)
		}
	}
}

var (
	sheetNames = []string{"reported", "ledger_count", "ledger_minor", "matched_count", "matched_minor", "expected_count", "expected_minor",
		"absent_count", "absent_minor", "waiting_count", "waiting_minor", "open_count", "open_minor",
		"matched_lines_count", "matched_lines_minor", "actual_count", "actual_minor", "cancelled_count", "cancelled_minor", "open_lines_count", "open_lines_minor",
		"bill_lines", "bill_gross_minor", "bill_discount_minor", "bill_fee_minor", "bill_net_minor", "contract_fee_minor"}
	lateNames = []string{"late_count", "late_minor", "late_lines_count", "late_lines_minor"}
)

func sheetNumbers(s reconcile.Sheet) []int64 {
	list := []int64{one(s.Reported)}
	for _, sum := range []reconcile.Sum{s.Ledger, s.Matched, s.Expected, s.Absent, s.Waiting, s.Open, s.MatchedLines, s.Actual, s.Cancelled, s.OpenLines} {
		list = append(list, int64(sum.Count), sum.Amount)
	}
	return append(list, int64(s.Bill.Lines), s.Bill.Gross, s.Bill.Discount, s.Bill.Fee, s.Bill.Net, s.ContractFee)
}

func lateNumbers(l reconcile.LateSum) []int64 {
	return []int64{int64(l.Items.Count), l.Items.Amount, int64(l.Lines.Count), l.Lines.Amount}
}

func foldLockedSheets(t *tally, e fact) {
	p, is := e.payload.(reconcile.DayLocked)
	if !is || p.Position == 0 {
		return
	}
	// By provider and currency there is one sum of what was late, and one payout with the day.
	key := func(provider ledger.ProviderID, currency ledger.Currency) string {
		return fmt.Sprint(provider, " ", currency)
	}
	late, payouts := map[string]reconcile.LateSum{}, map[string]reconcile.PayoutReckoned{}
	for _, l := range p.Late {
		late[key(l.Provider, l.Currency)] = l
	}
	for _, payout := range p.Payouts {
		for _, day := range payout.Days {
			if day == p.Day {
				payouts[key(payout.Provider, payout.Currency)] = payout
			}
		}
	}
	for _, s := range p.Sheets {
		k := key(s.Provider, s.Currency)
		numbers := append([]int64{payouts[k].Expected, payouts[k].Received}, sheetNumbers(s)...)
		t.put([...]any{p.Day, s.Provider, s.Channel, s.Currency}, p.Day, s.Currency, append(numbers, lateNumbers(late[k])...)...)
	}
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// dayNumber counts days from 1970-01-01, as far as a Date of ClickHouse reaches.
func dayNumber(day ledger.BusinessDay) int64 {
	const last = 1<<16 - 1
	if day.IsZero() {
		return 0
	}
	return min(last, max(0, day.Midnight().Unix()/(24*60*60)))
}
