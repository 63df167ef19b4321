package projections

import (
	"context"

	"daybook/ledger"
)

var receivablesView = view{
	name: "agg_receivables",
	grain: "one row per day, provider and currency in which what the provider owes moved: " +
		"the balance at the end of a day is the sum of sold - coupons - contract fees - received + adjusted up to it. " +
		"When every difference is settled by an entry and every payout is here, it is nothing. Locked days stand as they were signed; what came " +
		"for them since counts on the first open day after (late)",
	key: "day, provider, currency",
	query: `
SELECT day, provider, currency, sum(m.sold_minor) AS sold_minor, sum(m.coupons_minor) AS coupons_minor, sum(m.contract_fee_minor) AS contract_fee_minor,
    sum(m.received_minor) AS received_minor, sum(m.adjusted_minor) AS adjusted_minor, sum(m.movement_minor) AS movement_minor,
    sumIf(m.movement_minor, m.of_day != m.day) AS late_minor, max(m.position) AS position
FROM fct_movements AS m
GROUP BY day, provider, currency`,
	from: []describer{movementsView},
	notes: []note{
		{"late_minor", "part of the movement that belongs to earlier days and came after they were locked" + inMinor + "currency", movementEvents},
	},
}

var billedView = view{
	name: "agg_billed",
	grain: "one row per settlement day, provider, merchant id, store, kind of line and currency. The store is that of the payment " +
		"a line was matched with; else as the provider names it. Rows that pay out what others owe are left out",
	key: "day, provider, mid, store, kind, currency",
	query: `
SELECT day, provider, mid, store, kind, currency, count() AS lines, sum(gross) AS gross_minor, sum(discount) AS discount_minor, sum(fee) AS fee_minor, sum(net) AS net_minor,
    max(at) AS position
FROM
(
    SELECT l.day AS day, l.provider AS provider, l.mid AS mid, if(ifNull(s.ours, '') != '', ifNull(s.ours, ''), l.store) AS store, l.kind AS kind, l.currency AS currency,
        l.gross_minor AS gross, l.discount_minor AS discount, l.fee_minor AS fee, l.net_minor AS net, l.position AS at
    FROM (SELECT * FROM fct_settlement_lines WHERE kind NOT IN ('payout', 'info')) AS l
    LEFT JOIN
    (
        SELECT a.member AS line, any(p.store) AS ours
        FROM (SELECT match, member FROM fct_matches WHERE side = 'line') AS a
        INNER JOIN (SELECT match, member FROM fct_matches WHERE side = 'item') AS b ON b.match = a.match
        INNER JOIN (SELECT id, store FROM fct_payments) AS p ON p.id = b.member
        GROUP BY a.member
    ) AS s ON s.line = l.id
)
GROUP BY day, provider, mid, store, kind, currency`,
	from: []describer{settlementLinesView},
	notes: []note{
		{"store", "store of the payment that a line was matched with; else as the provider names it", "lines-recorded, matches-made, sale-recorded, refund-recorded"},
		{"lines", "how many lines", "lines-recorded"},
	},
}

// StatementFilter selects what a statement is about; a zero field selects all.
type StatementFilter struct {
	Provider ledger.ProviderID
	MID      ledger.MID
	Store    ledger.StoreID
	From, To ledger.BusinessDay // both inclusive
}

// BilledRow is what a provider billed of one kind on one day. Amounts are minor units.
type BilledRow struct {
	Day      ledger.BusinessDay `json:"day"`
	Provider ledger.ProviderID  `json:"provider"`
	Kind     string             `json:"kind"`
	Currency ledger.Currency    `json:"currency"`
	Lines    int64              `json:"lines"`
	Gross    int64              `json:"gross_minor"`
	Discount int64              `json:"discount_minor"`
	Fee      int64              `json:"fee_minor"`
	Net      int64              `json:"net_minor"`
}

// Billed sums lines of bills by day and kind.
func (v *Views) Billed(ctx context.Context, f StatementFilter) ([]BilledRow, error) {
	return query(ctx, v.warehouse, `
SELECT toString(day), provider, kind, currency, toInt64(sum(lines)), sum(gross_minor), sum(discount_minor), sum(fee_minor), sum(net_minor)
FROM agg_billed
WHERE day BETWEEN toDate({from:String}) AND toDate({to:String})
    AND `+wanted("provider", "provider")+` AND `+wanted("mid", "mid")+` AND `+wanted("store", "store")+`
GROUP BY day, provider, kind, currency
ORDER BY provider, currency, day, kind`, func(r *BilledRow) []any {
		return []any{text{&r.Day}, &r.Provider, &r.Kind, &r.Currency, &r.Lines, &r.Gross, &r.Discount, &r.Fee, &r.Net}
	}, Arg{"from", f.From.String()}, Arg{"to", f.To.String()}, Arg{"provider", string(f.Provider)}, Arg{"mid", string(f.MID)}, Arg{"store", string(f.Store)})
}

// ReceivableRow is how what a provider owes moved within a period. Amounts are minor units:
//
//	Closing = Opening + Sold - Coupons - ContractFee - Received + Adjusted
//
// Late is the part of these that came for days before the one on which it counts.
type ReceivableRow struct {
	Provider    ledger.ProviderID `json:"provider"`
	Currency    ledger.Currency   `json:"currency"`
	Opening     int64             `json:"opening_minor"`
	Sold        int64             `json:"sold_minor"`
	Coupons     int64             `json:"coupons_minor"`
	ContractFee int64             `json:"contract_fee_minor"`
	Received    int64             `json:"received_minor"`
	Adjusted    int64             `json:"adjusted_minor"`
	Closing     int64             `json:"closing_minor"`
	Late        int64             `json:"late_minor"`
}

// Receivables says what each provider owed at the beginning and the end of a period.
func (v *Views) Receivables(ctx context.Context, f StatementFilter) ([]ReceivableRow, error) {
	return query(ctx, v.warehouse, `
SELECT provider, currency, sumIf(movement_minor, day < toDate({from:String})), sumIf(sold_minor, day >= toDate({from:String})),
    sumIf(coupons_minor, day >= toDate({from:String})), sumIf(contract_fee_minor, day >= toDate({from:String})),
    sumIf(received_minor, day >= toDate({from:String})), sumIf(adjusted_minor, day >= toDate({from:String})), sum(movement_minor),
    sumIf(late_minor, day >= toDate({from:String}))
FROM agg_receivables
WHERE day <= toDate({to:String}) AND `+wanted("provider", "provider")+`
GROUP BY provider, currency
ORDER BY provider, currency`, func(r *ReceivableRow) []any {
		return []any{&r.Provider, &r.Currency, &r.Opening, &r.Sold, &r.Coupons, &r.ContractFee, &r.Received, &r.Adjusted, &r.Closing, &r.Late}
	}, Arg{"from", f.From.String()}, Arg{"to", f.To.String()}, Arg{"provider", string(f.Provider)})
}
