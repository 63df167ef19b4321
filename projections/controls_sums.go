package projections

import (
	"hash/fnv"
	"slices"

	"daybook/ledger"
)

// sumControls are those of what is bought together and of tax by rate.
var sumControls = []control{
	{of: "r_basket_sums", day: "business_date", sums: append([]string{"tickets"}, times("tickets", each("part", basketParts))...), fold: foldBaskets},
	{of: "r_tax_sums", day: "business_date", currency: "currency", sums: []string{"lines", "net_minor", "tax_minor", "tax_ppm"},
		fold: func(t *tally, e fact) {
			ticket, is := ticketOf(e.payload)
			if !is || ticket.head.Mode != ledger.Live {
				return
			}
			for _, l := range ticket.lines {
				if l.TaxRate == 0 && l.Tax.Minor != 0 {
					continue
				}
				key := [...]any{ticket.head.BusinessDay, ticket.head.Store, ticket.kind, l.Net.Currency, l.TaxRate}
				rate := int64(l.TaxRate)
				if t.gathered[key] {
					rate = 0 // a row says it once
				}
				t.gather(key, ticket.head.BusinessDay, l.Net.Currency, 1, ticket.sign*l.Net.Minor, ticket.sign*l.Tax.Minor, rate)
			}
		}},
}

var basketParts = []string{"pair", "article", "all"}

// foldBaskets keeps a digest of each row's key: there are as many as pairs of articles on a storeday.
func foldBaskets(t *tally, e fact) {
	sale, is := e.payload.(ledger.SaleRecorded)
	if !is || sale.Mode != ledger.Live {
		return
	}
	named := map[string]bool{}
	for _, l := range sale.Lines {
		if l.SKU != "" {
			named[l.SKU] = true
		}
	}
	if len(named) == 0 || len(named) > 50 {
		return
	}
	count := func(part, a, b string) {
		h, key := fnv.New128a(), [16]byte{}
		for _, text := range []string{part, sale.BusinessDay.String(), string(sale.Store), a, b} {
			h.Write([]byte(text))
			h.Write([]byte{0})
		}
		h.Sum(key[:0])
		t.gather(key, sale.BusinessDay, "", append([]int64{1}, at(basketParts, part, 1)...)...)
	}
	count("all", "", "")
	var before []string
	for a := range named {
		count("article", a, "")
		for _, b := range before {
			pair := []string{a, b}
			slices.Sort(pair)
			count("pair", pair[0], pair[1])
		}
		before = append(before, a)
	}
}
