package projections

import (
	"slices"

	"daybook/ledger"
)

// tillEventRecord is what happens at a till beside tickets and payments.
type tillEventRecord struct {
	source
	ledger.Till
	id, what, name, reason string
	amount                 ledger.Money
}

const ofTills = "cashier-signed-on, cashier-signed-off, shift-opened, shift-closed, drawer-opened, drawer-counted, cash-paid-in, cash-paid-out, drawer-opened-no-sale"

var tillEventsTable = table[tillEventRecord]{
	name:   "r_till_events",
	grain:  "one row per thing that happens at a till beside tickets and payments, in any mode",
	events: ofTills,
	key:    "business_date, store, terminal, id",
	columns: slices.Concat(
		tillColumns(func(r *tillEventRecord) *ledger.Till { return &r.Till }),
		[]column[tillEventRecord]{
			col("id", "String", "terminal/series/number of the action", func(r *tillEventRecord) string { return r.id }),
			col("what", word, "sign_on, sign_off, shift_open, shift_close, drawer_open, drawer_count, cash_in, cash_out or no_sale", func(r *tillEventRecord) string { return r.what }),
			col("name", "String", "of the drawer or shift", func(r *tillEventRecord) string { return r.name }),
			col("reason", "String", "why, as the cashier gave it; of a sign-on, by which method", func(r *tillEventRecord) string { return r.reason }),
			minor("amount", "float, cash counted, or cash paid in or out, unsigned", func(r *tillEventRecord) int64 { return r.amount.Minor }),
		},
		currencyColumns(func(r *tillEventRecord) ledger.Currency { return r.amount.Currency }),
		sourceColumns(func(r *tillEventRecord) *source { return &r.source }),
	),
}

func (b *block) tillEvent(s source, action ledger.Action) {
	r := tillEventRecord{source: s, Till: action.Head(), id: actionID(action.Head())}
	switch a := action.(type) {
	case ledger.CashierSignedOn:
		r.what, r.reason = "sign_on", a.Method
	case ledger.CashierSignedOff:
		r.what = "sign_off"
	case ledger.ShiftOpened:
		r.what, r.name = "shift_open", a.Shift
	case ledger.ShiftClosed:
		r.what, r.name = "shift_close", a.Shift
	case ledger.DrawerOpened:
		r.what, r.name, r.amount = "drawer_open", a.Drawer, a.Float
	case ledger.DrawerCounted:
		r.what, r.name, r.amount = "drawer_count", a.Drawer, a.Counted
	case ledger.CashPaidIn:
		r.what, r.name, r.reason, r.amount = "cash_in", a.Drawer, a.Reason, a.Amount
	case ledger.CashPaidOut:
		r.what, r.name, r.reason, r.amount = "cash_out", a.Drawer, a.Reason, a.Amount
	case ledger.DrawerOpenedNoSale:
		r.what, r.name, r.reason = "no_sale", a.Drawer, a.Reason
	}
	b.tillEvents = append(b.tillEvents, r)
}

var tillEventsView = view{
	name:  "fct_till_events",
	grain: "one row per thing that happens at a till beside tickets and payments; training and test are left out",
	key:   "business_date, store, terminal, id",
	query: `
SELECT ` + tillView + `, what, name, reason, currency, amount_minor, ` + decimals("amount") + `, id, series, seq, doc, file, file_sha256, file_row, position
FROM r_till_events FINAL
WHERE mode = 'live'`,
	from: []describer{tillEventsTable},
}

// A session of a drawer or a shift does not go over the end of a business day: which there
// are, and what each comes to, is a function of the storeday, and is kept as the sums of a
// storeday are. No fact makes the number of a terminal's sessions less, so none vanishes;
// what a session has of each currency stands in one row, since a fact that comes late may
// take all tickets of a currency from one session into another.

