package main

import (
	"fmt"
	"io"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/shopspring/decimal"

	"daybook/ledger"
)

// rowsPerGroup bounds what is held in memory: a group of rows is written when it is full.
const rowsPerGroup = 65_536

// parquetFile is an answer as Parquet: decimals as DECIMAL, days as DATE, instants as
// TIMESTAMP adjusted to UTC, lists as LIST, whole numbers in their own width. What Parquet
// has no kind for, maps among it, is text as in CSV.
type parquetFile struct {
	out     *parquet.Writer
	columns []parquetColumn
	row     parquet.Row
}

// parquetColumn turns the values of one column into Parquet's.
type parquetColumn struct {
	node     parquet.Node
	optional bool
	list     bool
	value    func(any) parquet.Value
}

func newParquetFile(out io.Writer, names, types []string) (*parquetFile, error) {
	w := &parquetFile{columns: make([]parquetColumn, len(names))}
	schema := orderedGroup{Group: parquet.Group{}, names: names}
	for n, name := range names {
		if _, twice := schema.Group[name]; twice {
			return nil, ledger.Refuse(ledger.Say("two columns of the answer are called %s", name), ledger.Say("give one of them another name with AS"))
		}
		w.columns[n] = parquetColumnOf(types[n])
		schema.Group[name] = w.columns[n].node
	}
	w.out = parquet.NewWriter(out, parquet.NewSchema("daybook", schema), parquet.Compression(&zstd.Codec{}),
		parquet.MaxRowsPerRowGroup(rowsPerGroup), parquet.CreatedBy("daybook", "", ""))
	return w, nil
}

// orderedGroup keeps the order of the columns, which a Group sorts by name.
type orderedGroup struct {
	parquet.Group
	names []string
}

// Fields implements parquet.Node.
func (g orderedGroup) Fields() []parquet.Field {
	byName := map[string]parquet.Field{}
	for _, field := range g.Group.Fields() {
		byName[field.Name()] = field
	}
	fields := make([]parquet.Field, len(g.names))
	for n, name := range g.names {
		fields[n] = byName[name]
	}
	return fields
}

func (w *parquetFile) write(values []any) error {
	w.row = w.row[:0]
	for n, value := range values {
		w.row = w.columns[n].append(w.row, value, n)
	}
	_, err := w.out.WriteRows([]parquet.Row{w.row})
	return err
}

// append adds a value, or the elements of a list, with their levels: how deep the value is
// there, and how deep it repeats (Parquet format, "Nested Encoding").
func (c *parquetColumn) append(row parquet.Row, value any, column int) parquet.Row {
	if c.list {
		list := reflect.ValueOf(value)
		if list.Len() == 0 {
			return append(row, parquet.NullValue().Level(0, 0, column))
		}
		for n := range list.Len() {
			row = append(row, c.value(list.Index(n).Interface()).Level(min(n, 1), 1, column))
		}
		return row
	}
	value = pointedTo(value)
	switch {
	case value == nil:
		return append(row, parquet.NullValue().Level(0, 0, column))
	case c.optional:
		return append(row, c.value(value).Level(0, 1, column))
	}
	return append(row, c.value(value).Level(0, 0, column))
}

// pointedTo is what a pointer points to; nothing, when it points to nothing.
func pointedTo(value any) any {
	if v := reflect.ValueOf(value); v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		return v.Elem().Interface()
	}
	return value
}

// parquetColumnOf is the column for a ClickHouse type.
func parquetColumnOf(chType string) parquetColumn {
	if inner, found := within(chType, "LowCardinality"); found {
		chType = inner
	}
	if inner, found := within(chType, "Nullable"); found {
		c := parquetColumnOf(inner)
		c.node, c.optional = parquet.Optional(c.node), true
		return c
	}
	if inner, found := within(chType, "Array"); found {
		if c := parquetColumnOf(inner); !c.list && !c.optional {
			c.node, c.list = parquet.List(c.node), true
			return c
		}
	}
	if node, value := parquetScalar(chType); node != nil {
		return parquetColumn{node: node, value: value}
	}
	return parquetColumn{node: parquet.String(), value: func(v any) parquet.Value { return parquet.ByteArrayValue([]byte(cellText(v))) }}
}

