package unionpay

import (
	"regexp"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

type institutionFormat struct{}

// NewInstitution returns the format "unionpay-comn".
func NewInstitution() settlement.Format { return institutionFormat{} }

func (institutionFormat) Name() string { return "unionpay-comn" }

var (
	messageType = regexp.MustCompile(`^0[0-9]{3}$`)
	processCode = regexp.MustCompile(`^[0-9]{6}$`)
)

// Sniff knows the record by its columns.
func (institutionFormat) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	for number, line := range files.Lines(doc.Parts[0].Text) {
		if number > sniffed {
			break
		}
		row, ok := institution.Cut(line)
		if ok && wholeAmount.MatchString(row.Cells[5]) && messageType.MatchString(row.Cells[8]) && processCode.MatchString(row.Cells[9]) {
			return true
		}
	}
	return false
}

// institutionName is a file by its name, with the clearing date: plain or with extension,
// as seen by the acquirer or not.
var institutionName = regexp.MustCompile(`IND([0-9]{6})[0-9]{2}A?COM[NA]`)

func (institutionFormat) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	c := &clearing{file: doc.FileOf(part), statement: &reconcile.Statement{Format: "unionpay-comn", Kind: reconcile.TradeBill}}
	if found := institutionName.FindStringSubmatch(part.Name); found != nil {
		if day, err := time.Parse("060102", found[1]); err == nil {
			c.cleared = ledger.DayOf(day)
		}
	}
	if c.cleared.IsZero() {
		return nil, files.Wrong(c.file,
			ledger.Say("the rows of this file have no year, and its name (INDYYMMDD…COMN), which has it, was changed"),
			ledger.Say("give the file its name back"))
	}
	c.statement.From, c.statement.To = c.cleared, c.cleared
	c.read(part.Text)
	settlement.Check(c.file, c.statement, &c.problems)
	if err := c.problems.Err(); err != nil {
		return nil, err
	}
	return c.statement, nil
}

// clearing is one file being read.
type clearing struct {
	file      string
	problems  files.Problems
	cleared   ledger.BusinessDay
	statement *reconcile.Statement
}

func (c *clearing) read(text string) {
	sheet := files.NewSheet(c.file, institution.Header(), &c.problems)
	c.statement.Truncated, c.statement.Dropped = sheet.Truncated, sheet.Dropped
	reader := files.NewReader(c.file, text, files.Dialect{Comma: "\n"})
	for {
		whole, err := reader.Read()
		if err != nil {
			break
		}
		row, ok := institution.Cut(whole.Raw)
		row.Line = whole.Line
		if !ok || row.Cells[whole299-1] == "" {
			c.problems.Add(&files.Error{File: c.file, Row: whole.Line, Value: files.Truncate(whole.Raw),
				Text: ledger.Say("the row is not laid out as UnionPay does: its columns do not stand where they should"),
				Hint: ledger.Say("the row was cut or edited; import the file as it was downloaded")})
			continue
		}
		c.readRow(sheet.Record(row))
	}
	// A file of one merchant is that merchant's; one of several names none.
	for n, line := range c.statement.Lines {
		if n == 0 {
			c.statement.Account = string(line.MID)
		} else if string(line.MID) != c.statement.Account {
			c.statement.Account = ""
			break
		}
	}
}

// movements are what a message and the first two digits of its processing code do. A
// reversal of a void gives back what the void took. (Settlement formats 3.5.)
var movements = map[string]struct {
	kind reconcile.LineKind
	sign int64
}{
	"0200 00": {reconcile.SaleLine, 1},
	"0200 20": {reconcile.VoidLine, -1},
	"0420 00": {reconcile.ReversalLine, -1},
	"0420 20": {reconcile.ReversalLine, 1},
	"0220 20": {reconcile.RefundLine, -1},
	"0220 00": {reconcile.SaleLine, 1}, // offline, or completion of a pre-authorisation
	"0200 30": {reconcile.InfoLine, 0},
	"0200 31": {reconcile.InfoLine, 0}, // balance enquiries
}

func (c *clearing) readRow(r *files.Record) {
	at := readTime(r, sentAt, c.cleared)
	line := reconcile.Line{
		Row: r.Line, Day: c.cleared, At: at, Currency: currency, Channel: "card",
		MID: ledger.MID(r.ID(store15, 15)), TID: ledger.TID(r.ID(terminal8, 8)), STAN: ledger.STAN(r.ID(trace, 6)),
		RRN: ledger.RRN(r.ID(retrieval, 12)), AuthCode: ledger.AuthCode(r.ID(approval, 6)), Card: readCard(r, pan),
		RawKind: r.Text(message) + " " + r.Text(process),
	}
	fen := readFen(r, amount)
	word := r.Text(process)
	if !processCode.MatchString(word) {
		r.Wrong(process, ledger.Say("this is not a processing code of six digits"), ledger.Say("compare the row with the original file"))
	}
	if !messageType.MatchString(r.Text(message)) {
		r.Wrong(message, ledger.Say("this is not a message type of four digits"), ledger.Say("compare the row with the original file"))
	}
	if !r.Sound() {
		return
	}
	does, known := movements[r.Text(message)+" "+word[:2]]
	switch {
	case !known:
		// Which way the money goes, if any, nobody says: the row is reported with its amount
		// in words, and adds nothing to what is due.
		line.Kind, line.RawKind = reconcile.OtherLine, line.RawKind+" "+ledger.FormatMinor(fen, currency)
	case fen == 0:
		line.Kind = reconcile.InfoLine
	default:
		line.Kind, line.Gross = does.kind, does.sign*fen
	}
	line.Net = line.Gross
	line.Raw = r.Raw()
	c.statement.Lines = append(c.statement.Lines, line)
}