// What belongs to a session of a drawer is what happens at its terminal from when it is
// opened until it is counted, in the order of the terminal's clock. What comes after a
// count and before the next opening is a session that nobody opened: it begins empty, as
// the deposits of a store take it to (reconcile.Takings).
var drawerSums = daySums{
	name:   "r_drawer_sessions",
	grain:  "one row per session of a drawer at a terminal within a business day",
	events: ofDrawers,
	key:    "business_date, store, terminal, session",
	columns: []column[struct{}]{
		derived("business_date", "Date", "the store's business day"),
		derived("store", word, "the retailer's own number of the store"),
		derived("terminal", word, "the retailer's own number of the terminal"),
		derived("session", "UInt64", "number of the session at its terminal on its day, from 1"),
		derived("figures", "Array(Tuple(currency String, exponent UInt8, drawer String, cashier String, opened_at DateTime64(3, 'UTC'), counted_at DateTime64(3, 'UTC'), counted UInt8, no_sales UInt64, "+
			"float_minor Int64, cash_sales_minor Int64, cash_back_minor Int64, paid_in_minor Int64, paid_out_minor Int64, found_minor Int64, position UInt64))",
			"what it comes to in each currency, by its code; minor units of the currency, paid out and given back positive"),
		derived("position", "UInt64", latest),
	},
	query: `
SELECT business_date, store, terminal, session, arraySort(f -> f.1, groupArray((currency, exponent, drawer, cashier, opened_at, counted_at, counted, no_sales,
    float_minor, cash_sales_minor, cash_back_minor, paid_in_minor, paid_out_minor, found_minor, last))) AS figures, max(last) AS position
FROM
(
    SELECT s.business_date AS business_date, s.store AS store, s.terminal AS terminal, s.session AS session, s.of AS currency, any(s.decimals) AS exponent,
        max(s.name) AS drawer, argMin(s.cashier, (s.at, s.id)) AS cashier, min(s.at) AS opened_at, max(s.at) AS counted_at,
        toUInt8(countIf(s.what = 'drawer_count') > 0) AS counted, countIf(s.what = 'no_sale') AS no_sales,
        sumIf(s.amount_minor, s.what = 'drawer_open') AS float_minor,
        sumIf(s.amount_minor, s.what = 'cash' AND s.amount_minor > 0) AS cash_sales_minor, -sumIf(s.amount_minor, s.what = 'cash' AND s.amount_minor < 0) AS cash_back_minor,
        sumIf(s.amount_minor, s.what = 'cash_in') AS paid_in_minor, sumIf(s.amount_minor, s.what = 'cash_out') AS paid_out_minor,
        sumIf(s.amount_minor, s.what = 'drawer_count') AS found_minor, max(s.position) AS last
    FROM
    (
        SELECT *, if(currency = '', max(currency) OVER (PARTITION BY business_date, store, terminal, session), currency) AS of,
            if(currency = '', max(exponent) OVER (PARTITION BY business_date, store, terminal, session), exponent) AS decimals
        FROM
        (
            SELECT *, sum(toUInt64(what = 'drawer_open' OR before = 'drawer_count' AND what != 'drawer_count' OR before = ''))
                OVER (PARTITION BY business_date, store, terminal ORDER BY at, seq, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session
            FROM
            (
                SELECT *, lagInFrame(what, 1, '') OVER (PARTITION BY business_date, store, terminal ORDER BY at, seq, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
                FROM
                (
                    SELECT business_date, store, terminal, at, seq, id, toString(what) AS what, name, toString(cashier) AS cashier, toString(currency) AS currency, exponent, amount_minor, position
                    FROM r_till_events FINAL
                    WHERE ` + touched + ` AND what IN ('drawer_open', 'drawer_count', 'cash_in', 'cash_out', 'no_sale')
                    UNION ALL
                    SELECT business_date, store, terminal, at, seq, id, 'cash' AS what, '' AS name, toString(cashier) AS cashier, toString(currency) AS currency, exponent, amount_minor, position
                    FROM r_payments FINAL
                    WHERE ` + touched + ` AND channel = 'cash' AND reported = 'approved'
                )
            )
        )
    ) AS s
    GROUP BY business_date, store, terminal, session, currency
)
GROUP BY business_date, store, terminal, session`,
}

const ofDrawers = "drawer-opened, drawer-counted, cash-paid-in, cash-paid-out, drawer-opened-no-sale, sale-recorded, refund-recorded, payment-voided"

