package allinpay

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

const currency = ledger.Currency("CNY")

// beijing is the zone of every time in the file. China has had one zone without summer
// time since 1991, before Allinpay, so a fixed offset needs no time zone data.
var beijing = time.FixedZone("CST", 8*60*60)

// Headings.
const (
	merchant  = "商户号"
	terminal  = "终端号"
	clock     = "交易时间"
	kind      = "交易类型"
	batch     = "交易批次号"
	trace     = "凭证号"
	reference = "参考号"
	card      = "卡号"
	cardKind  = "卡类别"
	amount    = "交易金额"
	fee       = "手续费"
	date      = "交易日期"
	tradeNo   = "交易单号"
	orderNo   = "订单号"
	settled   = "结算金额"
	subsidy   = "分期贴息"
	coupon    = "优惠金额"
	store     = "门店编号"
	doneDate  = "交易完成日期"
	authCode  = "授权码" // beyond the documented 34 columns; read where a file has it
)

var required = []string{merchant, terminal, clock, kind, batch, trace, reference, card, cardKind,
	amount, fee, date, tradeNo, orderNo, settled}

// personal columns are emptied at the door.
var personal = []string{"持卡人姓名", "持卡人身份证", "出金方账户名称"}

var dialect = files.Dialect{Quoted: true}

type format struct{}

// New returns the format "allinpay-trade".
func New() settlement.Format { return format{} }

func (format) Name() string { return "allinpay-trade" }

// Sniff knows the header.
func (format) Sniff(doc *files.Document) bool {
	return settlement.Headed(doc, dialect, required...)
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	b := &bill{
		file:      doc.FileOf(part),
		statement: &reconcile.Statement{Format: "allinpay-trade", Kind: reconcile.TradeBill},
	}
	b.read(part.Text)
	b.date()
	settlement.Check(b.file, b.statement, &b.problems)
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	return b.statement, nil
}

// bill is one document being read.
type bill struct {
	file      string
	problems  files.Problems
	sheet     *files.Sheet
	statement *reconcile.Statement
	merchants []string
}

func (b *bill) read(text string) {
	reader := files.NewReader(b.file, text, dialect)
	readable := true
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			if b.sheet == nil {
				b.problems.Add(&files.Error{File: b.file,
					Text: ledger.Say("the file has no header (商户号, 终端号, …)"), Hint: ledger.Say("download it again")})
			}
			return
		case errors.As(err, &wrong):
			b.problems.Add(wrong)
		case b.sheet == nil:
			b.sheet = files.NewSheet(b.file, row, &b.problems)
			b.statement.Truncated, b.statement.Dropped = b.sheet.Truncated, b.sheet.Dropped
			readable = b.sheet.Require(required...)
		case readable:
			b.readRow(row)
		}
	}
}

func (b *bill) readRow(row files.Row) {
	r := b.sheet.Record(row)
	if !r.Sound() {
		return
	}
	r.Drop(personal...)
	day := r.Day(date)
	sinceMidnight := r.Time(clock, time.TimeOnly, time.UTC)
	line := reconcile.Line{
		Row: row.Line, Day: day, Currency: currency,
		At: time.Date(day.Year, day.Month, day.Day,
			sinceMidnight.Hour(), sinceMidnight.Minute(), sinceMidnight.Second(), 0, beijing),
		MID:        ledger.MID(r.ID(merchant, 15)),
		TID:        ledger.TID(r.ID(terminal, 8)),
		Batch:      ledger.BatchNo(r.ID(batch, 12)),
		STAN:       ledger.STAN(r.ID(trace, 12)),
		RRN:        ledger.RRN(r.ID(reference, 12)),
		CardKind:   cardKinds[r.Text(cardKind)],
		OrderNo:    r.ID(orderNo, 64),
		ProviderNo: r.ID(tradeNo, 64),
		Store:      ledger.StoreID(r.Text(store)),
		RawKind:    r.Text(kind),
	}
	if b.sheet.Has(doneDate) && r.Has(doneDate) {
		line.Day = r.Day(doneDate)
	}
	if b.sheet.Has(authCode) {
		line.AuthCode = ledger.AuthCode(r.ID(authCode, 6))
	}
	t := typeOf(line.RawKind)
	line.Kind, line.Channel = t.kind, t.channel
	if t.channel == "" || t.channel == "unionpay" {
		line.Card = r.Card(card)
	} else {
		r.Drop(card) // a wallet has no card; what stands here is the payer's account
	}
	if line.Channel == "" && !line.Card.IsZero() {
		line.Channel = "card"
	}
	readAmounts(r, &line, t.sign)
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	if !slices.Contains(b.merchants, string(line.MID)) && len(b.merchants) < 2 {
		b.merchants = append(b.merchants, string(line.MID))
	}
	b.statement.Lines = append(b.statement.Lines, line)
}

