package projections

import (
	"context"

	"daybook/ledger"
	"daybook/reconcile"
)

// ExchangeRow is an entry by which what was taken in one currency is owed in the one in which
// it was settled. Amounts are minor units, as the sums of a receivable take them: Taken is
// what is owed no more in its currency, Settled what is owed in the other. Both are negative
// where an entry was taken back, or where it is of a refund.
type ExchangeRow struct {
	Day             ledger.BusinessDay `json:"day"` // posting date
	Break           string             `json:"break"`
	Reversal        bool               `json:"reversal"`
	Provider        ledger.ProviderID  `json:"provider"`
	Taken           int64              `json:"taken_minor"`
	TakenCurrency   ledger.Currency    `json:"taken_currency"`
	Settled         int64              `json:"settled_minor"`
	SettledCurrency ledger.Currency    `json:"settled_currency"`
	Rate            string             `json:"rate"` // of Settled to Taken, for people: to six significant digits; empty where there is none
	By              string             `json:"by"`
}

// Exchanges lists the entries between two currencies that are posted within a period.
// They are the reason for a part of what was adjusted in both.
func (v *Views) Exchanges(ctx context.Context, f StatementFilter) ([]ExchangeRow, error) {
	rows, err := query(ctx, v.warehouse, `
SELECT toString(t.day), t.break, t.reversal, substring(t.account, 12), -t.amount_minor, t.currency, s.amount_minor, s.currency, t.by
FROM (SELECT * FROM fct_postings WHERE place = 1) AS t
INNER JOIN (SELECT * FROM fct_postings WHERE place = 2) AS s ON s.position = t.position
WHERE t.position IN (SELECT position FROM fct_postings WHERE account = {exchange:String})
    AND t.day BETWEEN toDate({from:String}) AND toDate({to:String})
    AND ({provider:String} = '' OR t.account = concat('receivable:', {provider:String}))
ORDER BY t.position`, func(r *ExchangeRow) []any {
		return []any{text{&r.Day}, &r.Break, &r.Reversal, &r.Provider, &r.Taken, &r.TakenCurrency, &r.Settled, &r.SettledCurrency, &r.By}
	}, Arg{"exchange", string(reconcile.Exchanged)}, Arg{"from", f.From.String()}, Arg{"to", f.To.String()}, Arg{"provider", string(f.Provider)})
	for n := range rows {
		r := &rows[n]
		r.Rate = ledger.Minor(r.Taken, r.TakenCurrency).ExchangeRate(ledger.Minor(r.Settled, r.SettledCurrency))
	}
	return rows, err
}
