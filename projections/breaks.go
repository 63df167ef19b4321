package projections

import (
	"context"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// breakRecord is a difference in one of its two states.
type breakRecord struct {
	reconcile.Break
	state    string
	amount   ledger.Money
	position uint64
}

var breaksTable = table[breakRecord]{
	name:   "r_breaks",
	grain:  "one row per break and state: when it was last opened, and last closed",
	events: "break-opened, break-closed",
	key:    "id, state",
	columns: []column[breakRecord]{
		col("id", "String", "derived from what the difference is; the same difference found again has the same id", func(r *breakRecord) string { return r.ID }),
		col("state", word, "open or closed", func(r *breakRecord) string { return r.state }),
		col("kind", word, "what differs, for example missing_in_settlement", func(r *breakRecord) string { return string(r.Kind) }),
		col("leg", word, "between which two records: payment, fee, payout, batch, sequence, file", func(r *breakRecord) string { return string(r.Leg) }),
		col("day", "Date", "settlement day it was found on", func(r *breakRecord) time.Time { return date(r.Day) }),
		col("business_date", "Date", "the store's day of the payment; else day", func(r *breakRecord) time.Time { return date(r.BusinessDay) }),
		col("provider", word, "who settles", func(r *breakRecord) string { return string(r.Provider) }),
		col("channel", word, "through whom the money comes; till or a bank's id when no provider has a part in it", func(r *breakRecord) string { return r.Channel }),
		col("store", word, "store of the payment", func(r *breakRecord) string { return string(r.Store) }),
		col("terminal", word, "terminal of the payment", func(r *breakRecord) string { return string(r.Terminal) }),
		col("reference", "String", "what a person would search for", func(r *breakRecord) string { return r.Reference }),
		col("amount_minor", "Int64", "the money in question, unsigned"+inMinor+"currency", func(r *breakRecord) int64 { return r.amount.Minor }),
		col("currency", word, "ISO 4217 code of amount", func(r *breakRecord) string { return string(r.amount.Currency) }),
		col("exponent", "UInt8", "decimals of currency", func(r *breakRecord) uint8 { return uint8(r.amount.Currency.Exponent()) }),
		col("expected_minor", "Int64", "what our side says"+inMinor+"expected_currency, signed in the merchant's view", func(r *breakRecord) int64 { return r.Expected.Minor }),
		col("expected_currency", word, "ISO 4217 code of expected", func(r *breakRecord) string { return string(r.Expected.Currency) }),
		col("expected_exponent", "UInt8", "decimals of expected_currency", func(r *breakRecord) uint8 { return uint8(r.Expected.Currency.Exponent()) }),
		col("actual_minor", "Int64", "what their side says"+inMinor+"actual_currency, signed in the merchant's view", func(r *breakRecord) int64 { return r.Actual.Minor }),
		col("actual_currency", word, "ISO 4217 code of actual", func(r *breakRecord) string { return string(r.Actual.Currency) }),
		col("actual_exponent", "UInt8", "decimals of actual_currency", func(r *breakRecord) uint8 { return uint8(r.Actual.Currency.Exponent()) }),
		col("rule", word, "rule that brought both sides together", func(r *breakRecord) string { return r.Rule }),
		col("detail", "String", "a fact worth showing: the other terminal, the row's own word", func(r *breakRecord) string { return r.Detail }),
		col("expected_by", "Date", "until then what is missing is on its way, and the difference in doubt; 1970-01-01 when it is not", func(r *breakRecord) time.Time { return date(r.ExpectedBy) }),
		col("items", "Array(String)", "ids of payments of the ledger", func(r *breakRecord) []string { return r.Items }),
		col("lines", "Array(String)", "ids of lines of statements", func(r *breakRecord) []string { return r.Lines }),
		col("event_position", "UInt64", "journal position of the event the difference is about; 0 when there is none", func(r *breakRecord) uint64 { return uint64(r.Break.Position) }),
		positionColumn(func(r *breakRecord) uint64 { return r.position }),
	},
}

// breaksView: an open break is listed under the locked day that it was signed with, or else the
// first open day from its own on. It asks in one statement: what a dashboard waits for is planning.
var breaksView = view{
	name: "fct_breaks",
	grain: "one row per break. state is closed when what came in later explains it, or when what was approved about it settles it, and doubt while what is missing is not due. " +
		"difference is actual less expected, NULL when their currencies differ",
	key: "id",
	query: `
SELECT
    id, kind, leg, if(ifNull(c.handling, '') IN ('accepted', 'corrected', 'written_off'), 'closed',
        if(found = 'open' AND expected_by > (SELECT max(day) FROM r_fact_days), 'doubt', found)) AS state, day, business_date, provider, channel, store, terminal, reference,
    currency, amount_minor, expected_minor, expected_currency, actual_minor, actual_currency,
    if(expected_currency = actual_currency, actual_minor - expected_minor, NULL) AS difference_minor,
    ` + decimals("amount") + `,
    ` + decimalsOf("expected_exponent", "Decimal(18, 3)", "expected") + `,
    ` + decimalsOf("actual_exponent", "Decimal(18, 3)", "actual") + `,
    if(expected_currency = actual_currency, actual - expected, NULL) AS difference,
    rule, detail, items, lines, event_position, position, expected_by,
    ifNull(c.handling, '') AS handling, ifNull(c.assignee, '') AS assignee, ifNull(c.due, toDate(0)) AS due, ifNull(c.cause, '') AS cause,
    multiIf(found != 'open', day, ifNull(s.signed_on, toDate(0)) != toDate(0), ifNull(s.signed_on, toDate(0)), ` + firstOpen + `) AS listed_on,
    found = 'closed' AND ifNull(c.handling, '') IN ('accepted', 'corrected', 'written_off', 'claimed') AS overtaken
FROM
(
    SELECT *, ` + start + ` AS start
    FROM (SELECT * EXCEPT (state), state AS found, day AS day_of FROM r_breaks FINAL ORDER BY position DESC LIMIT 1 BY id)
) AS b
LEFT JOIN (` + casesView.query + `
) AS c ON c.break = b.id
LEFT JOIN ` + lockedRuns + ` AS n ON n.locked_day = b.start
LEFT JOIN
(
    SELECT day AS signed_on, arrayJoin(arrayZip(breaks, found)) AS signed
    FROM r_signatures FINAL WHERE (day, signed_position) IN (SELECT day, signed_position FROM r_closings FINAL WHERE state = 'locked')
) AS s ON s.signed.1 = b.id AND s.signed.2 = b.position`,
	from: []describer{breaksTable, casesView},
	notes: []note{
		{"state", "open; closed, by what came in later or by what was approved; or doubt: what is missing is expected after the newest day of which there are facts", breaksTable.events + ", adjustment-approved, adjustment-reversed, storeday-opened, statement-listed"},
		{"listed_on", "day under which it is listed: the locked day that it was signed with, or else the first open day from its own on", breaksTable.events + ", day-signed, day-locked, day-reopened, period-locked, period-reopened"},
		{"overtaken", "closed by what came in later, and yet an adjustment of it is in force", breaksTable.events + ", adjustment-approved, adjustment-reversed"},
		{"difference_minor", "actual less expected; NULL when their currencies differ" + inMinor + "expected_currency", breaksTable.events},
	},
}

// factDayRecord is a day of which the journal has facts.
type factDayRecord struct {
	position uint64
	day      ledger.BusinessDay
}

var factDaysTable = table[factDayRecord]{
	name:   "r_fact_days",
	grain:  "one row per day of which there are sales, a bill or a bank statement; the newest stands for today wherever something is due",
	events: "storeday-opened, statement-listed",
	key:    "day",
	columns: []column[factDayRecord]{
		col("day", "Date", "store's business day, or the last day that a statement covers", func(r *factDayRecord) time.Time { return date(r.day) }),
		positionColumn(func(r *factDayRecord) uint64 { return r.position }),
	},
}

var factDaysView = view{
	name:  "v_fact_days",
	grain: factDaysTable.grain,
	key:   "day",
	query: `
SELECT day, position FROM r_fact_days FINAL`,
	from: []describer{factDaysTable},
}

// factDay keeps a day of which there are facts, if it counts, and says of one that does not
// that a clock is ahead.
func (b *block) factDay(recorded ledger.Recorded, payload any) {
	day, counts := reconcile.FactDay(recorded.RecordedAt, payload)
	switch opened, is := payload.(ledger.StoredayOpened); {
	case day.IsZero():
	case counts:
		b.factDays = append(b.factDays, factDayRecord{uint64(recorded.Position), day})
	case is:
		b.ahead = append(b.ahead, aheadRecord{uint64(recorded.Position), recorded.RecordedAt.UTC(), opened})
	}
}

// Newest is the newest day of which there are facts; zero when there is none.
func (v *Views) Newest(ctx context.Context) (newest ledger.BusinessDay, err error) {
	days, err := query(ctx, v.warehouse, "SELECT "+dayText("max(day)")+" FROM v_fact_days",
		func(day *ledger.BusinessDay) []any { return []any{text{day}} })
	if err != nil || len(days) == 0 {
		return newest, err
	}
	return days[0], nil
}

func (b *block) difference(s source, found reconcile.Break, state string) {
	b.breaks = append(b.breaks, breakRecord{found, state, found.Amount(), s.position})
}
