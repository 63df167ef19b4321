package projections

import (
	"context"
	"fmt"
	"strings"
	"time"

	"daybook/ledger"
)

// table is a table of one read model. A record R is one row as the journal gives it.
type table[R any] struct {
	name    string
	grain   string // what one row is
	events  string // from which events of the journal, as in description
	key     string // columns that identify a row; a later position replaces an earlier
	columns []column[R]
}

// column says how ClickHouse declares a column and how records fill it.
type column[R any] struct {
	name, chType, comment string
	values                func(records []R) any
}

// col makes a column of values read off each record.
func col[R, V any](name, chType, comment string, value func(r *R) V) column[R] {
	return column[R]{name, chType, comment, func(records []R) any {
		values := make([]V, len(records))
		for n := range records {
			values[n] = value(&records[n])
		}
		return values
	}}
}

// word is a column of a text with few different values.
const word = "LowCardinality(String)"

// create is the statement that makes the table. What it writes is on disk when an insert
// returns: the cursor must not survive a power failure that its rows do not.
func (t table[R]) create() string {
	var ddl strings.Builder
	fmt.Fprintf(&ddl, "CREATE TABLE IF NOT EXISTS %s\n(\n", t.name)
	for n, c := range t.columns {
		separator := ","
		if n == len(t.columns)-1 {
			separator = ""
		}
		fmt.Fprintf(&ddl, "    %s %s COMMENT %s%s\n", c.name, c.chType, quote(c.comment), separator)
	}
	fmt.Fprintf(&ddl, ")\nENGINE = ReplacingMergeTree(position)\nORDER BY (%s)\n", t.key)
	fmt.Fprintf(&ddl, "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1\nCOMMENT %s", quote(t.grain+" ("+t.events+")"))
	return ddl.String()
}

// insert writes records as one block.
func (t table[R]) insert(ctx context.Context, warehouse Warehouse, records []R) error {
	if len(records) == 0 {
		return nil
	}
	block := make([]Column, len(t.columns))
	for n, c := range t.columns {
		block[n] = Column{c.name, c.values(records)}
	}
	return warehouse.Insert(ctx, t.name, block...)
}

// quote writes a text as ClickHouse reads it. It is for our own comments only.
func quote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

// The first and last day, and instant, that every table can hold.
var (
	firstDay  = time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)
	lastDay   = time.Date(2149, 6, 6, 0, 0, 0, 0, time.UTC)
	firstTime = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)
	lastTime  = time.Date(2261, 12, 31, 23, 59, 59, 0, time.UTC)
)

// date is a day as tables hold it. No day is the first.
func date(day ledger.BusinessDay) time.Time { return clamp(day.Midnight(), firstDay, lastDay) }

// instant is a time as tables hold it: UTC, to the millisecond.
func instant(t time.Time) time.Time {
	return clamp(t.UTC().Truncate(time.Millisecond), firstTime, lastTime)
}

func clamp(t, first, last time.Time) time.Time {
	switch {
	case t.Before(first):
		return first
	case t.After(last):
		return last
	}
	return t
}

// localTime prints a time as the clock it came from showed it, with its offset.
func localTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02T15:04:05-07:00")
}

// source is where a record comes from: a place in the journal and, behind it, in a file.
type source struct {
	position uint64
	file     string
	sha256   string
	row      uint32
}

func sourceOf(recorded ledger.Recorded, meta ledger.Metadata) source {
	s := source{position: uint64(recorded.Position)}
	if meta.Origin != nil {
		s.file, s.sha256, s.row = meta.Origin.File, meta.Origin.SHA256, uint32(max(0, meta.Origin.Row))
	}
	return s
}

// positionColumn is the version of a row: of rows with the same key, the highest counts.
func positionColumn[R any](of func(r *R) uint64) column[R] {
	return col("position", "UInt64", "place in the journal of the event the row comes from; of rows with one key, the highest counts", of)
}

// sourceColumns are the columns of a source.
func sourceColumns[R any](of func(r *R) *source) []column[R] {
	return []column[R]{
		col("file", word, "name of the file the row was read from, as it was given", func(r *R) string { return of(r).file }),
		col("file_sha256", word, "SHA-256 of the file's bytes, in hex", func(r *R) string { return of(r).sha256 }),
		col("file_row", "UInt32", "line in the file, from 1; 0 when it came from no file", func(r *R) uint32 { return of(r).row }),
		positionColumn(func(r *R) uint64 { return of(r).position }),
	}
}

// currencyColumns name the currency of a record's amounts.
func currencyColumns[R any](of func(r *R) ledger.Currency) []column[R] {
	return []column[R]{
		col("currency", word, "ISO 4217 code of every amount in the row", func(r *R) string { return string(of(r)) }),
		col("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3", func(r *R) uint8 { return uint8(of(r).Exponent()) }),
	}
}

// minor is a column of an amount in minor units of the row's currency.
func minor[R any](name, comment string, of func(r *R) int64) column[R] {
	return col(name+"_minor", "Int64", comment+inMinor+signed, of)
}

// taken is a column of an amount that is taken off another one, in minor units.
func taken[R any](name, comment string, of func(r *R) int64) column[R] {
	return col(name+"_minor", "Int64", comment+inMinor+"currency, positive where it is taken off", of)
}

// decimals shows amounts of a row in major units. It is exact: minor units are whole, no
// currency has more than three decimals, and dividing a Decimal(38, 3) by 10^exponent
// leaves no remainder.
func decimals(names ...string) string {
	return decimalsOf("exponent", "Decimal(18, 3)", names...)
}

func decimalsOf(exponent, chType string, names ...string) string {
	list := make([]string, len(names))
	for n, name := range names {
		list[n] = fmt.Sprintf("CAST(toDecimal128(%s_minor, 3) / intExp10(%s) AS %s) AS %s", name, exponent, chType, name)
	}
	return strings.Join(list, ",\n    ")
}

// view is a view that others may rely on, or one in between. Its query must not depend on
// the settings of the session that reads it: with join_use_nulls a row without a partner
// has NULL where it has nothing without, hence ifNull on whatever is joined from the left.
type view struct {
	name  string
	grain string
	key   string // columns that identify a row, for a fixed order
	query string
	from  []describer // whose descriptions hold for columns of the same name
	notes []note      // on the other columns
}
