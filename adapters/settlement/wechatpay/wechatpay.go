package wechatpay

import (
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// beijing is the zone of every time in the bill. China has had one zone without summer
// time since 1991, before WeChat Pay, so a fixed offset needs no time zone data.
var beijing = time.FixedZone("CST", 8*60*60)

// Headings.
const (
	when      = "交易时间"
	merchant  = "商户号"
	device    = "设备号"
	tradeNo   = "微信订单号"
	orderNo   = "商户订单号"
	payer     = "用户标识"
	state     = "交易状态"
	money     = "货币种类"
	settled   = "应结订单金额"
	total     = "总金额" // legacy, for both 应结订单金额 and 订单金额
	order     = "订单金额"
	fee       = "手续费"
	refundID  = "微信退款单号"
	refundNo  = "商户退款单号"
	refunded  = "退款金额"
	asked     = "申请退款金额"
	count     = "总交易单数"
	prepaid   = "充值券退款金额"
	vouchers  = "代金券或立减优惠退款金额"
	envelopes = "企业红包退款金额"
)

// common headings are in every variant.
var common = []string{when, merchant, tradeNo, orderNo, state, money, fee}

// sums says which column a column of the summary adds up. Old and new names.
var sums = []struct {
	summary string
	columns []string
}{
	{"应结订单总金额", []string{settled}},
	{"总交易额", []string{total}},
	{"退款总金额", []string{refunded}},
	{"总退款金额", []string{refunded}},
	{"充值券退款总金额", []string{prepaid}},
	{"总代金券或立减优惠退款金额", []string{vouchers, envelopes}},
	{"总企业红包退款金额", []string{envelopes, vouchers}},
	{"手续费总金额", []string{fee}},
	{"订单总金额", []string{order}},
	{"申请退款总金额", []string{asked}},
}

type format struct{}

// New returns the format "wechat-trade".
func New() settlement.Format { return format{} }

func (format) Name() string { return "wechat-trade" }

// Sniff knows the header, and the answer that takes the place of a bill.
func (format) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	if _, answer := answerOf(doc.Parts[0].Text); answer {
		return true
	}
	row, err := files.NewReader(doc.Name, doc.Parts[0].Text, files.Dialect{}).Read()
	return err == nil && settlement.Resembles(row, common...)
}

// answerOf finds the message of the interface in a file that holds it in place of a bill.
// (downloadbill, error table: 20002 "No Bill Exist"; v3: NO_STATEMENT_EXIST.)
func answerOf(text string) (message string, is bool) {
	text = strings.TrimSpace(text)
	xml := strings.HasPrefix(text, "<xml>") && strings.Contains(text, "<return_code>")
	json := strings.HasPrefix(text, "{") && strings.Contains(text, `"code"`) && strings.Contains(text, `"message"`)
	if len(text) > 4096 || !xml && !json {
		return "", false
	}
	return text, true
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	b := &bill{
		list:       list{file: doc.FileOf(part), statement: &reconcile.Statement{Format: "wechat-trade", Kind: reconcile.TradeBill}},
		sums:       map[string]int64{},
		currencies: map[ledger.Currency]bool{},
	}
	if answer, is := answerOf(part.Text); is {
		if strings.Contains(answer, "No Bill Exist") || strings.Contains(answer, "NO_STATEMENT_EXIST") {
			return b.statement, nil
		}
		return nil, files.Wrong(b.file,
			ledger.Say("WeChat Pay answered with an error in place of the bill"),
			ledger.Say("bills are ready from about ten in the morning of the next day; download it again"))
	}
	b.read(part.Text, parts{
		required: b.required, row: b.readRow, first: count, summary: b.readSummary,
		passes: func(foot *files.Sheet) bool { foot.Frame = true; return true },
		cut:    ledger.Say("the file is cut short: it does not end in a summary (总交易单数, …)"),
	})
	settlement.Check(b.file, b.statement, &b.problems)
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	return b.statement, nil
}

// bill is one document being read.
type bill struct {
	list
	legacy     bool
	refunds    bool // the variant has refund columns
	rows       int64
	sums       map[string]int64 // of the rows' columns, by heading, with the file's signs
	currencies map[ledger.Currency]bool
}

// required are the columns of the variant, which it finds out.
func (b *bill) required(s *files.Sheet) []string {
	needed := append([]string(nil), common...)
	b.legacy = s.Has(total) && !s.Has(settled)
	b.refunds = s.Has(refundID) || s.Has(refundNo) || s.Has(refunded) || s.Has(asked)
	if b.legacy {
		needed = append(needed, total)
	} else {
		needed = append(needed, settled, order)
	}
	if b.refunds {
		needed = append(needed, refundID, refundNo, refunded)
		if !b.legacy {
			needed = append(needed, asked)
		}
	}
	return needed
}

// cells takes the backticks off. A row with too many cells has commas in a text: it is
// cut again where a comma is followed by a backtick.
func cells(sheet *files.Sheet, row files.Row) files.Row {
	if len(row.Cells) != len(sheet.Headings) {
		if again := (files.Dialect{Comma: ",`"}).Split(row.Raw); len(again.Cells) == len(sheet.Headings) {
			again.Line = row.Line
			row = again
		}
	}
	return unquoted(row)
}

