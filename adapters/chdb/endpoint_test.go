//go:build linux || darwin

package chdb_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/ClickHouse/ch-go/compress"
	ch "github.com/ClickHouse/clickhouse-go/v2"

	"daybook/adapters/chdb"
	"daybook/adapters/chdb/chdbtest"
)

const secretToken = "tok3n/w1th?odd&chars"

// front is an endpoint on a socket, before a database with one served view, one that is
// not, and a table behind both.
type front struct {
	t         testing.TB
	address   string
	database  string
	warehouse *chdb.Warehouse
}

func newFront(t testing.TB, limits chdb.Limits) *front {
	t.Helper()
	w := chdbtest.Open(t)
	f := &front{t: t, warehouse: w}
	ctx := context.Background()
	database, err := value(ctx, w, "SELECT currentDatabase()")
	if err != nil {
		t.Fatal(err)
	}
	f.database = database.(string)
	for _, sql := range []string{
		"CREATE TABLE payments (id Int64, store String, file String, amount_minor Int64) ENGINE = MergeTree ORDER BY id",
		"INSERT INTO payments SELECT number, 'S' || toString(number % 3), 'till.csv', number * 10 FROM numbers(300000)",
		"CREATE VIEW fct_sales AS SELECT id, store, file, amount_minor, toDecimal64(amount_minor, 2) / 100 AS amount FROM payments",
		"CREATE VIEW hidden AS SELECT 'the hidden row' AS secret",
	} {
		if err := w.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	e, err := w.Endpoint(ctx, chdb.EndpointOptions{Token: secretToken, Views: []string{"fct_sales"}, Limits: limits})
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(e)
	t.Cleanup(func() {
		s.Close()
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	f.address = s.URL
	return f
}

// reply is what a request came to.
type reply struct {
	status int
	code   string
	body   string
	header http.Header
}

func (f *front) send(r *http.Request) reply {
	f.t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header.Get("X-ClickHouse-Exception-Code"), string(body), response.Header}
}

func (f *front) request(sql string, fields ...string) *http.Request {
	f.t.Helper()
	query := url.Values{}
	for n := 0; n < len(fields); n += 2 {
		query.Add(fields[n], fields[n+1])
	}
	r, err := http.NewRequest(http.MethodPost, f.address+"/?"+query.Encode(), strings.NewReader(sql))
	if err != nil {
		f.t.Fatal(err)
	}
	r.Header.Set("X-ClickHouse-User", "daybook")
	r.Header.Set("X-ClickHouse-Key", secretToken)
	return r
}

// ask sends a statement; fields are names and values for the URL.
func (f *front) ask(sql string, fields ...string) reply {
	f.t.Helper()
	return f.send(f.request(sql, fields...))
}

func TestEndpointAnswers(t *testing.T) {
	f := newFront(t, chdb.Limits{})
	for _, c := range []struct {
		sql, want string
		fields    []string
	}{
		{"SELECT 1", "1\n", nil},
		{"SELECT 1;  -- done", "1\n", nil},
		{"SELECT 'a' FORMAT CSV", "\"a\"\n", nil},
		{"SELECT 1 AS n", "{\"n\":1}\n", []string{"default_format", "JSONEachRow"}},
		{"SELECT count() FROM fct_sales", "300000\n", nil},
		{"SELECT count() FROM DB.fct_sales", "300000\n", []string{"database", "DB"}},
		{"SELECT count() FROM \"DB\".\"fct_sales\" AS \"销售 x\"", "300000\n", []string{"database", "default"}},
		{"SELECT file, \"file\", t.file FROM fct_sales AS t WHERE file = 'file' OR id = 2", "till.csv\ttill.csv\ttill.csv\n", nil},
		{"SELECT store, sum(amount) AS `合计 \"x\"` FROM fct_sales GROUP BY store ORDER BY store LIMIT 1", "S0\t1499985000\n", nil},
		{"WITH x AS (SELECT 1 AS a) SELECT a FROM x UNION ALL (SELECT 1)", "1\n1\n", nil},
		{"SELECT {n:Int64} + 1, {s:String}", "42\tit\\'s; --\n", []string{"param_n", "41", "param_s", "it's; --"}},
		{"SELECT id FROM {t:Identifier} WHERE id IN {list:Array(Int64)} ORDER BY id", "1\n2\n", []string{"param_t", "fct_sales", "param_list", "[1,2]"}},
		{"SELECT countIf(id < 10), sumOrNull(id) > 0, quantile(0.5)(id) > 1, arraySum(x -> x * 2, [1, 2]) FROM fct_sales", "10\t1\t1\t6\n", nil},
		{"SELECT id, sum(id) OVER (ORDER BY id) FROM fct_sales WHERE id IN (SELECT id FROM fct_sales WHERE id < 3) ORDER BY id LIMIT 2", "0\t0\n1\t1\n", nil},
		{"SELECT name FROM system.databases", "DB\n", nil},
		{"SELECT database, name, engine, create_table_query, data_paths FROM system.tables", "DB\tfct_sales\tView\t\t[]\n", nil},
		{"SELECT system.columns.name FROM system.columns WHERE table = 'fct_sales' ORDER BY position LIMIT 1", "id\n", nil},
		{"SHOW DATABASES", "DB\n", nil},
		{"SHOW TABLES FROM DB LIKE 'fct%'", "fct_sales\n", nil},
		{"SHOW TABLES FORMAT CSV", "\"fct_sales\"\n", nil},
		{"DESCRIBE TABLE fct_sales FORMAT TSV", "id\tInt64\t\t\t\t\t\nstore\tString\t\t\t\t\t\nfile\tString\t\t\t\t\t\namount_minor\tInt64\t\t\t\t\t\namount\tDecimal(18, 2)\t\t\t\t\t\n", nil},
		{"SELECT currentUser(), timezone(), currentDatabase()", "default\tUTC\tDB\n", nil},
		{"SELECT number FROM numbers(2)", "0\n1\n", []string{"max_result_rows", "1000000000", "wait_end_of_query", "1", "session_id", "x"}},
		{"SELECT toDateTime(0)", "1970-01-01 08:00:00\n", []string{"session_timezone", "Asia/Shanghai"}},
		{"SELECT count() FROM fct_sales", "300000\n", []string{"max_result_rows", "10", "result_overflow_mode", "break", "max_rows_to_read", "1000000"}},
		// As the Java client, and so Metabase and DBeaver, asks for tables and columns.
		{"SELECT '' AS TABLE_CAT, t.database AS TABLE_SCHEM, t.name AS TABLE_NAME, CASE WHEN t.engine LIKE '%Log' THEN 'LOG TABLE' " +
			"WHEN t.engine IN ('Buffer', 'Memory', 'Set') THEN 'MEMORY TABLE' WHEN t.is_temporary != 0 THEN 'TEMPORARY TABLE' " +
			"WHEN t.engine = 'Dictionary' THEN 'DICTIONARY' WHEN t.engine IN ('URL', 'S3', 'File', 'Merge', 'MySQL') THEN 'REMOTE TABLE' " +
			"WHEN t.engine LIKE '%View' THEN 'VIEW' ELSE 'TABLE' END AS TABLE_TYPE, t.comment AS REMARKS, CAST(null AS Nullable(String)) AS TYPE_CAT, d.engine AS TYPE_SCHEM " +
			"FROM system.tables t JOIN system.databases d ON system.tables.database = system.databases.name WHERE t.database LIKE 'DB' AND t.name LIKE '%'",
			"\tDB\tfct_sales\tVIEW\t\t\\N\tAtomic\n", nil},
		{"SELECT database AS TABLE_SCHEM, table AS TABLE_NAME, name AS COLUMN_NAME, type AS TYPE_NAME, numeric_precision, numeric_scale, position AS ORDINAL_POSITION, comment AS REMARKS, default_expression " +
			"FROM system.columns WHERE database LIKE '%' AND table LIKE 'fct%' AND name LIKE 'amount' ORDER BY TABLE_SCHEM, TABLE_NAME, ORDINAL_POSITION", "DB\tfct_sales\tamount\tDecimal(18, 2)\t18\t2\t5\t\t\n", nil},
		{"SELECT \"source\".\"file\" AS \"file\", count(*) AS \"count\" FROM (SELECT \"DB\".\"fct_sales\".\"file\" AS \"file\" FROM \"DB\".\"fct_sales\") AS \"source\" " +
			"WHERE \"source\".\"file\" = 'till.csv' GROUP BY \"source\".\"file\" -- Metabase", "till.csv\t300000\n", nil},
		{"SELECT name FROM system.one AS o, system.functions WHERE name = 'sum'", "sum\n", nil},
	} {
		sql, want := strings.ReplaceAll(c.sql, "DB", f.database), strings.ReplaceAll(c.want, "DB", f.database)
		for n := range c.fields {
			c.fields[n] = strings.ReplaceAll(c.fields[n], "DB", f.database)
		}
		if got := f.ask(sql, c.fields...); got.status != http.StatusOK || got.body != want {
			t.Errorf("%s: %d %q, want %q", sql, got.status, got.body, want)
		}
	}
}

// The forms in which the statement and the password may come.
func TestEndpointRequests(t *testing.T) {
	f := newFront(t, chdb.Limits{})
	get := func(address string, prepare func(*http.Request)) reply {
		r, err := http.NewRequest(http.MethodGet, f.address+address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if prepare != nil {
			prepare(r)
		}
		return f.send(r)
	}
	in := url.QueryEscape
	if got := get("/ping", nil); got.status != 200 || got.body != "Ok.\n" {
		t.Errorf("ping: %+v", got)
	}
	for name, got := range map[string]reply{
		"URL":   get("/?query="+in("SELECT 1")+"&user=x&password="+in(secretToken), nil),
		"Basic": get("/?query="+in("SELECT 1"), func(r *http.Request) { r.SetBasicAuth("any", secretToken) }),
		"both":  f.ask("FORMAT TSV", "query", "SELECT 1"),
	} {
		if got.status != 200 || got.body != "1\n" {
			t.Errorf("%s: %+v", name, got)
		}
	}
	got := f.ask("SELECT 1 AS a", "query_id", "mine", "default_format", "JSON")
	var summary map[string]string
	if err := json.Unmarshal([]byte(got.header.Get("X-ClickHouse-Summary")), &summary); err != nil || summary["elapsed_ns"] == "" {
		t.Errorf("summary: %v in %v", err, got.header)
	}
	for name, want := range map[string]string{"X-ClickHouse-Query-Id": "mine", "X-ClickHouse-Format": "JSON", "X-ClickHouse-Timezone": "UTC"} {
		if got.header.Get(name) != want {
			t.Errorf("%s is %q", name, got.header.Get(name))
		}
	}
	r := f.request("SELECT number FROM numbers(100000)", "enable_http_compression", "1")
	r.Header.Set("Accept-Encoding", "deflate, gzip")
	packed := f.send(r)
	unpacked, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(unpacked); err != nil || packed.header.Get("Content-Encoding") != "gzip" || bytes.Count(text, []byte("\n")) != 100000 {
		t.Errorf("gzip: %v, %d bytes", err, len(text))
	}
	// A client may have the beginning of a longer result, if it says so.
	if got := f.ask("SELECT number FROM numbers(1000000)", "max_result_rows", "10", "result_overflow_mode", "break"); got.status != 200 || strings.Count(got.body, "\n") >= 1000000 || !strings.HasPrefix(got.body, "0\n1\n") {
		t.Errorf("cut: %d, %d rows", got.status, strings.Count(got.body, "\n"))
	}
	// ClickHouse's own packing, both ways.
	blocks := compress.NewWriter(compress.LevelZero, compress.LZ4)
	if err := blocks.Compress([]byte("SELECT number FROM numbers(100000)")); err != nil {
		t.Fatal(err)
	}
	got = f.ask(string(blocks.Data), "decompress", "1", "compress", "1")
	if text, err := io.ReadAll(compress.NewReader(strings.NewReader(got.body))); !errors.Is(err, io.EOF) || got.status != 200 || bytes.Count(text, []byte("\n")) != 100000 {
		t.Errorf("blocks: %d, %v, %d bytes", got.status, err, len(text))
	}
	var body bytes.Buffer
	packer := gzip.NewWriter(&body)
	io.WriteString(packer, "SELECT 7")
	packer.Close()
	r = f.request("")
	r.Body, r.ContentLength = io.NopCloser(&body), int64(body.Len())
	r.Header.Set("Content-Encoding", "gzip")
	if got := f.send(r); got.body != "7\n" {
		t.Errorf("a packed request: %+v", got)
	}
}

// Every format is one document, however many pieces the engine makes of it.
func TestEndpointFormats(t *testing.T) {
	f := newFront(t, chdb.Limits{})
	const rows = 200_000
	sql := fmt.Sprintf("SELECT number AS `n\nx`, 'a\"b' AS s FROM numbers(%d)", rows)
	sql = strings.ReplaceAll(sql, "`n\nx`", "`n \"x`")
	for format, head := range map[string]string{
		"CSVWithNames": "\"n \"\"x\",\"s\"\n", "CSVWithNamesAndTypes": "\"n \"\"x\",\"s\"\n\"UInt64\",\"String\"\n",
		"TabSeparatedWithNames": "n \"x\ts\n", "JSONCompactEachRowWithNames": "[\"n \\\"x\", \"s\"]\n", "JSONCompactEachRowWithNamesAndTypes": "[\"n \\\"x\", \"s\"]\n[\"UInt64\", \"String\"]\n",
		"JSONEachRow": "", "CSV": "", "TSV": "",
	} {
		got := f.ask(sql + " FORMAT " + format)
		if want := rows + strings.Count(head, "\n"); got.status != 200 || strings.Count(got.body, "\n") != want || !strings.HasPrefix(got.body, head) {
			t.Errorf("%s: %d, %d lines of %d, %.80q", format, got.status, strings.Count(got.body, "\n"), want, got.body)
		}
		if head != "" && strings.Count(got.body, head) != 1 {
			t.Errorf("%s: %d heads", format, strings.Count(got.body, head))
		}
	}
	got := f.ask(sql + " FORMAT RowBinaryWithNamesAndTypes")
	if head, row := len("\x02\x04n \"x\x01s\x06UInt64\x06String"), 8+4; got.status != 200 || len(got.body) != head+rows*row {
		t.Errorf("RowBinaryWithNamesAndTypes: %d, %d bytes of %d", got.status, len(got.body), head+rows*row)
	}
	var document struct {
		Data [][]any
		Rows int
	}
	got = f.ask(sql + " FORMAT JSONCompact")
	if err := json.Unmarshal([]byte(got.body), &document); err != nil || document.Rows != rows || len(document.Data) != rows {
		t.Errorf("JSONCompact: %v, %d rows", err, document.Rows)
	}
	got = f.ask(sql + " FORMAT Parquet")
	if !strings.HasPrefix(got.body, "PAR1") || !strings.HasSuffix(got.body, "PAR1") || strings.Count(got.body, "PAR1") != 2 {
		t.Errorf("Parquet: %d bytes", len(got.body))
	}
	if got := f.ask("SELECT 1 WHERE 0 FORMAT JSON"); !json.Valid([]byte(got.body)) {
		t.Errorf("no rows as JSON: %q", got.body)
	}
	if got := f.ask("SELECT 1 AS a WHERE 0 FORMAT CSVWithNames"); got.body != "\"a\"\n" {
		t.Errorf("no rows as CSV: %q", got.body)
	}
}

func TestEndpointSaysWhatWentWrong(t *testing.T) {
	f := newFront(t, chdb.Limits{})
	for sql, want := range map[string][3]string{
		"SELEC 1":                       {"400", "62", "SYNTAX_ERROR"},
		"SELECT FROM WHERE":             {"400", "62", "SYNTAX_ERROR"},
		"SELECT nothing FROM fct_sales": {"404", "47", "UNKNOWN_IDENTIFIER"},
		"SELECT 1 FROM nowhere":         {"404", "60", "UNKNOWN_TABLE"},
		"SELECT {missing:Int64}":        {"500", "456", "UNKNOWN_QUERY_PARAMETER"},
		"SELECT 1 FORMAT Nothing":       {"404", "73", "UNKNOWN_FORMAT"},
		"SELECT throwIf(1)":             {"500", "395", "FUNCTION_THROW_IF_VALUE_IS_NON_ZERO"},
		"SELECT toInt64('x')":           {"400", "6", "CANNOT_PARSE_TEXT"},
		"":                              {"400", "62", "SYNTAX_ERROR"},
	} {
		got := f.ask(sql)
		if fmt.Sprint(got.status) != want[0] || got.code != want[1] || !strings.HasPrefix(got.body, "Code: "+want[1]+". DB::Exception: ") ||
			!strings.Contains(got.body, "("+want[2]+") (version ") || strings.Contains(got.body, "payments") {
			t.Errorf("%s: %d %s %s", sql, got.status, got.code, got.body)
		}
	}
	// Later than the first rows, it stands in the body, between marks that the header announces.
	got := f.ask("SELECT throwIf(number = 3000000) FROM numbers(4000000)")
	tag := got.header.Get("X-ClickHouse-Exception-Tag")
	if got.status != 200 || len(tag) != 16 || !strings.Contains(got.body, "\r\n__exception__\r\n"+tag+"\r\nCode: 395. DB::Exception") || !strings.HasSuffix(got.body, " "+tag+"\r\n__exception__\r\n") {
		t.Errorf("in the middle: %d, %.300q", got.status, got.body[max(0, len(got.body)-400):])
	}
}

// The official Go client, over HTTP.
func TestEndpointGoClient(t *testing.T) {
	f := newFront(t, chdb.Limits{})
	conn, err := ch.Open(&ch.Options{Protocol: ch.HTTP, Addr: []string{strings.TrimPrefix(f.address, "http://")},
		Auth: ch.Auth{Username: "daybook", Password: secretToken}, Settings: ch.Settings{"max_execution_time": 5}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx := t.Context()
	var count uint64
	var total string
	if err := conn.QueryRow(ctx, "SELECT count(), toString(sum(amount)) FROM fct_sales WHERE store = {s:String}", ch.Named("s", "S1")).Scan(&count, &total); err != nil || count != 100000 {
		t.Errorf("%d, %s, %v", count, total, err)
	}
	rows, err := conn.Query(ctx, "SELECT id, store FROM fct_sales")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for rows.Next() {
		n++
	}
	if err := rows.Err(); err != nil || n != 300000 {
		t.Errorf("%d rows, %v", n, err)
	}
	err = conn.Exec(ctx, "INSERT INTO payments VALUES (1, '', '', 1)")
	if refused := new(ch.Exception); !errors.As(err, &refused) || refused.Code != 164 {
		t.Errorf("an insert: %v", err)
	}
	rows, err = conn.Query(ctx, "SELECT throwIf(number = 3000000) FROM numbers(4000000)")
	for err == nil && rows.Next() {
	}
	if err == nil {
		err = rows.Err()
	}
	if refused := new(ch.Exception); !errors.As(err, &refused) || refused.Code != 395 {
		t.Errorf("an error in the middle: %v", err)
	}
}
