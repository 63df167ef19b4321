package projections

import (
	"context"
	"time"

	"daybook/ledger"
)

// aheadRecord is a business day that a till's clock says, and that was not there yet when
// its file was received.
type aheadRecord struct {
	position uint64
	recorded time.Time
	ledger.StoredayOpened
}

var aheadTable = table[aheadRecord]{
	name:   "r_days_ahead",
	grain:  "one row per store and business day later than the day after it was recorded: a till's clock is ahead",
	events: "storeday-opened",
	key:    "store, business_date",
	columns: []column[aheadRecord]{
		col("store", word, "store", func(r *aheadRecord) string { return string(r.Store) }),
		col("business_date", "Date", "business day by the till's clock", func(r *aheadRecord) time.Time { return date(r.Day) }),
		col("recorded_on", "Date", "day on which it was recorded, in UTC", func(r *aheadRecord) time.Time { return date(ledger.DayOf(r.recorded)) }),
		positionColumn(func(r *aheadRecord) uint64 { return r.position }),
	},
}

var aheadView = view{
	name:  "fct_clocks_ahead",
	grain: "one row per store and business day later than the day after it was recorded: a till's clock is ahead, and the day does not stand for today",
	key:   "store, business_date",
	query: `
SELECT a.store AS store, a.business_date AS business_date, a.recorded_on AS recorded_on,
    arraySort(arrayFilter(t -> t != '', groupUniqArray(ifNull(toString(t.terminal), '')))) AS terminals, max(a.position) AS position
FROM (SELECT * FROM r_days_ahead FINAL) AS a
LEFT JOIN
(
    SELECT store, business_date, terminal FROM r_sales WHERE (business_date, store) IN (SELECT business_date, store FROM r_days_ahead)
    UNION ALL SELECT store, business_date, terminal FROM r_payments WHERE (business_date, store) IN (SELECT business_date, store FROM r_days_ahead)
    UNION ALL SELECT store, business_date, terminal FROM r_till_events WHERE (business_date, store) IN (SELECT business_date, store FROM r_days_ahead)
) AS t ON t.store = a.store AND t.business_date = a.business_date
GROUP BY store, business_date, recorded_on`,
	from: []describer{aheadTable},
	notes: []note{
		{"terminals", "terminals that reported something of the day", "storeday-opened, sale-recorded, refund-recorded, payment-voided"},
	},
}

// AheadRow is a business day that was not there yet when it was recorded.
type AheadRow struct {
	Store     string             `json:"store"`
	Day       ledger.BusinessDay `json:"business_date"`
	Recorded  ledger.BusinessDay `json:"recorded_on"`
	Terminals []string           `json:"terminals"`
}

// ClocksAhead lists the days of tills whose clocks were ahead.
func (v *Views) ClocksAhead(ctx context.Context) ([]AheadRow, error) {
	return query(ctx, v.warehouse, `
SELECT toString(store), `+dayText("business_date")+`, `+dayText("recorded_on")+`, terminals FROM fct_clocks_ahead ORDER BY business_date, store`,
		func(r *AheadRow) []any { return []any{&r.Store, text{&r.Day}, text{&r.Recorded}, &r.Terminals} })
}