var drawersView = view{
	name: "fct_drawer_sessions",
	grain: "one row per session of a drawer and currency: from its opening to its count, at one terminal, within a business day. drawer is empty where cash was taken and no drawer was open. " +
		"expected = float + cash_sales - cash_back + paid_in - paid_out; over_short = counted - expected, NULL while it is not counted",
	key: "business_date, store, terminal, session, currency",
	query: `
SELECT business_date, store, terminal, session, drawer, cashier, opened_at, counted_at, counted, no_sales, currency,
    float_minor, cash_sales_minor, cash_back_minor, paid_in_minor, paid_out_minor, expected_minor,
    if(counted, found_minor, NULL) AS counted_minor, if(counted, found_minor - expected_minor, NULL) AS over_short_minor,
    ` + decimals("float", "cash_sales", "cash_back", "paid_in", "paid_out", "expected") + `,
    if(counted, CAST(toDecimal128(found_minor, 3) / intExp10(exponent) AS Decimal(18, 3)), NULL) AS counted_amount,
    if(counted, CAST(toDecimal128(found_minor - expected_minor, 3) / intExp10(exponent) AS Decimal(18, 3)), NULL) AS over_short,
    position
FROM
(
    SELECT d.business_date AS business_date, d.store AS store, d.terminal AS terminal, d.session AS session, f.currency AS currency, f.exponent AS exponent, f.drawer AS drawer, f.cashier AS cashier,
        f.opened_at AS opened_at, f.counted_at AS counted_at, f.counted = 1 AS counted, f.no_sales AS no_sales,
        f.float_minor AS float_minor, f.cash_sales_minor AS cash_sales_minor, f.cash_back_minor AS cash_back_minor, f.paid_in_minor AS paid_in_minor, f.paid_out_minor AS paid_out_minor,
        f.float_minor + f.cash_sales_minor - f.cash_back_minor + f.paid_in_minor - f.paid_out_minor AS expected_minor, f.found_minor AS found_minor, f.position AS position
    FROM (SELECT *, arrayJoin(figures) AS f FROM r_drawer_sessions FINAL) AS d
)`,
	from: []describer{drawerSums.table(), tillEventsTable},
	notes: []note{
		{"session", "number of the session at its terminal on its day, from 1", ofDrawers},
		{"drawer", "name of the drawer; empty when none was open", ofDrawers},
		{"cashier", "staff number of who opened it", ofDrawers},
		{"opened_at", "when it was opened, or else of its first movement; the terminal's clock, as an instant", ofDrawers},
		{"counted_at", "when it was counted, or else of its last movement; the terminal's clock, as an instant", ofDrawers},
		{"counted", "whether it was counted", ofDrawers},
		{"no_sales", "how often it was opened and nothing sold", ofDrawers},
		{"currency", "ISO 4217 code of every amount in the row", ofDrawers},
		{"float_minor", "cash it began with" + inMinor + "currency", ofDrawers},
		{"cash_sales_minor", "cash that sales left in it" + inMinor + "currency", ofDrawers},
		{"cash_back_minor", "cash given back on refunds and voids" + inMinor + "currency, positive where it is taken off", ofDrawers},
		{"paid_in_minor", "cash that came in other than by a sale" + inMinor + "currency", ofDrawers},
		{"paid_out_minor", "cash that left other than by a refund, drops into the safe too" + inMinor + "currency, positive where it is taken off", ofDrawers},
		{"expected_minor", "float + cash_sales - cash_back + paid_in - paid_out" + inMinor + "currency", ofDrawers},
		{"counted_minor", "cash found in it; NULL while it is not counted" + inMinor + "currency", ofDrawers},
		{"counted_amount", "cash found in it; NULL while it is not counted" + inMajor + "currency", ofDrawers},
		{"over_short_minor", "counted - expected: positive is too much cash; NULL while it is not counted" + inMinor + "currency", ofDrawers},
		{"position", latest, ofDrawers},
	},
}

