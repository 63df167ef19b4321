package projections

import (
	"context"
	"slices"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// depositRecord is what a store should have brought to the bank by a day, and what arrived.
type depositRecord struct {
	position uint64
	reconcile.DepositReckoned
}

var depositsTable = table[depositRecord]{
	name:   "r_deposits",
	grain:  "one row per store, due day and currency",
	events: "deposit-reckoned",
	key:    "due, store, currency",
	columns: slices.Concat(
		[]column[depositRecord]{
			col("due", "Date", "day the cash is due in the bank account", func(r *depositRecord) time.Time { return date(r.Due) }),
			col("store", word, "whose cash", func(r *depositRecord) string { return string(r.Store) }),
			col("days", "Array(Date)", "business days whose cash it is, oldest first", func(r *depositRecord) []time.Time {
				days := make([]time.Time, len(r.Days))
				for n, day := range r.Days {
					days[n] = date(day)
				}
				return days
			}),
			minor("sold", "cash sales less cash paid back", func(r *depositRecord) int64 { return r.Sold }),
			minor("paid_in", "cash paid in other than by sales", func(r *depositRecord) int64 { return r.In }),
			minor("paid_out", "cash paid out other than by refunds, and not into the safe", func(r *depositRecord) int64 { return r.Out }),
			minor("over_short", "surplus of the drawers over what they should hold; negative when there is less", func(r *depositRecord) int64 { return r.OverShort }),
			minor("to_deposit", "counted, less the change that stays, and what was dropped into the safe", func(r *depositRecord) int64 { return r.ToDeposit }),
			minor("received", "what the bank shows for it", func(r *depositRecord) int64 { return r.Received }),
			col("credits", "Array(String)", "ids of the bank lines", func(r *depositRecord) []string { return r.Credits }),
			col("state", word, "pending, received, differs or absent; none when there was one once", func(r *depositRecord) string { return string(r.State) }),
		},
		currencyColumns(func(r *depositRecord) ledger.Currency { return r.Currency }),
		[]column[depositRecord]{positionColumn(func(r *depositRecord) uint64 { return r.position })},
	),
}

var depositsView = view{
	name:  "fct_deposits",
	grain: "one row per store, due day and currency of cash to be brought to the bank. to_deposit = sold + paid_in - paid_out + over_short",
	key:   "due, store, currency",
	query: `
SELECT
    due, store, currency, state, days, sold_minor, paid_in_minor, paid_out_minor, over_short_minor, to_deposit_minor, received_minor,
    received_minor - to_deposit_minor AS difference_minor,
    ` + decimalsOf("exponent", "Decimal(38, 3)", "sold", "paid_in", "paid_out", "over_short", "to_deposit", "received") + `,
    received - to_deposit AS difference, credits, position
FROM r_deposits FINAL`,
	from: []describer{depositsTable},
	notes: []note{
		{"difference_minor", "received less to_deposit; negative when money is missing" + inMinor + "currency", depositsTable.events},
	},
}

func (b *block) deposit(s source, deposit reconcile.DepositReckoned) {
	b.deposits = append(b.deposits, depositRecord{s.position, deposit})
}

// DepositRow is the cash that a store should have brought to the bank by a day. Amounts are
// minor units:
//
//	ToDeposit = Sold + In - Out + OverShort
type DepositRow struct {
	Store     ledger.StoreID        `json:"store"`
	Currency  ledger.Currency       `json:"currency"`
	Due       ledger.BusinessDay    `json:"due"`
	Sold      int64                 `json:"sold_minor"`
	In        int64                 `json:"paid_in_minor"`
	Out       int64                 `json:"paid_out_minor"`
	OverShort int64                 `json:"over_short_minor"`
	ToDeposit int64                 `json:"to_deposit_minor"`
	Received  int64                 `json:"received_minor"`
	State     reconcile.PayoutState `json:"state"`
}

// Deposits are those with the cash of a business day, by store and currency.
func (v *Views) Deposits(ctx context.Context, day ledger.BusinessDay) ([]DepositRow, error) {
	return query(ctx, v.warehouse, `
SELECT store, currency, toString(due), sold_minor, paid_in_minor, paid_out_minor, over_short_minor, to_deposit_minor, received_minor, state
FROM fct_deposits
WHERE has(days, toDate({day:String}))
ORDER BY store, currency`, func(r *DepositRow) []any {
		return []any{&r.Store, &r.Currency, text{&r.Due}, &r.Sold, &r.In, &r.Out, &r.OverShort, &r.ToDeposit, &r.Received, &r.State}
	}, Arg{"day", day.String()})
}
