package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// everyKind is a question with a column of every kind, whole numbers and decimals at their ends.
const everyKind = `SELECT toInt8(-128) AS i8, toUInt16(65535) AS u16, toUInt32(4294967295) AS u32, toInt64(-9223372036854775807) AS i64, toUInt64(18446744073709551615) AS u64,
    CAST('-1234567.89' AS Decimal(9, 2)) AS d9, CAST('-12.340' AS Decimal(18, 3)) AS d18, CAST('-99999999999999999999999999999999.123456' AS Decimal(38, 6)) AS d38, CAST('0.001' AS Decimal(38, 3)) AS small,
    toDate('2026-01-05') AS day, toDate('2149-06-06') AS last_day, toDateTime64('2026-01-05 08:09:10.123', 3, 'UTC') AS at, toDateTime('2026-01-05 16:09:10', 'Asia/Shanghai') AS local,
    true AS live, CAST(NULL AS Nullable(Int64)) AS nothing, CAST(7 AS Nullable(Int64)) AS something, CAST(NULL AS Nullable(Decimal(18, 3))) AS no_amount, toLowCardinality('门店') AS word,
    ['a', 'b', ''] AS list, CAST([] AS Array(String)) AS empty, [toInt64(1), 2] AS numbers, [toDate('2026-01-05')] AS days, map('cash', CAST('1.50' AS Decimal(18, 2))) AS sums, '=1+1' AS formula, number AS row
FROM system.numbers LIMIT 3`

// An answer in Parquet is read back by ClickHouse itself as the values that were asked for,
// in the kinds that they have.
func TestQueryToParquet(t *testing.T) {
	p := newProgram(t, scenarioConfig)
	dir := t.TempDir()
	path := filepath.Join(dir, "answer.parquet")
	got := p.run("query", "-o", "parquet", "--to", path, everyKind)
	if got.code != exitFine || got.stdout != "" || !strings.Contains(got.stderr, path) {
		t.Fatalf("exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	sales := filepath.Join(dir, "payments.parquet")
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	p.must(exitFine, "query", "-o", "parquet", "--to", sales, "SELECT * FROM fct_payments")
	none := filepath.Join(dir, "none.parquet")
	p.must(exitFine, "query", "-o", "parquet", "--to", none, "SELECT id, total, business_date FROM fct_sales WHERE id = 'nobody'")
	p.inside(func(ctx context.Context, a *app, _ *globals) error {
		read := func(sql string) (list []string) {
			t.Helper()
			if err := eachRow(ctx, a, sql, func(values []any) error { list = append(list, fmt.Sprint(values...)); return nil }); err != nil {
				t.Fatalf("%v: %s", err, sql)
			}
			return list
		}
		kinds := "i8 Int8, u16 UInt16, u32 UInt32, i64 Int64, u64 UInt64, d9 Decimal(9, 2), d18 Decimal(18, 3), d38 Decimal(38, 6), small Decimal(38, 3), day Date32, last_day Date32, at DateTime64(3, 'UTC'), " +
			"local DateTime64(3, 'UTC'), live Bool, nothing Nullable(Int64), something Nullable(Int64), no_amount Nullable(Decimal(18, 3)), word String, list Array(String), empty Array(String), numbers Array(Int64), days Array(Date32), sums String, formula String, row UInt64"
		var described []string
		if err := eachRow(ctx, a, "DESCRIBE TABLE file('"+path+"', Parquet) SETTINGS schema_inference_make_columns_nullable = 'auto'", func(values []any) error {
			described = append(described, fmt.Sprint(values[0], " ", values[1]))
			return nil
		}); err != nil {
			return err
		}
		if diff := cmp.Diff(kinds, strings.Join(described, ", ")); diff != "" {
			t.Errorf("its kinds, as ClickHouse finds them:\n%s", diff)
		}
		want := read("SELECT toString(tuple(* REPLACE (toJSONString(mapApply((k, v) -> (k, toString(v)), sums)) AS sums, toTimeZone(toDateTime64(local, 3), 'UTC') AS local))) FROM (" + strings.Replace(everyKind, "'1.50'", "'1.5'", 1) + ")")
		if diff := cmp.Diff(want, read("SELECT toString(tuple(*)) FROM file('"+path+"', Parquet, '"+strings.ReplaceAll(kinds, "'", `\'`)+"')")); diff != "" || len(want) != 3 {
			t.Errorf("read back:\n%s", diff)
		}
		sums := "SELECT toString((count(), sum(amount), sum(expected_minor), min(business_date), max(at), uniqExact(id))) FROM "
		if diff := cmp.Diff(read(sums+"fct_payments"), read(sums+"file('"+sales+"', Parquet)")); diff != "" {
			t.Errorf("payments:\n%s", diff)
		}
		if diff := cmp.Diff([]string{"0"}, read("SELECT toString(count()) FROM file('"+none+"', Parquet)")); diff != "" {
			t.Errorf("an empty answer:\n%s", diff)
		}
		return nil
	})
	p.refuses("called number", "query", "-o", "parquet", "--to", filepath.Join(dir, "twice.parquet"), "SELECT number, number FROM system.numbers LIMIT 1")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("left behind: %v (%v)", left, err)
	}
}
