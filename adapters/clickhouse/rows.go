package clickhouse

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// rows is a projections.Rows. It is for one goroutine, like any result.
type rows struct {
	ctx      context.Context
	cancel   context.CancelFunc
	result   driver.Rows
	describe func() (names, types []string)

	names, types []string
	holders      []reflect.Value // pointers to what each column holds
	targets      []any           // scratch for Scan
	begun, ended bool
	err          error
}

// Columns names the columns, also when there are no rows.
func (r *rows) Columns() (names, types []string) {
	if r.names != nil {
		return r.names, r.types
	}
	for _, c := range r.result.ColumnTypes() {
		r.names, r.types = append(r.names, c.Name()), append(r.types, c.DatabaseTypeName())
	}
	if r.names == nil {
		r.names, r.types = r.describe()
	}
	return r.names, r.types
}

func (r *rows) Next() bool {
	if r.ended {
		return false
	}
	if r.result.Next() {
		r.begun = true
		return true
	}
	r.err = explain(r.ctx, r.result.Err())
	r.end()
	return false
}

func (r *rows) Err() error { return r.err }

// Close ends the result. What was not read is cancelled, not read.
func (r *rows) Close() error {
	if !r.ended {
		r.end()
	}
	return nil
}

func (r *rows) end() {
	r.ended = true
	r.cancel()
	// After cancelling, its error is the cancellation; an error before is in err.
	_ = r.result.Close()
}

var errNoRow = errors.New("scan: there is no current row")

// Scan copies the row into pointers. Beyond the column's own Go type it takes *any, and
// whole numbers, floats, strings and booleans of other sizes or names as long as the
// value fits. NULL needs a *any, a pointer to a pointer, or an sql.Scanner.
func (r *rows) Scan(dest ...any) error {
	if !r.begun || r.ended {
		return errNoRow
	}
	if r.holders == nil {
		for _, c := range r.result.ColumnTypes() {
			r.holders = append(r.holders, reflect.New(c.ScanType()))
		}
		r.targets = make([]any, len(r.holders))
	}
	if len(dest) != len(r.holders) {
		return fmt.Errorf("scan: %d columns into %d variables", len(r.holders), len(dest))
	}
	for i, d := range dest {
		r.targets[i] = d
		if r.converts(i, d) {
			r.targets[i] = r.holders[i].Interface()
		}
	}
	if err := r.result.Scan(r.targets...); err != nil {
		return fmt.Errorf("scan: %w", err)
	}
	for i, d := range dest {
		if !r.converts(i, d) {
			continue
		}
		if err := assign(reflect.ValueOf(d).Elem(), r.holders[i].Elem()); err != nil {
			names, _ := r.Columns()
			return fmt.Errorf("scan column %s: %w", names[i], err)
		}
	}
	return nil
}

// converts says whether the column is scanned into its own type first: into *any, which
// the client does not do for every type, and into simple types that differ.
func (r *rows) converts(i int, dest any) bool {
	t := reflect.TypeOf(dest)
	if t == nil || t.Kind() != reflect.Pointer || t == r.holders[i].Type() {
		return false
	}
	if _, own := dest.(sql.Scanner); own {
		return false
	}
	switch t.Elem().Kind() {
	case reflect.Interface, reflect.String, reflect.Bool,
		reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64,
		reflect.Float32, reflect.Float64:
		return true
	}
	return false
}

// assign copies from, which holds a column's value, to a variable that may be of another
// type, and refuses what would not be the same value.
func assign(to, from reflect.Value) error {
	null := false
	for from.Kind() == reflect.Pointer {
		if null = from.IsNil(); null {
			break
		}
		from = from.Elem()
	}
	switch {
	case to.Kind() == reflect.Interface && null:
		to.SetZero()
	case to.Kind() == reflect.Interface && from.Type().AssignableTo(to.Type()):
		to.Set(from)
	case null:
		return fmt.Errorf("NULL does not fit a %s", to.Type())
	case to.CanInt() && from.CanInt() && !to.OverflowInt(from.Int()):
		to.SetInt(from.Int())
	case to.CanInt() && from.CanUint() && from.Uint() <= 1<<63-1 && !to.OverflowInt(int64(from.Uint())):
		to.SetInt(int64(from.Uint()))
	case to.CanUint() && from.CanUint() && !to.OverflowUint(from.Uint()):
		to.SetUint(from.Uint())
	case to.CanUint() && from.CanInt() && from.Int() >= 0 && !to.OverflowUint(uint64(from.Int())):
		to.SetUint(uint64(from.Int()))
	case to.CanFloat() && from.CanFloat() && to.Kind() >= from.Kind():
		to.SetFloat(from.Float())
	case to.Kind() == reflect.String && from.Kind() == reflect.String:
		to.SetString(from.String())
	case to.Kind() == reflect.Bool && from.Kind() == reflect.Bool:
		to.SetBool(from.Bool())
	case to.Kind() == reflect.Bool && from.CanUint() && from.Uint() <= 1:
		to.SetBool(from.Uint() == 1)
	default:
		return fmt.Errorf("%v (%s) does not fit a %s", from, from.Type(), to.Type())
	}
	return nil
}