// A shift is what happens at a terminal from when it is opened until it is closed. A
// terminal that tells no shifts has one, without a name, for each business day.
var shiftSums = daySums{
	name:   "r_shifts",
	grain:  "one row per shift of a terminal within a business day",
	events: ofShifts,
	key:    "business_date, store, terminal, session",
	columns: []column[struct{}]{
		derived("business_date", "Date", "the store's business day"),
		derived("store", word, "the retailer's own number of the store"),
		derived("terminal", word, "the retailer's own number of the terminal"),
		derived("session", "UInt64", "number of the shift at its terminal on its day, from 1"),
		derived("shift", "String", "name of the shift; empty when the terminal tells none"),
		derived("closed", "UInt8", "1 when it is closed"),
		derived("cashier", word, "staff number of who opened it"),
		derived("opened_at", "DateTime64(3, 'UTC')", "when it was opened, or else of its first action; the terminal's clock, as an instant"),
		derived("closed_at", "DateTime64(3, 'UTC')", "when it was closed, or else of its last action; the terminal's clock, as an instant"),
		derived("no_sales", "UInt64", "how often the drawer was opened and nothing sold"),
		derived("figures", "Array(Tuple(currency String, exponent UInt8, sales UInt64, refunds UInt64, voids UInt64, discount_minor Int64, net_minor Int64, tax_minor Int64, "+
			"sold_minor Int64, refunded_minor Int64, total_minor Int64, turned_minor Int64, voided_minor Int64, tender_minor Map(String, Int64)))",
			"what it comes to in each currency, by its code; minor units of the currency, refunded and voided positive; turned is total with every ticket positive"),
		derived("position", "UInt64", latest),
	},
	query: `
SELECT business_date, store, terminal, session, max(name) AS shift, max(closes) AS closed, argMin(first_cashier, first) AS cashier, min(opens_at) AS opened_at, max(closes_at) AS closed_at, sum(opens) AS no_sales,
    arraySort(f -> f.1, groupArrayIf((currency, exponent, sales, refunds, voids, discount_minor, net_minor, tax_minor, sold_minor, refunded_minor, total_minor, turned_minor, voided_minor, tender_minor), currency != '')) AS figures,
    max(last) AS position
FROM
(
    SELECT s.business_date AS business_date, s.store AS store, s.terminal AS terminal, s.session AS session, s.currency AS currency, any(s.exponent) AS exponent,
        max(s.name) AS name, toUInt8(countIf(s.what = 'shift_close') > 0) AS closes, argMin(s.cashier, (s.at, s.id)) AS first_cashier, min((s.at, s.id)) AS first, min(s.at) AS opens_at, max(s.at) AS closes_at, countIf(s.what = 'no_sale') AS opens,
        countIf(s.what = 'sale') AS sales, countIf(s.what = 'refund') AS refunds, countIf(s.what = 'void') AS voids,
        sum(s.discount_minor) AS discount_minor, sum(s.net_minor) AS net_minor, sum(s.tax_minor) AS tax_minor,
        sumIf(s.total_minor, s.what = 'sale') AS sold_minor, -sumIf(s.total_minor, s.what = 'refund') AS refunded_minor, sumIf(s.total_minor, s.what IN ('sale', 'refund')) AS total_minor,
        toInt64(sumIf(abs(s.total_minor), s.what IN ('sale', 'refund'))) AS turned_minor, -sumIf(s.total_minor, s.what = 'void') AS voided_minor, sumMapIf(map(s.tender, s.total_minor), s.what IN ('sale', 'refund')) AS tender_minor, max(s.position) AS last
    FROM
    (
        SELECT *, sum(toUInt64(what = 'shift_open' OR before = 'shift_close' AND what != 'shift_close' OR before = ''))
            OVER (PARTITION BY business_date, store, terminal ORDER BY at, seq, id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS session
        FROM
        (
            SELECT *, lagInFrame(what, 1, '') OVER (PARTITION BY business_date, store, terminal ORDER BY at, seq, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS before
            FROM
            (
                SELECT business_date, store, terminal, at, seq, id, toString(kind) AS what, '' AS name, toString(cashier) AS cashier, toString(tender) AS tender, toString(currency) AS currency, exponent, discount_minor, net_minor, tax_minor, total_minor, position
                FROM r_sales FINAL
                WHERE ` + touched + `
                UNION ALL
                SELECT business_date, store, terminal, at, seq, id, toString(what) AS what, name, toString(cashier) AS cashier, '' AS tender, '' AS currency, toUInt8(0) AS exponent, toInt64(0) AS discount_minor, toInt64(0) AS net_minor, toInt64(0) AS tax_minor, toInt64(0) AS total_minor, position
                FROM r_till_events FINAL
                WHERE ` + touched + ` AND what IN ('shift_open', 'shift_close', 'no_sale')
                UNION ALL
                SELECT business_date, store, terminal, at, seq, id, 'void' AS what, '' AS name, toString(cashier) AS cashier, toString(channel) AS tender, toString(currency) AS currency, exponent, toInt64(0) AS discount_minor, toInt64(0) AS net_minor, toInt64(0) AS tax_minor, amount_minor AS total_minor, position
                FROM r_payments FINAL
                WHERE ` + touched + ` AND kind = 'void' AND reported = 'approved'
            )
        )
    ) AS s
    GROUP BY business_date, store, terminal, session, currency
)
GROUP BY business_date, store, terminal, session`,
}

