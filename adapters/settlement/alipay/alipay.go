package alipay

import (
	"regexp"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

const currency = ledger.Currency("CNY")

// beijing is the zone of every time in the bill. China has had one zone without summer
// time since 1991, before Alipay, so a fixed offset needs no time zone data.
var beijing = time.FixedZone("CST", 8*60*60)

// Headings that reading needs. 门店编号, 终端号, 对方账户, 支付宝优惠 and 卡消费金额 are used
// when they are there.
const (
	tradeNo  = "支付宝交易号"
	orderNo  = "商户订单号"
	kind     = "业务类型"
	created  = "创建时间"
	done     = "完成时间"
	order    = "订单金额(元)"
	received = "商家实收(元)"
	coupon   = "商家优惠(元)"
	refundNo = "退款批次号/请求号"
	fee      = "服务费(元)"
	share    = "分润(元)"
	goods    = "商品名称"
	remark   = "备注"
	store    = "门店编号"
	terminal = "终端号"
	payer    = "对方账户"
	funded   = "支付宝优惠(元)"
	card     = "卡消费金额(元)"
)

var required = []string{tradeNo, orderNo, kind, done, order, received, coupon, refundNo, fee, share}

// Headings of the summary part.
const (
	sales   = "交易订单总笔数"
	refunds = "退款订单总笔数"
	net     = "实收净额(元)"
)

var summary = []string{store, sales, refunds, order, received, fee, net}

var trade = form{
	about:   "业务",
	header:  ledger.Say("header (支付宝交易号, 商户订单号, …)"),
	footer:  regexp.MustCompile(`^#(交易|退款)合计[：:]`),
	totals:  []string{"交易", "退款"},
	detail:  func(row files.Row) bool { return settlement.Resembles(row, required...) },
	summary: func(row files.Row, _ partKind) bool { return settlement.Resembles(row, summary...) },
}

type format struct{}

// New returns the format "alipay-trade".
func New() settlement.Format { return format{} }

func (format) Name() string { return "alipay-trade" }

// Sniff knows the detail and the summary part by title or header.
func (format) Sniff(doc *files.Document) bool { return trade.sniff(doc) }

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	details, summaries := trade.partsOf(doc)
	switch {
	case len(details) == 0:
		return nil, files.Wrong(doc.Name,
			ledger.Say("this is the summary (业务汇总) of an Alipay bill without its detail"),
			ledger.Say("import the detail file (业务明细), or the zip that holds both"))
	case len(details) > 1 || len(summaries) > 1:
		return nil, files.Wrong(doc.Name,
			ledger.Say("the archive holds more than one Alipay bill"),
			ledger.Say("unpack it and import the bills one by one"))
	}
	b := &bill{
		list: list{form: &trade, file: doc.FileOf(details[0]),
			statement: &reconcile.Statement{Format: "alipay-trade", Kind: reconcile.TradeBill}},
		sums: map[string]*totals{},
	}
	b.read(details[0].Text, func(*files.Sheet) []string { return required }, b.readRow, b.readTotal)
	if len(summaries) == 1 {
		b.readSummary(doc.FileOf(summaries[0]), summaries[0].Text, func(sheet *files.Sheet) bool {
			sheet.Frame = true
			return sheet.Require(store, sales, refunds)
		}, b.readSummaryRow)
	}
	settlement.Check(b.file, b.statement, &b.problems)
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	return b.statement, nil
}

// bill is one document being read.
type bill struct {
	list
	sums map[string]*totals // by store, and under whole for the bill
}

// totals are what lines add up to, in fen and with the signs the file prints.
type totals struct {
	sales, refunds                        int64
	saleReceived, saleCoupon              int64
	refundReceived, refundCoupon          int64
	order, received, funded, coupon, card int64
	fee, share, net                       int64
}

// whole is the key of the bill's own totals: the summary calls its last row so.
const whole = "合计"

var stated = regexp.MustCompile(`^#(交易|退款)合计[：:]\s*(-?[0-9]+)\s*笔[，,]\s*商家实收(?:退款)?共([^元]+)元[，,]\s*商家优惠(?:退款)?共([^元]+)元`)

func (b *bill) readTotal(of string, row files.Row) {
	bad := func() {
		b.badTotal(row, ledger.Say("it is written as #交易合计：3笔，商家实收共146.40元，商家优惠共1.00元; download the file again"))
	}
	found := stated.FindStringSubmatch(row.Raw)
	if found == nil {
		bad()
		return
	}
	count, counted := files.Whole(found[2])
	gotten, errGotten := ledger.ParseAmount(found[3], currency)
	given, errGiven := ledger.ParseAmount(found[4], currency)
	if !counted || errGotten != nil || errGiven != nil {
		bad()
		return
	}
	t := b.of(whole)
	computed := []int64{t.sales, t.saleReceived, t.saleCoupon}
	if of == "退款" {
		computed = []int64{t.refunds, t.refundReceived, t.refundCoupon}
	}
	name := of + "合计 "
	b.control(name+"笔数", row.Line, "", count, computed[0])
	b.control(name+"商家实收", row.Line, currency, gotten, computed[1])
	b.control(name+"商家优惠", row.Line, currency, given, computed[2])
}

func (b *bill) of(key string) *totals {
	if b.sums[key] == nil {
		b.sums[key] = &totals{}
	}
	return b.sums[key]
}
