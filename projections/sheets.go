package projections

import (
	"slices"
	"strings"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// dayRecord is the last run of a step on a day. Only the rows of that run count; what an
// earlier one said of a provider that has gone since is no longer so.
type dayRecord struct {
	position   uint64
	day        ledger.BusinessDay
	step       string
	terms      string
	statements []string
}

var daysTable = table[dayRecord]{
	name:   "r_days",
	grain:  "one row per settlement day and step: its last run",
	events: "day-joined, day-concluded",
	key:    "day, step",
	columns: []column[dayRecord]{
		col("day", "Date", "settlement day", func(r *dayRecord) time.Time { return date(r.day) }),
		col("step", word, "joined or concluded", func(r *dayRecord) string { return r.step }),
		col("terms", word, "digest of the configuration", func(r *dayRecord) string { return r.terms }),
		col("statements", "Array(String)", "bills the day was joined with", func(r *dayRecord) []string { return r.statements }),
		positionColumn(func(r *dayRecord) uint64 { return r.position }),
	},
}

// sheetRecord is one provider's line on the control sheet of a day.
type sheetRecord struct {
	position uint64
	day      ledger.BusinessDay
	reconcile.Sheet
}

// sums makes the two columns of a Sum.
func sums[R any](name, comment string, of func(r *R) reconcile.Sum) []column[R] {
	return []column[R]{
		col(name+"_count", "Int64", comment+"; number", func(r *R) int64 { return int64(of(r).Count) }),
		minor(name, comment, func(r *R) int64 { return of(r).Amount }),
	}
}

// sheetSums are the sums of a sheet, in its order.
var sheetSums = []struct {
	name, comment string
	of            func(r *sheetRecord) reconcile.Sum
}{
	{"ledger", "payments the ledger has", func(r *sheetRecord) reconcile.Sum { return r.Ledger }},
	{"matched", "payments that match", func(r *sheetRecord) reconcile.Sum { return r.Matched }},
	{"expected", "payments inside breaks", func(r *sheetRecord) reconcile.Sum { return r.Expected }},
	{"absent", "payments rightly without a line", func(r *sheetRecord) reconcile.Sum { return r.Absent }},
	{"waiting", "payments that wait for the bill", func(r *sheetRecord) reconcile.Sum { return r.Waiting }},
	{"open", "payments nothing was found for within the day", func(r *sheetRecord) reconcile.Sum { return r.Open }},
	{"matched_lines", "lines that match, gross", func(r *sheetRecord) reconcile.Sum { return r.MatchedLines }},
	{"actual", "lines inside breaks, gross", func(r *sheetRecord) reconcile.Sum { return r.Actual }},
	{"cancelled", "lines paid and revoked in the same bill, gross", func(r *sheetRecord) reconcile.Sum { return r.Cancelled }},
	{"open_lines", "lines nothing was found for within the day, gross", func(r *sheetRecord) reconcile.Sum { return r.OpenLines }},
}

var sheetsTable = table[sheetRecord]{
	name:   "r_sheets",
	grain:  "one row per settlement day, provider, channel and currency",
	events: "day-joined",
	key:    "day, provider, channel, currency",
	columns: func() []column[sheetRecord] {
		list := []column[sheetRecord]{
			col("day", "Date", "settlement day", func(r *sheetRecord) time.Time { return date(r.day) }),
			col("provider", word, "who settles", func(r *sheetRecord) string { return string(r.Provider) }),
			col("channel", word, "the tenders it settles", func(r *sheetRecord) string { return r.Channel }),
			col("reported", "Bool", "the bill is here", func(r *sheetRecord) bool { return r.Reported }),
		}
		for _, s := range sheetSums {
			list = append(list, sums(s.name, s.comment, s.of)...)
		}
		return slices.Concat(list, []column[sheetRecord]{
			col("bill_lines", "Int64", "lines of the bill", func(r *sheetRecord) int64 { return int64(r.Bill.Lines) }),
			minor("bill_gross", "gross of the bill", func(r *sheetRecord) int64 { return r.Bill.Gross }),
			taken("bill_discount", "the merchant's own discounts on the bill", func(r *sheetRecord) int64 { return r.Bill.Discount }),
			taken("bill_fee", "fees on the bill", func(r *sheetRecord) int64 { return r.Bill.Fee }),
			minor("bill_net", "net of the bill", func(r *sheetRecord) int64 { return r.Bill.Net }),
			taken("contract_fee", "fees the contract gives for the bill's lines", func(r *sheetRecord) int64 { return r.ContractFee }),
		}, currencyColumns(func(r *sheetRecord) ledger.Currency { return r.Currency }), []column[sheetRecord]{
			positionColumn(func(r *sheetRecord) uint64 { return r.position }),
		})
	}(),
}

// lateRecord sums what found its partner on another day.
type lateRecord struct {
	position uint64
	day      ledger.BusinessDay
	reconcile.LateSum
}

var lateTable = table[lateRecord]{
	name:   "r_late",
	grain:  "one row per settlement day, provider and currency",
	events: "day-concluded",
	key:    "day, provider, currency",
	columns: slices.Concat(
		[]column[lateRecord]{
			col("day", "Date", "settlement day", func(r *lateRecord) time.Time { return date(r.day) }),
			col("provider", word, "who settles", func(r *lateRecord) string { return string(r.Provider) }),
		},
		sums("late", "open payments that found their line on another day", func(r *lateRecord) reconcile.Sum { return r.Items }),
		sums("late_lines", "open lines that found their payment on another day, gross", func(r *lateRecord) reconcile.Sum { return r.Lines }),
		currencyColumns(func(r *lateRecord) ledger.Currency { return r.Currency }),
		[]column[lateRecord]{positionColumn(func(r *lateRecord) uint64 { return r.position })},
	),
}

// payoutRecord is what should have arrived on a due day, and what did.
type payoutRecord struct {
	position uint64
	reconcile.PayoutReckoned
}

var payoutsTable = table[payoutRecord]{
	name:   "r_payouts",
	grain:  "one row per provider, due day and currency",
	events: "payout-reckoned",
	key:    "due, provider, currency",
	columns: slices.Concat(
		[]column[payoutRecord]{
			col("due", "Date", "day the money is due in the bank account", func(r *payoutRecord) time.Time { return date(r.Due) }),
			col("provider", word, "who pays", func(r *payoutRecord) string { return string(r.Provider) }),
			col("channel", word, "the tenders it settles", func(r *payoutRecord) string { return r.Channel }),
			col("days", "Array(Date)", "settlement days it pays, oldest first", func(r *payoutRecord) []time.Time {
				days := make([]time.Time, len(r.Days))
				for n, day := range r.Days {
					days[n] = date(day)
				}
				return days
			}),
			minor("expected", "net of the bills that fall due", func(r *payoutRecord) int64 { return r.Expected }),
			minor("received", "what the bank shows for it", func(r *payoutRecord) int64 { return r.Received }),
			col("credits", "Array(String)", "ids of the bank lines", func(r *payoutRecord) []string { return r.Credits }),
			col("state", word, "pending, received, differs or absent", func(r *payoutRecord) string { return string(r.State) }),
		},
		currencyColumns(func(r *payoutRecord) ledger.Currency { return r.Currency }),
		[]column[payoutRecord]{positionColumn(func(r *payoutRecord) uint64 { return r.position })},
	),
}

var payoutsView = view{
	name:  "fct_payouts",
	grain: "one row per provider, due day and currency",
	key:   "due, provider, currency",
	query: `
SELECT
    due, provider, channel, currency, state, days, expected_minor, received_minor, received_minor - expected_minor AS difference_minor,
    ` + decimalsOf("exponent", "Decimal(38, 3)", "expected", "received") + `,
    received - expected AS difference, credits, position
FROM r_payouts FINAL`,
	from: []describer{payoutsTable},
	notes: []note{
		{"difference_minor", "received less expected; negative when money is missing" + inMinor + "currency", payoutsTable.events},
	},
}

// sheetsNowView is the control sheet as the days are reckoned now, locked ones as well.
var sheetsNowView = view{
	name: "v_control_sheet",
	key:  "day, provider, channel, currency",
	query: `
SELECT
    s.day AS day, s.provider AS provider, s.channel AS channel, s.currency AS currency, s.exponent AS exponent, s.reported AS reported,
    ` + sheetCounts() + `,
    ifNull(l.late_count, 0) AS late_count, ifNull(l.late_minor, 0) AS late_minor,
    ifNull(l.late_lines_count, 0) AS late_lines_count, ifNull(l.late_lines_minor, 0) AS late_lines_minor,
    s.bill_lines AS bill_lines, s.bill_gross_minor AS bill_gross_minor, s.bill_discount_minor AS bill_discount_minor,
    s.bill_fee_minor AS bill_fee_minor, s.bill_net_minor AS bill_net_minor, s.contract_fee_minor AS contract_fee_minor,
    if(ifNull(p.state, '') = '', NULL, p.due) AS payout_due, ifNull(p.state, '') AS payout_state,
    ifNull(p.expected_minor, 0) AS payout_expected_minor, ifNull(p.received_minor, 0) AS payout_received_minor,
    greatest(s.position, ifNull(l.position, 0), ifNull(p.position, 0)) AS position
FROM
(
    SELECT * FROM r_sheets FINAL
    WHERE (day, position) IN (SELECT day, position FROM r_days FINAL WHERE step = 'joined')
) AS s
LEFT JOIN
(
    SELECT * FROM r_late FINAL
    WHERE (day, position) IN (SELECT day, position FROM r_days FINAL WHERE step = 'concluded')
) AS l ON l.day = s.day AND l.provider = s.provider AND l.currency = s.currency
LEFT JOIN
(
    SELECT arrayJoin(days) AS day, provider, currency, due, expected_minor, received_minor, state, position
    FROM r_payouts FINAL
) AS p ON p.day = s.day AND p.provider = s.provider AND p.currency = s.currency`,
}

var controlSheetView = view{
	name: "agg_control_sheet",
	grain: "one row per settlement day, provider, channel and currency; of a locked day as it was signed (what came since: fct_movements). " +
		"ledger = matched + expected + absent + waiting + open; bill_gross = matched_lines + actual + cancelled + open_lines. " +
		"payout_… is the payout the day's bill belongs to; it may pay several days and stands on each of them",
	key: "day, provider, channel, currency",
	query: `
SELECT
    * EXCEPT (exponent, position),
    ` + decimalsOf("exponent", "Decimal(38, 3)", sheetAmounts()...) + `,
    position
FROM
(
    SELECT ` + sheetColumns() + `, payout_due, payout_state, payout_expected_minor, payout_received_minor, position
    FROM v_control_sheet WHERE day NOT IN (SELECT day FROM v_locked)
    UNION ALL
    SELECT ` + sheetColumns() + `, if(payout_state = '', NULL, payout_due) AS payout_due, payout_state, payout_expected_minor, payout_received_minor, position
    FROM (SELECT * FROM r_locked_sheets FINAL) WHERE (day, position) IN (SELECT day, position FROM v_locked)
)`,
	from: []describer{sheetsTable, lateTable},
	notes: []note{
		{"payout_due", "day the payout with the day's bill is due in the bank account; NULL while there is none", payoutsTable.events},
		{"payout_state", "pending, received, differs, absent, or unbilled: it came, and its bill is missing; empty while there is no payout", payoutsTable.events},
		{"payout_expected_minor", "net of all bills that the payout pays" + inMinor + "currency", payoutsTable.events},
		{"payout_received_minor", "what the bank shows for the payout" + inMinor + "currency", payoutsTable.events},
		{"position", latest, sheetsTable.events + ", " + lateTable.events + ", " + payoutsTable.events + ", " + closingsTable.events},
	},
}

// sheetColumns are those of a control sheet that a day's own reckonings give, in order.
func sheetColumns() string {
	list := []string{"day", "provider", "channel", "currency", "exponent", "reported"}
	for _, s := range sheetSums {
		list = append(list, s.name+"_count", s.name+"_minor")
	}
	return strings.Join(append(list, "late_count", "late_minor", "late_lines_count", "late_lines_minor",
		"bill_lines", "bill_gross_minor", "bill_discount_minor", "bill_fee_minor", "bill_net_minor", "contract_fee_minor"), ", ")
}

func sheetCounts() string {
	var list []string
	for _, s := range sheetSums {
		list = append(list, "s."+s.name+"_count AS "+s.name+"_count, s."+s.name+"_minor AS "+s.name+"_minor")
	}
	return strings.Join(list, ",\n        ")
}

func sheetAmounts() []string {
	var list []string
	for _, s := range sheetSums {
		list = append(list, s.name)
	}
	return append(list, "late", "late_lines", "bill_gross", "bill_discount", "bill_fee", "bill_net", "contract_fee", "payout_expected", "payout_received")
}

func (b *block) joined(s source, joined reconcile.DayJoined) {
	b.days = append(b.days, dayRecord{s.position, joined.Day, "joined", joined.Terms, joined.Statements})
	for _, sheet := range joined.Sheets {
		b.sheets = append(b.sheets, sheetRecord{s.position, joined.Day, sheet})
	}
}

func (b *block) concluded(s source, concluded reconcile.DayConcluded) {
	b.days = append(b.days, dayRecord{position: s.position, day: concluded.Day, step: "concluded"})
	for _, late := range concluded.Late {
		b.late = append(b.late, lateRecord{s.position, concluded.Day, late})
	}
}

func (b *block) payout(s source, payout reconcile.PayoutReckoned) {
	b.payouts = append(b.payouts, payoutRecord{s.position, payout})
}
