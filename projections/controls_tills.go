package projections

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"daybook/ledger"
)

// tillControls are those of what tills say beside tickets and payments, and of the sums of both.
var tillControls = []control{
	{of: "r_till_events", day: "business_date", currency: "currency", sums: append([]string{"amount_minor", "length(name)", "length(reason)"}, each("what", tillWords)...),
		fold: foldTillEvents},
	{of: "r_batches", day: "business_date", currency: "currency", sums: []string{"sales", "sales_minor", "refunds", "refunds_minor", "voids", "voids_minor", "length(batch)"},
		fold: func(t *tally, e fact) {
			if p, is := e.payload.(ledger.BatchClosed); is {
				currency := p.Sales.Amount.Currency
				if currency == "" {
					currency = p.Refunds.Amount.Currency
				}
				if currency == "" {
					currency = p.Voids.Amount.Currency
				}
				t.add(p.BusinessDay, currency, int64(p.Sales.Count), p.Sales.Amount.Minor, int64(p.Refunds.Count), p.Refunds.Amount.Minor,
					int64(p.Voids.Count), p.Voids.Amount.Minor, int64(len(p.Batch)))
			}
		}},
	// Each acceptance says all that is there of a series: the last one counts.
	{of: "r_feeds", day: "business_date", sums: []string{"first_number", "last_number", "numbers", "missing", "length(gap_from)", "arraySum(gap_from)", "arraySum(gap_to)", "length(store)"},
		fold: func(t *tally, e fact) {
			p, is := e.payload.(ledger.FeedAccepted)
			if !is {
				return
			}
			var first, last, there, missing, from, to uint64
			var newest ledger.Run
			if n := len(p.Seen); n > 0 {
				newest = p.Seen[n-1]
				first, last = p.Seen[0].From, newest.To
			}
			for _, run := range p.Seen {
				there += 1 + run.To - run.From
			}
			for _, gap := range p.Gaps {
				missing, from, to = missing+1+gap.To-gap.From, from+gap.From, to+gap.To
			}
			t.put([...]any{p.Terminal, p.Series}, newest.Day, "", int64(first), int64(last), int64(there), int64(missing), int64(len(p.Gaps)), int64(from), int64(to), int64(len(newest.Store)))
		}},
	{of: "r_articles", day: "last_day", currency: "currency", sums: []string{"unit_minor", "length(name)", "length(category)"},
		fold: func(t *tally, e fact) {
			ticket, is := ticketOf(e.payload)
			if !is || ticket.head.Mode != ledger.Live {
				return
			}
			for _, l := range ticket.lines {
				if l.SKU != "" {
					t.put([...]any{l.SKU}, ticket.head.BusinessDay, l.Unit.Currency, l.Unit.Minor, int64(len(l.Name)), int64(len(l.Category)))
				}
			}
		}},
	{of: "r_sale_sums", day: "business_date", currency: "currency",
		sums: append([]string{"tickets", "qty_milli", "gross_minor", "discount_minor", "net_minor", "tax_minor", "total_minor"}, times("total_minor", each("dimension", saleSumWords))...),
		fold: foldSaleSums},
	{of: "r_article_sums", day: "business_date", currency: "currency",
		sums: []string{"tickets", "lines", "qty_milli", "wasted_milli", "gross_minor", "discount_minor", "net_minor", "tax_minor", "total_minor"},
		fold: foldArticleSums},
	// Into how many sessions a day falls depends on the order of its facts by their clocks: what
	// is compared is what all sessions of a terminal's day come to.
	{of: "r_drawer_sessions", rows: "(SELECT business_date, f.currency AS currency, " + sumsOf(drawerFigures) + " FROM (SELECT *, arrayJoin(figures) AS f FROM r_drawer_sessions FINAL) WHERE currency != '' GROUP BY business_date, store, terminal, currency)",
		day: "business_date", currency: "currency", sums: drawerFigures,
		fold: func(t *tally, e fact) {
			head, tenders, sign := tendersOf(e.payload)
			add := func(head ledger.Till, amount ledger.Money, figure string, minor int64) {
				if head.Mode == ledger.Live && amount.Currency != "" {
					t.gather([4]string{fmt.Sprint(dayNumber(head.BusinessDay)), string(head.Store), string(head.Terminal), string(amount.Currency)},
						head.BusinessDay, amount.Currency, at(drawerFigures, figure, minor)...)
				}
			}
			for _, tender := range tenders {
				switch {
				case tender.Channel != "cash" || tender.Outcome != ledger.Approved:
				case sign*tender.Amount.Minor < 0:
					add(head, tender.Amount, "cash_back_minor", -sign*tender.Amount.Minor)
				default:
					add(head, tender.Amount, "cash_sales_minor", sign*tender.Amount.Minor)
				}
			}
			switch p := e.payload.(type) {
			case ledger.DrawerOpened:
				add(p.Till, p.Float, "float_minor", p.Float.Minor)
			case ledger.DrawerCounted:
				add(p.Till, p.Counted, "found_minor", p.Counted.Minor)
			case ledger.CashPaidIn:
				add(p.Till, p.Amount, "paid_in_minor", p.Amount.Minor)
			case ledger.CashPaidOut:
				add(p.Till, p.Amount, "paid_out_minor", p.Amount.Minor)
			}
		}},
	{of: "r_shifts", rows: "(SELECT business_date, f.currency AS currency, " + sumsOf(shiftFigures) + " FROM (SELECT *, arrayJoin(figures) AS f FROM r_shifts FINAL) GROUP BY business_date, store, terminal, currency)",
		day: "business_date", currency: "currency", sums: shiftFigures,
		fold: foldShifts},
	{of: "r_payment_sums", day: "business_date", currency: "currency", sums: []string{"payments", "amount_minor"},
		fold: func(t *tally, e fact) {
			head, tenders, sign := tendersOf(e.payload)
			kind := "void"
			if ticket, is := ticketOf(e.payload); is {
				kind = ticket.kind
			}
			if head.Mode != ledger.Live {
				return
			}
			for _, tender := range tenders {
				key := [8]string{strconv.FormatInt(dayNumber(head.BusinessDay), 10), string(head.Store), tender.Channel, string(tender.Entry), tender.CardKind, kind,
					string(tender.Outcome), string(tender.Amount.Currency)}
				t.gather(key, head.BusinessDay, tender.Amount.Currency, 1, sign*tender.Amount.Minor)
			}
		}},
}

