package reconcile

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"daybook/ledger"
)

// A summary may name no day of the payments it sums, but the settlement they were paid out
// with, under a number that its rows have and the bill's rows too (Antom settlementBatchId).
// It is listed for the day of the settlement, which is after the bill's.

// ofSettlement reports whether a summary is such a one: others have no rows.
func (l StatementListed) ofSettlement() bool { return l.Kind == BillSummary && len(l.Totals) > 0 }

// leastBatch is how long a number must be that is looked for in rows as they came.
const leastBatch = 8

// summedElsewhere holds the bills that end on a day against the summaries of their settlements,
// whichever came first: each sum that differs is a break.
func (m *Matcher) summedElsewhere(ctx context.Context, day ledger.BusinessDay) (breaks []Break, err error) {
	bills, err := m.listed(ctx, day)
	if err != nil {
		return nil, err
	}
	for _, bill := range bills {
		if bill.Kind != TradeBill || bill.To != day {
			continue
		}
		for ahead := range around(day, 2*m.terms.LateWindow()) {
			listed, err := m.listed(ctx, ahead)
			if err != nil {
				return nil, err
			}
			for _, l := range listed {
				if !l.ofSettlement() || l.Sender != bill.Sender || l.Day != l.From || !l.sameMerchant(bill) {
					continue
				}
				found, err := m.summed(ctx, day, bill, l)
				if err != nil {
					return nil, err
				}
				breaks = append(breaks, found...)
			}
		}
	}
	return breaks, nil
}

// summed compares one summary with the rows of a bill that bear its number; a bill that has
// none is of another settlement.
func (m *Matcher) summed(ctx context.Context, day ledger.BusinessDay, bill, l StatementListed) (breaks []Break, err error) {
	provider, known := m.terms.Provider(ledger.ProviderID(l.Sender))
	rows, err := m.statementLines(ctx, l.Statement)
	if err != nil || !known || len(rows) == 0 || len(rows[0].ProviderNo) < leastBatch {
		return nil, err
	}
	lines, err := m.statementLines(ctx, bill.Statement)
	if err != nil {
		return nil, err
	}
	var of []Entry
	for _, line := range lines { // of a settlement in several currencies each has a summary
		if strings.Contains(line.Raw, rows[0].ProviderNo) && slices.ContainsFunc(l.Sums, func(s KindTotal) bool { return s.Currency == line.Currency }) {
			of = append(of, entry(bill, line))
		}
	}
	if len(of) == 0 {
		return nil, nil
	}
	for _, u := range unequalSums(l, of) {
		l.Day = day
		b, err := m.tellTwice(ctx, l, provider, of, u)
		if err != nil {
			return nil, err
		}
		b.Detail = cmp.Or(settlementWords[u.name], u.name) + strings.TrimPrefix(b.Detail, u.name)
		breaks = append(breaks, b.withID())
	}
	return breaks, nil
}

// settlementWords are what the summary of a settlement calls what it sums.
var settlementWords = map[string]string{"交易笔数": "TOTAL count", "交易金额": "TOTAL settlementAmountValue - feeAmountValue", "费用": "TOTAL feeAmountValue", "资金清算差额": "TOTAL settlementAmountValue"}
