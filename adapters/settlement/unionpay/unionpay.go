package unionpay

import (
	"regexp"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

const currency = ledger.Currency("CNY")

// beijing is the zone of every time in the files. China has had one zone without summer
// time since 1991, before UnionPay, so a fixed offset needs no time zone data.
var beijing = time.FixedZone("CST", 8*60*60)

type format struct{}

// New returns the format "unionpay-zm".
func New() settlement.Format { return format{} }

func (format) Name() string { return "unionpay-zm" }

// Sniff knows the records by their columns, and the summary by its headings: on a day
// without transactions the bundle holds nothing else.
func (format) Sniff(doc *files.Document) bool {
	for i := range doc.Parts {
		if partOf(&doc.Parts[i]) != neither {
			return true
		}
	}
	return false
}

type partKind int

const (
	neither partKind = iota
	transactionsPart
	disputesPart
	summaryPart
)

// sniffed is how many lines of a part are looked at to know it.
const sniffed = 20

// What the digits of a row must look like for its file to be known by it.
var (
	wholeAmount = regexp.MustCompile(`^[0-9]{12}$`)
	signed      = regexp.MustCompile(`^[CD ][0-9]{12}$`)
)

func partOf(part *files.Part) partKind {
	for number, line := range files.Lines(part.Text) {
		if number > sniffed {
			break
		}
		switch row, ok := transactions.Cut(line); {
		case strings.Contains(line, "商户代码:") && strings.Contains(line, "清算币种:"):
			return summaryPart
		case !ok:
		case wholeAmount.MatchString(row.Cells[6]) && signed.MatchString(row.Cells[15]) && signed.MatchString(row.Cells[16]):
			return transactionsPart
		}
		if row, ok := disputes.Cut(line); ok && wholeAmount.MatchString(row.Cells[13]) && signed.MatchString(row.Cells[14]) && signed.MatchString(row.Cells[15]) {
			return disputesPart
		}
	}
	return neither
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	parts := map[partKind]*files.Part{}
	for i := range doc.Parts {
		part := &doc.Parts[i]
		kind := partOf(part)
		if kind == neither && strings.TrimSpace(part.Text) != "" {
			return nil, files.Wrong(doc.FileOf(part),
				ledger.Say("this file of the archive is not one of those that UnionPay packs into it (ZM, ZME, RD2010)"),
				ledger.Say("unpack the archive and import the transactions (INN…ZM_…) alone"))
		}
		if parts[kind] != nil && kind != neither {
			return nil, files.Wrong(doc.Name,
				ledger.Say("the archive holds more than one bill of UnionPay"),
				ledger.Say("unpack it and import the bills one by one"))
		}
		parts[kind] = part
	}
	b := &bill{statement: &reconcile.Statement{Format: "unionpay-zm", Kind: reconcile.TradeBill,
		Truncated: map[string]int{}, Dropped: map[string]int{}}}
	main := parts[transactionsPart]
	for _, kind := range []partKind{summaryPart, disputesPart} {
		if main == nil {
			main = parts[kind]
		}
	}
	if main == nil { // every row was set aside before
		return nil, files.Wrong(doc.Name, ledger.Say("none of the rows can be read"), ledger.Say("ask the sender for the original file"))
	}
	b.file = doc.FileOf(main)
	var totals *summary
	if part := parts[summaryPart]; part != nil {
		totals = b.readSummary(doc.FileOf(part), part.Text)
	}
	if !b.date(totals, main.Name) {
		return nil, b.problems.Err()
	}
	last := 0
	if part := parts[transactionsPart]; part != nil {
		last = b.readLines(doc.FileOf(part), part.Text, 0, transactions, b.readTransaction)
	}
	if part := parts[disputesPart]; part != nil {
		b.readLines(doc.FileOf(part), part.Text, last, disputes, b.readDispute)
	}
	if totals != nil && totals.merchant != "" {
		if s := b.statement; s.Account == "" {
			s.Account = totals.merchant
		} else if s.Account != totals.merchant {
			b.problems.Add(&files.Error{File: b.file, Value: totals.merchant,
				Text: ledger.Say("the bill is of merchant %s, and the summary beside it of another", s.Account),
				Hint: ledger.Say("import the zip as it was downloaded")})
		}
	}
	b.tell(parts, totals, doc)
	settlement.Check(b.file, b.statement, &b.problems)
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	return b.statement, nil
}

// tell says which kind of document this is, and makes its controls. A summary that came as a
// file of its own states what the transactions, in another, must come to; only one that
// states nothing at all is the whole bill of a day without transactions. In an archive it
// is held against what lies beside it.
func (b *bill) tell(parts map[partKind]*files.Part, totals *summary, doc *files.Document) {
	s := b.statement
	if totals != nil {
		b.tieTables(totals)
	}
	switch part := parts[summaryPart]; {
	case totals == nil && parts[transactionsPart] == nil:
		s.Kind = reconcile.DisputeBill
		return
	case totals != nil && len(doc.Parts) == 1 && part.Name == doc.Name && !totals.whole().nothing():
		s.Kind = reconcile.BillSummary
		t := totals.whole()
		s.Sums = []reconcile.KindTotal{{Total: reconcile.Total{Currency: currency, Lines: int(t.count), Gross: t.gross, Fee: -t.fee, Net: t.net}}}
		return
	}
	if totals != nil {
		b.control(totals)
		s.Includes = append(s.Includes, reconcile.BillSummary)
	}
	if parts[disputesPart] != nil {
		s.Includes = append(s.Includes, reconcile.DisputeBill)
	}
}

// bill is one document being read.
type bill struct {
	file      string
	problems  files.Problems
	cleared   ledger.BusinessDay
	kinds     []string // 交易类型 of each line
	statement *reconcile.Statement
}

// named is a member of the bundle by its name, with the clearing date.
var named = regexp.MustCompile(`INN([0-9]{6})[0-9]{2}ZME?_[0-9]{15}`)

// date finds the clearing date, without which no row has a year.
func (b *bill) date(totals *summary, name string) bool {
	if totals != nil && !totals.cleared.IsZero() {
		b.cleared = totals.cleared
	} else if found := named.FindStringSubmatch(name); found != nil {
		if day, err := time.Parse("060102", found[1]); err == nil {
			b.cleared = ledger.DayOf(day)
		}
	}
	if b.cleared.IsZero() {
		if b.problems.Count() == 0 {
			b.problems.Add(&files.Error{File: b.file,
				Text: ledger.Say("the rows of this file have no year, and its name (INNYYMMDD…ZM_…), which has it, was changed"),
				Hint: ledger.Say("import the zip as it was downloaded, or give the file its name back")})
		}
		return false
	}
	b.statement.From, b.statement.To = b.cleared, b.cleared
	return true
}

// readLines reads one part row by row; rows are numbered on from offset. It returns the
// number of the last.
func (b *bill) readLines(file, text string, offset int, layout files.Columns, read func(*files.Record, *reconcile.Line)) (last int) {
	sheet := files.NewSheet(file, layout.Header(), &b.problems)
	reader := files.NewReader(file, text, files.Dialect{Comma: "\n"})
	last = offset
	for {
		whole, err := reader.Read()
		if err != nil {
			break
		}
		last = offset + whole.Line
		row, ok := layout.Cut(whole.Raw)
		row.Line = whole.Line
		if !ok || row.Cells[min(certain, len(layout))-1] == "" {
			e := &files.Error{File: file, Row: whole.Line, Value: whole.Raw,
				Text: ledger.Say("the row is not laid out as UnionPay does: its columns do not stand where they should"),
				Hint: ledger.Say("the row was cut or edited; import the file as it was downloaded")}
			b.problems.Add(e.Apart())
			continue
		}
		r := sheet.Record(row)
		line := b.common(r)
		line.Row = last
		read(r, &line)
		line.Raw = r.Raw()
		if r.Sound() {
			b.kinds = append(b.kinds, r.Text(kind))
			b.enter(r, line)
		}
	}
	for heading, n := range sheet.Truncated {
		b.statement.Truncated[heading] += n
	}
	return last
}

// common reads what both records have.
func (b *bill) common(r *files.Record) reconcile.Line {
	return reconcile.Line{
		Day: b.cleared, At: readTime(r, sent, b.cleared), Currency: currency, Channel: "unionpay",
		MID: ledger.MID(r.ID(merchant, 15)), STAN: ledger.STAN(r.ID(trace, 6)), Card: readCard(r, card),
		RawKind: r.Text(code),
	}
}

func (b *bill) readTransaction(r *files.Record, line *reconcile.Line) {
	word := r.Text(kind)
	if word != "" {
		line.RawKind += " " + word
	}
	line.TID = ledger.TID(r.ID(terminal, 8))
	line.OrderNo, line.ProviderNo = r.ID(orderNo, 32), r.ID(queryID, 21)
	line.CardKind = cardKinds[r.Text(cardKind)]
	line.Kind = kindOf(word, r.Text(code))
	if line.Kind != reconcile.SaleLine {
		line.OriginalNo = r.ID(originalNo, 32)
	}
	total := readFen(r, amount)
	line.Fee, line.Net = -readSigned(r, fee), readSigned(r, net)
	switch way := readSigned(r, settled); {
	case way < 0 || way == 0 && line.Kind != reconcile.SaleLine && line.Kind != reconcile.OtherLine:
		line.Gross = -total
	default:
		line.Gross = total
	}
	if coupon := readOptional(r, discount); coupon != 0 && line.Net != line.Gross-line.Fee {
		for _, taken := range []int64{coupon, -coupon} {
			if line.Gross-taken-line.Fee == line.Net {
				line.Discount = taken
			}
		}
	}
}

// disputeKinds are the transaction codes of disputes whose meaning is known: a refund by
// hand, and the stages of a dispute. (Settlement formats 3.3.)
var disputeKinds = map[string]reconcile.LineKind{
	"E74": reconcile.RefundLine,
	"E20": reconcile.ChargebackLine, "E24": reconcile.ChargebackLine, "E25": reconcile.ChargebackLine,
}

func (b *bill) readDispute(r *files.Record, line *reconcile.Line) {
	line.Kind, line.Dispute = reconcile.OtherLine, true
	if kind, known := disputeKinds[r.Text(code)]; known {
		line.Kind = kind
	}
	line.Fee, line.Net = -readSigned(r, fee), readSigned(r, settled)
	line.Gross = line.Net + line.Fee
}

func (b *bill) enter(r *files.Record, line reconcile.Line) {
	s := b.statement
	switch {
	case s.Account == "":
		s.Account = string(line.MID)
	case s.Account != string(line.MID):
		r.Wrong(merchant, ledger.Say("the bill is of merchant %s, but this row is of another", s.Account),
			ledger.Say("two bills may have been joined; import each as it was downloaded"))
		return
	}
	s.Lines = append(s.Lines, line)
}

// readTime reads MMDDhhmmss in the year that brings it nearest to the clearing date.
func readTime(r *files.Record, heading string, cleared ledger.BusinessDay) time.Time {
	clock := r.Time(heading, "0102150405", beijing)
	if !r.Sound() {
		return time.Time{}
	}
	apart := func(at time.Time) int {
		days := ledger.DayOf(at).Sub(cleared)
		return max(days, -days)
	}
	var best time.Time
	for year := cleared.Year - 1; year <= cleared.Year+1; year++ {
		at := time.Date(year, clock.Month(), clock.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, beijing)
		if at.Day() == clock.Day() && (best.IsZero() || apart(at) < apart(best)) {
			best = at
		}
	}
	if best.IsZero() {
		r.Wrong(heading, ledger.Say("there is no such day near the clearing date %s", cleared.String()),
			ledger.Say("compare the row with the original file"))
	}
	return best
}

// readCard reads a card masked 6+4, or a full one. UnionPay's 4+4 says too little for a
// CardRef and stays in Raw.
func readCard(r *files.Record, heading string) ledger.CardRef {
	value := r.Text(heading)
	if strings.Contains(value, "*") {
		if ref, err := ledger.ParseCardRef(value); err == nil {
			return ref
		}
		return ledger.CardRef{}
	}
	return r.Card(heading)
}

// readFen reads twelve digits.
func readFen(r *files.Record, heading string) int64 {
	if value := r.Text(heading); !wholeAmount.MatchString(value) {
		r.Wrong(heading, ledger.Say("this is not an amount of fen in digits alone"), ledger.Say("compare the row with the original file"))
		return 0
	}
	return r.Int(heading)
}

// readSigned reads C or D and twelve digits, or digits alone when they are zero.
func readSigned(r *files.Record, heading string) int64 {
	value := r.Text(heading)
	number := strings.TrimLeft(value, "CD")
	if len(value)-len(number) <= 1 && wholeAmount.MatchString(number) {
		fen, err := ledger.ParseAmount(number[:10]+"."+number[10:], currency)
		switch {
		case err != nil:
		case value[0] == 'D':
			return -fen
		case value[0] == 'C' || fen == 0:
			return fen
		}
	}
	r.Wrong(heading, ledger.Say("this is not an amount of fen with C (to the merchant) or D (from it) before it"),
		ledger.Say("compare the row with the original file"))
	return 0
}

// readOptional reads a signed amount behind the columns that every edition has: where it
// is not one, the edition is another.
func readOptional(r *files.Record, heading string) int64 {
	if value := r.Text(heading); len(value) == 13 && signed.MatchString(value) {
		return readSigned(r, heading)
	}
	return 0
}

// kinds are the values of 交易类型. (UnionPay all-channel documentation, txnType.)
var kinds = map[string]reconcile.LineKind{
	"01": reconcile.SaleLine,
	"03": reconcile.SaleLine, // completion of a pre-authorisation
	"04": reconcile.RefundLine,
	"31": reconcile.VoidLine,
	"33": reconcile.VoidLine,
}

func kindOf(word, code string) reconcile.LineKind {
	if kind, known := kinds[word]; known {
		return kind
	}
	if word == "" { // older rows have the code alone
		switch code {
		case "S22", "S56":
			return reconcile.SaleLine
		case "S30":
			return reconcile.RefundLine
		}
	}
	return reconcile.OtherLine
}

var cardKinds = map[string]string{"01": "debit", "02": "credit", "03": "credit", "05": "prepaid", "06": "prepaid"}
