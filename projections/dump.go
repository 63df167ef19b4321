package projections

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Dump writes every row of every view but those of goods and customers as a line of JSON,
// after a line with the view's name, in an order that depends on the rows alone: two
// warehouses that hold the same rows have the same dump. Columns named in except are left
// out. The views of goods and customers take longer to plan than all others together.
func (v *Views) Dump(ctx context.Context, w io.Writer, except ...string) error {
	out := bufio.NewWriter(w)
	for _, view := range views[:len(views)-len(stockViews)-len(customerViews)] {
		if !view.public() {
			continue
		}
		fmt.Fprintf(out, "%s\n", view.name)
		if err := v.dump(ctx, out, view, except); err != nil {
			return fmt.Errorf("dump %s: %w", view.name, err)
		}
	}
	return out.Flush()
}

func (v *Views) dump(ctx context.Context, out *bufio.Writer, view view, except []string) error {
	rows, err := v.warehouse.Query(ctx, "SELECT * FROM "+view.name+" ORDER BY "+view.key)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, types := rows.Columns()
	values := make([]any, len(names))
	fields := make([]any, len(names))
	for n := range values {
		fields[n] = &values[n]
	}
	for rows.Next() {
		if err := rows.Scan(fields...); err != nil {
			return err
		}
		separator := "{"
		for n, name := range names {
			if slices.Contains(except, name) {
				continue
			}
			value, err := json.Marshal(printed(values[n], types[n]))
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			fmt.Fprintf(out, "%s%q:%s", separator, name, value)
			separator = ","
		}
		out.WriteString("}\n")
	}
	return rows.Err()
}

// printed shows a day without a time, and a time in UTC whatever zone the client gave it.
func printed(value any, chType string) any {
	switch t := value.(type) {
	case time.Time:
		if !strings.Contains(chType, "DateTime") {
			return t.Format(time.DateOnly)
		}
		return t.UTC()
	case []time.Time:
		days := make([]string, len(t))
		for n := range t {
			days[n] = t[n].Format(time.DateOnly)
		}
		return days
	}
	return value
}
