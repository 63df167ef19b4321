package clickhouse

import (
	"context"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/shopspring/decimal"

	"daybook/projections"
)

// identifier is a table or column name that needs no escaping between backticks.
var identifier = regexp.MustCompile(`^[\p{L}_][\p{L}\p{N}_]*$`)

// Insert writes one block, whole or not at all. The table may be written database.table.
// A block without rows is not sent. Columns left out take their defaults.
//
// A Nullable column takes a slice of pointers, for example []*string.
func (w *Warehouse) Insert(ctx context.Context, table string, columns ...projections.Column) error {
	if err := w.insert(ctx, table, columns); err != nil {
		return fmt.Errorf("insert into %s: %w", table, err)
	}
	return nil
}

func (w *Warehouse) insert(ctx context.Context, table string, columns []projections.Column) error {
	statement, rows, err := insertStatement(table, columns)
	if err != nil || rows == 0 {
		return err
	}
	batch, err := w.conn.PrepareBatch(ctx, statement)
	if err != nil {
		return explain(ctx, err)
	}
	defer batch.Close()
	for i, target := range batch.Columns() {
		values, err := fit(columns[i].Values, string(target.Type()))
		if err == nil {
			err = fill(batch.Column(i), string(target.Type()), values)
		}
		// The client takes some slices for columns they do not fill, such as
		// []time.Time for Nullable(Date).
		if err == nil && target.Rows() != rows {
			err = fmt.Errorf("a %T does not fill a column of type %s", columns[i].Values, target.Type())
		}
		if err != nil {
			return fmt.Errorf("column %s: %w", columns[i].Name, err)
		}
	}
	if err := batch.Send(); err != nil {
		return explain(ctx, err)
	}
	return nil
}

// fill gives a column its values. The client looks each value of a LowCardinality column up
// by itself, and wants it boxed; values that come again one after the other share a box.
func fill(column driver.BatchColumn, chType string, values any) error {
	texts, ok := values.([]string)
	if !ok || !strings.HasPrefix(chType, "LowCardinality") {
		return column.Append(values)
	}
	var box any
	for n, text := range texts {
		if n == 0 || text != texts[n-1] {
			box = text
		}
		if err := column.AppendRow(box); err != nil {
			return err
		}
	}
	return nil
}

// insertStatement checks names and lengths and returns the statement and the number of
// rows.
func insertStatement(table string, columns []projections.Column) (statement string, rows int, err error) {
	parts := strings.Split(table, ".")
	for _, part := range parts {
		if !identifier.MatchString(part) || len(parts) > 2 {
			return "", 0, fmt.Errorf("%q is not a table name", table)
		}
	}
	if len(columns) == 0 {
		return "", 0, fmt.Errorf("a block without columns")
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		if !identifier.MatchString(c.Name) {
			return "", 0, fmt.Errorf("%q is not a column name", c.Name)
		}
		values := reflect.ValueOf(c.Values)
		if values.Kind() != reflect.Slice {
			return "", 0, fmt.Errorf("column %s: a %T is not a slice", c.Name, c.Values)
		}
		if i > 0 && values.Len() != rows {
			return "", 0, fmt.Errorf("column %s has %d rows, column %s has %d", c.Name, values.Len(), columns[0].Name, rows)
		}
		names[i], rows = quote(c.Name), values.Len()
	}
	for i, part := range parts {
		parts[i] = quote(part)
	}
	return fmt.Sprintf("INSERT INTO %s (%s)", strings.Join(parts, "."), strings.Join(names, ", ")), rows, nil
}

func quote(name string) string { return "`" + name + "`" }

// fit turns a slice into the type the client takes for the column, and refuses values
// that the column cannot hold and the client would bend.
func fit(values any, chType string) (any, error) {
	switch v := values.(type) {
	case []decimal.Decimal:
		return v, fitDecimals(len(v), func(i int) *decimal.Decimal { return &v[i] }, chType)
	case []*decimal.Decimal:
		return v, fitDecimals(len(v), func(i int) *decimal.Decimal { return v[i] }, chType)
	case []time.Time:
		return v, fitTimes(len(v), func(i int) *time.Time { return &v[i] }, chType)
	case []*time.Time:
		return v, fitTimes(len(v), func(i int) *time.Time { return v[i] }, chType)
	case []bool:
		if strings.Contains(chType, "UInt8") {
			return flags(v), nil
		}
		return v, nil
	}
	return unname(values), nil
}

