package reconcile

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"daybook/ledger"
)

// toldTwice holds what providers say of a day outside of their bills against the bills of
// the same merchant, whichever came first: each sum that differs is a break. Rows of an
// account that nobody knows are breaks, too. Where there is no bill, there is nothing to
// hold against, and payments that wait for one are reported as such.
func (m *Matcher) toldTwice(ctx context.Context, day ledger.BusinessDay, listed []StatementListed, lines []Entry) ([]Break, error) {
	var breaks []Break
	for _, l := range listed {
		provider, known := m.terms.Provider(ledger.ProviderID(l.Sender))
		if !known || l.Kind != ProviderAccount && l.Kind != BillSummary || l.ofSettlement() {
			continue
		}
		unknown, err := m.unknownRows(ctx, l, provider)
		if err != nil {
			return nil, err
		}
		breaks = append(breaks, unknown...)
		bills := slices.DeleteFunc(slices.Clone(listed), func(b StatementListed) bool {
			return b.Kind != TradeBill || b.Sender != l.Sender || !b.covers(day) || !b.sameMerchant(l)
		})
		if len(bills) == 0 || !l.covers(day) || l.Account == "" && len(bills) > 1 { // or nobody can tell whose account it is
			continue
		}
		of := slices.DeleteFunc(slices.Clone(lines), func(e Entry) bool {
			return !slices.ContainsFunc(bills, func(b StatementListed) bool { return b.Statement == e.Statement })
		})
		for _, d := range unequalSums(l, of) {
			b, err := m.tellTwice(ctx, l, provider, of, d)
			if err != nil {
				return nil, err
			}
			breaks = append(breaks, b)
		}
	}
	return breaks, nil
}

// sameMerchant reports whether two documents of one provider are of the same merchant. One
// that does not name the merchant is that of any.
func (l StatementListed) sameMerchant(other StatementListed) bool {
	return l.Account == other.Account || l.Account == "" || other.Account == ""
}

// unknownRows are the rows of an account for which no format has a word.
func (m *Matcher) unknownRows(ctx context.Context, l StatementListed, provider *Provider) ([]Break, error) {
	if !slices.ContainsFunc(l.Sums, func(s KindTotal) bool { return s.Kind == OtherLine }) {
		return nil, nil
	}
	lines, err := m.statementLines(ctx, l.Statement)
	if err != nil {
		return nil, err
	}
	var breaks []Break
	for _, line := range lines {
		if line.Day != l.Day || line.Kind != OtherLine {
			continue
		}
		b := newBreak(UnexpectedLine, "", l.Day, nil, []Entry{m.billed(entry(l, line))}, line.RawKind)
		b.Leg, b.Provider, b.Actual = AccountLeg, provider.ID, ledger.Minor(line.Net, line.Currency)
		breaks = append(breaks, b.withID())
	}
	return breaks, nil
}

// measure is one sum that both a bill and another document of its provider speak of.
type measure struct {
	name  string // as the other document calls it
	count bool   // of rows, not of money
	// billed and told are a line's share of it; kind "" counts what a summary says of all.
	billed func(*Line) int64
	told   func(KindTotal) int64
}

// How an account tells of the payments of a bill: what came in and went out for them, each
// without its fee, and the fees in all, whether they have rows of their own or not.
// (Alipay 账务明细; WeChat Pay 资金账单.)
var accountMeasures = []measure{
	{name: "收入", billed: func(l *Line) int64 { return pick(l.Kind == SaleLine, l.Gross-l.Discount) },
		told: func(s KindTotal) int64 { return pick(s.Kind == SaleLine, s.Gross-s.Discount) }},
	{name: "退款", billed: func(l *Line) int64 { return pick(l.givesBack(), l.Gross-l.Discount) },
		told: func(s KindTotal) int64 { return pick(s.Kind == RefundLine, s.Gross-s.Discount) }},
	{name: "手续费", billed: func(l *Line) int64 { return l.Fee }, told: func(s KindTotal) int64 { return s.Fee }},
}

