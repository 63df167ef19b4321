package files

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"daybook/ledger"
)

// Workbook is the Encoding of a part that was a sheet of an Excel workbook (.xlsx). Its
// text is the sheet as CSV: row 7 of the sheet is line 7, every row has as many cells as
// the widest, a line end inside a cell is a blank. Numbers are as the workbook stores
// them; only those with more than fifteen digits and a fraction are rounded to fifteen,
// which is what a spreadsheet shows: it stores 1.1 as 1.1000000000000001. Whole numbers
// of more than fifteen digits are refused, because a spreadsheet loses the rest. Cells
// with a date format become 2006-01-02, 15:04:05 or both.
const Workbook = "XLSX"

const (
	maxWorkbook = 256 << 20 // bytes of a workbook after unpacking, and of its sheet as text
	maxColumns  = 256
)

func isWorkbook(entries []*zip.File) bool {
	for _, entry := range entries {
		if entry.Name == "xl/workbook.xml" {
			return true
		}
	}
	return false
}

// readWorkbook makes a text of the one sheet with anything in it.
func readWorkbook(name string, data []byte, entries []*zip.File, limit limits) (content []byte, err error) {
	defer func() { // of a library that reads what anybody sent
		if recover() != nil {
			content, err = nil, badWorkbook(name)
		}
	}()
	limit.unpacked = min(limit.unpacked, maxWorkbook)
	sheets, err := worksheets(name, data, entries, limit)
	if err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: limit.unpacked, UnzipXMLSizeLimit: limit.unpacked})
	if err != nil {
		return nil, badWorkbook(name)
	}
	defer book.Close()
	w := &workbook{name: name, book: book, cells: map[[2]int]cellKind{}, styles: map[int]cellKind{}}
	if props, err := book.GetWorkbookProps(); err == nil && props.Date1904 != nil {
		w.since1904 = *props.Date1904
	}
	full := 0
	for _, sheet := range sheets {
		any, err := w.scan(sheet)
		if err != nil {
			return nil, badWorkbook(name)
		}
		if any {
			full++
		}
	}
	switch {
	case full == 0:
		return nil, Wrong(name, ledger.Say("the Excel workbook has no sheet with anything in it"),
			ledger.Say("download it again; if it stays empty, ask the provider for the file"))
	case full > 1:
		return nil, Wrong(name, ledger.Say("the Excel workbook has %d sheets with something in them", full),
			ledger.Say("save the sheet with the movements as a workbook or CSV file of its own"))
	}
	for _, sheet := range book.GetSheetList() {
		text, err := w.text(sheet, limit)
		if err != nil || text != nil {
			return text, err
		}
	}
	return nil, badWorkbook(name)
}

// worksheets unpacks everything once, to hold it against the limits, and keeps the sheets.
func worksheets(name string, data []byte, entries []*zip.File, limit limits) ([][]byte, error) {
	var sheets [][]byte
	left := limit.unpacked
	for _, entry := range entries {
		if entry.FileInfo().IsDir() {
			continue
		}
		content, err := inflate(name, entry, left, int64(len(data)), limit)
		if err != nil {
			return nil, err
		}
		left -= int64(len(content))
		if strings.HasPrefix(entry.Name, "xl/worksheets/") && strings.HasSuffix(entry.Name, ".xml") {
			sheets = append(sheets, content)
		}
	}
	return sheets, nil
}

// cellKind is how the number in a cell is to be read.
type cellKind int

const (
	plainNumber cellKind = 1 << iota
	withDate
	withTime
)

type workbook struct {
	name      string
	book      *excelize.File
	since1904 bool
	cells     map[[2]int]cellKind // numbers, by row and column
	styles    map[int]cellKind
}

// scan notes which cells of a sheet are numbers and which of those are dates. Rows and
// cells out of order are refused: the library would shift them.
func (w *workbook) scan(sheet []byte) (any bool, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(sheet))
	row, column := 0, 0
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return any, nil
		}
		if err != nil {
			return false, err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		attrs := map[string]string{}
		for _, attr := range start.Attr {
			attrs[attr.Name.Local] = attr.Value
		}
		switch start.Name.Local {
		case "row":
			next := row + 1
			if r := attrs["r"]; r != "" {
				if next, err = strconv.Atoi(r); err != nil || next <= row || next > excelize.TotalRows {
					return false, fmt.Errorf("row %q", r)
				}
			}
			row, column = next, 0
		case "c":
			next := column + 1
			if r := attrs["r"]; r != "" {
				var at int
				if next, at, err = excelize.CellNameToCoordinates(r); err != nil || at != row || next <= column {
					return false, fmt.Errorf("cell %q", r)
				}
			}
			column = next
			if t := attrs["t"]; t == "" || t == "n" {
				style, _ := strconv.Atoi(attrs["s"])
				w.cells[[2]int{row, column}] = w.style(style)
			}
		case "v", "is":
			any = true
		}
	}
}

// inert are the parts of a number format that are no placeholders.
var inert = regexp.MustCompile(`"[^"]*"|\[[^\]]*\]|\\.|_.|\*.`)

// style tells a date format from others.
func (w *workbook) style(index int) cellKind {
	if kind, known := w.styles[index]; known {
		return kind
	}
	kind := plainNumber
	if style, err := w.book.GetStyle(index); err == nil && index > 0 {
		n := style.NumFmt
		switch {
		case style.CustomNumFmt != nil:
			code := strings.ToLower(inert.ReplaceAllString(*style.CustomNumFmt, ""))
			if strings.ContainsAny(code, "yd") {
				kind |= withDate
			}
			if strings.ContainsAny(code, "hs") {
				kind |= withTime
			}
		case n == 22:
			kind |= withDate | withTime
		case n >= 14 && n <= 17, n >= 27 && n <= 31, n == 36, n >= 50 && n <= 54, n == 57, n == 58:
			kind |= withDate
		case n >= 18 && n <= 21, n >= 32 && n <= 35, n >= 45 && n <= 47, n == 55, n == 56:
			kind |= withTime
		}
	}
	w.styles[index] = kind
	return kind
}