var (
	tillWords    = []string{"sign_on", "sign_off", "shift_open", "shift_close", "drawer_open", "drawer_count", "cash_in", "cash_out", "no_sale"}
	saleSumWords = []string{"hour", "tender", "terminal", "cashier", "note", "category"}
)

// each counts the rows by what a column of few words says.
func each(column string, words []string) []string {
	list := make([]string, len(words))
	for n, word := range words {
		list[n] = column + " = '" + word + "'"
	}
	return list
}

// times adds up an amount where a condition holds.
func times(amount string, conditions []string) []string {
	list := make([]string, len(conditions))
	for n, condition := range conditions {
		list[n] = amount + " * (" + condition + ")"
	}
	return list
}

// at has an amount at the place of a word, and nothing at the others.
func at(words []string, word string, amount int64) []int64 {
	list := make([]int64, len(words))
	if n := slices.Index(words, word); n >= 0 {
		list[n] = amount
	}
	return list
}

func foldTillEvents(t *tally, e fact) {
	var head ledger.Till
	var what, name, reason string
	var amount ledger.Money
	switch p := e.payload.(type) {
	case ledger.CashierSignedOn:
		head, what, reason = p.Till, "sign_on", p.Method
	case ledger.CashierSignedOff:
		head, what = p.Till, "sign_off"
	case ledger.ShiftOpened:
		head, what, name = p.Till, "shift_open", p.Shift
	case ledger.ShiftClosed:
		head, what, name = p.Till, "shift_close", p.Shift
	case ledger.DrawerOpened:
		head, what, name, amount = p.Till, "drawer_open", p.Drawer, p.Float
	case ledger.DrawerCounted:
		head, what, name, amount = p.Till, "drawer_count", p.Drawer, p.Counted
	case ledger.CashPaidIn:
		head, what, name, reason, amount = p.Till, "cash_in", p.Drawer, p.Reason, p.Amount
	case ledger.CashPaidOut:
		head, what, name, reason, amount = p.Till, "cash_out", p.Drawer, p.Reason, p.Amount
	case ledger.DrawerOpenedNoSale:
		head, what, name, reason = p.Till, "no_sale", p.Drawer, p.Reason
	default:
		return
	}
	t.add(head.BusinessDay, amount.Currency, append([]int64{amount.Minor, int64(len(name)), int64(len(reason))}, at(tillWords, what, 1)...)...)
}

