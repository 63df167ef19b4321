package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
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
	return &cobra.Command{
		Use:   "query SQL",
		Short: "Ask the tables, in ClickHouse SQL, read-only",
		Example: "  daybook query \"SELECT store, sum(total) FROM fct_sales GROUP BY store ORDER BY store\"\n" +
			"  daybook query 'SHOW TABLES'\n" +
			"  daybook query -o csv 'SELECT * FROM fct_breaks' > breaks.csv",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			a, err := open(cmd.Context(), g)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			if err := a.catchUp(cmd.Context(), g); err != nil {
				return err
			}
			return g.query(cmd.Context(), a.warehouse, args[0])
		},
	}
}

func (g *globals) query(ctx context.Context, warehouse projections.Warehouse, sql string) (err error) {
	rows, err := warehouse.Query(clickhouse.ReadOnly(ctx), sql)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	names, types := rows.Columns()
	var write func(values []any) error
	var finish func() error
	switch g.output {
	case "csv":
		write, finish = g.csvWriter(names)
	case "json":
		write, finish = g.jsonWriter(names)
	default:
		write, finish = g.tableWriter(names, types)
	}
	for rows.Next() {
		values, pointers := make([]any, len(names)), make([]any, len(names))
		for n := range values {
			pointers[n] = &values[n]
		}
		if err := rows.Scan(pointers...); err != nil {
			return err
		}
		if err := write(values); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return finish()
}

func (g *globals) csvWriter(names []string) (func([]any) error, func() error) {
	w := csv.NewWriter(g.stdout)
	err := w.Write(names)
	return func(values []any) error {
			cells := make([]string, len(values))
			for n, value := range values {
				cells[n] = cellText(value)
			}
			return errors.Join(err, w.Write(cells))
		}, func() error {
			w.Flush()
			return errors.Join(err, w.Error())
		}
}

// jsonWriter writes an array of objects whose fields stand in the order of the columns.
// Decimals are strings: a number would be read as a float by most readers.
func (g *globals) jsonWriter(names []string) (func([]any) error, func() error) {
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
			_, err := fmt.Fprint(g.stdout, b.String())
			return err
		}, func() error {
			end := "\n]\n"
			if first {
				end = "[]\n"
			}
			_, err := fmt.Fprint(g.stdout, end)
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
	case map[string]string, []string:
		data, _ := json.Marshal(v) // strings only: cannot fail
		return string(data)
	}
	return fmt.Sprint(value)
}