// text is a sheet as CSV, and nil for an empty one.
func (w *workbook) text(sheet string, limit limits) ([]byte, error) {
	rows, err := w.book.Rows(sheet)
	if err != nil {
		return nil, nil // a chart has no rows
	}
	defer rows.Close()
	var lines []string
	var widths []int
	var problems Problems
	width, size, any := 0, int64(0), false
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			return nil, badWorkbook(w.name)
		}
		if len(cells) > maxColumns {
			return nil, Wrong(w.name, ledger.Say("row %d of the sheet has more than %d columns", len(lines)+1, maxColumns),
				ledger.Say("save the sheet with the movements as a workbook or CSV file of its own"))
		}
		line, filled := w.line(len(lines)+1, cells, &problems)
		if !filled {
			line, cells = "", nil
		}
		any = any || filled
		width = max(width, len(cells))
		lines, widths = append(lines, line), append(widths, len(cells))
		if size += int64(len(line)) + 1; size > limit.unpacked {
			return nil, tooLarge(w.name, limit)
		}
	}
	if err := rows.Error(); err != nil {
		return nil, badWorkbook(w.name)
	}
	if err := problems.Err(); err != nil || !any {
		return nil, err
	}
	var text bytes.Buffer
	for i, line := range lines {
		text.WriteString(line)
		if widths[i] > 0 {
			text.WriteString(strings.Repeat(",", width-widths[i]))
		}
		text.WriteByte('\n')
	}
	return text.Bytes(), nil
}

// line is one row as CSV, and whether anything stands in it.
func (w *workbook) line(row int, cells []string, problems *Problems) (line string, filled bool) {
	for i, value := range cells {
		if kind := w.cells[[2]int{row, i + 1}]; kind != 0 && value != "" {
			var ok bool
			if value, ok = w.number(value, kind); !ok {
				column, _ := excelize.ColumnNumberToName(i + 1)
				problems.Add(&Error{File: w.name, Row: row, Column: column, Value: value,
					Text: ledger.Say("a spreadsheet keeps fifteen digits of a number, so the rest of this one may be lost"),
					Hint: ledger.Say("import the original file, as downloaded and never opened in a spreadsheet")})
			}
		}
		value = strings.Map(func(r rune) rune {
			if r == '\r' || r == '\n' {
				return ' '
			}
			return r
		}, value)
		filled = filled || strings.Trim(value, blanks) != ""
		if strings.ContainsAny(value, `,"`) {
			value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		if i > 0 {
			line += ","
		}
		line += value
	}
	return line, filled
}

var decimalText = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// number writes a stored number the way a CSV file has it. What is no plain decimal, as
// 1E+20, stays as it is: no amount and no identifier is read from it.
func (w *workbook) number(stored string, kind cellKind) (text string, ok bool) {
	if kind&(withDate|withTime) != 0 {
		return w.date(stored, kind), true
	}
	if !decimalText.MatchString(stored) {
		return stored, true
	}
	return fifteen(stored)
}

// fifteen rounds a decimal text half up to fifteen significant digits, digit by digit. It
// refuses one that has more before the point.
func fifteen(stored string) (text string, ok bool) {
	digits, negative := strings.CutPrefix(stored, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	whole = strings.TrimLeft(whole, "0")
	all := []byte(whole + fraction)
	leading := len(all) - len(bytes.TrimLeft(all, "0"))
	if len(whole) > 0 {
		leading = 0
	}
	keep := leading + 15
	if len(whole) > 15 {
		return stored, false
	}
	if len(all) <= keep {
		return stored, true
	}
	up := all[keep] >= '5'
	all = append([]byte{'0'}, all[:keep]...)
	for i := len(all) - 1; up; i-- {
		if up = all[i] == '9'; up {
			all[i] = '0'
		} else {
			all[i]++
		}
	}
	text = strings.TrimLeft(string(all[:len(whole)+1]), "0")
	if text == "" {
		text = "0"
	}
	if rest := strings.TrimRight(string(all[len(whole)+1:]), "0"); rest != "" {
		text += "." + rest
	}
	if negative && strings.Trim(text, "0.") != "" {
		text = "-" + text
	}
	return text, true
}

// date writes a day and a time of day. No amount is read from it, so a float will do.
func (w *workbook) date(stored string, kind cellKind) string {
	serial, err := strconv.ParseFloat(stored, 64)
	if err != nil || math.IsNaN(serial) || serial < 0 || serial > 3e6 {
		return stored
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if w.since1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	seconds := int64(math.Round(serial * 86400))
	at := epoch.AddDate(0, 0, int(seconds/86400)).Add(time.Duration(seconds%86400) * time.Second)
	switch {
	case kind&withDate == 0 && seconds < 86400:
		return at.Format(time.TimeOnly)
	case kind&withTime == 0 && seconds%86400 == 0:
		return at.Format(time.DateOnly)
	}
	return at.Format(time.DateTime)
}

func badWorkbook(name string) error {
	return Wrong(name,
		ledger.Say("this is an Excel workbook (.xlsx) that cannot be read: it is damaged or protected by a password"),
		ledger.Say("download it again, or open it and export it as CSV (UTF-8)"))
}