// within is what stands in the brackets behind a word.
func within(chType, word string) (string, bool) {
	inner, found := strings.CutPrefix(chType, word+"(")
	return strings.TrimSuffix(inner, ")"), found
}

// parquetScalar is the kind of a single value, or nil when it is to be text.
func parquetScalar(chType string) (parquet.Node, func(any) parquet.Value) {
	name, argument, _ := strings.Cut(strings.TrimSuffix(chType, ")"), "(")
	switch name {
	case "Bool":
		return parquet.Leaf(parquet.BooleanType), func(v any) parquet.Value { return parquet.BooleanValue(v.(bool)) }
	case "Int8", "Int16", "Int32", "Int64":
		bits, _ := strconv.Atoi(name[len("Int"):])
		return parquet.Int(bits), func(v any) parquet.Value { return wholeValue(reflect.ValueOf(v).Int(), bits) }
	case "UInt8", "UInt16", "UInt32", "UInt64":
		bits, _ := strconv.Atoi(name[len("UInt"):])
		return parquet.Uint(bits), func(v any) parquet.Value { return wholeValue(int64(reflect.ValueOf(v).Uint()), bits) }
	case "Float32":
		return parquet.Leaf(parquet.FloatType), func(v any) parquet.Value { return parquet.FloatValue(v.(float32)) }
	case "Float64":
		return parquet.Leaf(parquet.DoubleType), func(v any) parquet.Value { return parquet.DoubleValue(v.(float64)) }
	case "Date", "Date32":
		return parquet.Date(), func(v any) parquet.Value {
			return parquet.Int32Value(int32(v.(time.Time).UTC().Truncate(24*time.Hour).Unix() / (24 * 60 * 60)))
		}
	case "DateTime":
		return parquet.Timestamp(parquet.Millisecond), func(v any) parquet.Value { return parquet.Int64Value(v.(time.Time).UnixMilli()) }
	case "DateTime64":
		switch decimals, _, _ := strings.Cut(argument, ","); {
		case decimals <= "3":
			return parquet.Timestamp(parquet.Millisecond), func(v any) parquet.Value { return parquet.Int64Value(v.(time.Time).UnixMilli()) }
		case decimals <= "6":
			return parquet.Timestamp(parquet.Microsecond), func(v any) parquet.Value { return parquet.Int64Value(v.(time.Time).UnixMicro()) }
		}
		return parquet.Timestamp(parquet.Nanosecond), func(v any) parquet.Value { return parquet.Int64Value(v.(time.Time).UnixNano()) }
	case "Decimal":
		var precision, scale int
		if _, err := fmt.Sscanf(argument, "%d, %d", &precision, &scale); err == nil && precision <= 38 {
			return parquetDecimal(precision, scale)
		}
	}
	return nil, nil
}

// wholeValue is a whole number as Parquet keeps it: of up to 32 bits as INT32.
func wholeValue(n int64, bits int) parquet.Value {
	if bits <= 32 {
		return parquet.Int32Value(int32(n))
	}
	return parquet.Int64Value(n)
}

// parquetDecimal keeps a decimal's digits as a whole number: of up to 9 digits in 32 bits,
// of up to 18 in 64, and in 16 bytes, the highest first, beyond (Parquet format, "DECIMAL").
func parquetDecimal(precision, scale int) (parquet.Node, func(any) parquet.Value) {
	digits := func(v any) *big.Int { return v.(decimal.Decimal).Shift(int32(scale)).BigInt() }
	switch {
	case precision <= 9:
		return parquet.Decimal(scale, precision, parquet.Int32Type), func(v any) parquet.Value { return parquet.Int32Value(int32(digits(v).Int64())) }
	case precision <= 18:
		return parquet.Decimal(scale, precision, parquet.Int64Type), func(v any) parquet.Value { return parquet.Int64Value(digits(v).Int64()) }
	}
	return parquet.Decimal(scale, precision, parquet.FixedLenByteArrayType(16)), func(v any) parquet.Value {
		n := digits(v)
		if n.Sign() < 0 {
			n.Add(n, new(big.Int).Lsh(big.NewInt(1), 128)) // two's complement
		}
		return parquet.FixedLenByteArrayValue(n.FillBytes(make([]byte, 16)))
	}
}
