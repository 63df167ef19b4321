package mt940

import (
	"regexp"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

type format struct{}

// New returns the format "mt940".
func New() settlement.Format { return format{} }

func (format) Name() string { return "mt940" }

// sniffed is how many lines may stand before what tells a statement.
const sniffed = 50

// Sniff knows the field 20 that begins a message, followed by a balance or an entry, and
// no field that only MT942 has.
func (format) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	begun, found := false, false
	for number, line := range files.Lines(doc.Parts[0].Text) {
		if number > sniffed {
			break
		}
		tag, _, tagged := cutTag(body(line))
		switch {
		case !tagged:
		case tag == "20":
			begun = true
		case !begun, tag == "34F", tag == "13", tag == "13D":
			return false
		case tag == "60F", tag == "60M", tag == "61", tag == "62F", tag == "62M":
			found = true
		}
	}
	return begun && found
}

func (f format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	return f.parse(doc, &files.Problems{})
}

// ParseApart reads the entries that can be read. What the others are worth is missing in
// the message's closing balance.
func (f format) ParseApart(doc *files.Document) (*reconcile.Statement, []files.Quarantined, error) {
	var problems files.Problems
	problems.SetAside()
	statement, err := f.parse(doc, &problems)
	return statement, problems.Aside(), err
}

func (format) parse(doc *files.Document, problems *files.Problems) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	b := &book{
		file: doc.FileOf(part), problems: problems,
		statement: &reconcile.Statement{Format: "mt940", Kind: reconcile.BankStatement,
			Dropped: map[string]int{}, Truncated: map[string]int{}},
	}
	b.read(part.Text)
	if len(b.accounts) == 1 {
		b.statement.Account = b.accounts[0]
	}
	settlement.Check(b.file, b.statement, b.problems)
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	return b.statement, nil
}

// tagged is a line that begins a field.
var tagged = regexp.MustCompile(`^:([0-9]{2}[A-Z]?|[A-Z]{2}):`)

// cutTag takes the tag off a line that has one.
func cutTag(line string) (tag, rest string, found bool) {
	at := tagged.FindStringSubmatchIndex(line)
	if at == nil {
		return "", line, false
	}
	return line[at[2]:at[3]], line[at[1]:], true
}

// body takes the blocks around the text block off a line.
func body(line string) string {
	if strings.HasPrefix(line, "{") || strings.HasPrefix(line, "-}") {
		_, after, found := strings.Cut(line, "{4:")
		if !found {
			return "-"
		}
		return after
	}
	return line
}

// field is a tag with its lines.
type field struct {
	line  int
	tag   string
	lines []string
}

// book is one document being read.
type book struct {
	file      string
	problems  *files.Problems
	statement *reconcile.Statement
	accounts  []string // two at most are kept
	*message           // nil before the first
}

// message is what is known of the message being read.
type message struct {
	line     int
	currency ledger.Currency
	account  string
	opening  int64
	balance  int64 // opening and what was booked since
	opened   bool
	closed   bool
	sound    bool // every balance could be read
	entry    *entry
}

// wrong says what is wrong with an entry once it has been read with its field 86, and with
// anything else at once.
func (b *book) wrong(line int, column, value string, text, hint ledger.Text) {
	e := &files.Error{File: b.file, Row: line, Column: column, Value: value, Text: text, Hint: hint}
	if b.message != nil && b.entry != nil {
		b.entry.faults = append(b.entry.faults, e)
		return
	}
	if b.message != nil {
		b.sound = false
	}
	b.problems.Add(e)
}

func again() ledger.Text {
	return ledger.Say("download the file again; if it stays so, show the message to the bank")
}

// read gathers fields and hands each on when the next begins.
func (b *book) read(text string) {
	var current *field
	pass := func() {
		if current != nil {
			b.take(*current)
			current = nil
		}
	}
	for number, line := range files.Lines(text) {
		line = strings.TrimRight(body(line), " \t\x03\x1a\u00a0")
		tag, rest, found := cutTag(line)
		switch {
		case found:
			pass()
			current = &field{number, tag, []string{rest}}
		case line == "-" || strings.HasPrefix(line, "-}"):
			pass()
		case current != nil && line != "":
			current.lines = append(current.lines, line)
		}
	}
	pass()
	b.end()
}

func (b *book) take(f field) {
	if f.tag == "20" {
		b.end()
		b.message = &message{line: f.line, sound: true}
		return
	}
	if b.message == nil {
		return // what stands before the first message is the bank's envelope
	}
	switch f.tag {
	case "25":
		account := files.Truncate(strings.TrimSpace(f.lines[0]))
		b.account = account
		if account != "" && len(b.accounts) < 2 && !(len(b.accounts) == 1 && b.accounts[0] == account) {
			b.accounts = append(b.accounts, account)
		}
	case "60F", "60M":
		b.open(f)
	case "61":
		b.flush()
		b.begin(f)
	case "62F", "62M":
		b.flush()
		b.close(f)
	case "21", "28", "28C", "64", "65":
	default:
		if b.entry != nil {
			b.entry.notes = append(b.entry.notes, f)
		}
	}
}

