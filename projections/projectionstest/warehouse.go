package projectionstest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"daybook/projections"
)

// ClickHouse error codes (src/Common/ErrorCodes.cpp).
const (
	unknownIdentifier = 47
	unknownTable      = 60
	syntaxError       = 62
	functionThrow     = 395
	badQueryParameter = 456 // UNKNOWN_QUERY_PARAMETER: a {name:Type} without a value
	cannotParse       = 457 // BAD_QUERY_PARAMETER
)

// TestWarehouse runs the contract over the Warehouse that open returns. Tables get names
// of their own and are dropped at the end.
func TestWarehouse(t *testing.T, open func(testing.TB) projections.Warehouse) {
	s := suite{open(t), fmt.Sprintf("contract_%08x", rand.Uint32())}
	for _, test := range []struct {
		name string
		run  func(*testing.T, suite)
	}{
		{"every type there and back", everyType},
		{"values that do not fit are refused", unfit},
		{"blocks that do not fit are refused whole", badBlocks},
		{"days keep the wall clock", days},
		{"parameters are values and nothing else", parameters},
		{"parameters of every type", parameterTypes},
		{"scan converts what fits", conversions},
		{"refused statements", refusals},
		{"an error in the middle of a result", lateError},
		{"a result without rows has columns", noRows},
		{"statements other than SELECT", otherStatements},
		{"the last version wins", replacing},
		{"tables change places", exchange},
		{"reads beside an insert", sideBySide},
		{"results open side by side", interleaved},
		{"a large block", largeBlock},
		{"cancelling", cancelling},
		{"closing a result early", closedEarly},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, s) })
	}
}

type suite struct {
	projections.Warehouse
	prefix string
}

// table makes a table and drops it when the test ends.
func (s suite) table(t *testing.T, name, columns, engine string) string {
	t.Helper()
	name = s.prefix + "_" + name
	s.exec(t, "CREATE TABLE "+name+" ("+columns+") ENGINE = "+engine)
	t.Cleanup(func() { s.exec(t, "DROP TABLE IF EXISTS "+name) })
	return name
}

