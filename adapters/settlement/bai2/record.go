package bai2

import (
	"regexp"
	"strings"

	"daybook/adapters/files"
)

// record is one logical record: its code, its fields, and the row it begins on.
type record struct {
	row   int
	code  string
	text  strings.Builder // without code and end mark, 88s and wrapped lines included
	ended bool            // the last line ended in a slash, which text does not have
	raw   []string
	count int64 // physical records: itself and its 88s
}

// codes are what a record begins with.
var codes = regexp.MustCompile(`^(01|02|03|16|49|88|98|99),`)

// inner finds the next record on a line that holds several. A slash and something like a
// code may stand in a text ("paid 01/03, late"), so a line is only divided where more of
// a record's shape follows than its code.
var inner = regexp.MustCompile(`/ *(01,[^,/]*,[^,/]*,[0-9]{6},|02,[^,/]*,[^,/]*,[0-9],[0-9]{6},|03,[^,/]*,(?:[A-Z]{3})?(?:,[0-9]{3},|,,|/)|16,[0-9]{3},[0-9]*,|88,|49,[+-]?[0-9]+,[0-9]+/|98,[+-]?[0-9]+,[0-9]+,[0-9]+/|99,[+-]?[0-9]+,[0-9]+,[0-9]+/)`)

// line is a piece of text that may begin a record.
type line struct {
	row  int
	text string
}

// lines divides a text into pieces of one record or less each.
func lines(text string) []line {
	var list []line
	crowded := false
	for number, rest := range files.Lines(text) {
		rest = strings.Trim(rest, " \t\x1a")
		if rest == "" {
			continue
		}
		for {
			at := inner.FindStringSubmatchIndex(rest)
			if at == nil || !codes.MatchString(rest) {
				break
			}
			crowded = true
			list = append(list, line{number, rest[:at[0]+1]})
			rest = rest[at[2]:]
		}
		list = append(list, line{number, rest})
	}
	if crowded { // line numbers would not tell records apart
		for i := range list {
			list[i].row = i + 1
		}
	}
	return list
}

// records joins continuations with what they continue.
func records(text string) []*record {
	var list []*record
	for _, l := range lines(text) {
		begin := codes.FindString(l.text)
		code, content := strings.TrimSuffix(begin, ","), l.text[len(begin):]
		if code != "" && code != "88" || len(list) == 0 {
			last := &record{row: l.row, code: code, raw: []string{l.text}, count: 1}
			last.write(content)
			list = append(list, last)
			continue
		}
		last := list[len(list)-1]
		last.raw = append(last.raw, l.text)
		switch {
		case code == "88":
			last.count++
			last.text.WriteString(last.joint())
		case last.ended: // wrapped, and the slash was none of the record's end
			last.text.WriteString("/")
		}
		last.write(content)
	}
	return list
}

// write adds a line, and holds back a slash at its end.
func (r *record) write(content string) {
	content, r.ended = strings.CutSuffix(content, "/")
	r.text.WriteString(content)
}

// joint is what stands between a record and the 88 that goes on with it: the comma that
// the slash ends a field in place of, or the blank between two words of a text.
func (r *record) joint() string {
	text := r.text.String()
	switch {
	case r.code == "16" && inText(text):
		return " "
	case !r.ended && strings.HasSuffix(text, ","):
		return ""
	}
	return ","
}

// inText reports whether the fields of a record 16 are over and its text has begun.
func inText(text string) bool {
	f := newFields(text)
	f.next()
	f.next()
	f.funds()
	f.next()
	f.next()
	return f.rest != nil
}

// fields hands out the fields of a record one by one.
type fields struct {
	rest *string // nil behind the last
}

func newFields(text string) *fields { return &fields{&text} }

// next is the next field, without blanks; nothing behind the last.
func (f *fields) next() string {
	if f.rest == nil {
		return ""
	}
	field, rest, more := strings.Cut(*f.rest, ",")
	if f.rest = nil; more {
		f.rest = &rest
	}
	return strings.TrimSpace(field)
}

// all is what is left, commas included.
func (f *fields) all() string {
	if f.rest == nil {
		return ""
	}
	text := *f.rest
	f.rest = nil
	return strings.TrimSpace(text)
}

// maxDistribution bounds the parts of a funds type D.
const maxDistribution = 366

// funds passes over a funds type with its fields and returns the value date of type V.
func (f *fields) funds() (valueDate string, ok bool) {
	switch f.next() {
	case "", "0", "1", "2", "Z":
	case "S":
		f.next()
		f.next()
		f.next()
	case "V":
		valueDate = f.next()
		f.next()
	case "D":
		parts, isCount := digits(f.next())
		if !isCount || parts > maxDistribution {
			return "", false
		}
		for range parts {
			f.next()
			f.next()
		}
	default:
		return "", false
	}
	return valueDate, true
}
