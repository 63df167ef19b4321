package alipay

import (
	"io"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

const timeLayout = time.DateTime

// readRow turns a row into a line and adds it to the totals.
func (b *bill) readRow(row files.Row) {
	row, ok := b.rejoin(row)
	if !ok {
		return
	}
	r := b.sheet.Record(row)
	if !r.Sound() {
		return
	}
	word := r.Text(kind)
	at := r.Time(done, timeLayout, beijing)
	a := amounts{
		order:    r.Amount(order, currency),
		received: r.Amount(received, currency),
		coupon:   r.Amount(coupon, currency),
		fee:      r.Amount(fee, currency),
		share:    r.Amount(share, currency),
	}
	if b.sheet.Has(funded) {
		a.funded = r.Amount(funded, currency)
	}
	if b.sheet.Has(card) {
		a.card = r.Amount(card, currency)
	}
	r.Drop(payer)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Currency: currency, Channel: "alipay",
		OrderNo:    r.ID(orderNo, 64),
		ProviderNo: r.ID(tradeNo, 64),
		TID:        ledger.TID(r.Text(terminal)),
		Store:      ledger.StoreID(r.Text(store)),
		RawKind:    word,
	}
	charge := a.fee
	switch word {
	case "交易":
		line.Kind = reconcile.SaleLine
		if charge > 0 {
			charge = -charge
		}
		if a.order < 0 {
			r.Wrong(order, ledger.Say("a sale (交易) has a negative amount"), ledger.Say("compare the row with the original file"))
		}
	case "退款":
		line.Kind = reconcile.RefundLine
		line.OrderNo, line.OriginalNo = r.ID(refundNo, 64), line.OrderNo
		if a.order > 0 {
			r.Wrong(order, ledger.Say("a refund (退款) has a positive amount"), ledger.Say("compare the row with the original file"))
		}
	default:
		line.Kind = reconcile.OtherLine
	}
	line.Gross = a.order
	line.Discount = a.order - a.received
	line.Fee = -charge - a.share
	line.Net = a.received + charge + a.share
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	b.statement.Lines = append(b.statement.Lines, line)
	a.net = line.Net
	b.of(whole).add(line.Kind, a)
	if line.Store != whole {
		b.of(string(line.Store)).add(line.Kind, a)
	}
}

// amounts are the columns of one row that totals are made of, with the file's signs.
type amounts struct {
	order, received, funded, coupon, card, fee, share, net int64
}

func (t *totals) add(kind reconcile.LineKind, a amounts) {
	add := func(to *int64, n int64) { *to = settlement.Add(*to, n) }
	switch kind {
	case reconcile.SaleLine:
		t.sales++
		add(&t.saleReceived, a.received)
		add(&t.saleCoupon, a.coupon)
	case reconcile.RefundLine:
		t.refunds++
		add(&t.refundReceived, a.received)
		add(&t.refundCoupon, a.coupon)
	}
	add(&t.order, a.order)
	add(&t.received, a.received)
	add(&t.funded, a.funded)
	add(&t.coupon, a.coupon)
	add(&t.card, a.card)
	add(&t.fee, a.fee)
	add(&t.share, a.share)
	add(&t.net, a.net)
}

// maxCommas bounds the search for the commas of one row.
const maxCommas = 50

// rejoin puts a text together again that was cut at its own, unquoted commas. Only
// 商品名称 and 备注 are free text, so the surplus cells belong to one or both; every way to
// deal them out but the true one moves a time or an amount into another column. When
// that leaves more than one way, or none, the row is a problem.
func (b *bill) rejoin(row files.Row) (files.Row, bool) {
	surplus := len(row.Cells) - len(b.sheet.Headings)
	if surplus <= 0 || surplus > maxCommas {
		return row, true // Record refuses too few and too many
	}
	first, second := b.position(goods), b.position(remark)
	if first < 0 || second < 0 {
		return row, true
	}
	if first > second {
		first, second = second, first
	}
	var fitting []files.Row
	for n := 0; n <= surplus; n++ {
		dealt := row.Join(first, first+n).Join(second, second+surplus-n)
		if b.plausible(dealt) {
			fitting = append(fitting, dealt)
		}
	}
	if len(fitting) == 1 {
		return fitting[0], true
	}
	if culprit := b.culprit(row, surplus); culprit != nil {
		b.problems.Add(culprit.Apart())
		return row, false
	}
	e := &files.Error{File: b.file, Row: row.Line,
		Text: ledger.Say("the row has %d cells, but the header has %d, and the commas inside 商品名称 or 备注 cannot be told from those between cells", len(row.Cells), len(b.sheet.Headings)),
		Hint: ledger.Say("compare the row with the original file and take the commas out of the two texts")}
	b.problems.Add(e.Apart())
	return row, false
}

