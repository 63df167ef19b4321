package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// column is one column of a list: a heading for people, a name for programs.
type column struct {
	heading string
	name    string
	right   bool // numbers line up at their end
}

// printList prints rows as a table, as CSV, or, from their JSON form, as JSON.
func (g *globals) printList(columns []column, rows [][]string, forPrograms any) error {
	switch g.output {
	case "json":
		return g.printJSON(forPrograms)
	case "csv":
		w := csv.NewWriter(g.stdout)
		var names []string
		for _, c := range columns {
			names = append(names, c.name)
		}
		if err := w.Write(names); err != nil {
			return err
		}
		if err := w.WriteAll(rows); err != nil {
			return err
		}
		return w.Error()
	}
	g.printTable(columns, rows)
	return nil
}

// printRecords prints flat structs as CSV, a column for each field under its JSON name.
func printRecords[T any](g *globals, records []T) error {
	w := csv.NewWriter(g.stdout)
	var names []string
	for field := range reflect.TypeFor[T]().Fields() {
		names = append(names, field.Tag.Get("json"))
	}
	if err := w.Write(names); err != nil {
		return err
	}
	for _, record := range records {
		var cells []string
		for _, value := range reflect.ValueOf(record).Fields() {
			cells = append(cells, fmt.Sprint(value.Interface()))
		}
		if err := w.Write(cells); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func (g *globals) printJSON(v any) error {
	enc := json.NewEncoder(g.stdout)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printTable lines columns up by width on the screen, where a Chinese character is two
// columns wide.
func (g *globals) printTable(columns []column, rows [][]string) {
	t := table.NewWriter()
	style := table.StyleLight
	style.Format.Header = text.FormatDefault
	style.Options.DrawBorder = false
	style.Options.SeparateColumns = false
	style.Box.PaddingLeft = ""
	style.Box.PaddingRight = "  "
	t.SetStyle(style)
	var header table.Row
	var configs []table.ColumnConfig
	for n, c := range columns {
		header = append(header, c.heading)
		config := table.ColumnConfig{Number: n + 1}
		if c.right {
			config.Align, config.AlignHeader = text.AlignRight, text.AlignRight
		}
		configs = append(configs, config)
	}
	t.SetColumnConfigs(configs)
	t.AppendHeader(header)
	for _, row := range rows {
		cells := table.Row{}
		for _, cell := range row {
			cells = append(cells, printable(cell))
		}
		t.AppendRow(cells)
	}
	var b strings.Builder
	for line := range strings.Lines(t.Render()) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	b.WriteString("\n")
	g.stdout.Write([]byte(b.String()))
}

// printFacts prints names and values below each other.
func (g *globals) printFacts(rows [][]string) {
	t := table.NewWriter()
	style := table.StyleLight
	style.Options = table.OptionsNoBordersAndSeparators
	style.Box.PaddingLeft = "  "
	style.Box.PaddingRight = ""
	t.SetStyle(style)
	for _, row := range rows {
		t.AppendRow(table.Row{row[0], printable(row[1])})
	}
	for line := range strings.Lines(t.Render()) {
		fmt.Fprintln(g.stdout, strings.TrimRight(line, " \n"))
	}
	fmt.Fprintln(g.stdout)
}

// printable keeps what a file or a till wrote from driving the terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '�'
		}
		return r
	}, s)
}
