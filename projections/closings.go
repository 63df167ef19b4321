package projections

import (
	"context"
	"slices"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// closingRecord is the last word about closing a day. Only what was locked by that word
// counts of the two tables below.
type closingRecord struct {
	position, signed uint64
	day              ledger.BusinessDay
	state            string
}

var closingsTable = table[closingRecord]{
	name:   "r_closings",
	grain:  "one row per settlement day that was ever locked: whether it is",
	events: "day-locked, day-reopened",
	key:    "day",
	columns: []column[closingRecord]{
		col("day", "Date", "settlement day", func(r *closingRecord) time.Time { return date(r.day) }),
		col("state", word, "locked or reopened", func(r *closingRecord) string { return r.state }),
		col("signed_position", "UInt64", "journal position up to which the day was signed; 0 when it was reopened", func(r *closingRecord) uint64 { return r.signed }),
		positionColumn(func(r *closingRecord) uint64 { return r.position }),
	},
}

// periodRecord is the last word about a period.
type periodRecord struct {
	position    uint64
	first, last ledger.BusinessDay
	state       string
}

var periodsTable = table[periodRecord]{
	name:   "r_periods",
	grain:  "one row per period that was ever locked: whether it is",
	events: "period-locked, period-reopened",
	key:    "first_day, last_day",
	columns: []column[periodRecord]{
		col("first_day", "Date", "first settlement day", func(r *periodRecord) time.Time { return date(r.first) }),
		col("last_day", "Date", "last settlement day", func(r *periodRecord) time.Time { return date(r.last) }),
		col("state", word, "locked or reopened", func(r *periodRecord) string { return r.state }),
		positionColumn(func(r *periodRecord) uint64 { return r.position }),
	},
}

// lockedSheetRecord is one provider's line on the control sheet of a day, as it was locked.
type lockedSheetRecord struct {
	sheetRecord
	late   reconcile.LateSum
	payout reconcile.PayoutReckoned
}

var lockedSheetsTable = table[lockedSheetRecord]{
	name:   "r_locked_sheets",
	grain:  "one row per locked settlement day, provider, channel and currency, as it was signed",
	events: "day-locked",
	key:    "day, provider, channel, currency",
	columns: slices.Concat(
		under(sheetsTable.columns[:len(sheetsTable.columns)-1], func(r *lockedSheetRecord) sheetRecord { return r.sheetRecord }),
		sums("late", "open payments that found their line on another day", func(r *lockedSheetRecord) reconcile.Sum { return r.late.Items }),
		sums("late_lines", "open lines that found their payment on another day, gross", func(r *lockedSheetRecord) reconcile.Sum { return r.late.Lines }),
		[]column[lockedSheetRecord]{
			col("payout_due", "Date", "day the payout with the day's bill is due in the bank account", func(r *lockedSheetRecord) time.Time { return date(r.payout.Due) }),
			col("payout_state", word, "pending, received, differs, absent, or unbilled: it came, and its bill is missing; empty while there is no payout", func(r *lockedSheetRecord) string { return string(r.payout.State) }),
			minor("payout_expected", "net of all bills that the payout pays", func(r *lockedSheetRecord) int64 { return r.payout.Expected }),
			minor("payout_received", "what the bank shows for the payout", func(r *lockedSheetRecord) int64 { return r.payout.Received }),
			positionColumn(func(r *lockedSheetRecord) uint64 { return r.position }),
		},
	),
}

// under makes columns of a record of those of a part of it.
func under[R, S any](columns []column[S], part func(r *R) S) []column[R] {
	list := make([]column[R], len(columns))
	for n, c := range columns {
		list[n] = column[R]{c.name, c.chType, c.comment, func(records []R) any {
			parts := make([]S, len(records))
			for n := range records {
				parts[n] = part(&records[n])
			}
			return c.values(parts)
		}}
	}
	return list
}

// movementRecord is a movement as it was signed with a day.
type movementRecord struct {
	position uint64
	reconcile.Booked
}

var lockedMovementsTable = table[movementRecord]{
	name:   "r_locked_movements",
	grain:  "one row per locked day, day that moved, provider and currency, as it was signed",
	events: "day-locked",
	key:    "day, of_day, provider, currency",
	columns: slices.Concat([]column[movementRecord]{
		col("day", "Date", "day on which it counts", func(r *movementRecord) time.Time { return date(r.Day) }),
		col("of_day", "Date", "day whose facts moved it", func(r *movementRecord) time.Time { return date(r.Of) }),
		col("provider", word, "who settles", func(r *movementRecord) string { return string(r.Provider) }),
		minor("sold", "what the ledger expects the provider to settle", func(r *movementRecord) int64 { return r.Sold }),
		taken("coupons", "the merchant's own coupons on the day's bills", func(r *movementRecord) int64 { return r.Coupons }),
		taken("contract_fee", "fees the contract gives for the day's bills", func(r *movementRecord) int64 { return r.ContractFee }),
		minor("received", "what the bank shows for the payouts due on the day", func(r *movementRecord) int64 { return r.Received }),
		minor("adjusted", "what approved adjustments posted to the provider's receivable", func(r *movementRecord) int64 { return r.Adjusted }),
	}, currencyColumns(func(r *movementRecord) ledger.Currency { return r.Currency }), []column[movementRecord]{
		positionColumn(func(r *movementRecord) uint64 { return r.position }),
	}),
}

// lockedView are the days that are locked, each with the end of the run of locked days that
// it stands in: what comes late counts on the day behind it.
var lockedView = view{
	name: "v_locked",
	key:  "day",
	query: `
SELECT day, signed_position, position, max(day) OVER (PARTITION BY run) AS run_end
FROM
(
    SELECT day, signed_position, position, toInt32(toUInt16(day)) - toInt32(row_number() OVER (ORDER BY day)) AS run
    FROM r_closings FINAL WHERE state = 'locked'
)`,
}

// through is the end of the last locked period; a locked period holds every day up to its end.
const through = "ifNull((SELECT max(last_day) FROM r_periods FINAL WHERE state = 'locked'), toDate(0))"

// firstOpen is the first open day from a day on: start is the day, or the one behind the
// last locked period, and n the row of it in lockedRuns, if it is locked.
const (
	start     = "if(day_of <= " + through + ", " + through + " + 1, day_of)"
	firstOpen = "if(ifNull(n.locked_at, 0) = 0, b.start, ifNull(n.run_end, toDate(0)) + 1)"
)

// lockedRuns is v_locked within a statement.
var lockedRuns = "(SELECT day AS locked_day, position AS locked_at, run_end FROM (" + lockedView.query + "))"

var movementParts = []string{"sold", "coupons", "contract_fee", "received", "adjusted"}

const movementEvents = "day-joined, payout-reckoned, deposit-reckoned, adjustment-approved, adjustment-reversed, day-locked, day-reopened, period-locked, period-reopened"

// movementsView: a locked day's movements count as they were signed (signed_on), and are taken off
// what their days come to now; the rest counts on the first open day.
var movementsView = view{
	name: "fct_movements",
	grain: "one row per day on which a movement counts, day whose facts moved it, provider and currency. The two days differ where something " +
		"came after the day was locked: it counts on the first open day after it. All rows of one of_day add up to what that day comes to",
	key: "day, of_day, provider, currency",
	query: `
SELECT day, of_day, provider, currency, sum(sold) AS sold_minor, sum(coupons) AS coupons_minor, sum(contract_fee) AS contract_fee_minor,
    sum(received) AS received_minor, sum(adjusted) AS adjusted_minor, sum(sold - coupons - contract_fee - received + adjusted) AS movement_minor, max(at) AS position
FROM
(
    SELECT if(b.signed, b.start, ` + firstOpen + `) AS day, b.day_of AS of_day, b.provider AS provider, b.currency AS currency,
        b.sold AS sold, b.coupons AS coupons, b.contract_fee AS contract_fee, b.received AS received, b.adjusted AS adjusted, b.at AS at
    FROM
    (
        SELECT day_of, signed_on != toDate(0) AS signed, if(signed, signed_on, ` + start + `) AS start, provider, currency,
            sum(s) AS sold, sum(c) AS coupons, sum(f) AS contract_fee, sum(r) AS received, sum(a) AS adjusted, max(p) AS at
        FROM
        (
            SELECT day AS day_of, toDate(0) AS signed_on, provider, currency, ledger_minor AS s, bill_discount_minor AS c, contract_fee_minor AS f, toInt64(0) AS r, toInt64(0) AS a, position AS p
            FROM r_sheets FINAL WHERE (day, position) IN (SELECT day, position FROM r_days FINAL WHERE step = 'joined')
            UNION ALL
            SELECT day AS day_of, toDate(0), provider, currency, toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), position
            FROM r_late FINAL WHERE (day, position) IN (SELECT day, position FROM r_days FINAL WHERE step = 'concluded')
            UNION ALL
            SELECT d.1 AS day_of, toDate(0), provider, currency, toInt64(0), toInt64(0), toInt64(0), d.2, toInt64(0), position
            FROM (SELECT provider, currency, position, arrayJoin(arrayConcat([(due, received_minor)], arrayMap(d -> (d, toInt64(0)), days))) AS d FROM r_payouts FINAL)
            UNION ALL
            SELECT due AS day_of, toDate(0), toLowCardinality('cash'), currency, to_deposit_minor, toInt64(0), toInt64(0), received_minor, toInt64(0), position
            FROM r_deposits FINAL
            UNION ALL
            SELECT day AS day_of, toDate(0), substring(account, 12), currency, toInt64(0), toInt64(0), toInt64(0), toInt64(0), amount_minor, position
            FROM r_postings FINAL WHERE startsWith(account, 'receivable:')
            UNION ALL
            SELECT of_day AS day_of, g.1, provider, currency, g.2 * sold_minor, g.2 * coupons_minor, g.2 * contract_fee_minor, g.2 * received_minor, g.2 * adjusted_minor, position
            FROM
            (
                SELECT *, arrayJoin([(day, toInt64(1)), (toDate(0), toInt64(-1))]) AS g
                FROM (SELECT * FROM r_locked_movements FINAL) WHERE (day, position) IN (SELECT day, position FROM r_closings FINAL WHERE state = 'locked')
            )
        )
        GROUP BY day_of, signed_on, provider, currency
    ) AS b
    LEFT JOIN ` + lockedRuns + ` AS n ON n.locked_day = b.start
    WHERE b.signed OR b.sold != 0 OR b.coupons != 0 OR b.contract_fee != 0 OR b.received != 0 OR b.adjusted != 0
)
GROUP BY day, of_day, provider, currency`,
	from: []describer{lockedMovementsTable},
	notes: []note{
		{"day", "day on which it counts: of_day, or the first open day after it", movementEvents},
		{"of_day", "day whose facts moved it: settlement day of a bill, due day of a payout or of the stores' cash, posting date of an adjustment", movementEvents},
		{"provider", "who settles", movementEvents},
		{"currency", "ISO 4217 code of every amount in the row", movementEvents},
		{"sold_minor", "what the ledger expects the provider to settle; of provider cash what the stores counted to bring to the bank" + inMinor + signed, movementEvents},
		{"coupons_minor", "the merchant's own coupons on the day's bills" + inMinor + "currency, positive where it is taken off", movementEvents},
		{"contract_fee_minor", "fees the contract gives for the day's bills" + inMinor + "currency, positive where it is taken off", movementEvents},
		{"received_minor", "what the bank shows for the payouts and deposits due on the day" + inMinor + "currency", movementEvents},
		{"adjusted_minor", "what approved adjustments posted to the provider's receivable" + inMinor + "currency", movementEvents},
		{"movement_minor", "sold less coupons, contract fees and what was received, and adjusted" + inMinor + "currency", movementEvents},
		{"position", latest, movementEvents},
	},
}

// signatureRecord is the differences that were listed under a day when it was signed.
type signatureRecord struct {
	position, signed uint64
	day              ledger.BusinessDay
	breaks           []string
	found            []uint64
}

var signaturesTable = table[signatureRecord]{
	name:   "r_signatures",
	grain:  "one row per signature of a settlement day",
	events: "day-signed",
	key:    "day, signed_position",
	columns: []column[signatureRecord]{
		col("day", "Date", "settlement day", func(r *signatureRecord) time.Time { return date(r.day) }),
		col("signed_position", "UInt64", "journal position up to which the day was signed", func(r *signatureRecord) uint64 { return r.signed }),
		col("breaks", "Array(String)", "ids of the open differences that were listed under it", func(r *signatureRecord) []string { return r.breaks }),
		col("found", "Array(UInt64)", "journal positions at which they were found", func(r *signatureRecord) []uint64 { return r.found }),
		positionColumn(func(r *signatureRecord) uint64 { return r.position }),
	},
}

func (b *block) signed(s source, p reconcile.DaySigned) {
	r := signatureRecord{position: s.position, signed: uint64(p.Position), day: p.Day}
	for _, listed := range p.Listed {
		r.breaks, r.found = append(r.breaks, listed.ID), append(r.found, uint64(listed.At))
	}
	b.signatures = append(b.signatures, r)
}

func (b *block) locked(s source, p reconcile.DayLocked) {
	if p.Position == 0 {
		return // of a version that did not say what was locked
	}
	b.closings = append(b.closings, closingRecord{s.position, uint64(p.Position), p.Day, "locked"})
	for _, sheet := range p.Sheets {
		r := lockedSheetRecord{sheetRecord: sheetRecord{s.position, p.Day, sheet}}
		for _, late := range p.Late {
			if late.Provider == sheet.Provider && late.Currency == sheet.Currency {
				r.late = late
			}
		}
		for _, payout := range p.Payouts {
			if payout.Provider == sheet.Provider && payout.Currency == sheet.Currency && slices.Contains(payout.Days, p.Day) {
				r.payout = payout
			}
		}
		b.lockedSheets = append(b.lockedSheets, r)
	}
	for _, m := range slices.Concat(p.Movements, p.Carried) {
		b.lockedMovements = append(b.lockedMovements, movementRecord{s.position, m})
	}
}

// MovementRow is a movement and the day on which it counts. Amounts are minor units.
type MovementRow struct {
	Day         ledger.BusinessDay `json:"day"`
	Of          ledger.BusinessDay `json:"of_day"`
	Provider    ledger.ProviderID  `json:"provider"`
	Currency    ledger.Currency    `json:"currency"`
	Sold        int64              `json:"sold_minor"`
	Coupons     int64              `json:"coupons_minor"`
	ContractFee int64              `json:"contract_fee_minor"`
	Received    int64              `json:"received_minor"`
	Adjusted    int64              `json:"adjusted_minor"`
	Movement    int64              `json:"movement_minor"`
}

// Late lists what came for days after they were locked: all that counts on a day of a period,
// or belongs to one.
func (v *Views) Late(ctx context.Context, f StatementFilter) ([]MovementRow, error) {
	return query(ctx, v.warehouse, `
SELECT toString(day), toString(of_day), provider, currency, `+lateColumns()+`
FROM fct_movements
WHERE day != of_day AND `+wanted("provider", "provider")+`
    AND (day BETWEEN toDate({from:String}) AND toDate({to:String}) OR of_day BETWEEN toDate({from:String}) AND toDate({to:String}))
ORDER BY day, of_day, provider, currency`, func(r *MovementRow) []any {
		return []any{text{&r.Day}, text{&r.Of}, &r.Provider, &r.Currency, &r.Sold, &r.Coupons, &r.ContractFee, &r.Received, &r.Adjusted, &r.Movement}
	}, Arg{"from", f.From.String()}, Arg{"to", f.To.String()}, Arg{"provider", string(f.Provider)})
}

func lateColumns() string {
	list := ""
	for _, part := range movementParts {
		list += part + "_minor, "
	}
	return list + "movement_minor"
}
