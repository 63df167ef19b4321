package settlement

import (
	"math"
	"strings"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/reconcile"
)

// Format is one kind of settlement or bank file. A Format holds no state and may be
// used by many goroutines.
type Format interface {
	// Name is what the configuration calls the format, for example "alipay-trade".
	Name() string
	// Sniff reports whether the document is of this format, by its content. File names
	// are not looked at: people rename files.
	Sniff(doc *files.Document) bool
	// Parse reads the whole document or reports everything that is wrong with it, as a
	// files.ErrorList. It never panics, and its memory is bounded by the document's size.
	Parse(doc *files.Document) (*reconcile.Statement, error)
}

// ParseApart parses a document without the rows that cannot be read by themselves, which
// are returned beside the statement. What is wrong with the file as a whole is reported as
// Parse reports it. A format whose rows are no lines of text leaves them out itself.
func ParseApart(format Format, doc *files.Document) (*reconcile.Statement, []files.Quarantined, error) {
	if f, ok := format.(interface {
		ParseApart(*files.Document) (*reconcile.Statement, []files.Quarantined, error)
	}); ok {
		return f.ParseApart(doc)
	}
	return files.ReadApart(doc, format.Parse, nil)
}

// Open opens a file. One that is in none of the encodings files knows by looking is opened in
// that of a format which asks for its own and knows the file in it.
func Open(name string, data []byte, formats []Format) (*files.Document, error) {
	doc, err := files.Open(name, data)
	if err == nil {
		return doc, nil
	}
	for _, format := range formats {
		f, ok := format.(interface{ Encodings() []string })
		if !ok || len(f.Encodings()) == 0 {
			continue
		}
		if doc, failed := files.Open(name, data, f.Encodings()...); failed == nil && format.Sniff(doc) {
			return doc, nil
		}
	}
	return nil, err
}

// Recognise finds the one format a document is of. A document that is of none, or of
// more than one, is refused as a files.ErrorList; others are what else the program reads, for
// the message.
func Recognise(doc *files.Document, formats []Format, others ...string) (Format, error) {
	var fitting []Format
	for _, format := range formats {
		if format.Sniff(doc) {
			fitting = append(fitting, format)
		}
	}
	switch len(fitting) {
	case 1:
		if doc.Parts[0].Encoding == files.Workbook && !readsWorkbooks(fitting[0]) {
			return nil, files.Wrong(doc.Name,
				ledger.Say("this is an Excel workbook, and of %s daybook reads the provider's own file only", fitting[0].Name()),
				ledger.Say("import the original file, as downloaded and never opened in a spreadsheet"))
		}
		return fitting[0], nil
	case 0:
		return nil, files.Wrong(doc.Name,
			ledger.Say("this is no file that daybook knows; it knows %s", strings.Join(append(others, names(formats)), ", ")),
			ledger.Say("check that it is the provider's original file, not a report made from it; formats are told by their headings, not by the file's name"))
	}
	return nil, Ambiguous(doc, strings.Split(names(fitting), ", ")...)
}

// Ambiguous is the refusal of a document that fits several forms.
func Ambiguous(doc *files.Document, names ...string) error {
	return files.Wrong(doc.Name,
		ledger.Say("the file could be any of %s", strings.Join(names, ", ")),
		ledger.Say("put each bill into a file of its own; where a profile fits the files of another format, tell them apart by recognise:"))
}

// readsWorkbooks reports whether a format's files come as Excel workbooks from the provider
// itself. Others have been through a spreadsheet, which rounds their long numbers.
func readsWorkbooks(format Format) bool {
	f, ok := format.(interface{ ReadsWorkbooks() bool })
	return ok && f.ReadsWorkbooks()
}

func names(formats []Format) string {
	var list []string
	for _, format := range formats {
		list = append(list, format.Name())
	}
	return strings.Join(list, ", ")
}

// Resembles reports whether a row has at least two thirds of the headings: enough to
// know a header by, even one that has lost a column, which Parse then names.
func Resembles(row files.Row, headings ...string) bool {
	there := 0
	for _, heading := range headings {
		if row.Names(heading) {
			there++
		}
	}
	return 3*there >= 2*len(headings)
}

// Headed reports whether a document is one table whose first row resembles a header.
func Headed(doc *files.Document, dialect files.Dialect, headings ...string) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	row, err := files.NewReader(doc.Name, doc.Parts[0].Text, dialect).Read()
	return err == nil && Resembles(row, headings...)
}

// Add sums what a file adds up to. It stops at the ends of int64 in place of wrapping
// around; Check refuses a file long before that.
func Add(a, b int64) int64 {
	switch {
	case b > 0 && a > math.MaxInt64-b:
		return math.MaxInt64
	case b < 0 && a < math.MinInt64-b:
		return math.MinInt64
	}
	return a + b
}

// maxTurnover bounds what one document may move, in minor units, so that sums over
// many documents still fit an int64.
const maxTurnover = math.MaxInt64 / 1000

// Check adds a problem for every line, but of a bank statement, for which
// Net = Gross - Discount - Fee does not hold, and one for a document whose amounts add
// up to more than daybook counts. Every format calls it last.
func Check(file string, statement *reconcile.Statement, problems *files.Problems) {
	turnover := int64(0)
	for _, line := range statement.Lines {
		for _, amount := range []int64{line.Gross, line.Discount, line.Fee, line.Net} {
			if amount < 0 {
				amount = -amount
			}
			turnover = Add(turnover, amount)
		}
		if statement.Kind != reconcile.BankStatement && line.Net != line.Gross-line.Discount-line.Fee {
			tie := &files.Error{File: file, Row: line.Row,
				Text: ledger.Say("the row does not tie: %s less discount %s less fee %s is not the net %s",
					ledger.FormatMinor(line.Gross, line.Currency), ledger.FormatMinor(line.Discount, line.Currency),
					ledger.FormatMinor(line.Fee, line.Currency), ledger.FormatMinor(line.Net, line.Currency)),
				Hint: ledger.Say("the file may have been edited; compare the row with the original")}
			problems.Add(tie.ApartAs(line.Raw))
		}
	}
	if turnover > maxTurnover {
		problems.Add(&files.Error{File: file,
			Text: ledger.Say("the amounts of this file add up to more than daybook counts"),
			Hint: ledger.Say("check the file's amounts and currency")})
	}
}
