package till

import (
	"bytes"
	"errors"
	"io"
	"strings"

	"daybook/adapters/files"
	"daybook/ledger"
)

// ReadApart reads a document without the actions that cannot be read by themselves: each
// is kept with what is wrong with it. Of a receipt in several rows all go, since what is
// left of it would be another receipt. What is wrong with the document as a whole (a
// header, a last line that was cut) is reported as Read reports it. The document is one
// file: those of an archive are read one by one (files.Document.Inner).
func ReadApart(source Source, doc *files.Document, rules Rules) (*Reading, []files.Quarantined, error) {
	var fall func(bad []files.Quarantined) files.ErrorList
	if receipts, is := source.(*Receipts); is {
		fall = func(bad []files.Quarantined) files.ErrorList { return receipts.fall(doc, rules, bad) }
	}
	reading, apart, err := files.ReadApart(doc, func(doc *files.Document) (*Reading, error) { return source.Read(doc, rules) }, fall)
	if err != nil {
		return nil, nil, err
	}
	rows := 0
	for _, line := range files.Lines(doc.Parts[0].Text) {
		if strings.TrimSpace(line) != "" {
			rows++
		}
	}
	if len(apart) > 0 && (len(reading.Actions) == 0 || 2*len(apart) > rows) {
		return nil, nil, files.Wrong(doc.Name, ledger.Say("%d rows cannot be read: this is no file with a few bad rows", len(apart)), ledger.Say("ask the sender for the original file"))
	}
	return reading, apart, nil
}

// named are the fields that say who somebody is. Of an action that could be read, a
// customer becomes a customer id before anything is kept, and a cashier is a number.
var named = map[string]bool{"customer": true, "cashier": true}

// maxEvidence is how much of an action that cannot be read is kept, in bytes.
const maxEvidence = 64 << 10

// forget empties a value of which nobody has said that it may be kept.
func (n *node) forget() { n.kind, n.text, n.members, n.items = isNull, "null", nil, nil }

// unread empties everything of an object but what every action has: what the fields of an
// unknown kind may hold nobody knows.
func (f *form) unread() {
	quiet := *f.sheet
	quiet.fault = func(string, string, ledger.Text, ledger.Text) {}
	bare := &form{sheet: &quiet, node: f.node, asked: f.asked}
	bare.head(&ledger.Till{})
	bare.done()
}

// evidence is the line as it may be kept: values of the fields that it should have, but
// those that name somebody, card numbers cut.
func (p *parser) evidence() string {
	for _, m := range p.root.members {
		if named[m.name] {
			m.value.forget()
		}
	}
	var out bytes.Buffer
	p.root.write(&out)
	text := files.Truncate(out.String())
	if len(text) > maxEvidence {
		text = strings.ToValidUTF8(text[:maxEvidence], "") + "…"
	}
	return text
}

// fall names the other rows of receipts that lack a row. Where a row does not say which
// receipt it is of, that may be the one before it or the one after.
func (s *Receipts) fall(doc *files.Document, rules Rules, bad []files.Quarantined) files.ErrorList {
	rows := s.keyed(doc, rules)
	lacks := map[string]int{} // receipts, and a row that each lacks
	lack := func(key string, row int) {
		if _, known := lacks[key]; !known && key != "" {
			lacks[key] = row
		}
	}
	isBad := map[int]bool{}
	for _, q := range bad {
		isBad[q.Row] = true
	}
	for n, r := range rows {
		if !isBad[r.line] {
			continue
		}
		lack(r.key, r.line)
		for _, step := range []int{-1, 1} {
			at := n
			for at >= 0 && at < len(rows) && rows[at].key == "" {
				at += step
			}
			if at >= 0 && at < len(rows) {
				lack(rows[at].key, r.line)
			}
		}
	}
	var list files.ErrorList
	for _, r := range rows {
		if row, is := lacks[r.key]; is && r.key != "" && !isBad[r.line] {
			e := &files.Error{File: doc.FileOf(&doc.Parts[0]), Row: r.line, Text: ledger.Say("row %d, which is or may be of the same receipt, cannot be read", row),
				Hint: ledger.Say("correct that row")}
			list = append(list, e.ApartAs(r.record.Evidence()))
		}
	}
	return list
}

// keyedRow is a row with the receipt that it is of; nobody knows which when key is empty.
type keyedRow struct {
	line   int
	key    string
	record *files.Record
}

func (s *Receipts) keyed(doc *files.Document, rules Rules) []keyedRow {
	var unheard files.Problems // read has reported them
	var sheet *files.Sheet
	var rows []keyedRow
	c := s.profile.Columns
	reader := files.NewReader(doc.Name, doc.Parts[0].Text, s.dialect())
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			return rows
		case errors.As(err, &wrong):
			rows = append(rows, keyedRow{line: wrong.Row})
			continue
		case sheet == nil:
			sheet = files.NewSheet(doc.Name, row, &unheard)
			s.personal(sheet)
			continue
		}
		r := sheet.Record(row)
		s.dropRest(sheet, r)
		key := needID(r, c.Doc, maxReference)
		store := s.store(r)
		key += "\x00" + string(store)
		if c.Terminal != "" {
			key += "\x00" + needID(r, c.Terminal, maxReference)
		}
		if _, known := rules.store(store); !known || !r.Sound() {
			key = ""
		}
		rows = append(rows, keyedRow{row.Line, key, r})
	}
}

func (s *Receipts) dialect() files.Dialect {
	return files.Dialect{Comma: s.profile.Separator, Quoted: true}
}

// personal keeps who somebody is out of what is kept of a row that cannot be read.
func (s *Receipts) personal(sheet *files.Sheet) {
	for _, heading := range []string{s.profile.Columns.Customer, s.profile.Columns.Cashier} {
		if heading != "" {
			sheet.Personal(heading)
		}
	}
	for _, heading := range sheet.Headings {
		if !s.named[files.Fold(heading)] || forbidden(heading) {
			sheet.Personal(heading)
		}
	}
}
