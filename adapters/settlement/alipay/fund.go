package alipay

import (
	"regexp"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// Headings of the account (账务明细). Those of its amounts come with their signs in
// parentheses, without signs, or bare.
const (
	entryNo  = "账务流水号"
	tradeRef = "业务流水号"
	booked   = "发生时间"
	partner  = "对方账号"
)

var (
	cameIn  = []string{"收入金额(+元)", "收入金额(元)", "收入金额"}
	wentOut = []string{"支出金额(-元)", "支出金额(元)", "支出金额"}
	balance = []string{"账户余额(元)", "账户余额"}
)

// marks are what the header of an account is known by.
var marks = []string{entryNo, tradeRef, orderNo, booked, partner, kind}

// Headings of its summary.
const (
	word     = "类型"
	inCount  = "收入笔数"
	outCount = "支出笔数"
)

var (
	netMoved     = []string{"总金额(元)", "总金额"}
	summaryMarks = []string{word, inCount, outCount}
)

var funds = form{
	about:  "账务",
	header: ledger.Say("header (账务流水号, 业务流水号, …)"),
	footer: regexp.MustCompile(`^#(支出|收入)合计[：:]`),
	totals: []string{"支出", "收入"},
	detail: func(row files.Row) bool { return settlement.Resembles(row, marks...) },
	summary: func(row files.Row, title partKind) bool {
		return row.Names(summaryMarks...) && title != detailPart
	},
}

type fundFormat struct{}

// NewFund returns the format "alipay-fund".
func NewFund() settlement.Format { return fundFormat{} }

func (fundFormat) Name() string { return "alipay-fund" }

// Sniff knows the detail and the summary by title or header.
func (fundFormat) Sniff(doc *files.Document) bool { return funds.sniff(doc) }

func (fundFormat) Parse(doc *files.Document) (*reconcile.Statement, error) {
	details, summaries := funds.partsOf(doc)
	switch {
	case len(details) == 0:
		return nil, files.Wrong(doc.Name,
			ledger.Say("this is the summary (账务汇总) of an Alipay account without its detail"),
			ledger.Say("import the detail file (账务明细), or the zip that holds both"))
	case len(details) > 1 || len(summaries) > 1 || len(details)+len(summaries) < len(doc.Parts):
		return nil, files.Wrong(doc.Name,
			ledger.Say("the archive holds more than the detail and the summary of one Alipay account"),
			ledger.Say("unpack it and import the files one by one"))
	}
	f := &fund{
		list: list{form: &funds, file: doc.FileOf(details[0]),
			statement: &reconcile.Statement{Format: "alipay-fund", Kind: reconcile.ProviderAccount}},
		moved: map[string]*moved{},
	}
	f.read(details[0].Text, func(s *files.Sheet) []string {
		return []string{tradeRef, orderNo, booked, kind, s.Find(cameIn...), s.Find(wentOut...), s.Find(balance...)}
	}, f.readRow, f.readTotal)
	rows := make([]int, len(f.statement.Lines))
	for i := range rows {
		rows[i] = i
	}
	if f.sheet != nil {
		settlement.RunningBalance(f.statement, f.sheet.Find(balance...), rows, f.balances)
	}
	if len(summaries) == 1 {
		f.readSummary(doc.FileOf(summaries[0]), summaries[0].Text, func(s *files.Sheet) bool {
			return s.Require(word, inCount, s.Find(cameIn...), outCount, s.Find(wentOut...), s.Find(netMoved...))
		}, f.readSummaryRow)
	}
	settlement.Check(f.file, f.statement, &f.problems)
	if err := f.problems.Err(); err != nil {
		return nil, err
	}
	return f.statement, nil
}

// fund is one account being read.
type fund struct {
	list
	balances []int64 // after each line
	all      moved
	moved    map[string]*moved // by 业务类型
}

// moved is what came in and went out, in fen.
type moved struct{ ins, outs, in, out int64 }

func (m *moved) add(net int64) {
	switch {
	case net < 0:
		m.outs, m.out = m.outs+1, settlement.Add(m.out, net)
	case net > 0:
		m.ins, m.in = m.ins+1, settlement.Add(m.in, net)
	}
}

// words are the values of 业务类型. 交易分账 is what 分润 is in the trade bill, where it counts
// as a fee. (Settlement formats, Alipay balance bill: 业务类型 seen.)
var words = map[string]reconcile.LineKind{
	"在线支付": reconcile.SaleLine, "交易付款": reconcile.SaleLine, "交易": reconcile.SaleLine,
	"交易退款": reconcile.RefundLine,
	"收费":   reconcile.FeeLine, "退费": reconcile.FeeLine, "交易分账": reconcile.FeeLine,
	"提现": reconcile.PayoutLine,
	"充值": reconcile.AdjustmentLine,
}

// bracketed is the number of the payment in the remark of a fee: 服务费[2026010522…].
var bracketed = regexp.MustCompile(`\[([0-9]{16,64})\]`)

func (f *fund) readRow(row files.Row) {
	row, ok := rejoin(f.sheet, f.file, row, &f.problems)
	if !ok {
		return
	}
	r := f.sheet.Record(row)
	if !r.Sound() {
		return
	}
	at := r.Time(booked, timeLayout, beijing)
	r.Drop(partner)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Currency: currency, Channel: "alipay", Kind: reconcile.OtherLine,
		OrderNo: r.ID(orderNo, 64), ProviderNo: r.ID(tradeRef, 64), Memo: r.Text(remark), RawKind: r.Text(kind),
		Net: f.readMovement(r),
	}
	if kind, known := words[line.RawKind]; known {
		line.Kind = kind
	}
	if line.Kind == reconcile.SaleLine && line.Net < 0 {
		line.Kind = reconcile.OtherLine // paid by the merchant, for something bought
	}
	if line.Kind == reconcile.FeeLine {
		line.Fee = -line.Net
		if found := bracketed.FindStringSubmatch(line.Memo); found != nil {
			line.ProviderNo = found[1]
		}
	} else {
		line.Gross = line.Net
	}
	after := r.Amount(f.sheet.Find(balance...), currency)
	if s := f.statement; r.Sound() && !s.From.IsZero() && settlement.Within(line.Day, s.From, s.To) != line.Day {
		r.Wrong(booked, ledger.Say("the row is not of the period of the file, %s to %s", s.From.String(), s.To.String()),
			ledger.Say("compare the row with the original file"))
	}
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	f.statement.Lines = append(f.statement.Lines, line)
	f.balances = append(f.balances, after)
	if f.moved[line.RawKind] == nil {
		f.moved[line.RawKind] = &moved{}
	}
	f.moved[line.RawKind].add(line.Net)
	f.all.add(line.Net)
}

