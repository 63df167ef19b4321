package projections

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"daybook/ledger"
)

// Figures that are asked for all the time are not added up from all tickets each time: the
// sums of a store's business day are rows of their own. They are a function of the tables
// of tickets, which are themselves a function of the journal: after rows of some pages are in,
// the sums of the days that these touch are made anew from all rows of the days,
// and replace the earlier ones; the cursor waits for that. So a page that comes again, in other cuts, or after a crash
// anywhere, ends in the same sums, as it would not if each page added its own. A day's
// tickets lie together in the order of the tables; making its sums anew costs as much as
// the day is long, whatever there is beside it.
//
// A row of sums never vanishes: tickets do not, and what a ticket is counted under does
// not change (Intake decides which content a number stands for).
type daySums struct {
	name, grain, events, key string
	columns                  []column[struct{}]
	query                    string // of all rows of the storedays in v_touched
}

func (s daySums) table() table[struct{}] {
	return table[struct{}]{name: s.name, grain: s.grain, events: s.events, key: s.key, columns: s.columns}
}

// derived is a column of a table of sums; the warehouse fills it.
func derived(name, chType, comment string) column[struct{}] {
	return column[struct{}]{name: name, chType: chType, comment: comment}
}

// touched selects the storedays of a page. Both lists have one entry for each; from and to
// bound them, so that the primary key finds them even where there are many.
const touched = `mode = 'live' AND business_date BETWEEN toDate({from:String}) AND toDate({to:String})
    AND (business_date, store) IN (SELECT toDate(t.1), t.2 FROM (SELECT arrayJoin(arrayZip({days:Array(String)}, {stores:Array(String)})) AS t))`

var saleSums = daySums{
	name:   "r_sale_sums",
	grain:  "one row per business day, store, kind, currency and one thing that tickets are counted under",
	events: "sale-recorded, refund-recorded",
	key:    "dimension, business_date, store, name, value, kind, currency",
	columns: []column[struct{}]{
		derived("dimension", word, "what tickets are counted under: hour, tender, terminal, cashier, category or note"),
		derived("business_date", "Date", "the store's business day"),
		derived("store", word, "the retailer's own number of the store"),
		derived("name", word, "of a note: its name"),
		derived("value", word, "hour of the day on the terminal's clock, 00 to 23; channel or mixed; terminal; staff number; product line; or what a note says"),
		derived("kind", word, "sale or refund"),
		derived("currency", word, "ISO 4217 code of every amount in the row"),
		derived("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3"),
		derived("tickets", "UInt64", "number of sales, or of refunds"),
		derived("qty_milli", "Int64", "sum of quantities in thousandths of a unit; negative of refunds"),
		derived("gross_minor", "Int64", "net and discounts: prices before discounts and tax"+inMinor+signed),
		derived("discount_minor", "Int64", "discounts given"+inMinor+"currency, positive where it is taken off"),
		derived("net_minor", "Int64", "before tax, after discounts"+inMinor+signed),
		derived("tax_minor", "Int64", "tax"+inMinor+signed),
		derived("total_minor", "Int64", "net and tax"+inMinor+signed),
		derived("position", "UInt64", latest),
	},
	query: `
SELECT d.1 AS dimension, business_date, store, d.2 AS name, d.3 AS value, kind, currency, any(exponent),
    count(), sum(qty_milli), sum(net_minor + discount_minor), sum(discount_minor), sum(net_minor), sum(tax_minor), sum(total_minor), max(position)
FROM
(
    SELECT business_date, store, kind, currency, exponent, qty_milli, discount_minor, net_minor, tax_minor, total_minor, position,
        arrayJoin(arrayConcat(
            [('hour', '', leftPad(toString(local_hour), 2, '0')), ('tender', '', toString(tender)), ('terminal', '', toString(terminal)), ('cashier', '', toString(cashier))],
            arrayMap((n, v) -> ('note', toString(n), v), note_names, note_values))) AS d
    FROM r_sales FINAL
    WHERE ` + touched + `
)
GROUP BY dimension, business_date, store, name, value, kind, currency
UNION ALL
SELECT 'category', business_date, store, '', category, kind, currency, any(exponent),
    uniqExact(id), sum(qty_milli), sum(net_minor + discount_minor), sum(discount_minor), sum(net_minor), sum(tax_minor), sum(total_minor), max(position)
FROM r_sale_lines FINAL
WHERE ` + touched + `
GROUP BY business_date, store, category, kind, currency`,
}