func flags(values []bool) []uint8 {
	out := make([]uint8, len(values))
	for i, v := range values {
		if v {
			out[i] = 1
		}
	}
	return out
}

// unname turns a slice of a named string or number type into a slice of the plain type,
// which is what the client knows.
func unname(values any) any {
	v := reflect.ValueOf(values)
	plain, named := plainTypes[v.Type().Elem().Kind()]
	if !named || v.Type().Elem() == plain {
		return values
	}
	out := reflect.MakeSlice(reflect.SliceOf(plain), v.Len(), v.Len())
	for i := range v.Len() {
		out.Index(i).Set(v.Index(i).Convert(plain))
	}
	return out.Interface()
}

var plainTypes = map[reflect.Kind]reflect.Type{
	reflect.String: reflect.TypeFor[string](),
	reflect.Int8:   reflect.TypeFor[int8](), reflect.Int16: reflect.TypeFor[int16](),
	reflect.Int32: reflect.TypeFor[int32](), reflect.Int64: reflect.TypeFor[int64](),
	reflect.Uint8: reflect.TypeFor[uint8](), reflect.Uint16: reflect.TypeFor[uint16](),
	reflect.Uint32: reflect.TypeFor[uint32](), reflect.Uint64: reflect.TypeFor[uint64](),
}

var decimalType = regexp.MustCompile(`Decimal\((\d+), *(\d+)\)`)

// fitDecimals refuses what Decimal(precision, scale) cannot hold exactly. An amount is
// never rounded on its way into a table.
func fitDecimals(n int, at func(int) *decimal.Decimal, chType string) error {
	match := decimalType.FindStringSubmatch(chType)
	if match == nil {
		return nil
	}
	precision, scale := atoi(match[1]), atoi(match[2])
	limit := decimal.New(1, precision-scale)
	for i := range n {
		switch d := at(i); {
		case d == nil:
		case d.Exponent() < -scale && !d.Equal(d.Truncate(scale)):
			return fmt.Errorf("row %d: %s has more than the %d decimals of %s", i, d, scale, chType)
		case d.Abs().GreaterThanOrEqual(limit):
			return fmt.Errorf("row %d: %s is too large for %s", i, d, chType)
		}
	}
	return nil
}

func atoi(digits string) (n int32) {
	for _, d := range digits {
		n = n*10 + d - '0'
	}
	return n
}

// spans are the ranges of ClickHouse's date types; outside them the client wraps around.
var spans = []struct {
	chType      string
	first, last time.Time
}{
	{"DateTime64", year(1900), year(2262)}, // the client counts nanoseconds in an int64
	{"DateTime", year(1970), time.Unix(1<<32, 0)},
	{"Date32", year(1900), year(2300)},
	{"Date", year(1970), time.Date(2149, 6, 7, 0, 0, 0, 0, time.UTC)},
}

func year(y int) time.Time { return time.Date(y, 1, 1, 0, 0, 0, 0, time.UTC) }

// fitTimes refuses times outside the column's range. For a day, the range is that of the
// wall clock: a Date column keeps the day the time says in its own zone.
func fitTimes(n int, at func(int) *time.Time, chType string) error {
	for _, span := range spans {
		if !strings.Contains(chType, span.chType) {
			continue
		}
		for i := range n {
			t := at(i)
			if t == nil || t.IsZero() {
				continue
			}
			clock := *t
			if isDay(chType) {
				clock = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
			}
			if clock.Before(span.first) || !clock.Before(span.last) {
				return fmt.Errorf("row %d: %s is outside the range of %s", i, t.Format(time.RFC3339), chType)
			}
		}
		return nil
	}
	return nil
}