// readMovement reads what came in or went out; the column says which, whatever the sign.
func (f *fund) readMovement(r *files.Record) int64 {
	in, out := f.sheet.Find(cameIn...), f.sheet.Find(wentOut...)
	var came, went int64
	if r.Has(in) {
		came = r.Amount(in, currency)
	}
	if r.Has(out) {
		went = r.Amount(out, currency)
	}
	switch {
	case !r.Has(in) && !r.Has(out):
		r.Reject(ledger.Say("the row has neither %s nor %s", out, in), ledger.Say("compare the row with the original file"))
	case came != 0 && went != 0:
		r.Reject(ledger.Say("the row has both %s and %s", out, in), ledger.Say("compare the row with the original file"))
	case came < 0:
		r.Wrong(in, ledger.Say("what came in is negative"), ledger.Say("compare the row with the original file"))
	}
	return came - max(went, -went)
}

var fundStated = regexp.MustCompile(`^#(?:支出|收入)合计[：:]\s*(-?[0-9]+)\s*笔[，,]\s*共([^元]+)元`)

func (f *fund) readTotal(of string, row files.Row) {
	var count, amount int64
	counted := false
	err := error(nil)
	if found := fundStated.FindStringSubmatch(row.Raw); found != nil {
		count, counted = files.Whole(found[1])
		amount, err = ledger.ParseAmount(found[2], currency)
	}
	if !counted || err != nil {
		f.badTotal(row, ledger.Say("it is written as #支出合计：5笔，共-146.38元; download the file again"))
		return
	}
	rows, computed := f.all.ins, f.all.in
	if of == "支出" {
		rows, computed, amount = f.all.outs, f.all.out, -max(amount, -amount)
	}
	f.control(of+"合计 笔数", row.Line, "", count, rows)
	f.control(of+"合计", row.Line, currency, amount, computed)
}

// readSummaryRow compares a row of the summary with the rows: one for each 业务类型, and 合计.
func (f *fund) readSummaryRow(sheet *files.Sheet, r *files.Record) {
	key := r.Text(word)
	computed := moved{}
	if m := f.moved[key]; m != nil {
		computed = *m
	} else if key == whole {
		computed = f.all
	}
	out := r.Amount(sheet.Find(wentOut...), currency)
	name := "汇总 " + key + " "
	f.control(name+inCount, r.Line, "", r.Int(inCount), computed.ins)
	f.control(name+"收入金额", r.Line, currency, r.Amount(sheet.Find(cameIn...), currency), computed.in)
	f.control(name+outCount, r.Line, "", r.Int(outCount), computed.outs)
	f.control(name+"支出金额", r.Line, currency, -max(out, -out), computed.out)
	f.control(name+"总金额", r.Line, currency, r.Amount(sheet.Find(netMoved...), currency), settlement.Add(computed.in, computed.out))
}
