package main

import (
	"archive/zip"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// packBook is a workbook with a sheet for each table. The same tables give the same bytes,
// whenever and by whatever process they are written.
func packBook(tables []packTable) (_ []byte, err error) {
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	if err := file.SetDocProps(&excelize.DocProperties{Creator: "daybook", Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z"}); err != nil {
		return nil, err
	}
	book := &packSheets{file: file, formats: map[int32]int{}}
	if book.bold, err = file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return nil, err
	}
	for _, table := range tables {
		name := table.name
		for part := 1; ; part++ { // a table longer than a sheet goes on in the next
			rows := table.rows[min((part-1)*maxSheetRows, len(table.rows)):min(part*maxSheetRows, len(table.rows))]
			if part > 1 {
				if len(rows) == 0 {
					break
				}
				name = fmt.Sprintf("%s %d", table.name, part)
			}
			if err := book.sheet(name, table, rows); err != nil {
				return nil, err
			}
		}
	}
	var out bytes.Buffer
	if err := file.Write(&out); err != nil {
		return nil, err
	}
	return settled(out.Bytes())
}

type packSheets struct {
	file    *excelize.File
	made    int
	bold    int
	formats map[int32]int // style by number of decimals
}

func (b *packSheets) sheet(name string, table packTable, rows [][]string) error {
	if b.made++; b.made == 1 {
		if err := b.file.SetSheetName("Sheet1", name); err != nil {
			return err
		}
	} else if _, err := b.file.NewSheet(name); err != nil {
		return err
	}
	w, err := b.file.NewStreamWriter(name)
	if err != nil {
		return err
	}
	heading := make([]any, len(table.columns))
	for n, column := range table.columns {
		if err := w.SetColWidth(n+1, n+1, float64(max(14, len(column.name)+2))); err != nil {
			return err
		}
		heading[n] = excelize.Cell{StyleID: b.bold, Value: column.name}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	if err := w.SetRow("A1", heading); err != nil {
		return err
	}
	for at, row := range rows {
		cells := make([]any, len(row))
		for n, text := range row {
			if cells[n], err = b.cell(text, table.columns[n], table.name); err != nil {
				return err
			}
		}
		if err := w.SetRow(fmt.Sprint("A", at+2), cells); err != nil {
			return err
		}
	}
	return w.Flush()
}

// cell is a number with all its decimals where a spreadsheet can hold it exactly, and text
// otherwise.
func (b *packSheets) cell(text string, column packColumn, table string) (any, error) {
	if text == "" {
		return nil, nil
	}
	if column.number {
		if number, err := decimal.NewFromString(text); err == nil && number.NumDigits() <= maxCellDigits {
			decimals := max(0, -number.Exponent())
			style, known := b.formats[decimals]
			if !known {
				format := "#,##0"
				if decimals > 0 {
					format += "." + strings.Repeat("0", int(decimals))
				}
				if style, err = b.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
					return nil, err
				}
				b.formats[decimals] = style
			}
			return excelize.Cell{StyleID: style, Value: cellValue(number)}, nil
		}
	}
	if len(utf16.Encode([]rune(text))) > maxCellChars {
		text = fmt.Sprintf("(%s.csv)", table) // too long for a cell; the whole stands there
	}
	return text, nil
}

// settled packs a workbook anew so that nothing in it depends on where and when it was
// written: entries in order of name, without times, and as they are, since what a compressor
// makes of them changes with its version.
func settled(book []byte) ([]byte, error) {
	read, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return nil, err
	}
	entries := slices.SortedFunc(slices.Values(read.File), func(a, b *zip.File) int { return cmp.Compare(a.Name, b.Name) })
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, entry := range entries {
		from, err := entry.Open()
		if err != nil {
			return nil, err
		}
		to, err := w.CreateHeader(&zip.FileHeader{Name: entry.Name, Method: zip.Store, Modified: time.Time{}})
		if err == nil {
			_, err = io.Copy(to, from)
		}
		if err := errors.Join(err, from.Close()); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
