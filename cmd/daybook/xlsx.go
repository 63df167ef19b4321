package main

import (
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"daybook/ledger"
)

// What spreadsheets can hold. They keep numbers to 15 digits; what has more becomes text,
// or its last digits would be lost.
const (
	maxSheetRows  = excelize.TotalRows - 1 // below the heading
	maxCellChars  = excelize.TotalCellChars
	maxCellDigits = 15
	maxCellWhole  = 999_999_999_999_999
)

// firstSheetYear is the first whose days every spreadsheet counts alike.
const firstSheetYear = 1901

// answerBook is a file of one sheet, with a heading that stays in sight. Numbers, days and
// instants are cells of their kind. Text is written as text, never as something to compute
// or to guess at: a reference of many digits stays as it is, and so does a memo that begins
// with an equals sign.
type answerBook struct {
	file   *excelize.File // to be closed: a long sheet waits on disk
	sheet  *excelize.StreamWriter
	names  []string
	styles []int // of each column
	rows   int
}

func newAnswerBook(names, types []string) (_ *answerBook, err error) {
	w := &answerBook{file: excelize.NewFile(), names: names, styles: make([]int, len(names))}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.file.Close())
		}
	}()
	if err := w.file.SetSheetName("Sheet1", "daybook"); err != nil {
		return nil, err
	}
	if w.sheet, err = w.file.NewStreamWriter("daybook"); err != nil {
		return nil, err
	}
	bold, err := w.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	header := make([]any, len(names))
	for n, name := range names {
		format, width := cellFormat(types[n])
		if format != "" {
			if w.styles[n], err = w.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
				return nil, err
			}
		}
		if err := w.sheet.SetColWidth(n+1, n+1, float64(min(max(width, len(name)+2), excelize.MaxColumnWidth))); err != nil {
			return nil, err
		}
		header[n] = excelize.Cell{StyleID: bold, Value: name}
	}
	if err := w.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return w, w.sheet.SetRow("A1", header)
}

func (w *answerBook) write(values []any) error {
	if w.rows++; w.rows > maxSheetRows {
		return ledger.Refuse(ledger.Say("a spreadsheet holds %d rows, and there are more", maxSheetRows),
			ledger.Say("add a LIMIT to the statement, or take -o csv"))
	}
	cells := make([]any, len(values))
	for n, value := range values {
		content := cellValue(value)
		if text, isText := content.(string); isText && len(utf16.Encode([]rune(text))) > maxCellChars {
			return ledger.Refuse(ledger.Say("row %d, column %s: a cell of a spreadsheet holds %d characters, and this text has more", w.rows, w.names[n], maxCellChars),
				ledger.Say("leave the column out, cut it with substring(), or take -o csv"))
		}
		if content != nil {
			cells[n] = excelize.Cell{StyleID: w.styles[n], Value: content}
		}
	}
	return w.sheet.SetRow("A"+strconv.Itoa(w.rows+1), cells)
}

func (w *answerBook) finish(out io.Writer) error {
	if err := w.sheet.Flush(); err != nil {
		return err
	}
	return w.file.Write(out)
}

// cellFormat is how a column of a ClickHouse type shows in a spreadsheet, and how many
// characters wide it is.
func cellFormat(chType string) (format string, width int) {
	for _, around := range []string{"LowCardinality(", "Nullable("} {
		if inner, found := strings.CutPrefix(chType, around); found {
			chType = strings.TrimSuffix(inner, ")")
		}
	}
	var precision, scale int
	switch {
	case strings.HasPrefix(chType, "DateTime"):
		return "yyyy-mm-dd hh:mm:ss.000", 24
	case strings.HasPrefix(chType, "Date"):
		return "yyyy-mm-dd", 12
	case strings.HasPrefix(chType, "Decimal"):
		// Two decimals always, and the further ones where there are any.
		if _, err := fmt.Sscanf(chType, "Decimal(%d, %d)", &precision, &scale); err == nil && scale >= 2 {
			return "#,##0.00" + strings.Repeat("#", scale-2), 14
		}
		return "", 14
	}
	return "", 14
}

// cellValue is a value as a spreadsheet holds it: a number, a time, a truth or a text.
func cellValue(value any) any {
	switch v := value.(type) {
	case nil, string, bool:
		return v
	case decimal.Decimal:
		if v.NumDigits() > maxCellDigits {
			return v.String()
		}
		return v.InexactFloat64() // the nearest float prints the same 15 digits
	case time.Time:
		if v.Year() < firstSheetYear {
			return cellText(v)
		}
		return v.UTC()
	case float32, float64:
		if f := reflect.ValueOf(v).Float(); math.IsNaN(f) || math.IsInf(f, 0) {
			return cellText(v)
		}
		return v
	}
	switch v := reflect.ValueOf(value); {
	case v.CanInt() && v.Int() >= -maxCellWhole && v.Int() <= maxCellWhole:
		return v.Int()
	case v.CanUint() && v.Uint() <= maxCellWhole:
		return v.Uint()
	}
	return cellText(value)
}

// harmless keeps a text in a CSV file from being computed by the spreadsheet that opens
// it: an apostrophe in front makes it text there.
func harmless(text string) string {
	if text != "" && strings.IndexByte("=+-@\t\r", text[0]) >= 0 {
		return "'" + text
	}
	return text
}
