package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/spf13/cobra"

	"daybook/adapters/clickhouse"
	"daybook/ledger"
	"daybook/projections"
)

// maxTableRows bounds what is lined up in memory; csv and json are written row by row.
const maxTableRows = 10_000

func (g *globals) queryCommand() *cobra.Command {
	var to string
	var force bool
	command := &cobra.Command{
		Use:   "query SQL",
		Short: "Ask the tables, in ClickHouse SQL, read-only",
		Long: "Ask the tables, in ClickHouse SQL, read-only. With --to the answer goes to a file: -o xlsx for\n" +
			"a spreadsheet, -o parquet, -o csv or -o json. Text that a spreadsheet would take for a formula stays text:\n" +
			"in a CSV file it gets an apostrophe in front, on standard output it is left as it is.",
		Example: "  daybook query \"SELECT store, sum(total) FROM fct_sales GROUP BY store ORDER BY store\"\n" +
			"  daybook query 'SHOW TABLES'\n" +
			"  daybook query -o csv 'SELECT * FROM fct_breaks' > breaks.csv\n" +
			"  daybook query -o xlsx --to breaks.xlsx 'SELECT * FROM fct_breaks'\n" +
			"  daybook query -o parquet --to sales.parquet 'SELECT * FROM fct_sales'",
		Args:              cobra.ExactArgs(1),
		PersistentPreRunE: func(*cobra.Command, []string) error { return g.settle("xlsx", "parquet") },
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if err := g.checkOutput(to, force); err != nil {
				return err
			}
			a, err := open(cmd.Context(), g)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			if err := a.catchUp(cmd.Context(), g); err != nil {
				return err
			}
			if to == "" {
				_, err := g.query(cmd.Context(), a.warehouse, args[0], g.stdout, nil)
				return err
			}
			var rows int
			err = writeBeside(to, func(file io.Writer) (err error) {
				rows, err = g.query(cmd.Context(), a.warehouse, args[0], file, harmless)
				return err
			})
			if err != nil {
				return err
			}
			g.notice(ledger.Say("%s is written, rows: %d", to, rows))
			return nil
		},
	}
	command.Flags().StringVar(&to, "to", "", "file to write the answer to; needs -o xlsx, parquet, csv or json")
	command.Flags().BoolVar(&force, "force", false, "replace the file that is there")
	return command
}

// checkOutput refuses a form of answer that does not go with where it is to go.
func (g *globals) checkOutput(to string, force bool) error {
	switch {
	case to == "" && force:
		return ledger.Refuse(ledger.Say("--force says to replace a file, and no file is named"), ledger.Say("name the file with --to"))
	case to == "" && g.output == "xlsx" && isTerminal(g.stdout):
		return ledger.Refuse(ledger.Say("a spreadsheet is not for a screen"), ledger.Say("name a file with --to"))
	case to == "" && g.output == "parquet" && isTerminal(g.stdout):
		return ledger.Refuse(ledger.Say("Parquet is not for a screen"), ledger.Say("name a file with --to"))
	case to == "":
		return nil
	case g.output == "table":
		return ledger.Refuse(ledger.Say("a table is for the screen, not for a file"), ledger.Say("add -o xlsx, -o parquet, -o csv or -o json"))
	}
	return checkTarget(to, force)
}

// query writes the answer to a statement and returns how many rows it has. In CSV, text
// is changed by guard, if there is one.
func (g *globals) query(ctx context.Context, warehouse projections.Warehouse, sql string, out io.Writer, guard func(string) string) (n int, err error) {
	rows, err := warehouse.Query(clickhouse.ReadOnly(ctx), sql)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, types := rows.Columns()
	var write func(values []any) error
	var finish func() error
	release := func() error { return nil }
	defer func() { err = errors.Join(err, release()) }()
	switch g.output {
	case "csv":
		write, finish = csvWriter(out, names, guard)
	case "json":
		write, finish = jsonWriter(out, names)
	case "xlsx":
		var book *answerBook
		if book, err = newAnswerBook(names, types); err != nil {
			return 0, err
		}
		write, finish, release = book.write, func() error { return book.finish(out) }, book.file.Close
	case "parquet":
		var file *parquetFile
		if file, err = newParquetFile(out, names, types); err != nil {
			return 0, err
		}
		write, finish = file.write, file.out.Close
	default:
		write, finish = g.tableWriter(names, types)
	}
	for rows.Next() {
		values, pointers := make([]any, len(names)), make([]any, len(names))
		for n := range values {
			pointers[n] = &values[n]
		}
		if err := rows.Scan(pointers...); err != nil {
			return n, err
		}
		if err := write(values); err != nil {
			return n, err
		}
		n++
	}
	if err := rows.Err(); err != nil {
		return n, err
	}
	return n, finish()
}

