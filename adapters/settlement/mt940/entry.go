package mt940

import (
	"regexp"
	"strings"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// entry is a field 61 that waits for its 86.
type entry struct {
	line   reconcile.Line
	origin field
	words  []string // reference and supplementary details
	notes  []field
	faults []*files.Error // why it cannot be read
}

// entryForm is the first line of field 61: value date, entry date, mark, funds code,
// amount, type, references. The mark is the longest that fits; a letter behind it is the
// funds code, the third letter of the currency.
var entryForm = regexp.MustCompile(`^([0-9]{6})([0-9]{4}| {4})?(R[CD]|E[CD]|[CD])([A-Z])?([0-9]{1,15},[0-9]*)([NFS][A-Z0-9 ]{3})(.*)$`)

// begin reads a field 61.
func (b *book) begin(f field) {
	const column = ":61:"
	switch {
	case !b.opened:
		b.wrong(f.line, column, f.lines[0], ledger.Say("the entry stands before any opening balance (:60F:)"), again())
		return
	case b.closed:
		b.wrong(f.line, column, f.lines[0], ledger.Say("the entry stands behind the closing balance (:62F:)"), again())
		return
	case b.currency == "":
		return // the balance was refused, and without it there is no currency
	}
	e := &entry{origin: f, line: reconcile.Line{Row: f.line, Kind: reconcile.OtherLine, Currency: b.currency}}
	b.entry = e
	cells := entryForm.FindStringSubmatch(f.lines[0])
	if cells == nil {
		b.wrong(f.line, column, f.lines[0], ledger.Say("this is not an entry written like 2601060106C58,67NTRF"), again())
		return
	}
	day, okDay := b.day(f.line, column, cells[1])
	amount, okAmount := b.amount(f.line, column, cells[5], b.currency)
	if !okDay || !okAmount {
		return
	}
	e.line.Day, e.line.At = day, day.Midnight()
	if monthDay := strings.TrimSpace(cells[2]); monthDay != "" {
		booked, ok := nearest(day, monthDay)
		if !ok {
			b.wrong(f.line, column, cells[2], ledger.Say("this is not a day written MMDD"), again())
			return
		}
		e.line.At = booked.Midnight()
		b.cover(booked)
	}
	mark := cells[3]
	e.line.RawKind = mark + " " + strings.TrimSpace(cells[6])
	e.line.Net = amount
	if mark == "D" || mark == "RC" || mark == "ED" {
		e.line.Net = -amount
	}
	if mark[0] != 'E' {
		b.balance = settlement.Add(b.balance, e.line.Net)
		if e.line.Net > 0 {
			e.line.Kind = reconcile.PayoutLine
		}
	}
	reference, providerNo, _ := strings.Cut(cells[7], "//")
	e.line.ProviderNo = b.cut(column, strings.TrimSpace(providerNo))
	if reference = strings.TrimSpace(reference); reference != "" && reference != "NONREF" {
		e.words = append(e.words, reference)
	}
	e.words = append(e.words, f.lines[1:]...)
}

// nearest is the day MMDD in the year that brings it closest to another day: statements
// are dated across the turn of a year.
func nearest(to ledger.BusinessDay, monthDay string) (best ledger.BusinessDay, ok bool) {
	for year := to.Year - 1; year <= to.Year+1; year++ {
		day, valid := dayOf(year, monthDay)
		if valid && (!ok || abs(day.Sub(to)) < abs(best.Sub(to))) {
			best, ok = day, true
		}
	}
	return best, ok
}

func abs(n int) int { return max(n, -n) }

// flush ends the entry being read and adds its line, or what is wrong with it.
func (b *book) flush() {
	if b.message == nil || b.entry == nil {
		return
	}
	e := b.entry
	b.entry = nil
	raw := []string{":61:" + strings.Join(e.origin.lines, "\n")}
	var words []string
	hidden := false // a card number that shows only when pieces are joined
	for _, note := range e.notes {
		info := b.readNote(note)
		words = append(words, info.words...)
		raw = append(raw, info.raw)
		hidden = hidden || info.hidden
		if e.line.Counterparty == "" {
			e.line.Counterparty = info.name
		}
	}
	words = append(words, e.words...)
	joined := strings.Join(strings.Fields(strings.Join(words, " ")), " ")
	memo := b.cut(":86:", joined)
	e.line.Memo = settlement.Shorten(memo, settlement.MaxMemo)
	if e.line.Counterparty == "" {
		e.line.Counterparty = e.line.Memo
	}
	if hidden || memo != joined {
		raw = []string{":61:" + e.origin.lines[0], ":86:" + memo}
	}
	e.line.Raw = settlement.Shorten(b.cut(":61:", strings.Join(raw, "\n")), settlement.MaxRaw)
	for _, fault := range e.faults {
		b.problems.Add(fault.ApartAs(e.line.Raw))
	}
	if len(e.faults) > 0 {
		return
	}
	b.statement.Lines = append(b.statement.Lines, e.line)
}

// cut takes card numbers out of a text and counts it.
func (b *book) cut(column, text string) string {
	cut := files.Truncate(text)
	if cut != text {
		b.statement.Truncated[column]++
	}
	return cut
}

// note is what a field 86, or one that we do not know, says.
type note struct {
	words  []string
	name   string
	raw    string
	hidden bool
}

// structured is how a field 86 with subfields begins: a code of three digits and the
// delimiter, before the first subfield's number.
var structured = regexp.MustCompile(`^ ?([0-9]{3})([^0-9A-Za-z\s])[0-9]{2}`)

func (b *book) readNote(f field) note {
	whole := strings.Join(f.lines, "")
	var n note
	switch begin := structured.FindStringSubmatch(whole); {
	case f.tag == "86" && begin != nil:
		n = b.readSubfields(begin[1], begin[2], whole[strings.Index(whole, begin[2]):])
	case strings.HasPrefix(whole, "/"):
		n = b.readSlashes(whole)
	default:
		n = note{words: f.lines, raw: strings.Join(f.lines, "\n")}
	}
	n.raw = ":" + f.tag + ":" + n.raw
	n.hidden = n.hidden || files.Truncate(whole) != whole
	return n
}

// full is the length of a subfield that goes on in the next one.
const full = 27

func (b *book) readSubfields(code, delimiter, text string) note {
	var posting string
	var remittance, name, raw strings.Builder
	add := func(to *strings.Builder, value string) {
		to.WriteString(value)
		if len([]rune(value)) < full {
			to.WriteString(" ")
		}
	}
	raw.WriteString(code)
	for _, piece := range strings.Split(text, delimiter)[1:] {
		if len(piece) < 2 || strings.Trim(piece[:2], "0123456789") != "" {
			remittance.WriteString(delimiter + piece) // the delimiter stood for itself
			raw.WriteString(delimiter + piece)
			continue
		}
		number, value := piece[:2], piece[2:]
		switch {
		case number == "00":
			posting = value
		case number >= "20" && number <= "29" || number >= "60" && number <= "63":
			add(&remittance, value)
		case number == "32" || number == "33":
			add(&name, value)
		case number == "31" || number == "38":
			value = b.lastFour("?"+number, value)
		}
		raw.WriteString(delimiter + number + value)
	}
	whole := strings.TrimSpace(name.String())
	cut := b.cut(":86:", whole)
	return note{words: []string{posting, remittance.String()}, raw: raw.String(), hidden: cut != whole,
		name: settlement.Shorten(cut, settlement.MaxMemo)}
}

// Code words of the slash style. /CNTP/ has account, bank, name and city.
var (
	slashAccount = regexp.MustCompile(`/(IBAN|CNTP)/([^/]+)`)
	slashName    = regexp.MustCompile(`/NAME/([^/]+)|/CNTP/[^/]*/[^/]*/([^/]+)`)
)

func (b *book) readSlashes(whole string) note {
	masked := slashAccount.ReplaceAllStringFunc(whole, func(found string) string {
		at := strings.LastIndex(found, "/") + 1
		return found[:at] + b.lastFour(found[:at], found[at:])
	})
	n := note{words: []string{masked}, raw: masked}
	if cells := slashName.FindStringSubmatch(masked); cells != nil {
		n.name = b.cut(":86:", strings.TrimSpace(cells[1]+cells[2]))
	}
	return n
}

// lastFour cuts an account number to its last four characters.
func (b *book) lastFour(column, account string) string {
	runes := []rune(strings.TrimSpace(account))
	if len(runes) <= 4 {
		return account
	}
	b.statement.Dropped[column]++
	return "****" + string(runes[len(runes)-4:])
}
