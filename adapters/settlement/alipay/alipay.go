package alipay

import (
	"io"
	"regexp"
	"strings"
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

type format struct{}

// New returns the format "alipay-trade".
func New() settlement.Format { return format{} }

func (format) Name() string { return "alipay-trade" }

// Sniff knows the detail and the summary part by title or header. A summary without its
// detail is recognised too, so that Parse can say what is missing.
func (format) Sniff(doc *files.Document) bool {
	for i := range doc.Parts {
		if partOf(doc, &doc.Parts[i]) != neither {
			return true
		}
	}
	return false
}

type partKind int

const (
	neither partKind = iota
	detailPart
	summaryPart
)

// frameLines is how far into a part its header is looked for.
const frameLines = 50

// partOf tells detail from summary by header, not by name, order or title: the entries
// of the zip come in either order. Only where no header is whole enough does the title decide.
func partOf(doc *files.Document, part *files.Part) partKind {
	reader := files.NewReader(doc.FileOf(part), part.Text, files.Dialect{})
	title := neither
	for range frameLines {
		row, err := reader.Read()
		if err != nil {
			break
		}
		switch line := frame(row.Raw); {
		case strings.HasPrefix(line, "#支付宝业务明细查询"):
			title = detailPart
		case strings.HasPrefix(line, "#支付宝业务汇总查询"):
			title = summaryPart
		case strings.HasPrefix(line, "#"):
		case settlement.Resembles(row, summary...):
			return summaryPart
		case settlement.Resembles(row, required...):
			return detailPart
		default:
			return title
		}
	}
	return title
}

// frame is a line of the frame without the run of commas and the quotes that a
// spreadsheet leaves around it.
func frame(line string) string {
	return strings.Trim(line, " \t\u00a0,\"")
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	var details, summaries []*files.Part
	for i := range doc.Parts {
		switch partOf(doc, &doc.Parts[i]) {
		case detailPart:
			details = append(details, &doc.Parts[i])
		case summaryPart:
			summaries = append(summaries, &doc.Parts[i])
		}
	}
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
		file:      doc.FileOf(details[0]),
		totals:    map[string]*totals{},
		statement: &reconcile.Statement{Format: "alipay-trade", Kind: reconcile.TradeBill},
	}
	b.readDetail(details[0].Text)
	if len(summaries) == 1 {
		b.readSummary(doc.FileOf(summaries[0]), summaries[0].Text)
	}
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
	totals    map[string]*totals // by store, and under whole for the bill
	ended     bool               // the end mark was seen
	// unreadable is set when a column is missing: then rows are not looked at, since
	// each would only repeat that.
	unreadable bool
	footers    map[string]bool // 交易, 退款
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

func (b *bill) readDetail(text string) {
	b.footers = map[string]bool{}
	reader := files.NewReader(b.file, text, files.Dialect{})
	var footers []files.Row
	behind := false // a row behind the end mark was reported; the rest follows from it
	for {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		line := frame(row.Raw)
		switch {
		case strings.HasPrefix(line, "#"):
			row.Raw = line
			if footer.MatchString(line) {
				footers = append(footers, row)
			} else {
				b.readFrame(row)
			}
		case b.sheet == nil:
			b.readHeader(row)
		case b.ended && behind:
		case b.ended:
			behind = true
			b.problems.Add(&files.Error{File: b.file, Row: row.Line,
				Text: ledger.Say("a row stands behind the end mark of the list"),
				Hint: ledger.Say("two bills may have been joined; import each as it was downloaded")})
		case !b.unreadable:
			b.readRow(row)
		}
	}
	for _, row := range footers { // behind the rows, so that their sums are whole
		b.readFooter(row)
	}
	b.checkFrame()
}

func (b *bill) readHeader(row files.Row) {
	b.sheet = files.NewSheet(b.file, row, &b.problems)
	b.unreadable = !b.sheet.Require(required...)
	b.statement.Truncated, b.statement.Dropped = b.sheet.Truncated, b.sheet.Dropped
}

var (
	account = regexp.MustCompile(`^#账号[：:]\s*\[([^\]]*)\]`)
	period  = regexp.MustCompile(`^#起始日期[：:]\s*\[([^\]]*)\]\s*终止日期[：:]\s*\[([^\]]*)\]`)
	footer  = regexp.MustCompile(`^#(交易|退款)合计[：:]`)
	sums    = regexp.MustCompile(`^#(交易|退款)合计[：:]\s*(-?[0-9]+)\s*笔[，,]\s*商家实收(?:退款)?共([^元]+)元[，,]\s*商家优惠(?:退款)?共([^元]+)元`)
)

func (b *bill) readFrame(row files.Row) {
	switch {
	case strings.Contains(row.Raw, "业务明细列表结束"):
		b.ended = true
	case account.MatchString(row.Raw):
		b.statement.Account = files.Truncate(strings.TrimSpace(account.FindStringSubmatch(row.Raw)[1]))
	case strings.HasPrefix(row.Raw, "#起始日期"):
		b.statement.From, b.statement.To = readPeriod(b.file, row, &b.problems)
	}
}

// readPeriod returns the first and last day of a period whose end is an exclusive midnight.
func readPeriod(file string, row files.Row, problems *files.Problems) (from, to ledger.BusinessDay) {
	const layout = "2006年01月02日 15:04:05"
	if found := period.FindStringSubmatch(row.Raw); found != nil {
		start, errStart := time.ParseInLocation(layout, strings.TrimSpace(found[1]), beijing)
		end, errEnd := time.ParseInLocation(layout, strings.TrimSpace(found[2]), beijing)
		if errStart == nil && errEnd == nil && start.Before(end) && start.Year() >= 1900 {
			return ledger.DayOf(start), ledger.DayOf(end.Add(-time.Nanosecond))
		}
	}
	problems.Add(&files.Error{File: file, Row: row.Line, Value: row.Raw,
		Text: ledger.Say("this is not a period from 起始日期 to 终止日期"),
		Hint: ledger.Say("the file may have been saved by a spreadsheet; ask for the original")})
	return from, to
}

// missing reports a part of the frame without which nobody can tell that the rows are all
// there.
func missing(problems *files.Problems, file string, what ledger.Text) {
	problems.Add(&files.Error{File: file,
		Text: ledger.Say("the file is cut short or was edited: it has no %s", what),
		Hint: ledger.Say("download it again")})
}

// checkFrame refuses a bill that was cut short: without end mark and totals nobody can
// tell that the rows are all there.
func (b *bill) checkFrame() {
	missing := func(what ledger.Text) { missing(&b.problems, b.file, what) }
	if b.sheet == nil {
		missing(ledger.Say("header (支付宝交易号, 商户订单号, …)"))
	}
	if b.statement.Account == "" {
		missing(ledger.Say("line %s", "#账号"))
	}
	if b.statement.From.IsZero() && b.problems.Count() == 0 {
		missing(ledger.Say("line %s", "#起始日期"))
	}
	if !b.ended {
		missing(ledger.Say("line %s", "#业务明细列表结束"))
	}
	for _, which := range []string{"交易", "退款"} {
		if !b.footers[which] {
			missing(ledger.Say("line %s", "#"+which+"合计"))
		}
	}
}

func (b *bill) readFooter(row files.Row) {
	bad := func() {
		b.problems.Add(&files.Error{File: b.file, Row: row.Line, Value: row.Raw,
			Text: ledger.Say("this total cannot be read"),
			Hint: ledger.Say("it is written as #交易合计：3笔，商家实收共146.40元，商家优惠共1.00元; download the file again")})
	}
	found := sums.FindStringSubmatch(row.Raw)
	which := footer.FindStringSubmatch(row.Raw)[1]
	b.footers[which] = true
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
	if which == "退款" {
		computed = []int64{t.refunds, t.refundReceived, t.refundCoupon}
	}
	name := which + "合计 "
	b.control(name+"笔数", row.Line, "", count, computed[0])
	b.control(name+"商家实收", row.Line, currency, gotten, computed[1])
	b.control(name+"商家优惠", row.Line, currency, given, computed[2])
}

func (b *bill) control(name string, row int, in ledger.Currency, stated, computed int64) {
	b.statement.Controls = append(b.statement.Controls, reconcile.Control{
		Name: name, Row: row, Currency: in, Stated: stated, Computed: computed})
}

func (b *bill) of(key string) *totals {
	if b.totals[key] == nil {
		b.totals[key] = &totals{}
	}
	return b.totals[key]
}