func csvWriter(out io.Writer, names []string, guard func(string) string) (func([]any) error, func() error) {
	w := csv.NewWriter(out)
	header := make([]any, len(names))
	for n, name := range names {
		header[n] = name
	}
	line := func(values []any) error {
		cells := make([]string, len(values))
		for n, value := range values {
			cells[n] = cellText(value)
			if text, isText := value.(string); isText && guard != nil {
				cells[n] = guard(text)
			}
		}
		return w.Write(cells)
	}
	err := line(header)
	return func(values []any) error {
			return errors.Join(err, line(values))
		}, func() error {
			w.Flush()
			return errors.Join(err, w.Error())
		}
}

// jsonWriter writes an array of objects whose fields stand in the order of the columns.
// Decimals are strings: a number would be read as a float by most readers.
func jsonWriter(out io.Writer, names []string) (func([]any) error, func() error) {
	first := true
	return func(values []any) error {
			var b strings.Builder
			b.WriteString("[\n  {")
			if !first {
				b.Reset()
				b.WriteString(",\n  {")
			}
			first = false
			for n, value := range values {
				switch v := value.(type) {
				case decimal.Decimal, time.Time:
					value = cellText(v)
				}
				name, err := json.Marshal(names[n])
				if err != nil {
					return err
				}
				data, err := json.Marshal(value)
				if err != nil {
					return err
				}
				if n > 0 {
					b.WriteString(", ")
				}
				b.Write(name)
				b.WriteString(": ")
				b.Write(data)
			}
			b.WriteString("}")
			_, err := fmt.Fprint(out, b.String())
			return err
		}, func() error {
			end := "\n]\n"
			if first {
				end = "[]\n"
			}
			_, err := fmt.Fprint(out, end)
			return err
		}
}

func (g *globals) tableWriter(names, types []string) (func([]any) error, func() error) {
	var columns []column
	for n, name := range names {
		number := strings.HasPrefix(types[n], "Decimal") || strings.HasPrefix(types[n], "Int") || strings.HasPrefix(types[n], "UInt") || strings.HasPrefix(types[n], "Float")
		columns = append(columns, column{name, name, number})
	}
	var lines [][]string
	more := 0
	return func(values []any) error {
			if len(lines) == maxTableRows {
				more++
				return nil
			}
			line := make([]string, len(values))
			for n, value := range values {
				line[n] = cellText(value)
			}
			lines = append(lines, line)
			return nil
		}, func() error {
			g.printTable(columns, lines)
			if more > 0 {
				fmt.Fprintln(g.stderr, g.say.text(ledger.Say("rows not shown: %d; -o csv or -o json prints them all", more)))
			}
			return nil
		}
}

// cellText prints a value as a person would write it. Days have no time, instants are
// in UTC.
func cellText(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case decimal.Decimal:
		return v.String()
	case time.Time:
		if v.Equal(v.Truncate(24 * time.Hour)) {
			return v.Format(time.DateOnly)
		}
		return v.UTC().Format("2006-01-02 15:04:05.999")
	case fmt.Stringer:
		return v.String()
	case map[string]string, map[string]decimal.Decimal, []string:
		data, _ := json.Marshal(v) // texts and decimals, which are written as text: cannot fail
		return string(data)
	}
	return fmt.Sprint(value)
}