func (s suite) exec(t *testing.T, sql string, args ...projections.Arg) {
	t.Helper()
	if err := s.Exec(context.Background(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (s suite) insert(t *testing.T, table string, columns ...projections.Column) {
	t.Helper()
	if err := s.Insert(context.Background(), table, columns...); err != nil {
		t.Fatal(err)
	}
}

// rows returns a whole result, each value as *any receives it.
func (s suite) rows(t *testing.T, sql string, args ...projections.Arg) [][]any {
	t.Helper()
	result, err := s.Query(context.Background(), sql, args...)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	all, err := readAll(result)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return all
}

func readAll(result projections.Rows) (all [][]any, err error) {
	defer result.Close()
	names, _ := result.Columns()
	for result.Next() {
		row, pointers := make([]any, len(names)), make([]any, len(names))
		for i := range row {
			pointers[i] = &row[i]
		}
		if err := result.Scan(pointers...); err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, result.Err()
}

func (s suite) count(t *testing.T, table string) uint64 {
	t.Helper()
	return s.rows(t, "SELECT count() FROM "+table)[0][0].(uint64)
}

func want(t *testing.T, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want (-) got (+):\n%s", diff)
	}
}

func arg(name string, value any) projections.Arg { return projections.Arg{Name: name, Value: value} }

func column(name string, values any) projections.Column {
	return projections.Column{Name: name, Values: values}
}

func money(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func pointer[T any](v T) *T { return &v }

var shanghai = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		panic(err) // clickhouse-go carries the zones
	}
	return zone
}()

func everyType(t *testing.T, s suite) {
	table := s.table(t, "types", `id Int64, u64 UInt64, u8 UInt8, i32 Int32, text String,
		low LowCardinality(String), day Date, at DateTime64(3, 'UTC'), local DateTime64(3, 'Asia/Shanghai'),
		amount Decimal(18, 3), flag Bool, list Array(String), note Nullable(String), left Nullable(Int64),
		maybe Nullable(Decimal(18, 3)), paid Nullable(Date), second DateTime('UTC'), f Float64`, "MergeTree ORDER BY id")
	at := time.Date(2026, 1, 5, 1, 30, 0, 123e6, shanghai)
	day := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	hostile := "收钱吧 '\"\\`\n\t\x00{x:String};--/* 🧾"
	s.insert(t, table,
		column("id", []int64{-1 << 63, 1<<63 - 1}),
		column("u64", []uint64{0, 1<<64 - 1}),
		column("u8", []uint8{0, 255}),
		column("i32", []int32{-1 << 31, 1<<31 - 1}),
		column("text", []string{"", hostile}),
		column("low", []string{"alipay", hostile}),
		column("day", []time.Time{day, day.AddDate(100, 0, 0)}),
		column("at", []time.Time{at, at.Add(time.Millisecond)}),
		column("local", []time.Time{at, at.Add(time.Millisecond)}),
		column("amount", []decimal.Decimal{money("-0.001"), money("999999999999999.999")}),
		column("flag", []bool{true, false}),
		column("list", [][]string{{}, {"a", hostile}}),
		column("note", []*string{nil, &hostile}),
		column("left", []*int64{nil, pointer(int64(7))}),
		column("maybe", []*decimal.Decimal{nil, pointer(money("1.5"))}),
		column("paid", []*time.Time{nil, &day}),
		column("second", []time.Time{at, at}),
		column("f", []float64{0.1, -1e300}),
	)
	result, err := s.Query(context.Background(), "SELECT * FROM "+table+" ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	names, types := result.Columns()
	want(t, strings.Join(names, " "), "id u64 u8 i32 text low day at local amount flag list note left maybe paid second f")
	// (The client drops the zone of a DateTime from its name.)
	want(t, types, []string{"Int64", "UInt64", "UInt8", "Int32", "String", "LowCardinality(String)", "Date",
		"DateTime64(3, 'UTC')", "DateTime64(3, 'Asia/Shanghai')", "Decimal(18, 3)", "Bool", "Array(String)",
		"Nullable(String)", "Nullable(Int64)", "Nullable(Decimal(18, 3))", "Nullable(Date)", "DateTime", "Float64"})
	got, err := readAll(result)
	if err != nil {
		t.Fatal(err)
	}
	want(t, got, [][]any{
		{int64(-1 << 63), uint64(0), uint8(0), int32(-1 << 31), "", "alipay", day, at, at, money("-0.001"),
			true, []string{}, nil, nil, nil, nil, at.Truncate(time.Second), 0.1},
		{int64(1<<63 - 1), uint64(1<<64 - 1), uint8(255), int32(1<<31 - 1), hostile, hostile,
			day.AddDate(100, 0, 0), at.Add(time.Millisecond), at.Add(time.Millisecond), money("999999999999999.999"),
			false, []string{"a", hostile}, hostile, int64(7), money("1.5"), day, at.Truncate(time.Second), -1e300},
	})
	if zone := got[0][8].(time.Time).Format("15:04 -0700"); zone != "01:30 +0800" {
		t.Errorf("a column with a zone came back at %s", zone)
	}
}

func unfit(t *testing.T, s suite) {
	table := s.table(t, "unfit", "a Decimal(9, 2), day Date, at DateTime64(3, 'UTC')", "MergeTree ORDER BY a")
	for _, c := range []projections.Column{
		column("a", []decimal.Decimal{money("1"), money("0.005")}),
		column("a", []decimal.Decimal{money("1"), money("10000000")}),
		column("day", []time.Time{{}, time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC)}),
		column("day", []time.Time{{}, time.Date(2150, 1, 1, 0, 0, 0, 0, time.UTC)}),
		column("at", []time.Time{{}, time.Date(1899, 1, 1, 0, 0, 0, 0, time.UTC)}),
		column("at", []time.Time{{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}),
	} {
		err := s.Insert(context.Background(), table, c)
		if err == nil || !strings.Contains(err.Error(), "row 1: ") || !strings.Contains(err.Error(), "column "+c.Name) {
			t.Errorf("inserted %v: %v", c.Values, err)
		}
	}
	s.insert(t, table, column("a", []decimal.Decimal{money("0.500"), money("-9999999.99")}))
	want(t, s.rows(t, "SELECT a, at FROM "+table+" ORDER BY a"), [][]any{
		{money("-9999999.99"), time.Unix(0, 0).UTC()}, {money("0.5"), time.Unix(0, 0).UTC()}})
}

func badBlocks(t *testing.T, s suite) {
	table := s.table(t, "blocks", "a Int64, b String", "MergeTree ORDER BY a")
	a, b := column("a", []int64{1, 2}), column("b", []string{"x", "y"})
	for name, insert := range map[string]func() error{
		"lengths differ":       func() error { return s.Insert(context.Background(), table, a, column("b", []string{"x"})) },
		"no columns":           func() error { return s.Insert(context.Background(), table) },
		"no such column":       func() error { return s.Insert(context.Background(), table, a, column("c", []string{"x", "y"})) },
		"no such table":        func() error { return s.Insert(context.Background(), table+"_", a, b) },
		"column twice":         func() error { return s.Insert(context.Background(), table, a, a) },
		"wrong type":           func() error { return s.Insert(context.Background(), table, column("a", []string{"x", "y"}), b) },
		"not a slice":          func() error { return s.Insert(context.Background(), table, column("a", 1)) },
		"hostile table name":   func() error { return s.Insert(context.Background(), table+" (a) SELECT 1 --", a) },
		"hostile column name":  func() error { return s.Insert(context.Background(), table, column("a`) SELECT 1 --", []int64{1})) },
		"cancelled beforehand": func() error { return s.Insert(cancelled(), table, a, b) },
	} {
		if err := insert(); err == nil {
			t.Errorf("%s: inserted", name)
		}
	}
	s.insert(t, table, column("a", []int64{}), column("b", []string{}))
	want(t, s.count(t, table), uint64(0))
	s.insert(t, table, b) // the other column takes its default
	want(t, s.rows(t, "SELECT a, b FROM "+table+" ORDER BY b"), [][]any{{int64(0), "x"}, {int64(0), "y"}})
}

func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func days(t *testing.T, s suite) {
	table := s.table(t, "days", "id Int64, day Date", "MergeTree ORDER BY id")
	justAfter := time.Date(2026, 1, 5, 0, 0, 1, 0, shanghai) // still the 4th in UTC
	justBefore := time.Date(2026, 1, 5, 23, 59, 59, 0, time.FixedZone("", -11*3600))
	s.insert(t, table, column("id", []int64{1, 2}), column("day", []time.Time{justAfter, justBefore}))
	fifth := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	want(t, s.rows(t, "SELECT id, day FROM "+table+" WHERE day = {day:Date} ORDER BY id", arg("day", justAfter)),
		[][]any{{int64(1), fifth}, {int64(2), fifth}})
	want(t, s.rows(t, "SELECT toString(day) FROM "+table+" WHERE id = 1"), [][]any{{"2026-01-05"}})
}

// hostile are values that break out of a statement they are pasted into.
var hostile = []string{
	"", " ", "'", "''", `"`, "`", `\`, `\\`, `\'`, `\n`, `\N`, "NULL", "\n", "\r\n", "\t", "\x00", "a\x00b", "\x01\x7f",
	"收钱吧", "🧾", "e\u0301", "\u202e", "' OR 1 = 1 --", "'; DROP TABLE t; --", "1; SELECT 2", "{x:String}", "{y:Int64}", "%s %d %%",
	"?", "$1", "@x", ":x", "/* */", "--", "#", "a&param_x=b", "a=b&c=d", "+ %20", "\\x41", strings.Repeat("长", 5000),
}

func parameters(t *testing.T, s suite) {
	for _, value := range hostile {
		got := s.rows(t, "SELECT {x:String} AS x, length({x:String}) AS n, {list:Array(String)} AS list, {y:Nullable(String)} AS y",
			arg("x", value), arg("list", []string{value, "a"}), arg("y", value), arg("not asked for", value))
		want(t, got, [][]any{{value, uint64(len(value)), []string{value, "a"}, value}})
	}
	// A placeholder inside a value or a comment stays what it is.
	want(t, s.rows(t, "SELECT {x:String} /* {y:Int64} */, '{x:String}'", arg("x", "{x:String}")), [][]any{{"{x:String}", "{x:String}"}})
	// In a statement that writes, too.
	table := s.table(t, "params", "x String", "MergeTree ORDER BY x")
	for _, value := range hostile {
		s.exec(t, "INSERT INTO "+table+" SELECT {x:String}", arg("x", value))
	}
	want(t, s.count(t, table), uint64(len(hostile)))
	for _, value := range hostile {
		want(t, s.rows(t, "SELECT x FROM "+table+" WHERE x = {x:String}", arg("x", value)), [][]any{{value}})
	}
}

type storeID string

func parameterTypes(t *testing.T, s suite) {
	at := time.Date(2026, 1, 5, 1, 30, 0, 123456789, shanghai)
	for _, p := range []struct {
		chType      string
		value, want any
	}{
		{"String", storeID("S'001"), "S'001"},
		{"Array(String)", []storeID{"S'001", `\`}, []string{"S'001", `\`}},
		{"Array(String)", []string{}, []string{}},
		{"Int64", int64(-1 << 63), int64(-1 << 63)},
		{"Int64", 7, int64(7)},
		{"UInt64", uint64(1<<64 - 1), uint64(1<<64 - 1)},
		{"Array(Int64)", []int64{-1, 1}, []int64{-1, 1}},
		{"Int32", time.March, int32(3)},
		{"Bool", true, true},
		{"Bool", false, false},
		{"Decimal(18, 3)", money("-12.345"), money("-12.345")},
		{"Date", at, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)},
		{"Nullable(Date)", &at, time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)},
		{"Date", "2026-01-05", time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)},
		{"Array(Date)", []time.Time{at}, []time.Time{time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)}},
		{"DateTime64(3, 'UTC')", at, at.Truncate(time.Millisecond)},
		{"DateTime64(3, 'Asia/Shanghai')", at, at.Truncate(time.Millisecond)},
		{"DateTime64(9, 'UTC')", at, at},
		{"Nullable(String)", nil, nil},
		{"Nullable(String)", (*string)(nil), nil},
		{"Nullable(Int64)", pointer(int64(5)), int64(5)},
		{"Float64", 0.1, 0.1},
		{"String", []byte("bytes\x00"), "bytes\x00"},
	} {
		got := s.rows(t, "SELECT {v:"+p.chType+"} AS v", arg("v", p.value))
		if diff := cmp.Diff([][]any{{p.want}}, got); diff != "" {
			t.Errorf("%s of %T: want (-) got (+):\n%s", p.chType, p.value, diff)
		}
	}
	if _, err := s.Query(context.Background(), "SELECT {v:String}", arg("v", struct{ A int }{1})); err == nil {
		t.Error("a struct was taken as a parameter")
	}
	for sql, code := range map[string]int{
		"SELECT {v:Int64}":            badQueryParameter,
		"SELECT {v:Int64}, {w:Int64}": cannotParse,
	} {
		var args []projections.Arg
		if code == cannotParse {
			args = []projections.Arg{arg("v", "1 OR 1"), arg("w", 1)}
		}
		wantRefused(t, s, sql, code, args...)
	}
}

func conversions(t *testing.T, s suite) {
	result, err := s.Query(context.Background(),
		"SELECT toUInt64(7), toInt64(8), toUInt8(1), 'S001', toInt32(-3), toNullable('x'), CAST(NULL AS Nullable(Int64)), toUInt64(18446744073709551615), toDecimal64(1.5, 3)")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	var (
		a    int
		b    int32
		c    bool
		d    storeID
		e    int64
		f    string
		g    *int64
		h    any
		i    decimal.Decimal
		full int64
	)
	if err := result.Scan(&a); err == nil {
		t.Error("scanned before Next")
	}
	if !result.Next() {
		t.Fatal(result.Err())
	}
	if err := result.Scan(&a, &b, &c, &d, &e, &f, &g, &h, &i); err != nil {
		t.Fatal(err)
	}
	want(t, []any{a, b, c, d, e, f, g, h, i}, []any{7, int32(8), true, storeID("S001"), int64(-3), "x", (*int64)(nil), uint64(1<<64 - 1), money("1.5")})
	if err := result.Scan(&a, &b, &c, &d, &e, &f, &g, &full, &i); err == nil {
		t.Errorf("2^64-1 became %d", full)
	}
	if err := result.Scan(&a, &b, &c, &d, &e, &f, &full, &h, &i); err == nil {
		t.Errorf("NULL became %d", full)
	}
	if err := result.Scan(&a, &b); err == nil {
		t.Error("scanned 9 columns into 2 variables")
	}
}

func wantRefused(t *testing.T, s suite, sql string, code int, args ...projections.Arg) {
	t.Helper()
	var all [][]any
	result, err := s.Query(context.Background(), sql, args...)
	if err == nil {
		all, err = readAll(result)
	}
	var refused *projections.SQLError
	if !errors.As(err, &refused) {
		t.Errorf("%s: got %v and %v, want ClickHouse's error %d", sql, all, err, code)
		return
	}
	if refused.Code != code {
		t.Errorf("%s: code %d (%v), want %d", sql, refused.Code, refused, code)
	}
	for _, noise := range []string{"version ", "DB::", "Stack trace", "Code:", "http://", "_IDENTIFIER)"} {
		if strings.Contains(refused.Message, noise) {
			t.Errorf("%s: %q in the message: %s", sql, noise, refused.Message)
		}
	}
	if strings.TrimSpace(refused.Message) == "" {
		t.Errorf("%s: refused without a message", sql)
	}
}

func refusals(t *testing.T, s suite) {
	wantRefused(t, s, "SELECT no_such_column", unknownIdentifier)
	wantRefused(t, s, "SELECT 1 FROM no_such_table", unknownTable)
	wantRefused(t, s, "SELEC 1", syntaxError)
	wantRefused(t, s, "SELECT throwIf(1)", functionThrow)
	wantRefused(t, s, "SELECT 1; SELECT 2", syntaxError)

	table := s.table(t, "refusals", "a Int64", "MergeTree ORDER BY a")
	var refused *projections.SQLError
	for sql, code := range map[string]int{
		"DROP TABLE no_such_table":                                     unknownTable,
		"CREATE TABLE":                                                 syntaxError,
		"INSERT INTO " + table + " SELECT throwIf(1)":                  functionThrow,
		"INSERT INTO " + table + " SELECT 1; DROP TABLE " + table:      syntaxError,
		"ALTER TABLE " + table + " DROP COLUMN a; DROP TABLE " + table: syntaxError,
	} {
		if err := s.Exec(context.Background(), sql); !errors.As(err, &refused) || refused.Code != code {
			t.Errorf("%s: %v, want code %d", sql, err, code)
		}
	}
	want(t, s.count(t, table), uint64(0)) // and it is still there
}

func lateError(t *testing.T, s suite) {
	result, err := s.Query(context.Background(), "SELECT number, throwIf(number = 400000) FROM numbers(500000) SETTINGS max_block_size = 10000")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	n := 0
	for result.Next() {
		n++
	}
	var refused *projections.SQLError
	if !errors.As(result.Err(), &refused) || refused.Code != functionThrow {
		t.Errorf("after %d rows: %v", n, result.Err())
	}
	if n > 400000 {
		t.Errorf("%d rows before the error", n)
	}
}

func noRows(t *testing.T, s suite) {
	table := s.table(t, "empty", "id Int64, amount Decimal(18, 3), at DateTime64(3, 'UTC')", "MergeTree ORDER BY id")
	for _, sql := range []string{
		"SELECT * FROM " + table,
		"SELECT id, amount, at FROM " + table + " WHERE id = {id:Int64} -- a comment",
		"WITH 1 AS one SELECT id, amount, at FROM " + table + " WHERE id = {id:Int64} * one;\n",
	} {
		result, err := s.Query(context.Background(), sql, arg("id", 1))
		if err != nil {
			t.Fatal(err)
		}
		names, types := result.Columns()
		want(t, names, []string{"id", "amount", "at"})
		want(t, types, []string{"Int64", "Decimal(18, 3)", "DateTime64(3, 'UTC')"})
		if result.Next() || result.Err() != nil {
			t.Errorf("a row in an empty table, or %v", result.Err())
		}
		if err := result.Close(); err != nil {
			t.Error(err)
		}
	}
}

func otherStatements(t *testing.T, s suite) {
	table := s.table(t, "others", "id Int64, name String", "MergeTree ORDER BY id")
	want(t, s.rows(t, "EXISTS TABLE "+table), [][]any{{uint8(1)}})
	want(t, s.rows(t, "SHOW TABLES LIKE '"+table+"'"), [][]any{{table}})
	described := s.rows(t, "DESCRIBE TABLE "+table)
	want(t, []any{described[0][0], described[0][1], described[1][0], described[1][1]}, []any{"id", "Int64", "name", "String"})
	want(t, s.rows(t, "(SELECT 1) UNION ALL (SELECT 1)"), [][]any{{uint8(1)}, {uint8(1)}})
	s.exec(t, "INSERT INTO "+table+" VALUES (1, 'a'), (2, 'b')")
	s.exec(t, "ALTER TABLE "+table+" DELETE WHERE id = {id:Int64} SETTINGS mutations_sync = 1", arg("id", 1))
	s.exec(t, "OPTIMIZE TABLE "+table+" FINAL")
	want(t, s.rows(t, "SELECT * FROM "+table), [][]any{{int64(2), "b"}})
	s.exec(t, "TRUNCATE TABLE "+table)
	want(t, s.count(t, table), uint64(0))
}

func replacing(t *testing.T, s suite) {
	table := s.table(t, "replacing", "id String, position UInt64, state LowCardinality(String)", "ReplacingMergeTree(position) ORDER BY id")
	for position, state := range []string{"open", "explained", "closed"} {
		s.insert(t, table, column("id", []string{"a", "b"}), column("position", []uint64{uint64(position), uint64(10 - position)}),
			column("state", []string{state, state}))
	}
	want(t, s.rows(t, "SELECT id, position, state FROM "+table+" FINAL ORDER BY id"),
		[][]any{{"a", uint64(2), "closed"}, {"b", uint64(10), "open"}})
}

func exchange(t *testing.T, s suite) {
	live := s.table(t, "live", "id Int64", "MergeTree ORDER BY id")
	next := s.table(t, "next", "id Int64", "MergeTree ORDER BY id")
	s.insert(t, next, column("id", []int64{1, 2, 3}))
	s.exec(t, "EXCHANGE TABLES "+live+" AND "+next)
	want(t, []uint64{s.count(t, live), s.count(t, next)}, []uint64{3, 0})
}

// sideBySide reads while blocks arrive: every read sees whole blocks.
func sideBySide(t *testing.T, s suite) {
	table := s.table(t, "side", "block Int64, n Int64", "MergeTree ORDER BY (block, n)")
	const blocks, size, readers = 20, 1000, 4
	var reading sync.WaitGroup
	stop := make(chan struct{})
	for range readers {
		reading.Add(1)
		go func() {
			defer reading.Done()
			for {
				result, err := s.Query(context.Background(), "SELECT block, count(), sum(n) FROM "+table+" GROUP BY block ORDER BY block")
				if err != nil {
					t.Error(err)
					return
				}
				all, err := readAll(result)
				if err != nil {
					t.Error(err)
					return
				}
				for i, row := range all {
					if !reflect.DeepEqual(row, []any{int64(i), uint64(size), int64(size * (size - 1) / 2)}) {
						t.Errorf("part of a block: %v", row)
						return
					}
				}
				select {
				case <-stop:
					return
				default:
				}
			}
		}()
	}
	for b := range blocks {
		block, n := make([]int64, size), make([]int64, size)
		for i := range n {
			block[i], n[i] = int64(b), int64(i)
		}
		s.insert(t, table, column("block", block), column("n", n))
	}
	close(stop)
	reading.Wait()
	want(t, s.count(t, table), uint64(blocks*size))
}

// interleaved reads one result while asking again for each row.
func interleaved(t *testing.T, s suite) {
	outer, err := s.Query(context.Background(), "SELECT number FROM numbers(5)")
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	var seen []uint64
	for outer.Next() {
		var n uint64
		if err := outer.Scan(&n); err != nil {
			t.Fatal(err)
		}
		seen = append(seen, s.rows(t, "SELECT {n:UInt64} * 2", arg("n", n))[0][0].(uint64))
	}
	if outer.Err() != nil {
		t.Fatal(outer.Err())
	}
	want(t, seen, []uint64{0, 2, 4, 6, 8})
}

func largeBlock(t *testing.T, s suite) {
	table := s.table(t, "large", "id Int64, amount Decimal(18, 3), method LowCardinality(String), at DateTime64(3, 'UTC'), note String", "MergeTree ORDER BY id")
	const rows = 100_000
	start := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	id, amount, method := make([]int64, rows), make([]decimal.Decimal, rows), make([]string, rows)
	at, note := make([]time.Time, rows), make([]string, rows)
	for i := range rows {
		id[i], amount[i], method[i] = int64(i), decimal.New(int64(i), -3), []string{"alipay", "wechat", "cash"}[i%3]
		at[i], note[i] = start.Add(time.Duration(i)*time.Millisecond), fmt.Sprintf("备注 %d", i)
	}
	s.insert(t, table, column("id", id), column("amount", amount), column("method", method), column("at", at), column("note", note))
	want(t, s.rows(t, "SELECT count(), sum(amount), uniqExact(method), max(at) FROM "+table),
		[][]any{{uint64(rows), money("4999950"), uint64(3), at[rows-1]}})

	result, err := s.Query(context.Background(), "SELECT id, amount, method, at, note FROM "+table+" ORDER BY id")
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	i := 0
	for ; result.Next(); i++ {
		var (
			gotID           int64
			gotAmount       decimal.Decimal
			gotMethod, text string
			gotAt           time.Time
		)
		if err := result.Scan(&gotID, &gotAmount, &gotMethod, &gotAt, &text); err != nil {
			t.Fatal(err)
		}
		if gotID != id[i] || !gotAmount.Equal(amount[i]) || gotMethod != method[i] || !gotAt.Equal(at[i]) || text != note[i] {
			t.Fatalf("row %d: %d %s %s %s %s", i, gotID, gotAmount, gotMethod, gotAt, text)
		}
	}
	if result.Err() != nil || i != rows {
		t.Errorf("%d rows, then %v", i, result.Err())
	}
}

// endless runs until it is stopped, or for hours.
const endless = "SELECT count() FROM numbers(100000000000000) WHERE sipHash64(number) = 1"

func cancelling(t *testing.T, s suite) {
	marker := fmt.Sprintf("/* %s %d */ ", s.prefix, rand.Uint64())
	why := errors.New("the browser went away")
	for name, run := range map[string]func(context.Context) error{
		"exec": func(ctx context.Context) error { return s.Exec(ctx, marker+endless) },
		"query": func(ctx context.Context) error {
			result, err := s.Query(ctx, marker+endless)
			if err != nil {
				return err
			}
			_, err = readAll(result)
			return err
		},
		"beforehand": func(ctx context.Context) error {
			gone, cancel := context.WithCancelCause(ctx)
			cancel(why)
			return s.Exec(gone, "SELECT 1")
		},
	} {
		ctx, cancel := context.WithCancelCause(context.Background())
		time.AfterFunc(200*time.Millisecond, func() { cancel(why) })
		if err := run(ctx); !errors.Is(err, why) && !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		cancel(nil)
	}
	short, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	if err := s.Exec(short, marker+endless); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
	s.goesAway(t, marker)
}

// goesAway waits until no statement with this text is running any more.
func (s suite) goesAway(t *testing.T, text string) {
	t.Helper()
	for range 600 {
		if s.rows(t, "SELECT count() FROM system.processes WHERE startsWith(query, {text:String})", arg("text", text))[0][0] == uint64(0) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("a cancelled statement is still running")
}

func closedEarly(t *testing.T, s suite) {
	marker := fmt.Sprintf("/* %s %d */ ", s.prefix, rand.Uint64())
	for range 20 { // more than there are connections
		result, err := s.Query(context.Background(), marker+"SELECT number FROM numbers(100000000000000)")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if !result.Next() {
				t.Fatal(result.Err())
			}
		}
		if err := result.Close(); err != nil {
			t.Fatal(err)
		}
		if result.Next() {
			t.Error("a row after Close")
		}
		if err := result.Err(); err != nil {
			t.Errorf("closing is not an error: %v", err)
		}
	}
	want(t, s.rows(t, "SELECT 1"), [][]any{{uint8(1)}})
	s.goesAway(t, strings.TrimSpace(marker))
}