// readAmounts gives every amount the sign of the row's type and looks for the reading of
// 优惠金额 and 分期贴息 with which the row ties. When none does, settlement.Check says so.
func readAmounts(r *files.Record, line *reconcile.Line, sign sign) {
	read := func(heading string) int64 { return sign.of(r.Amount(heading, currency)) }
	line.Gross, line.Fee, line.Net = read(amount), read(fee), read(settled)
	if r.Has(coupon) {
		line.Discount = read(coupon)
	}
	interest := int64(0)
	if r.Has(subsidy) {
		interest = read(subsidy)
	}
	plain := *line
	for _, discount := range []int64{plain.Discount, 0} {
		for _, extra := range []int64{0, interest} {
			if plain.Gross-discount-plain.Fee-extra == plain.Net {
				line.Discount, line.Fee = discount, plain.Fee+extra
				return
			}
		}
	}
}

// oneSettlement is how many days a file may span and still be the settlement of its
// latest day.
const oneSettlement = 3

// date sets the period, the lines' day, and the account when all rows are of one merchant.
func (b *bill) date() {
	s := b.statement
	if len(b.merchants) == 1 {
		s.Account = b.merchants[0]
	}
	for i, line := range s.Lines {
		if i == 0 || line.Day.Compare(s.From) < 0 {
			s.From = line.Day
		}
		if i == 0 || line.Day.Compare(s.To) > 0 {
			s.To = line.Day
		}
	}
	if s.To.Sub(s.From) < oneSettlement {
		s.From = s.To
		for i := range s.Lines {
			s.Lines[i].Day = s.To
		}
	}
}

var cardKinds = map[string]string{
	"借记卡": "debit", "贷记卡": "credit", "信用卡": "credit",
	// Scheme fees of a semi-credit card (准贷记卡) are those of a credit card.
	"准贷记卡": "credit",
	"预付费卡": "prepaid", "预付卡": "prepaid",
	"境外卡": "foreign", "外卡": "foreign", "国际卡": "foreign",
}

// transaction is what a word of 交易类型 means.
type transaction struct {
	kind    reconcile.LineKind
	sign    sign
	channel string // empty: card if the row has one
}

// sign is which way the money goes.
type sign int

const (
	printed sign = iota // as the file prints it
	in
	out
)

func (s sign) of(amount int64) int64 {
	if amount < 0 && s != printed {
		amount = -amount
	}
	if s == out {
		return -amount
	}
	return amount
}

var wallets = []struct{ prefix, channel string }{
	{"微信", "wechat"}, {"支付宝", "alipay"}, {"云闪付", "unionpay"}, {"银联", "unionpay"},
	{"数字人民币", "ecny"}, {"数字货币", "ecny"}, {"手机QQ", "qq"}, {"QQ", "qq"},
}

// actions are the ends of type words, the longer before the shorter they contain.
var actions = []struct {
	word string
	kind reconcile.LineKind
	sign sign
}{
	{"撤销冲正", reconcile.ReversalLine, in}, // a void that was itself undone
	{"退货冲正", reconcile.ReversalLine, in},
	{"冲正", reconcile.ReversalLine, out},
	{"撤销", reconcile.VoidLine, out},
	{"退货", reconcile.RefundLine, out},
	{"退款", reconcile.RefundLine, out},
	{"消费", reconcile.SaleLine, in},
	{"支付", reconcile.SaleLine, in},
	{"预授权完成", reconcile.SaleLine, in},
}

// typeOf reads a word of 交易类型. A pre-authorisation moves no money and, like every word
// we do not know, is an other line.
func typeOf(word string) transaction {
	t := transaction{kind: reconcile.OtherLine}
	rest := word
	for _, wallet := range wallets {
		if tail, found := strings.CutPrefix(word, wallet.prefix); found {
			t.channel, rest = wallet.channel, tail
			break
		}
	}
	if strings.HasPrefix(rest, "预授权") && !strings.HasPrefix(rest, "预授权完成") {
		return t
	}
	for _, action := range actions {
		if strings.HasSuffix(rest, action.word) {
			t.kind, t.sign = action.kind, action.sign
			return t
		}
	}
	return t
}
