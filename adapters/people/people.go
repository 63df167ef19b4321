package people

import (
	"errors"
	"io"
	"strings"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/ledger/customer"
)

// Name is what daybook calls the format.
const Name = "customers-csv"

// Row is one person of a file.
type Row struct {
	File string // as messages call it
	Line int
	customer.Entry
}

// headings by what they mean, folded and in small letters.
var headings = map[string]string{
	"member": "member", "member_no": "member", "会员号": "member", "会员卡号": "member",
	"phone": "phone", "mobile": "phone", "手机": "phone", "手机号": "phone", "手机号码": "phone", "电话": "phone",
	"mail": "mail", "email": "mail", "e-mail": "mail", "邮箱": "mail", "电子邮箱": "mail",
	"name": "name", "姓名": "name",
	"birthday": "birthday", "生日": "birthday", "出生日期": "birthday",
	"address": "address", "地址": "address",
	"marketing": "marketing", "营销": "marketing",
	"personalise": "personalise", "个性化": "personalise",
	"share": "share", "共享": "share",
	"consent_text": consentText, "同意书版本": consentText,
}

const consentText = "consent_text"

// money marks a heading as one of another kind of file.
var money = []string{"amount", "total", "price", "fee", "金额", "手续费", "单价", "余额"}

func meaning(heading string) (field string, known bool) {
	field, known = headings[strings.ToLower(files.Fold(heading))]
	return field, known
}

// Sniff reports whether a document is one of customers, by its headings.
func Sniff(doc *files.Document) bool {
	for i := range doc.Parts {
		header, err := reader(doc, &doc.Parts[i]).Read()
		if err != nil {
			return false
		}
		found := map[string]bool{}
		for _, cell := range header.Cells {
			folded := strings.ToLower(files.Fold(cell))
			for _, word := range money {
				if strings.Contains(folded, word) {
					return false
				}
			}
			if field, known := headings[folded]; known {
				found[field] = true
			}
		}
		if len(found) < 2 || !found["member"] && !found["phone"] && !found["mail"] {
			return false
		}
	}
	return len(doc.Parts) > 0
}

func reader(doc *files.Document, part *files.Part) *files.Reader {
	return files.NewReader(doc.FileOf(part), part.Text, files.Dialect{Comma: ",", Quoted: true})
}

// Read reads every row, or reports everything that is wrong with the file.
func Read(doc *files.Document) ([]Row, error) {
	var problems files.Problems
	var rows []Row
	for i := range doc.Parts {
		rows = append(rows, readPart(doc, &doc.Parts[i], &problems)...)
	}
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return rows, nil
}

func readPart(doc *files.Document, part *files.Part, problems *files.Problems) (rows []Row) {
	reader := reader(doc, part)
	var sheet *files.Sheet
	for {
		cells, err := reader.Read()
		if err == io.EOF {
			return rows
		}
		var wrong *files.Error
		switch {
		case errors.As(err, &wrong):
			wrong.Value = ""
			problems.Add(wrong)
		case sheet == nil:
			if sheet = header(doc.FileOf(part), cells, problems); sheet == nil {
				return nil
			}
		default:
			if row, sound := read(sheet, sheet.Record(cells), problems); sound {
				rows = append(rows, row)
			}
		}
	}
}

// header reads the headings; two of one meaning are a problem.
func header(file string, cells files.Row, problems *files.Problems) *files.Sheet {
	before := problems.Count()
	sheet := files.NewSheet(file, cells, problems)
	first := map[string]string{}
	for _, heading := range sheet.Headings {
		field, known := meaning(heading)
		if other, twice := first[field]; known && twice {
			problems.Add(&files.Error{File: file, Row: cells.Line, Column: heading,
				Text: ledger.Say("the columns %s and %s mean the same", other, heading),
				Hint: ledger.Say("remove or rename one of the two columns")})
		}
		first[field] = heading
	}
	if problems.Count() > before {
		return nil
	}
	return sheet
}

// read reads one person. Values stand in no message.
func read(sheet *files.Sheet, record *files.Record, problems *files.Problems) (row Row, sound bool) {
	row = Row{File: sheet.File, Line: record.Line, Entry: customer.Entry{Consents: map[customer.Purpose]bool{}}}
	if !record.Sound() {
		return row, false // it has been said
	}
	columns := map[string]string{}
	sound = true
	wrong := func(column string, text, hint ledger.Text) {
		sound = false
		problems.Add(&files.Error{File: sheet.File, Row: record.Line, Column: column, Text: text, Hint: hint})
	}
	for _, heading := range sheet.Headings {
		value := record.Text(heading)
		field, known := meaning(heading)
		if known {
			columns[field] = heading
		}
		switch {
		case value == "" || heading == "":
		case !known:
			row.Set(heading, value)
		case field == consentText:
			row.Entry.Text = value
			if ledger.CheckID(heading, value, 64) != nil {
				wrong(heading, ledger.Say("this is not an identifier of at most %d letters and digits", 64), ledger.Say("compare the column with the original file"))
			}
		case field == string(customer.Marketing) || field == string(customer.Personalise) || field == string(customer.Share):
			yes, is := answer(value)
			if !is {
				wrong(heading, ledger.Say("this is neither yes nor no"), ledger.Say("write yes or no; an empty cell says nothing"))
			}
			row.Consents[customer.Purpose(field)] = yes
		default:
			row.Set(field, value)
		}
	}
	for _, fault := range row.Check() {
		column := fault.Field
		if heading, there := columns[column]; there {
			column = heading
		}
		wrong(column, fault.Text, fault.Hint)
	}
	return row, sound
}

func answer(text string) (yes, is bool) {
	switch strings.ToLower(text) {
	case "yes", "y", "true", "1", "是":
		return true, true
	case "no", "n", "false", "0", "否":
		return false, true
	}
	return false, false
}
