package projections

import (
	"context"
	"strings"

	"daybook/ledger"
)

// Candidate is a payment or a line that shares something with one that found no partner.
// It answers the question why the two were not joined.
type Candidate struct {
	ID        string             `json:"id"`
	Reference string             `json:"reference"` // of a payment its own; of a line the RRN or order number
	Day       ledger.BusinessDay `json:"day"`
	LocalTime string             `json:"local_time"`
	Amount    int64              `json:"amount_minor"`
	Currency  ledger.Currency    `json:"currency"`
	TID       ledger.TID         `json:"tid"`
	File      string             `json:"file"`
	Row       int                `json:"row"`
	Shares    []string           `json:"shares"`  // what agrees: rrn, stan, order_no, auth_code, amount
	Matched   string             `json:"matched"` // the match it already belongs to; empty when free
}

// candidateDays is how far from the day of a difference candidates are looked for: the
// window in which lines of other days are matched.
const candidateDays = "3"

// shares lists the references that a row has in common with the parameters.
const shares = `arrayFilter(s -> s != '', [
        if(rrn != '' AND rrn = {rrn:String}, 'rrn', ''),
        if(stan != '' AND stan = {stan:String} AND batch = {batch:String}, 'stan', ''),
        if(order_no != '' AND order_no = {order:String}, 'order_no', ''),
        if(auth_code != '' AND auth_code = {auth:String}, 'auth_code', ''),
        if(%AMOUNT% = {amount:Int64} AND currency = {currency:String}, 'amount', '')])`

// LinesLike finds the lines of bills that come nearest to a payment, best first.
func (v *Views) LinesLike(ctx context.Context, p PaymentRow) ([]Candidate, error) {
	return v.candidates(ctx, "gross_minor", `if(rrn != '', rrn, order_no)`, "row", "fct_settlement_lines", "day",
		p.BusinessDay, string(p.RRN), string(p.STAN), string(p.Batch), p.OrderNo, string(p.AuthCode), p.Amount, p.Currency)
}

// PaymentsLike finds the payments that come nearest to a line, best first.
func (v *Views) PaymentsLike(ctx context.Context, l LineRow) ([]Candidate, error) {
	return v.candidates(ctx, "amount_minor", "reference", "file_row", "fct_payments", "business_date",
		l.Day, string(l.RRN), string(l.STAN), string(l.Batch), l.OrderNo, string(l.AuthCode), l.Gross, l.Currency)
}

func (v *Views) candidates(ctx context.Context, amountColumn, reference, row, view, dayColumn string,
	day ledger.BusinessDay, rrn, stan, batch, order, auth string, amount int64, currency ledger.Currency) ([]Candidate, error) {
	sql := `
SELECT c.id, c.reference, toString(c.day), c.local_time, c.amount, c.currency, c.tid, c.file, c.file_row, c.shares, m.match
FROM
(
    SELECT id, ` + reference + ` AS reference, ` + dayColumn + ` AS day, local_time, ` + amountColumn + ` AS amount, currency, tid, file,
        toInt64(` + row + `) AS file_row, ` + strings.ReplaceAll(shares, "%AMOUNT%", amountColumn) + ` AS shares
    FROM ` + view + `
    WHERE ` + dayColumn + ` BETWEEN {day:Date} - ` + candidateDays + ` AND {day:Date} + ` + candidateDays + ` AND length(shares) > 0
) AS c
LEFT JOIN (SELECT member, min(match) AS match FROM fct_matches GROUP BY member) AS m ON m.member = c.id
ORDER BY length(c.shares) > 1 OR c.shares[1] != 'amount' DESC, m.match = '' DESC, length(c.shares) DESC, c.day, c.local_time, c.id
LIMIT 5`
	return query(ctx, v.warehouse, sql, func(r *Candidate) []any {
		return []any{&r.ID, &r.Reference, text{&r.Day}, &r.LocalTime, &r.Amount, &r.Currency, &r.TID, &r.File, &r.Row, &r.Shares, &r.Matched}
	}, Arg{"day", day.String()}, Arg{"rrn", rrn}, Arg{"stan", stan}, Arg{"batch", batch}, Arg{"order", order}, Arg{"auth", auth},
		Arg{"amount", amount}, Arg{"currency", string(currency)})
}