func unquoted(row files.Row) files.Row {
	bare := make([]string, len(row.Cells))
	for i, cell := range row.Cells {
		bare[i] = strings.TrimPrefix(strings.TrimSpace(cell), "`")
	}
	row.Cells = bare
	return row
}

func (b *bill) readRow(row files.Row) {
	b.rows++
	r := b.sheet.Record(cells(b.sheet, row))
	if !r.Sound() {
		return
	}
	word := r.Text(state)
	currency, err := ledger.ParseCurrency(r.Text(money))
	if err != nil {
		r.Wrong(money, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("compare the row with the original file"))
		return
	}
	b.currencies[currency] = true
	at := r.Time(when, time.DateTime, beijing)
	r.Drop(payer)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Currency: currency, Channel: "wechat",
		MID:        ledger.MID(r.ID(merchant, 32)),
		TID:        ledger.TID(used(r.Text(device))),
		OrderNo:    used(r.ID(orderNo, 64)),
		ProviderNo: used(r.ID(tradeNo, 64)),
		RawKind:    word,
	}
	b.readAmounts(r, &line)
	switch word {
	case "SUCCESS":
		line.Kind = reconcile.SaleLine
	case "REFUND":
		line.Kind = reconcile.RefundLine
		line.OriginalNo = line.OrderNo
		line.OrderNo, line.ProviderNo = used(r.ID(refundNo, 64)), used(r.ID(refundID, 64))
		if !b.refunds {
			r.Wrong(state, ledger.Say("a refund stands in a bill without refund columns"), ledger.Say("download the bill of kind ALL"))
		}
	case "REVOKED":
		line.Kind = reconcile.ReversalLine
	default:
		line.Kind = reconcile.OtherLine
	}
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	b.identify(r, line)
	b.statement.Lines = append(b.statement.Lines, line)
}

// readAmounts fills the amounts and adds the row's columns to the sums the summary states.
func (b *bill) readAmounts(r *files.Record, line *reconcile.Line) {
	amount := func(heading string) int64 {
		minor := r.Amount(heading, line.Currency)
		b.sums[heading] = settlement.Add(b.sums[heading], minor)
		return minor
	}
	var ordered, due, back, backGross int64
	if b.legacy {
		ordered = amount(total)
		due = ordered
	} else {
		ordered, due = amount(order), amount(settled)
	}
	if b.refunds {
		back = amount(refunded)
		backGross = back
		if !b.legacy {
			backGross = amount(asked)
		}
	}
	for _, heading := range []string{prepaid, vouchers, envelopes} {
		if b.sheet.Has(heading) && r.Has(heading) {
			amount(heading)
		}
	}
	line.Fee = amount(fee)
	switch pays, returns := ordered != 0 || due != 0, back != 0 || backGross != 0; {
	case line.RawKind == "REVOKED":
		// Which columns are filled is not documented, and the payment itself has a row.
		ordered, due = 0, 0
		backGross = max(back, backGross)
		if back == 0 {
			back = backGross
		}
	case line.RawKind == "SUCCESS" && returns:
		r.Wrong(b.sheet.Find(asked, refunded), ledger.Say("a payment (SUCCESS) has a refund amount"), ledger.Say("compare the row with the original file"))
	case line.RawKind == "REFUND" && pays:
		r.Wrong(b.sheet.Find(order, total), ledger.Say("a refund (REFUND) has an order amount"), ledger.Say("compare the row with the original file"))
	case ordered < 0 || due < 0 || back < 0 || backGross < 0:
		r.Reject(ledger.Say("the row has a negative amount; only 手续费 may be negative"), ledger.Say("compare the row with the original file"))
	}
	line.Gross = ordered - backGross
	line.Discount = (ordered - due) - (backGross - back)
	line.Net = due - back - line.Fee
}

// identify takes merchant and period from the rows: the file has no other place for them.
func (b *bill) identify(r *files.Record, line reconcile.Line) {
	s := b.statement
	switch account := string(line.MID); {
	case len(s.Lines) == 0:
		s.Account, s.From, s.To = account, line.Day, line.Day
	case s.Account != account:
		r.Wrong(merchant, ledger.Say("the bill is of merchant %s, but this row is of another", s.Account),
			ledger.Say("two bills may have been joined; import each as it was downloaded"))
	case line.Day.Compare(s.From) < 0:
		s.From = line.Day
	case line.Day.Compare(s.To) > 0:
		s.To = line.Day
	}
}

// used is a value, or nothing for the "0" that stands in unused columns.
func used(value string) string {
	if value == "0" {
		return ""
	}
	return value
}

func (b *bill) readSummary(foot *files.Sheet, row files.Row) {
	r := foot.Record(unquoted(row))
	if !r.Sound() {
		return
	}
	b.statement.Controls = append(b.statement.Controls, reconcile.Control{
		Name: count, Row: row.Line, Stated: r.Int(count), Computed: b.rows})
	currency := ledger.Currency("CNY") // of an empty bill
	for only := range b.currencies {
		currency = only
	}
	if len(b.currencies) > 1 {
		return // sums over several currencies mean nothing
	}
	for _, sum := range sums {
		column := b.sheet.Find(sum.columns...)
		if foot.Has(sum.summary) && b.sheet.Has(column) {
			b.statement.Controls = append(b.statement.Controls, reconcile.Control{
				Name: sum.summary, Row: row.Line, Currency: currency,
				Stated: r.Amount(sum.summary, currency), Computed: b.sums[column]})
		}
	}
}