const ofShifts = "shift-opened, shift-closed, sale-recorded, refund-recorded, payment-voided, drawer-opened-no-sale"

var shiftsView = view{
	name: "fct_shift_reports",
	grain: "X and Z reports: one row per shift of a terminal and currency, within a business day; a terminal that tells no shifts has one a day, without a name. " +
		"It is an X report while the shift is open, and the Z report when it is closed. net = sales and refunds before tax; voids are payments, and not taken off",
	key: "business_date, store, terminal, session, currency",
	query: `
SELECT business_date, store, terminal, session, shift, if(closed, 'Z', 'X') AS report, z_number, cashier, opened_at, closed_at, currency,
    sales, refunds, voids, no_sales, discount_minor, net_minor, tax_minor, sold_minor, refunded_minor, total_minor, voided_minor,
    ` + decimals("discount", "net", "tax", "sold", "refunded", "total", "voided") + `,
    sum(total_minor) OVER run AS perpetual_minor, sum(turned_minor) OVER run AS grand_total_minor, ` + decimals("perpetual", "grand_total") + `,
    mapApply((tender, minor) -> (tender, CAST(toDecimal128(minor, 3) / intExp10(exponent) AS Decimal(18, 3))), tender_minor) AS tenders, position
FROM
(
    SELECT s.business_date AS business_date, s.store AS store, s.terminal AS terminal, s.session AS session, s.shift AS shift, s.closed = 1 AS closed, if(closed, s.z, 0) AS z_number,
        CAST(s.cashier, 'String') AS cashier, s.opened_at AS opened_at, s.closed_at AS closed_at, f.currency AS currency, f.exponent AS exponent, f.sales AS sales, f.refunds AS refunds, f.voids AS voids, s.no_sales AS no_sales,
        f.discount_minor AS discount_minor, f.net_minor AS net_minor, f.tax_minor AS tax_minor, f.sold_minor AS sold_minor, f.refunded_minor AS refunded_minor, f.total_minor AS total_minor,
        f.turned_minor AS turned_minor, f.voided_minor AS voided_minor, f.tender_minor AS tender_minor, s.position AS position
    FROM
    (
        SELECT *, arrayJoin(figures) AS f
        FROM (SELECT *, sum(toUInt64(closed)) OVER (PARTITION BY terminal ORDER BY business_date, session, store ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS z FROM r_shifts FINAL)
    ) AS s
)
WINDOW run AS (PARTITION BY terminal, currency ORDER BY business_date, session, store ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`,
	from: []describer{shiftSums.table(), tillEventsTable},
	notes: []note{
		{"session", "number of the shift at its terminal on its day, from 1", ofShifts},
		{"shift", "name of the shift; empty when the terminal tells none", ofShifts},
		{"report", "X while it is open, Z when it is closed", ofShifts},
		{"z_number", "number of the Z report at its terminal, from 1, never reset; 0 of an X report", ofShifts},
		{"cashier", "staff number of who opened it", ofShifts},
		{"opened_at", "when it was opened, or else of its first action; the terminal's clock, as an instant", ofShifts},
		{"closed_at", "when it was closed, or else of its last action; the terminal's clock, as an instant", ofShifts},
		{"currency", "ISO 4217 code of every amount in the row", ofShifts},
		{"sales", "completed sales", ofShifts},
		{"refunds", "refunds given", ofShifts},
		{"voids", "approved voids", ofShifts},
		{"no_sales", "how often the drawer was opened and nothing sold", ofShifts},
		{"discount_minor", "discounts on sales less those taken back" + inMinor + "currency, positive where it is taken off", ofShifts},
		{"net_minor", "sales and refunds before tax" + inMinor + signed, ofShifts},
		{"tax_minor", "tax on sales less tax on refunds" + inMinor + signed, ofShifts},
		{"sold_minor", "sum of sales, tax included" + inMinor + signed, ofShifts},
		{"refunded_minor", "sum of refunds, tax included" + inMinor + "currency, positive where it is taken off", ofShifts},
		{"total_minor", "sold - refunded" + inMinor + signed, ofShifts},
		{"voided_minor", "sum of approved voids" + inMinor + "currency, positive where it is taken off", ofShifts},
		{"perpetual_minor", perpetualTotal + ", of the terminal, at the end of the shift" + inMinor + signed, ofPerpetual},
		{"grand_total_minor", grandTotal + ", of the terminal, at the end of the shift" + inMinor + "currency", ofPerpetual},
		{"tenders", "total by how tickets were paid: a channel, or mixed; decimal, in units of currency", ofShifts},
		{"position", latest, ofShifts},
	},
}