// ticket is what a sale and a refund have in common.
type ticket struct {
	head                 ledger.Till
	kind                 string
	sign                 int64
	lines                []ledger.SaleLine
	tenders              []ledger.Tender
	discount, tax, total ledger.Money
	notes                map[string]string
}

func ticketOf(payload any) (ticket, bool) {
	switch p := payload.(type) {
	case ledger.SaleRecorded:
		return ticket{p.Till, "sale", 1, p.Lines, p.Tenders, p.Discount, p.Tax, p.Total, p.Notes}, true
	case ledger.RefundRecorded:
		return ticket{p.Till, "refund", -1, p.Lines, p.Tenders, ledger.Money{}, p.Tax, p.Total, nil}, true
	}
	return ticket{}, false
}

// tendersOf are the payments of a ticket or a void, and the sign of their amounts.
func tendersOf(payload any) (head ledger.Till, tenders []ledger.Tender, sign int64) {
	if ticket, is := ticketOf(payload); is {
		return ticket.head, ticket.tenders, ticket.sign
	}
	if p, is := payload.(ledger.PaymentVoided); is {
		return p.Till, []ledger.Tender{p.Tender}, -1
	}
	return ledger.Till{}, nil, 0
}

// What sessions of drawers and shifts come to in a currency.
var (
	drawerFigures = []string{"float_minor", "cash_sales_minor", "cash_back_minor", "paid_in_minor", "paid_out_minor", "found_minor"}
	shiftFigures  = []string{"sales", "refunds", "voids", "discount_minor", "net_minor", "tax_minor", "sold_minor", "refunded_minor", "total_minor", "turned_minor", "voided_minor"}
)

// sumsOf adds up figures of all sessions of a row.
func sumsOf(figures []string) string {
	list := make([]string, len(figures))
	for n, figure := range figures {
		list[n] = "sum(f." + figure + ") AS " + figure
	}
	return strings.Join(list, ", ")
}

func foldShifts(t *tally, e fact) {
	add := func(head ledger.Till, currency ledger.Currency, figures ...int64) {
		if head.Mode == ledger.Live {
			t.gather([4]string{fmt.Sprint(dayNumber(head.BusinessDay)), string(head.Store), string(head.Terminal), string(currency)}, head.BusinessDay, currency, figures...)
		}
	}
	if p, is := e.payload.(ledger.PaymentVoided); is && p.Tender.Outcome == ledger.Approved {
		add(p.Till, p.Tender.Amount.Currency, at(shiftFigures, "voids", 1)...)
		add(p.Till, p.Tender.Amount.Currency, at(shiftFigures, "voided_minor", p.Tender.Amount.Minor)...)
	}
	ticket, is := ticketOf(e.payload)
	if !is {
		return
	}
	off := ticket.discount.Minor
	for _, l := range ticket.lines {
		off += ticket.sign * l.Discount.Minor
	}
	sale, refund := one(ticket.kind == "sale"), one(ticket.kind == "refund")
	add(ticket.head, ticket.total.Currency, sale, refund, 0, off, ticket.sign*(ticket.total.Minor-ticket.tax.Minor), ticket.sign*ticket.tax.Minor,
		sale*ticket.total.Minor, refund*ticket.total.Minor, ticket.sign*ticket.total.Minor, max(ticket.total.Minor, -ticket.total.Minor), 0)
}

