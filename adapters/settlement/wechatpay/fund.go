package wechatpay

import (
	"regexp"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// Headings of the account (资金账单); those of amounts come with and without their unit.
const (
	bookedAt    = "记账时间"
	businessNo  = "微信支付业务单号"
	flowNo      = "资金流水单号"
	business    = "业务名称"
	businessIs  = "业务类型"
	direction   = "收支类型"
	note        = "备注"
	voucher     = "业务凭证号"
	flows       = "资金流水总笔数"
	inRows      = "收入笔数"
	inAmount    = "收入金额"
	outRows     = "支出笔数"
	outAmount   = "支出金额"
	yuan        = ledger.Currency("CNY")
	cashInOrOut = "充值/提现"
)

var (
	movement = []string{"收支金额(元)", "收支金额"}
	left     = []string{"账户结余(元)", "账户结余"}
	// marks are what the header of an account is known by.
	marks = []string{bookedAt, businessNo, flowNo, business, businessIs, direction}
)

type fundFormat struct{}

// NewFund returns the format "wechat-fund".
func NewFund() settlement.Format { return fundFormat{} }

func (fundFormat) Name() string { return "wechat-fund" }

// Sniff knows the header.
func (fundFormat) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	row, err := files.NewReader(doc.Name, doc.Parts[0].Text, files.Dialect{}).Read()
	return err == nil && settlement.Resembles(row, marks...)
}

func (fundFormat) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	f := &fund{list: list{file: doc.FileOf(part), statement: &reconcile.Statement{Format: "wechat-fund", Kind: reconcile.ProviderAccount}}}
	f.read(part.Text, parts{
		required: func(s *files.Sheet) []string {
			return []string{bookedAt, businessNo, business, businessIs, direction, s.Find(movement...), s.Find(left...), note, voucher}
		},
		row: f.readRow, first: flows, summary: f.readSummary,
		passes: func(foot *files.Sheet) bool { return foot.Require(flows, inRows, inAmount, outRows, outAmount) },
		cut:    ledger.Say("the file is cut short: it does not end in a summary (资金流水总笔数, …)"),
	})
	rows := make([]int, len(f.statement.Lines))
	for i := range rows {
		rows[i] = i
	}
	settlement.RunningBalance(f.statement, f.sheet.Find(left...), rows, f.balances)
	settlement.Check(f.file, f.statement, &f.problems)
	if err := f.problems.Err(); err != nil {
		return nil, err
	}
	return f.statement, nil
}

// fund is one account being read.
type fund struct {
	list
	balances   []int64 // after each line
	ins, outs  int64
	came, went int64
	begun      bool
}

func (f *fund) readRow(row files.Row) {
	r := f.sheet.Record(cells(f.sheet, row))
	if !r.Sound() {
		return
	}
	at := r.Time(bookedAt, time.DateTime, beijing)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Currency: yuan, Channel: "wechat",
		OrderNo: used(r.ID(voucher, 64)), ProviderNo: used(r.ID(businessNo, 64)),
		Memo: settlement.Shorten(r.Text(note), settlement.MaxMemo), RawKind: r.Text(business) + " " + r.Text(businessIs),
	}
	heading := f.sheet.Find(movement...)
	amount := r.Amount(heading, yuan)
	if amount < 0 {
		r.Wrong(heading, ledger.Say("the amount is negative; 收支类型 says which way it went"), ledger.Say("compare the row with the original file"))
	}
	switch r.Text(direction) {
	case "收入":
		line.Net = amount
	case "支出":
		line.Net = -amount
	default:
		r.Wrong(direction, ledger.Say("this is neither 收入 nor 支出"), ledger.Say("compare the row with the original file"))
	}
	line.Kind = movedBy(r.Text(business), r.Text(businessIs), line.Net)
	readShares(&line)
	after := r.Amount(f.sheet.Find(left...), yuan)
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	s := f.statement
	if !f.begun || line.Day.Compare(s.From) < 0 {
		s.From = line.Day
	}
	if !f.begun || line.Day.Compare(s.To) > 0 {
		s.To = line.Day
	}
	f.begun = true
	if line.Net < 0 || line.Net == 0 && r.Text(direction) == "支出" {
		f.outs, f.went = f.outs+1, settlement.Add(f.went, -line.Net)
	} else {
		f.ins, f.came = f.ins+1, settlement.Add(f.came, line.Net)
	}
	s.Lines = append(s.Lines, line)
	f.balances = append(f.balances, after)
}

// movedBy tells the kind of a movement by 业务名称 and 业务类型. 退款关闭 is money that could not
// be given back. (WeChat Pay merchant documentation, "资金账单", field tables.)
func movedBy(name, kind string, net int64) reconcile.LineKind {
	switch {
	case kind == "交易" && net >= 0:
		return reconcile.SaleLine
	case kind == "退款" || kind == "退款关闭":
		return reconcile.RefundLine
	case kind == "扣除交易手续费" || kind == "退还交易手续费":
		return reconcile.FeeLine
	case name == cashInOrOut && (net < 0 || strings.Contains(kind, "提现")):
		return reconcile.PayoutLine
	case name == cashInOrOut:
		return reconcile.AdjustmentLine
	}
	return reconcile.OtherLine
}

// shares is what the remark of a row says of its amount: 退款总金额6.60元;含手续费0.04元.
var shares = regexp.MustCompile(`总金额\s*([0-9.,]+)\s*元\s*[;；]\s*含手续费\s*([0-9.,]+)\s*元`)

// readShares divides a movement into gross and fee. A refund may be booked less the fee that
// is given back with it, and then its remark says so; whether it is, its amount tells.
func readShares(line *reconcile.Line) {
	if line.Kind == reconcile.FeeLine {
		line.Fee = -line.Net
		return
	}
	line.Gross = line.Net
	found := shares.FindStringSubmatch(line.Memo)
	if found == nil || line.Kind != reconcile.SaleLine && line.Kind != reconcile.RefundLine {
		return
	}
	total, errTotal := ledger.ParseAmount(found[1], yuan)
	fee, errFee := ledger.ParseAmount(found[2], yuan)
	switch {
	case errTotal != nil || errFee != nil:
	case line.Net == total-fee:
		line.Gross, line.Fee = total, fee
	case line.Net == fee-total:
		line.Gross, line.Fee = -total, -fee
	}
}

func (f *fund) readSummary(foot *files.Sheet, row files.Row) {
	r := foot.Record(unquoted(row))
	if !r.Sound() {
		return
	}
	for _, c := range []struct {
		heading  string
		currency ledger.Currency
		computed int64
	}{{flows, "", f.ins + f.outs}, {inRows, "", f.ins}, {inAmount, yuan, f.came}, {outRows, "", f.outs}, {outAmount, yuan, f.went}} {
		stated := int64(0)
		if c.currency == "" {
			stated = readCount(r, c.heading)
		} else {
			stated = r.Amount(c.heading, c.currency)
		}
		f.statement.Controls = append(f.statement.Controls, reconcile.Control{
			Name: c.heading, Row: row.Line, Currency: c.currency, Stated: stated, Computed: c.computed})
	}
}

var wholeNumber = regexp.MustCompile(`^([0-9]+)\.0+$`)

// readCount reads a count, which some files write as 20.0.
func readCount(r *files.Record, heading string) int64 {
	if found := wholeNumber.FindStringSubmatch(r.Text(heading)); found != nil {
		if n, ok := files.Whole(found[1]); ok {
			return n
		}
	}
	return r.Int(heading)
}
