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

// form is what tells the trade bill from the account.
type form struct {
	about   string         // as titles and end mark call it
	header  ledger.Text    // for who misses it
	footer  *regexp.Regexp // a total, and of what
	totals  []string       // what there must be a total of
	detail  func(row files.Row) bool
	summary func(row files.Row, title partKind) bool // title is the part's
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
func (f *form) partOf(doc *files.Document, part *files.Part) partKind {
	reader := files.NewReader(doc.FileOf(part), part.Text, files.Dialect{})
	title := neither
	for range frameLines {
		row, err := reader.Read()
		if err != nil {
			break
		}
		switch line := frame(row.Raw); {
		case strings.HasPrefix(line, "#支付宝"+f.about+"明细查询"):
			title = detailPart
		case strings.HasPrefix(line, "#支付宝"+f.about+"汇总查询"):
			title = summaryPart
		case strings.HasPrefix(line, "#"):
		case f.summary(row, title):
			return summaryPart
		case f.detail(row):
			return detailPart
		default:
			return title
		}
	}
	return title
}

// sniff knows the detail and the summary. A summary without its detail is recognised too,
// so that Parse can say what is missing.
func (f *form) sniff(doc *files.Document) bool {
	details, summaries := f.partsOf(doc)
	return len(details)+len(summaries) > 0
}

func (f *form) partsOf(doc *files.Document) (details, summaries []*files.Part) {
	for i := range doc.Parts {
		switch f.partOf(doc, &doc.Parts[i]) {
		case detailPart:
			details = append(details, &doc.Parts[i])
		case summaryPart:
			summaries = append(summaries, &doc.Parts[i])
		}
	}
	return details, summaries
}

// frame is a line of the frame without the run of commas and the quotes that a
// spreadsheet leaves around it.
func frame(line string) string {
	return strings.Trim(line, " \t\u00a0,\"")
}

// list is a detail being read: lines that begin with # around a header and rows.
type list struct {
	*form
	file      string
	problems  files.Problems
	sheet     *files.Sheet
	statement *reconcile.Statement
	ended     bool // the end mark was seen
	// unreadable is set when a column is missing: then rows are not looked at, since
	// each would only repeat that.
	unreadable bool
	totalled   map[string]bool // what the file has a total of
}

// read reads a detail; required are the columns that it cannot do without.
func (l *list) read(text string, required func(sheet *files.Sheet) []string, readRow func(files.Row), readTotal func(of string, row files.Row)) {
	l.totalled = map[string]bool{}
	var footers []files.Row
	settlement.Framed{
		File: l.file, Problems: &l.problems,
		Behind: ledger.Say("a row stands behind the end mark of the list"),
		Ended:  func() bool { return l.ended },
		Frame: func(row files.Row) bool {
			row.Raw = frame(row.Raw)
			switch {
			case !strings.HasPrefix(row.Raw, "#"):
				return false
			case l.footer.MatchString(row.Raw):
				footers = append(footers, row)
			default:
				l.readFrame(row)
			}
			return true
		},
		Header: func(row files.Row) {
			l.sheet = files.NewSheet(l.file, row, &l.problems)
			l.unreadable = !l.sheet.Require(required(l.sheet)...)
			l.statement.Truncated, l.statement.Dropped = l.sheet.Truncated, l.sheet.Dropped
		},
		Row: func(row files.Row) {
			if !l.unreadable {
				readRow(row)
			}
		},
	}.Read(text)
	for _, row := range footers { // behind the rows, so that their sums are whole
		of := l.footer.FindStringSubmatch(row.Raw)[1]
		l.totalled[of] = true
		readTotal(of, row)
	}
	l.checkFrame()
}

var (
	account = regexp.MustCompile(`^#账号[：:]\s*\[([^\]]*)\]`)
	period  = regexp.MustCompile(`^#起始日期[：:]\s*\[([^\]]*)\]\s*终止日期[：:]\s*\[([^\]]*)\]`)
)

func (l *list) readFrame(row files.Row) {
	switch {
	case strings.Contains(row.Raw, l.about+"明细列表结束"):
		l.ended = true
	case account.MatchString(row.Raw):
		l.statement.Account = files.Truncate(strings.TrimSpace(account.FindStringSubmatch(row.Raw)[1]))
	case strings.HasPrefix(row.Raw, "#起始日期"):
		l.statement.From, l.statement.To = l.readPeriod(l.file, row)
	}
}

// readPeriod returns the first and last day of a period whose end is an exclusive midnight.
func (l *list) readPeriod(file string, row files.Row) (from, to ledger.BusinessDay) {
	const layout = "2006年01月02日 15:04:05"
	if found := period.FindStringSubmatch(row.Raw); found != nil {
		start, errStart := time.ParseInLocation(layout, strings.TrimSpace(found[1]), beijing)
		end, errEnd := time.ParseInLocation(layout, strings.TrimSpace(found[2]), beijing)
		if errStart == nil && errEnd == nil && start.Before(end) && start.Year() >= 1900 {
			return ledger.DayOf(start), ledger.DayOf(end.Add(-time.Nanosecond))
		}
	}
	l.problems.Add(&files.Error{File: file, Row: row.Line, Value: row.Raw,
		Text: ledger.Say("this is not a period from 起始日期 to 终止日期"),
		Hint: ledger.Say("the file may have been saved by a spreadsheet; ask for the original")})
	return from, to
}

// checkFrame refuses a file that was cut short: without end mark and totals nobody can
// tell that the rows are all there.
func (l *list) checkFrame() {
	missing := func(what ledger.Text) {
		l.problems.Add(&files.Error{File: l.file,
			Text: ledger.Say("the file is cut short or was edited: it has no %s", what),
			Hint: ledger.Say("download it again")})
	}
	if l.sheet == nil {
		missing(l.header)
	}
	if l.statement.Account == "" {
		missing(ledger.Say("line %s", "#账号"))
	}
	if l.statement.From.IsZero() && l.problems.Count() == 0 {
		missing(ledger.Say("line %s", "#起始日期"))
	}
	if !l.ended {
		missing(ledger.Say("line %s", "#"+l.about+"明细列表结束"))
	}
	for _, of := range l.totals {
		if !l.totalled[of] {
			missing(ledger.Say("line %s", "#"+of+"合计"))
		}
	}
}

// badTotal reports a total that is not written as it should be.
func (l *list) badTotal(row files.Row, hint ledger.Text) {
	l.problems.Add(&files.Error{File: l.file, Row: row.Line, Value: row.Raw, Text: ledger.Say("this total cannot be read"), Hint: hint})
}

// readSummary reads the summary of what was read, whose header must pass.
func (l *list) readSummary(file, text string, passes func(sheet *files.Sheet) bool, readRow func(sheet *files.Sheet, r *files.Record)) {
	reader := files.NewReader(file, text, files.Dialect{})
	var sheet *files.Sheet
	for {
		row, err := reader.Read()
		if err == io.EOF {
			return
		}
		line := frame(row.Raw)
		switch {
		case strings.HasPrefix(line, "#起始日期"):
			row.Raw = line
			if from, to := l.readPeriod(file, row); from != l.statement.From || to != l.statement.To {
				l.problems.Add(&files.Error{File: file, Row: row.Line, Value: line,
					Text: ledger.Say("the summary is of another period than the detail"),
					Hint: ledger.Say("import the zip as it was downloaded")})
			}
		case strings.HasPrefix(line, "#"):
		case sheet == nil:
			sheet = files.NewSheet(file, row, &l.problems)
			if !passes(sheet) {
				return
			}
		default:
			if r := sheet.Record(row); r.Sound() {
				readRow(sheet, r)
			}
		}
	}
}

func (l *list) control(name string, row int, in ledger.Currency, stated, computed int64) {
	l.statement.Controls = append(l.statement.Controls, reconcile.Control{
		Name: name, Row: row, Currency: in, Stated: stated, Computed: computed})
}