// articleOfDay names a row of r_article_sums.
type articleOfDay struct {
	day                        uint16
	store, sku, kind, currency string
}

func foldArticleSums(t *tally, e fact) {
	ticket, is := ticketOf(e.payload)
	if !is || ticket.head.Mode != ledger.Live {
		return
	}
	wasted := map[int]bool{}
	if p, is := e.payload.(ledger.RefundRecorded); is {
		for _, line := range p.Wasted {
			wasted[line] = true
		}
	}
	counted := map[string]bool{}
	for n, l := range ticket.lines {
		if l.SKU == "" {
			continue
		}
		waste := int64(0)
		if wasted[n+1] {
			waste = ticket.sign * l.QtyMilli
		}
		t.gather(articleOfDay{uint16(dayNumber(ticket.head.BusinessDay)), string(ticket.head.Store), l.SKU, ticket.kind, string(l.Net.Currency)},
			ticket.head.BusinessDay, l.Net.Currency, one(!counted[l.SKU]), 1, ticket.sign*l.QtyMilli, waste,
			ticket.sign*(l.Net.Minor+l.Discount.Minor), ticket.sign*l.Discount.Minor, ticket.sign*l.Net.Minor, ticket.sign*l.Tax.Minor, ticket.sign*(l.Net.Minor+l.Tax.Minor))
		counted[l.SKU] = true
	}
}

// paidThrough is the one channel that a ticket was paid through, or mixed: of the approved
// tenders, or of all where none was approved.
func (p ticket) paidThrough() string {
	approved, all := map[string]bool{}, map[string]bool{}
	for _, tender := range p.tenders {
		if all[tender.Channel] = true; tender.Outcome == ledger.Approved {
			approved[tender.Channel] = true
		}
	}
	if len(approved) == 0 {
		approved = all
	}
	if len(approved) > 1 {
		return "mixed"
	}
	for channel := range approved {
		return channel
	}
	return ""
}

func foldSaleSums(t *tally, e fact) {
	ticket, is := ticketOf(e.payload)
	if !is || ticket.head.Mode != ledger.Live {
		return
	}
	head, sign, day := ticket.head, ticket.sign, strconv.FormatInt(dayNumber(ticket.head.BusinessDay), 10)
	count := func(dimension, name, value string, currency ledger.Currency, tickets, qty, off, net, tax, total int64) {
		key := [8]string{dimension, day, string(head.Store), name, value, ticket.kind, string(currency)}
		t.gather(key, head.BusinessDay, currency, append([]int64{tickets, sign * qty, sign * (net + off), sign * off, sign * net, sign * tax, sign * total},
			at(saleSumWords, dimension, sign*total)...)...)
	}
	qty, off := int64(0), ticket.discount.Minor
	type line struct {
		category string
		currency ledger.Currency
	}
	counted := map[line]bool{}
	for _, l := range ticket.lines {
		qty, off = qty+l.QtyMilli, off+l.Discount.Minor
		first := int64(1)
		if counted[line{l.Category, l.Net.Currency}] {
			first = 0
		}
		counted[line{l.Category, l.Net.Currency}] = true
		count("category", "", l.Category, l.Net.Currency, first, l.QtyMilli, l.Discount.Minor, l.Net.Minor, l.Tax.Minor, l.Net.Minor+l.Tax.Minor)
	}
	whole := func(dimension, name, value string) {
		count(dimension, name, value, ticket.total.Currency, 1, qty, off, ticket.total.Minor-ticket.tax.Minor, ticket.tax.Minor, ticket.total.Minor)
	}
	whole("hour", "", fmt.Sprintf("%02d", head.At.Hour()))
	whole("tender", "", ticket.paidThrough())
	whole("terminal", "", string(head.Terminal))
	whole("cashier", "", head.Cashier)
	for name, value := range ticket.notes {
		whole("note", name, value)
	}
}