// What a summary states: of the payments, and of no dispute. (UnionPay RD2010, 总计.)
var summaryMeasures = []measure{
	{name: "交易笔数", count: true, billed: func(l *Line) int64 { return pick(!l.Dispute, 1) }, told: func(s KindTotal) int64 { return int64(s.Lines) }},
	{name: "交易金额", billed: func(l *Line) int64 { return pick(!l.Dispute, l.Gross) }, told: func(s KindTotal) int64 { return s.Gross }},
	{name: "费用", billed: func(l *Line) int64 { return pick(!l.Dispute, l.Fee) }, told: func(s KindTotal) int64 { return s.Fee }},
	{name: "资金清算差额", billed: func(l *Line) int64 { return pick(!l.Dispute, l.Net) }, told: func(s KindTotal) int64 { return s.Net }},
}

func pick(counts bool, amount int64) int64 {
	if counts {
		return amount
	}
	return 0
}

func (l *Line) givesBack() bool { return l.isPayment() && l.Kind != SaleLine }

// unequal is a measure on which the two sides do not agree.
type unequal struct {
	measure
	currency     ledger.Currency
	billed, told int64
}

// unequalSums compares a document with the lines of the bill.
func unequalSums(l StatementListed, lines []Entry) []unequal {
	measures := accountMeasures
	if l.Kind == BillSummary {
		measures = summaryMeasures
	}
	currencies := map[ledger.Currency]bool{}
	for _, sum := range l.Sums {
		currencies[sum.Currency] = true
	}
	for n := range lines {
		currencies[lines[n].Currency] = true
	}
	var list []unequal
	for _, currency := range sortedKeys(currencies) {
		for _, measure := range measures {
			u := unequal{measure: measure, currency: currency}
			for _, sum := range l.Sums {
				if sum.Currency == currency {
					u.told = ledger.AddMinor(u.told, measure.told(sum))
				}
			}
			for n := range lines {
				if lines[n].Currency == currency {
					u.billed = ledger.AddMinor(u.billed, measure.billed(&lines[n].Line))
				}
			}
			if u.told != u.billed {
				list = append(list, u)
			}
		}
	}
	return list
}

// tellTwice makes a break of two sums that differ, and of an account names the rows on both
// sides that make the difference.
func (m *Matcher) tellTwice(ctx context.Context, l StatementListed, provider *Provider, billed []Entry, u unequal) (Break, error) {
	summary, _, err := (&Importer{m.journal, m.codec, m.terms}).recorded(ctx, l.Statement)
	if err != nil {
		return Break{}, err
	}
	b := Break{
		Kind: ControlTotalMismatch, Leg: AccountLeg, Day: l.Day, BusinessDay: l.Day, Provider: provider.ID, Channel: provider.Channel,
		Reference: summary.File, Detail: u.name,
		Expected: ledger.Minor(u.billed, u.currency), Actual: ledger.Minor(u.told, u.currency),
	}
	if u.count {
		b.Detail += " " + strconv.FormatInt(u.told, 10) + " ≠ " + strconv.FormatInt(u.billed, 10)
		b.Expected.Minor, b.Actual.Minor = 0, 0
	}
	if l.Kind == ProviderAccount {
		lines, err := m.statementLines(ctx, l.Statement)
		if err != nil {
			return Break{}, err
		}
		b.Lines = strayRows(l, lines, billed, u)
	}
	return b.withID(), nil
}

// maxStray bounds the rows that a break names.
const maxStray = 20

// strayRows are the rows of an account and of the bill whose sums under one number of the
// provider are not the same. Numbers in order; too many rows are cut off.
func strayRows(l StatementListed, account []Line, billed []Entry, u unequal) []string {
	type side struct {
		sum  int64 // of the account, less that of the bill
		rows []string
	}
	numbers := map[string]*side{}
	add := func(number, id string, amount int64) {
		if amount == 0 {
			return
		}
		if numbers[number] == nil {
			numbers[number] = &side{}
		}
		numbers[number].sum = ledger.AddMinor(numbers[number].sum, amount)
		numbers[number].rows = append(numbers[number].rows, id)
	}
	for _, line := range account {
		if line.Day == l.Day && line.Currency == u.currency {
			add(cmp.Or(line.ProviderNo, line.OrderNo), entry(l, line).ID, u.measure.told(KindTotal{line.Kind, plus(Total{}, &line)}))
		}
	}
	for _, e := range billed {
		if e.Currency == u.currency {
			add(cmp.Or(e.ProviderNo, e.OrderNo), e.ID, -u.measure.billed(&e.Line))
		}
	}
	var rows []string
	for _, number := range sortedKeys(numbers) {
		if numbers[number].sum != 0 {
			rows = append(rows, numbers[number].rows...)
		}
	}
	return rows[:min(len(rows), maxStray)]
}
