package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"daybook/ledger"
)

// sheets sums the day per provider and currency, once everything has its place.
func (p *pairing) sheets() []Sheet {
	book := newSheetBook(p.terms, p.in.Reported)
	for n := range p.in.Items {
		book.item(&p.in.Items[n], p.items[n].place)
	}
	for n := range p.in.Lines {
		line := &p.in.Lines[n]
		fee := line.Fee
		if provider, known := p.terms.Provider(line.Provider); known && line.isPayment() {
			if contract, agreed := p.contractFee(provider, n); agreed {
				fee = contract
			}
		}
		book.line(line, p.lines[n].place, fee)
	}
	return book.sheets()
}

// sheetBook collects the sums of a day.
type sheetBook struct {
	terms    *Terms
	reported map[ledger.ProviderID]bool
	index    map[sheetKey]*Sheet
}

type sheetKey struct {
	provider ledger.ProviderID
	currency ledger.Currency
}

func (k sheetKey) compare(other sheetKey) int {
	return cmp.Or(cmp.Compare(k.provider, other.provider), cmp.Compare(k.currency, other.currency))
}

func newSheetBook(terms *Terms, reported map[ledger.ProviderID]bool) *sheetBook {
	book := &sheetBook{terms, reported, map[sheetKey]*Sheet{}}
	for provider := range reported {
		if p, known := terms.Provider(provider); known {
			book.sheet(provider, p.Currency)
		}
	}
	return book
}

func (b *sheetBook) sheet(provider ledger.ProviderID, currency ledger.Currency) *Sheet {
	k := sheetKey{provider, currency}
	s := b.index[k]
	if s == nil {
		s = &Sheet{Provider: provider, Currency: currency, Reported: b.reported[provider]}
		if p, known := b.terms.Provider(provider); known {
			s.Channel = p.Channel
		}
		s.Bill.Currency = currency
		b.index[k] = s
	}
	return s
}

func (s *Sum) add(amount int64) { s.Count++; s.Amount = ledger.AddMinor(s.Amount, amount) }

// item counts an item that is expected to settle; others come to nothing.
func (b *sheetBook) item(item *Item, at place) {
	if item.Expect != Settles {
		return
	}
	s := b.sheet(item.Provider, item.Amount.Currency)
	amount := item.Amount.Minor
	s.Ledger.add(amount)
	switch at {
	case inMatch:
		s.Matched.add(amount)
	case inBreak:
		s.Expected.add(amount)
	case inAbsence:
		s.Absent.add(amount)
	case inWaiting:
		s.Waiting.add(amount)
	default:
		s.Open.add(amount)
	}
}

// line counts a line, and the fee that the contract gives for it or, where it gives none,
// the one that was charged.
func (b *sheetBook) line(line *Entry, at place, fee int64) {
	s := b.sheet(line.Provider, line.Currency)
	s.Bill = plus(s.Bill, &line.Line)
	s.ContractFee = ledger.AddMinor(s.ContractFee, fee)
	switch at {
	case inMatch:
		s.MatchedLines.add(line.Gross)
	case inBreak:
		s.Actual.add(line.Gross)
	case inCancellation:
		s.Cancelled.add(line.Gross)
	default:
		s.OpenLines.add(line.Gross)
	}
}

func (b *sheetBook) sheets() []Sheet {
	list := []Sheet{}
	for _, s := range b.index {
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Sheet) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

func plus(t Total, line *Line) Total {
	t.Lines++
	t.Gross = ledger.AddMinor(t.Gross, line.Gross)
	t.Discount = ledger.AddMinor(t.Discount, line.Discount)
	t.Fee = ledger.AddMinor(t.Fee, line.Fee)
	t.Net = ledger.AddMinor(t.Net, line.Net)
	return t
}

// lateSums sums a day's own items and lines that found their partner elsewhere.
func lateSums(own *Open, c Conclusion) []LateSum {
	placed := map[string]bool{}
	for _, match := range c.Matches {
		for _, id := range slices.Concat(match.Items, match.Lines) {
			placed[id] = true
		}
	}
	var list []LateSum
	sum := func(provider ledger.ProviderID, currency ledger.Currency) *LateSum {
		n := slices.IndexFunc(list, func(l LateSum) bool { return l.Provider == provider && l.Currency == currency })
		if n < 0 {
			n = len(list)
			list = append(list, LateSum{Provider: provider, Currency: currency})
		}
		return &list[n]
	}
	for _, item := range own.Items {
		if placed[item.ID] {
			s := &sum(item.Provider, item.Amount.Currency).Items
			s.Count++
			s.Amount = ledger.AddMinor(s.Amount, item.Amount.Minor)
		}
	}
	for _, line := range own.Lines {
		if placed[line.ID] {
			s := &sum(line.Provider, line.Currency).Lines
			s.Count++
			s.Amount = ledger.AddMinor(s.Amount, line.Gross)
		}
	}
	slices.SortFunc(list, func(a, b LateSum) int {
		return cmp.Or(strings.Compare(string(a.Provider), string(b.Provider)), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}
