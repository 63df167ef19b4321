package icbc

import (
	"errors"
	"io"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

const currency = ledger.Currency("CNY")

// beijing is the zone of every time in the file. China has had one zone without summer
// time since 1991, so a fixed offset needs no time zone data.
var beijing = time.FixedZone("CST", 8*60*60)

// title is the first line.
const title = "[HISTORYDETAIL]"

// Headings.
const (
	voucher      = "凭证号"
	when         = "交易时间"
	counterparty = "对方单位"
	account      = "对方账号"
	moneyIn      = "转入金额"
	moneyOut     = "转出金额"
	balance      = "余额"
	purpose      = "用途"
	abstract     = "摘要"
	postscript   = "附言"
)

var required = []string{voucher, when, counterparty, moneyIn, moneyOut, balance, purpose, abstract, postscript}

var dialect = files.Dialect{Quoted: true}

type format struct{}

// New returns the format "icbc-corporate".
func New() settlement.Format { return format{} }

func (format) Name() string { return "icbc-corporate" }

// ReadsWorkbooks is true: the bank offers the table as XLSX too.
func (format) ReadsWorkbooks() bool { return true }

// Sniff knows the first line.
func (format) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	row, err := files.NewReader(doc.Name, doc.Parts[0].Text, files.Dialect{}).Read()
	return err == nil && isTitle(row)
}

func isTitle(row files.Row) bool {
	return strings.TrimRight(files.Fold(row.Raw), ",") == title
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	e := &export{
		file:      doc.FileOf(part),
		statement: &reconcile.Statement{Format: "icbc-corporate", Kind: reconcile.BankStatement},
	}
	e.read(part.Text)
	e.checkBalances()
	settlement.Check(e.file, e.statement, &e.problems)
	if err := e.problems.Err(); err != nil {
		return nil, err
	}
	return e.statement, nil
}

// export is one document being read.
type export struct {
	file      string
	problems  files.Problems
	sheet     *files.Sheet
	statement *reconcile.Statement
	balances  []int64 // after each line
}

func (e *export) read(text string) {
	reader := files.NewReader(e.file, text, dialect)
	titled, readable := false, true
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			if e.sheet == nil {
				e.problems.Add(&files.Error{File: e.file,
					Text: ledger.Say("the file has no header (凭证号, 交易时间, …)"), Hint: ledger.Say("download it again")})
			}
			return
		case errors.As(err, &wrong):
			e.problems.Add(wrong)
		case !titled:
			titled = true
		case e.sheet == nil:
			e.sheet = files.NewSheet(e.file, row, &e.problems)
			e.statement.Truncated, e.statement.Dropped = e.sheet.Truncated, e.sheet.Dropped
			readable = e.sheet.Require(required...)
		case readable:
			e.readRow(row)
		}
	}
}

func (e *export) readRow(row files.Row) {
	r := e.sheet.Record(row)
	if !r.Sound() {
		return
	}
	r.KeepLastFour(account)
	at := r.Time(when, time.DateTime, beijing)
	after := r.Amount(balance, currency)
	line := reconcile.Line{
		Row: row.Line, Kind: reconcile.PayoutLine, Day: ledger.DayOf(at), At: at, Currency: currency,
		Net:          e.readMovement(r),
		ProviderNo:   r.ID(voucher, 64),
		Counterparty: r.Text(counterparty),
		Memo:         files.Truncate(memo(r)),
		RawKind:      r.Text(abstract),
	}
	if line.Net <= 0 {
		line.Kind = reconcile.OtherLine
	}
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	s := e.statement
	if len(s.Lines) == 0 || line.Day.Compare(s.From) < 0 {
		s.From = line.Day
	}
	if len(s.Lines) == 0 || line.Day.Compare(s.To) > 0 {
		s.To = line.Day
	}
	s.Lines = append(s.Lines, line)
	e.balances = append(e.balances, after)
}

// readMovement is in less out. The bank writes a correction as a negative amount in the
// column it corrects.
func (e *export) readMovement(r *files.Record) int64 {
	var came, went int64
	if r.Has(moneyIn) {
		came = r.Amount(moneyIn, currency)
	}
	if r.Has(moneyOut) {
		went = r.Amount(moneyOut, currency)
	}
	switch {
	case !r.Has(moneyIn) && !r.Has(moneyOut):
		r.Reject(ledger.Say("the row has neither 转入金额 nor 转出金额"), ledger.Say("compare the row with the original file"))
	case came != 0 && went != 0:
		r.Reject(ledger.Say("the row has both 转入金额 and 转出金额"), ledger.Say("compare the row with the original file"))
	}
	return came - went
}

// memo joins what is written about a movement: the bank spreads it over three columns,
// and which one holds the merchant number differs by payer.
func memo(r *files.Record) string {
	var words []string
	for _, heading := range []string{purpose, abstract, postscript} {
		if r.Has(heading) {
			words = append(words, r.Text(heading))
		}
	}
	return strings.Join(words, " ")
}

// checkBalances makes a Control of every balance but the earliest.
func (e *export) checkBalances() {
	rows := make([]int, len(e.statement.Lines))
	for n := range rows {
		rows[n] = n
	}
	settlement.RunningBalance(e.statement, balance, rows, e.balances)
	if opening, closing, known := settlement.Ends(e.statement, rows, e.balances); known {
		e.statement.AddBalance(reconcile.Balance{Currency: currency, Opening: opening, Closing: closing})
	}
}