var paymentSums = daySums{
	name:   "r_payment_sums",
	grain:  "one row per business day, store, channel, way of reading, kind of card, kind of payment, reported outcome and currency",
	events: "sale-recorded, refund-recorded, payment-voided",
	key:    "business_date, store, channel, entry, card_kind, kind, reported, currency",
	columns: []column[struct{}]{
		derived("business_date", "Date", "the store's business day"),
		derived("store", word, "the retailer's own number of the store"),
		derived("channel", word, "through whom the money comes: cash, card, alipay, wechat, …"),
		derived("entry", word, "how the card or code was read: swipe, chip, contactless, manual, qr_merchant, qr_customer"),
		derived("card_kind", word, "debit, credit, prepaid, foreign"),
		derived("kind", word, "sale, refund or void"),
		derived("reported", word, "outcome the till reported at first: approved, declined, unknown, reversed"),
		derived("currency", word, "ISO 4217 code of every amount in the row"),
		derived("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3"),
		derived("payments", "UInt64", "number of attempts"),
		derived("amount_minor", "Int64", "sum of their amounts; negative of refunds and voids"+inMinor+signed),
		derived("position", "UInt64", latest),
	},
	query: `
SELECT business_date, store, channel, entry, card_kind, kind, reported, currency, any(exponent), count(), sum(amount_minor), max(position)
FROM r_payments FINAL
WHERE ` + touched + `
GROUP BY business_date, store, channel, entry, card_kind, kind, reported, currency`,
}

// articleSums are what stock, best sellers and products are asked of: the lines of tickets
// are many times as many.
var articleSums = daySums{
	name:   "r_article_sums",
	grain:  "one row per business day, store, article, kind and currency",
	events: "sale-recorded, refund-recorded",
	key:    "business_date, store, sku, kind, currency",
	columns: []column[struct{}]{
		derived("business_date", "Date", "the store's business day"),
		derived("store", word, "the retailer's own number of the store"),
		derived("sku", word, "article number; lines without one are left out"),
		derived("kind", word, "sale or refund"),
		derived("currency", word, "ISO 4217 code of every amount in the row"),
		derived("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3"),
		derived("tickets", "UInt64", "number of sales, or of refunds, that have the article"),
		derived("lines", "UInt64", "number of lines of tickets"),
		derived("qty_milli", "Int64", "sum of quantities in thousandths of a unit; negative of refunds"),
		derived("wasted_milli", "Int64", "of refunds: what of it cannot be sold again, in thousandths of a unit, negative"),
		derived("gross_minor", "Int64", "net and discounts: prices before discounts and tax"+inMinor+signed),
		derived("discount_minor", "Int64", "discounts given on the lines"+inMinor+"currency, positive where it is taken off"),
		derived("net_minor", "Int64", "before tax, after discounts"+inMinor+signed),
		derived("tax_minor", "Int64", "tax"+inMinor+signed),
		derived("total_minor", "Int64", "net and tax"+inMinor+signed),
		derived("last_at", "DateTime64(3, 'UTC')", "when it was last sold, or given back, on the day"),
		derived("position", "UInt64", latest),
	},
	query: `
SELECT business_date, store, sku, kind, currency, any(exponent), uniqExact(id), count(), sum(qty_milli), sumIf(qty_milli, wasted = 1),
    sum(net_minor + discount_minor), sum(discount_minor), sum(net_minor), sum(tax_minor), sum(total_minor), max(at), max(position)
FROM r_sale_lines FINAL
WHERE ` + touched + ` AND sku != ''
GROUP BY business_date, store, sku, kind, currency`,
}