// end checks that a message is whole.
func (b *book) end() {
	if b.message == nil {
		return
	}
	b.flush()
	switch {
	case !b.opened && b.sound:
		b.wrong(b.line, ":20:", "", ledger.Say("the message has no opening balance (:60F:)"), again())
	case !b.closed && b.sound:
		b.wrong(b.line, ":20:", "", ledger.Say("the message has no closing balance (:62F:); it was cut off"), again())
	}
	b.message = nil
}

var balanceForm = regexp.MustCompile(`^([CD])([0-9]{6})([A-Z]{3})([0-9]{1,15},[0-9]*)$`)

// readBalance reads the content of fields 60 and 62.
func (b *book) readBalance(f field) (minor int64, currency ledger.Currency, day ledger.BusinessDay, ok bool) {
	value, column := strings.TrimSpace(f.lines[0]), ":"+f.tag+":"
	cells := balanceForm.FindStringSubmatch(value)
	if cells == nil {
		b.wrong(f.line, column, value, ledger.Say("this is not a balance written like C260106EUR1000,00"), again())
		return
	}
	currency, err := ledger.ParseCurrency(cells[3])
	if err != nil {
		b.wrong(f.line, column, value, ledger.Say("this is no currency that daybook can count in"), again())
		return
	}
	minor, okAmount := b.amount(f.line, column, cells[4], currency)
	day, okDay := b.day(f.line, column, cells[2])
	if cells[1] == "D" {
		minor = -minor
	}
	return minor, currency, day, okAmount && okDay
}

func (b *book) open(f field) {
	if b.opened {
		b.wrong(f.line, ":"+f.tag+":", f.lines[0], ledger.Say("the message has a second opening balance"), again())
		return
	}
	b.opened = true // a balance that can't be read is one problem, not two
	b.opening, b.currency, _, _ = b.readBalance(f)
	b.balance = b.opening
}

// close makes a Control of the closing balance.
func (b *book) close(f field) {
	if b.closed {
		b.wrong(f.line, ":"+f.tag+":", f.lines[0], ledger.Say("the message has a second closing balance"), again())
		return
	}
	b.closed = true
	minor, currency, day, ok := b.readBalance(f)
	switch {
	case !ok || !b.opened || b.currency == "":
	case currency != b.currency:
		b.wrong(f.line, ":"+f.tag+":", f.lines[0], ledger.Say("the opening balance is in %s", string(b.currency)), again())
	default:
		b.cover(day)
		b.statement.AddBalance(reconcile.Balance{Account: b.account, Currency: currency, Opening: b.opening, Closing: minor})
		b.statement.Controls = append(b.statement.Controls, reconcile.Control{
			Name: ":" + f.tag + ":", Row: f.line, Currency: currency, Stated: minor, Computed: b.balance})
	}
}

// cover widens the period by a day.
func (b *book) cover(day ledger.BusinessDay) {
	s := b.statement
	if s.From.IsZero() || day.Compare(s.From) < 0 {
		s.From = day
	}
	if s.To.IsZero() || day.Compare(s.To) > 0 {
		s.To = day
	}
}

// amount reads digits with a decimal comma, which may be the last character.
func (b *book) amount(line int, column, text string, currency ledger.Currency) (int64, bool) {
	plain := strings.TrimSuffix(strings.Replace(text, ",", ".", 1), ".")
	minor, err := ledger.ParseAmount(plain, currency)
	if err == nil {
		return minor, true
	}
	said := ledger.Say("this is not an amount that daybook accepts")
	if _, err := ledger.ParseAmountHalfUp(plain, currency); err == nil {
		said = ledger.Say("this has more decimals than %s counts", string(currency))
	}
	b.wrong(line, column, text, said, again())
	return 0, false
}

// day reads YYMMDD. Years from 80 on are of the last century.
func (b *book) day(line int, column, text string) (ledger.BusinessDay, bool) {
	year := 2000 + number(text[:2])
	if year >= 2080 {
		year -= 100
	}
	day, ok := dayOf(year, text[2:])
	if !ok {
		b.wrong(line, column, text, ledger.Say("this is not a day written YYMMDD"), again())
	}
	return day, ok
}

// dayOf is the day MMDD of a year; the last of the month where it has no such day.
func dayOf(year int, text string) (ledger.BusinessDay, bool) {
	month, day := number(text[:2]), number(text[2:])
	if month < 1 || month > 12 || day < 1 || day > 31 {
		return ledger.BusinessDay{}, false
	}
	last := time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
	return ledger.BusinessDay{Year: year, Month: time.Month(month), Day: min(day, last)}, true
}

// number is the value of two digits.
func number(digits string) int { return 10*int(digits[0]-'0') + int(digits[1]-'0') }
