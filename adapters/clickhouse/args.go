package clickhouse

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/shopspring/decimal"

	"daybook/projections"
)

// placeholder is {name:Type} in a statement, for example {day:Date}.
var placeholder = regexp.MustCompile(`\{[ \t]*([A-Za-z_][A-Za-z0-9_]*)[ \t]*:[ \t]*([^{}\n]+)\}`)

// bind turns arguments into the client's query parameters. Only those the statement has
// a place for are sent: a report may offer more than one of its queries asks for. (With
// arguments but no place for any, the client would fall back to splicing them into the
// text.) A place without an argument is ClickHouse's to refuse.
func bind(sql string, args []projections.Arg) ([]any, error) {
	if len(args) == 0 {
		return nil, nil
	}
	types := map[string]string{}
	for _, match := range placeholder.FindAllStringSubmatch(sql, -1) {
		types[match[1]] = strings.TrimSpace(match[2])
	}
	var bound []any
	for _, arg := range args {
		chType, wanted := types[arg.Name]
		if !wanted {
			continue
		}
		value, err := parameter(arg.Value, chType)
		if err != nil {
			return nil, fmt.Errorf("query parameter %s: %w", arg.Name, err)
		}
		bound = append(bound, clickhouse.Named(arg.Name, value))
	}
	return bound, nil
}

// parameter turns a value into one of the few types whose text form is the same for the
// client and for ClickHouse.
func parameter(value any, chType string) (any, error) {
	switch v := value.(type) {
	case nil, decimal.Decimal, string, bool, []string:
		return v, nil
	case []byte:
		if strings.HasPrefix(chType, "Array(") {
			break
		}
		return string(v), nil
	case time.Time:
		return instant(v, chType), nil
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return parameter(v.Elem().Interface(), chType)
	case reflect.String:
		return v.String(), nil
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return v.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return v.Uint(), nil
	case reflect.Float32, reflect.Float64:
		return v.Float(), nil
	case reflect.Slice:
		return list(v, chType)
	}
	if s, ok := value.(fmt.Stringer); ok {
		return s.String(), nil
	}
	return nil, fmt.Errorf("a %T cannot be sent to ClickHouse", value)
}

// instant fits a time to the parameter's type. A Date is sent as the day the time says
// in its own zone, an instant as seconds since 1970 (by the client), with no more
// decimals than the parameter takes.
func instant(t time.Time, chType string) any {
	if isDay(chType) {
		return t.Format(time.DateOnly)
	}
	if match := fraction.FindStringSubmatch(chType); match != nil {
		return t.Truncate(time.Second / powersOfTen[match[1][0]-'0'])
	}
	return t
}

var fraction = regexp.MustCompile(`DateTime64\(([0-9])`)

var powersOfTen = [10]time.Duration{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9}

func isDay(chType string) bool {
	return strings.Contains(chType, "Date") && !strings.Contains(chType, "DateTime")
}

// list is an Array parameter. Its elements are quoted by the client where they must be.
func list(v reflect.Value, chType string) (any, error) {
	out := make([]any, v.Len())
	for i := range out {
		element, err := parameter(v.Index(i).Interface(), chType)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", i, err)
		}
		if _, ok := element.(time.Time); ok {
			// Inside a list the client would write the wall clock, without its zone.
			return nil, fmt.Errorf("element %d: a list of instants cannot be sent to ClickHouse", i)
		}
		out[i] = element
	}
	return out, nil
}