// culprit names the amount that holds the surplus commas, as 12,3x does: the
// first column with which, put together again, all the others are plausible.
func (b *bill) culprit(row files.Row, surplus int) *files.Error {
	for i, heading := range b.sheet.Headings {
		joined := row.Join(i, i+surplus)
		value := joined.Cells[i]
		joined.Cells[i] = ""
		if folded := files.Fold(heading); strings.HasSuffix(folded, "(元)") && b.plausible(joined) {
			return &files.Error{File: b.file, Row: row.Line, Column: heading, Value: value,
				Text: ledger.Say("this is not an amount that daybook accepts"),
				Hint: ledger.Say("the file may have been saved by a spreadsheet; ask for the original")}
		}
	}
	return nil
}

func (b *bill) position(heading string) int {
	for i, cell := range b.sheet.Headings {
		if files.Fold(cell) == heading {
			return i
		}
	}
	return -1
}

// plausible reports whether times and amounts stand where the header says.
func (b *bill) plausible(row files.Row) bool {
	for i, heading := range b.sheet.Headings {
		cell := strings.TrimSpace(row.Cells[i])
		switch heading = files.Fold(heading); {
		case heading == created || heading == done:
			if _, err := time.Parse(timeLayout, cell); err != nil {
				return false
			}
		case strings.HasSuffix(heading, "(元)") && cell != "":
			if _, err := ledger.ParseAmount(cell, currency); err != nil {
				return false
			}
		}
	}
	return true
}

// readSummary compares the summary part with the lines: a row for each store, and 合计.
func (b *bill) readSummary(file, text string) {
	reader := files.NewReader(file, text, files.Dialect{})
	var sheet *files.Sheet
	for {
		row, err := reader.Read()
		if err == io.EOF {
			return
		}
		line := frame(row.Raw)
		switch {
		case strings.HasPrefix(line, "#起始日期"):
			row.Raw = line
			if from, to := b.readPeriod(file, row); from != b.statement.From || to != b.statement.To {
				b.problems.Add(&files.Error{File: file, Row: row.Line, Value: line,
					Text: ledger.Say("the summary is of another period than the detail"),
					Hint: ledger.Say("import the zip as it was downloaded")})
			}
		case strings.HasPrefix(line, "#"):
		case sheet == nil:
			sheet = files.NewSheet(file, row, &b.problems)
			sheet.Frame = true
			if !sheet.Require(store, sales, refunds) {
				return
			}
		default:
			b.readSummaryRow(sheet, row)
		}
	}
}

func (b *bill) readSummaryRow(sheet *files.Sheet, row files.Row) {
	r := sheet.Record(row)
	if !r.Sound() {
		return
	}
	key := r.Text(store)
	t := b.totals[key]
	if t == nil {
		t = &totals{}
	}
	name := "汇总 " + key
	if key == "" {
		name = "汇总 (无门店)"
	}
	for _, c := range []struct {
		heading  string
		detail   string // the detail's column of the same meaning; empty when it needs none
		computed int64
	}{
		{sales, "", t.sales}, {refunds, "", t.refunds},
		{order, order, t.order}, {received, received, t.received}, {funded, funded, t.funded},
		{coupon, coupon, t.coupon}, {card, card, t.card}, {fee, fee, t.fee}, {share, share, t.share},
		{net, "", t.net},
	} {
		if !sheet.Has(c.heading) || c.detail != "" && (b.sheet == nil || !b.sheet.Has(c.detail)) {
			continue
		}
		if c.heading == sales || c.heading == refunds {
			b.control(name+" "+c.heading, row.Line, "", r.Int(c.heading), c.computed)
		} else {
			b.control(name+" "+c.heading, row.Line, currency, r.Amount(c.heading, currency), c.computed)
		}
	}
}