// allSums are the tables of sums, and from which tables each is made.
var allSums = []struct {
	daySums
	from []string
}{
	{saleSums, []string{salesTable.name, saleLinesTable.name}},
	{articleSums, []string{saleLinesTable.name}},
	{paymentSums, []string{paymentsTable.name}},
	{basketSums, []string{salesTable.name}},
	{taxSums, []string{saleLinesTable.name}},
	{drawerSums, []string{tillEventsTable.name, paymentsTable.name}},
	{shiftSums, []string{salesTable.name, tillEventsTable.name, paymentsTable.name}},
}

type storeday struct {
	day   ledger.BusinessDay
	store ledger.StoreID
}

// owing is what is to be added up before the cursor may move.
type owing struct {
	days map[storeday]bool
	rows int // that came in since they were added up last
	// seen are the rows of each storeday that came in while this projector was at work: how
	// long they are, or less.
	seen map[storeday]int
}

// maxSeen bounds what is remembered. What is forgotten is added up once more than needed.
const maxSeen = 1 << 16

// owe notes the storedays that a block touches.
func (o *owing) owe(b *block) {
	if o.days == nil {
		o.days, o.seen = map[storeday]bool{}, map[storeday]int{}
	}
	if len(o.seen) > maxSeen {
		clear(o.seen)
	}
	add := func(head *ledger.Till) {
		if head.Mode.Counts() {
			touched := storeday{ledger.DayOf(date(head.BusinessDay)), head.Store}
			o.days[touched] = true
			o.seen[touched]++
			o.rows++
		}
	}
	for n := range b.sales {
		add(&b.sales[n].Till)
	}
	for n := range b.payments {
		add(&b.payments[n].Till)
	}
	for n := range b.tillEvents {
		add(&b.tillEvents[n].Till)
	}
}

// ripe reports whether adding up now reads no more than twice what has come in since the last
// time. So a long day that comes in many pages is added up a few times, each time twice as long as
// the time before, and not with every page: what all of it takes grows with the rows.
func (o *owing) ripe() bool {
	long := 0
	for touched := range o.days {
		long += o.seen[touched]
	}
	return long <= 2*o.rows
}

// fill makes the sums of the storedays that are owed, after their rows are in.
func (p *Projector) fill(ctx context.Context) error {
	if len(p.owing.days) == 0 {
		return nil
	}
	list := slices.SortedFunc(maps.Keys(p.owing.days), func(a, b storeday) int {
		return cmp.Or(a.day.Compare(b.day), cmp.Compare(a.store, b.store))
	})
	for some := range slices.Chunk(list, maxStoredays) {
		var days, stores []string
		for _, s := range some {
			days, stores = append(days, s.day.String()), append(stores, string(s.store))
		}
		if err := p.addUp(ctx, Arg{"from", days[0]}, Arg{"to", days[len(days)-1]}, Arg{"days", days}, Arg{"stores", stores}); err != nil {
			return err
		}
	}
	clear(p.owing.days)
	p.owing.rows = 0
	return nil
}

// maxStoredays keeps a statement's parameters well under the size of an address, in which
// they travel over HTTP.
const maxStoredays = 2000

func (p *Projector) addUp(ctx context.Context, touched ...Arg) error {
	place, err := p.placement(ctx)
	if err != nil {
		return err
	}
	jobs := make([]func() error, len(allSums))
	for n, s := range allSums {
		jobs[n] = func() error { return p.addUpOne(ctx, place, s.daySums, s.from, touched...) }
	}
	return together(jobs)
}

func (p *Projector) addUpOne(ctx context.Context, place placement, s daySums, from []string, touched ...Arg) error {
	// A replica reads what it has. What this page wrote may have gone to another.
	for n := 0; (place.replicated || place.cluster != "") && n < len(from); n++ {
		if err := p.into.Exec(ctx, "SYSTEM SYNC REPLICA "+from[n]+" LIGHTWEIGHT"); err != nil {
			return fmt.Errorf("wait for %s: %w", from[n], err)
		}
	}
	names := make([]string, len(s.columns))
	for n, c := range s.columns {
		names[n] = c.name
	}
	if err := p.into.Exec(ctx, "INSERT INTO "+s.name+" ("+strings.Join(names, ", ")+")"+s.query, touched...); err != nil {
		return fmt.Errorf("add up the days of a page in %s: %w", s.name, err)
	}
	return nil
}
