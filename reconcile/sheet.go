package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"daybook/ledger"
)

// sheets sums a day per provider and currency.
func sheets(terms *Terms, in Inputs, out Outcome) []Sheet {
	type key struct {
		provider ledger.ProviderID
		currency ledger.Currency
	}
	index := map[key]*Sheet{}
	sheet := func(provider ledger.ProviderID, currency ledger.Currency) *Sheet {
		k := key{provider, currency}
		if index[k] == nil {
			index[k] = &Sheet{Provider: provider, Currency: currency, Reported: in.Reported[provider]}
			if p, known := terms.Provider(provider); known {
				index[k].Channel = p.Channel
			}
		}
		return index[k]
	}
	for provider := range in.Reported {
		if p, known := terms.Provider(provider); known {
			sheet(provider, p.Currency)
		}
	}
	items, lines := map[string]*Item{}, map[string]*Entry{}
	add := func(sum *Sum, amount int64) { sum.Count++; sum.Amount = ledger.AddMinor(sum.Amount, amount) }
	for n := range in.Items {
		item := &in.Items[n]
		items[item.ID] = item
		if item.Expect == Settles {
			add(&sheet(item.Provider, item.Amount.Currency).Ledger, item.Amount.Minor)
		}
	}
	for n := range in.Lines {
		line := &in.Lines[n]
		lines[line.ID] = line
		s := sheet(line.Provider, line.Currency)
		s.Bill = plus(s.Bill, line.Line)
		if p, known := terms.Provider(line.Provider); known {
			if fee, agreed := p.Fee(line.Line); agreed && line.isPayment() {
				s.ContractFee = ledger.AddMinor(s.ContractFee, fee)
			} else {
				s.ContractFee = ledger.AddMinor(s.ContractFee, line.Fee)
			}
		}
	}
	countItem := func(item *Item, sum func(*Sheet) *Sum) {
		if item.Expect == Settles {
			add(sum(sheet(item.Provider, item.Amount.Currency)), item.Amount.Minor)
		}
	}
	countLine := func(line *Entry, sum func(*Sheet) *Sum) {
		add(sum(sheet(line.Provider, line.Currency)), line.Gross)
	}
	for _, match := range out.Matches {
		for _, id := range match.Items {
			countItem(items[id], func(s *Sheet) *Sum { return &s.Matched })
		}
		for _, id := range match.Lines {
			countLine(lines[id], func(s *Sheet) *Sum { return &s.MatchedLines })
		}
	}
	for _, b := range out.Breaks {
		for _, id := range b.Items {
			countItem(items[id], func(s *Sheet) *Sum { return &s.Expected })
		}
		for _, id := range b.Lines {
			countLine(lines[id], func(s *Sheet) *Sum { return &s.Actual })
		}
	}
	for n := range out.Absent {
		countItem(&out.Absent[n], func(s *Sheet) *Sum { return &s.Absent })
	}
	for n := range out.Waiting {
		countItem(&out.Waiting[n], func(s *Sheet) *Sum { return &s.Waiting })
	}
	for n := range out.OpenItems {
		countItem(&out.OpenItems[n], func(s *Sheet) *Sum { return &s.Open })
	}
	for n := range out.Cancelled {
		countLine(&out.Cancelled[n], func(s *Sheet) *Sum { return &s.Cancelled })
	}
	for n := range out.OpenLines {
		countLine(&out.OpenLines[n], func(s *Sheet) *Sum { return &s.OpenLines })
	}
	list := []Sheet{}
	for _, s := range index {
		s.Bill.Currency = s.Currency
		list = append(list, *s)
	}
	slices.SortFunc(list, func(a, b Sheet) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Currency, b.Currency))
	})
	return list
}

func plus(t Total, line Line) Total {
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