// batchRecord is a batch that a terminal closed.
type batchRecord struct {
	source
	ledger.BatchClosed
}

var batchesTable = table[batchRecord]{
	name:   "r_batches",
	grain:  "one row per batch that a terminal closed, in any mode",
	events: "batch-closed",
	key:    "business_date, store, terminal, id",
	columns: slices.Concat(
		tillColumns(func(r *batchRecord) *ledger.Till { return &r.Till }),
		[]column[batchRecord]{
			col("id", "String", "terminal/series/number of the action", func(r *batchRecord) string { return actionID(r.Till) }),
			col("batch", word, "batch number", func(r *batchRecord) string { return string(r.Batch) }),
			col("sales", "Int64", "sales on the terminal's slip", func(r *batchRecord) int64 { return int64(r.Sales.Count) }),
			minor("sales", "sum of sales on the terminal's slip", func(r *batchRecord) int64 { return r.Sales.Amount.Minor }),
			col("refunds", "Int64", "refunds on the terminal's slip", func(r *batchRecord) int64 { return int64(r.Refunds.Count) }),
			minor("refunds", "sum of refunds on the terminal's slip, unsigned", func(r *batchRecord) int64 { return r.Refunds.Amount.Minor }),
			col("voids", "Int64", "voids on the terminal's slip", func(r *batchRecord) int64 { return int64(r.Voids.Count) }),
			minor("voids", "sum of voids on the terminal's slip, unsigned", func(r *batchRecord) int64 { return r.Voids.Amount.Minor }),
		},
		currencyColumns(func(r *batchRecord) ledger.Currency {
			for _, total := range []ledger.BatchTotal{r.Sales, r.Refunds, r.Voids} {
				if total.Amount.Currency != "" {
					return total.Amount.Currency
				}
			}
			return ""
		}),
		sourceColumns(func(r *batchRecord) *source { return &r.source }),
	),
}

var batchesView = view{
	name:  "fct_batches",
	grain: "one row per batch that a terminal closed, with the totals of its slip; training and test are left out. Where they are not those of the ledger, fct_breaks has a batch_total_mismatch",
	key:   "business_date, store, terminal, id",
	query: `
SELECT ` + tillView + `, batch, sales, refunds, voids, currency, sales_minor, refunds_minor, voids_minor,
    CAST(toDecimal128(sales_minor, 3) / intExp10(exponent) AS Decimal(18, 3)) AS sales_amount,
    CAST(toDecimal128(refunds_minor, 3) / intExp10(exponent) AS Decimal(18, 3)) AS refunds_amount,
    CAST(toDecimal128(voids_minor, 3) / intExp10(exponent) AS Decimal(18, 3)) AS voids_amount,
    id, series, seq, doc, file, file_sha256, file_row, position
FROM r_batches FINAL
WHERE mode = 'live'`,
	from: []describer{batchesTable},
	notes: []note{
		{"sales_amount", "sum of sales on the terminal's slip" + inMajor + signed, batchesTable.events},
		{"refunds_amount", "sum of refunds on the terminal's slip, unsigned" + inMajor + "currency", batchesTable.events},
		{"voids_amount", "sum of voids on the terminal's slip, unsigned" + inMajor + "currency", batchesTable.events},
	},
}
