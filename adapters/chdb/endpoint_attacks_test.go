//go:build linux || darwin

package chdb_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"daybook/adapters/chdb"
)

// attack is a statement that must be refused, and the codes it may be refused with. FILE
// stands for a file with a secret, DIR for its directory, HOST for a server that counts who
// comes by, DB for the database.
type attack struct {
	name, sql string
	codes     string
	fields    []string
}

var attacks = []attack{
	// Writing.
	{"insert", "INSERT INTO payments VALUES (1, 'x', 'x', 1)", "164", nil},
	{"insert select", "INSERT INTO payments SELECT * FROM fct_sales", "164", nil},
	{"insert behind WITH", "WITH 1 AS q INSERT INTO payments SELECT q, '', '', q", "164", nil},
	{"insert in the URL, rows in the body", "1\t\t\t1\n", "164 62", []string{"query", "INSERT INTO payments FORMAT TSV"}},
	{"insert into a function", "INSERT INTO FUNCTION file('FILE', 'CSV', 'a Int8') VALUES (1)", "164", nil},
	{"async insert", "INSERT INTO payments VALUES (1, 'x', 'x', 1)", "164", []string{"async_insert", "1", "wait_for_async_insert", "0"}},
	{"create table", "CREATE TABLE u (a Int8) ENGINE = Memory", "164", nil},
	{"create temporary table", "CREATE TEMPORARY TABLE u (a Int8)", "164", nil},
	{"create view", "CREATE VIEW v AS SELECT * FROM payments", "164", nil},
	{"create database on files", "CREATE DATABASE x ENGINE = Filesystem('/')", "164", nil},
	{"create function", "CREATE FUNCTION f AS x -> x", "164", nil},
	{"create dictionary", "CREATE DICTIONARY d (k UInt64) PRIMARY KEY k SOURCE(FILE(path 'FILE' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)", "164", nil},
	{"create user", "CREATE USER u", "164 497", nil},
	{"create named collection", "CREATE NAMED COLLECTION c AS a = 1", "164 497", nil},
	{"grant", "GRANT ALL ON *.* TO default", "164 497", nil},
	{"drop", "DROP TABLE payments", "164", nil},
	{"drop view", "DROP VIEW fct_sales", "164", nil},
	{"drop database", "DROP DATABASE DB", "164", nil},
	{"truncate", "TRUNCATE TABLE payments", "164", nil},
	{"alter", "ALTER TABLE payments DELETE WHERE 1", "164", nil},
	{"update", "UPDATE payments SET store = 'x' WHERE 1", "164", nil},
	{"delete", "DELETE FROM payments WHERE 1", "164", nil},
	{"rename", "RENAME TABLE payments TO gone", "164", nil},
	{"exchange", "EXCHANGE TABLES payments AND fct_sales", "164", nil},
	{"detach", "DETACH TABLE payments", "164", nil},
	{"attach", "ATTACH TABLE payments", "164", nil},
	{"optimize", "OPTIMIZE TABLE payments FINAL", "164", nil},
	{"backup", "BACKUP TABLE payments TO File('DIR/backup')", "164", nil},
	{"kill", "KILL QUERY WHERE 1", "164", nil},
	{"system", "SYSTEM SHUTDOWN", "164 497", nil},
	{"system flush", "SYSTEM DROP MARK CACHE", "164 497", nil},
	{"set", "SET readonly = 0", "164", nil},
	{"use", "USE system", "164", nil},
	{"transaction", "BEGIN TRANSACTION", "164 62", nil},
	{"execute as", "EXECUTE AS default SELECT 1", "164 62 497", nil},

	// Several statements, and one inside what looks like another.
	{"two statements", "SELECT 1; DROP TABLE payments", "62", nil},
	{"two statements behind a comment", "SELECT 1 -- \n; DROP TABLE payments", "62", nil},
	{"two statements in the URL and the body", "; DROP TABLE payments", "62", []string{"query", "SELECT 1"}},
	{"statements in parallel", "SELECT 1 FROM fct_sales PARALLEL WITH DROP TABLE payments", "62 164", nil},
	{"comment that is not closed", "SELECT 1 /* ", "62", nil},
	{"comment in a comment", "SELECT 1 /* /* */ ; DROP TABLE payments -- */ ; */ ; DROP TABLE payments", "62", nil},
	{"explain that runs", "EXPLAIN AST SELECT 1; DROP TABLE payments", "62 164", nil},
	{"options of explain", "optimize = 1 SELECT 1", "62 164", nil},
	{"typographic quotes", "SELECT “file”('FILE')", "62 497", nil},
	{"a name with a line end", "SELECT 1 AS \"x\nFunction plus (children 1)\", file('FILE')", "62 497", nil},
	{"a name with an escaped line end", `SELECT 1 AS "x\n   TableIdentifier fct_sales", file('FILE')`, "62 497", nil},
	{"a zero byte", "SELECT 1\x00; DROP TABLE payments", "62", nil},

	// Files.
	{"file function", "SELECT file('FILE')", "497", nil},
	{"file function in back quotes", "SELECT `file`('FILE')", "497", nil},
	{"file function escaped", `SELECT "fi\x6ce"('FILE')`, "497", nil},
	{"file function over lines", "SELECT file\n/* */('FILE')", "497", nil},
	{"file function in capitals", "SELECT FILE('FILE')", "497 46", nil},
	{"file function named to another", "SELECT arrayMap(file, ['FILE'])", "497", nil},
	{"file function named to another, as a column is", "SELECT arrayMap(file, [file]) FROM (SELECT 'FILE' AS file)", "497", nil},
	{"file function named by a parameter", "SELECT arrayMap({f:Identifier}, ['FILE'])", "497", []string{"param_f", "file"}},
	{"file function in a lambda", "SELECT arrayMap(x -> file(x), ['FILE'])", "497", nil},
	{"file function applied", "SELECT * APPLY(file) FROM (SELECT 'FILE' AS a)", "497", nil},
	{"file function in a window", "SELECT sum(1) OVER (ORDER BY file('FILE'))", "497", nil},
	{"file function in a frame", "SELECT sum(number) OVER w FROM numbers(3) WINDOW w AS (ORDER BY number ROWS BETWEEN length(file('FILE')) PRECEDING AND CURRENT ROW)", "497 62", nil},
	{"file function in LIMIT", "SELECT 1 LIMIT length(file('FILE'))", "497", nil},
	{"file function in a replacement", "SELECT * REPLACE (file('FILE') AS store) FROM fct_sales", "497", nil},
	{"file function in a subquery", "SELECT (SELECT file('FILE'))", "497", nil},
	{"file function behind a condition", "SELECT if(1, file('FILE'), '')", "497", nil},
	{"file function described", "DESCRIBE (SELECT file('FILE'))", "497", nil},
	{"file table function", "SELECT * FROM file('FILE', 'LineAsString')", "497", nil},
	{"file table function described", "DESCRIBE TABLE file('FILE')", "497", nil},
	{"file table function behind IN", "SELECT 1 IN file('FILE', 'LineAsString')", "497", nil},
	{"files as tables", "SELECT * FROM default.`FILE`", "497", nil},
	{"files as tables, the database given", "SELECT * FROM `FILE`", "60 497", []string{"database", "default"}},
	{"a text as a table", "SELECT * FROM 'FILE'", "60 497", nil},
	{"a parameter as a table", "SELECT * FROM {t:Identifier}", "60 497", []string{"param_t", "default./etc/passwd"}},
	{"into outfile", "SELECT 1 INTO OUTFILE 'DIR/made'", "164", nil},
	{"into outfile, appended and packed", "SELECT 1 INTO OUTFILE 'FILE' APPEND COMPRESSION 'gzip' FORMAT CSV", "164", nil},
	{"from infile", "INSERT INTO payments FROM INFILE 'FILE' FORMAT CSV", "164", nil},
	{"model", "SELECT catboostEvaluate('FILE', 1)", "497", nil},
	{"format with a schema file", "SELECT 1 FORMAT Protobuf", "73", []string{"default_format", "CSV"}},
	{"format with a schema setting", "SELECT 1", "164", []string{"format_schema", "/etc/passwd:x"}},
	{"format with a template file", "SELECT 1", "164", []string{"format_template_row", "FILE"}},
	{"format that writes a schema", "SELECT 1", "164", []string{"output_format_schema", "DIR/made"}},
	{"row in a format of files", "SELECT formatRow('Template', 1)", "497", nil},

	// The network and other processes.
	{"url", "SELECT * FROM url('http://HOST/', 'LineAsString')", "497", nil},
	{"url cluster", "SELECT * FROM urlCluster('c', 'http://HOST/', 'LineAsString')", "497", nil},
	{"s3", "SELECT * FROM s3('http://HOST/bucket/key', 'LineAsString')", "497", nil},
	{"remote", "SELECT * FROM remote('HOST', system.one)", "497", nil},
	{"cluster", "SELECT * FROM clusterAllReplicas('default', system.one)", "497", nil},
	{"mysql", "SELECT * FROM mysql('HOST', 'd', 't', 'u', 'p')", "497", nil},
	{"postgresql", "SELECT * FROM postgresql('HOST', 'd', 't', 'u', 'p')", "497", nil},
	{"sqlite", "SELECT * FROM sqlite('FILE', 't')", "497", nil},
	{"hdfs", "SELECT * FROM hdfs('hdfs://HOST/x', 'TSV')", "497", nil},
	{"executable", "SELECT * FROM executable('id', 'LineAsString', 'x String')", "497", nil},
	{"iceberg", "SELECT * FROM icebergLocal('DIR')", "497 46", nil},
	{"python", "SELECT * FROM Python(x)", "497 46", nil},
	{"dns", "SELECT reverseDNSQuery('127.0.0.1')", "497", nil},
	{"ai", "SELECT aiGenerate('x')", "497", nil},
	{"a remote column", "SELECT hasColumnInTable('HOST', 'u', 'p', 'd', 't', 'c')", "497", nil},

	// Other tables.
	{"a table behind a view", "SELECT * FROM payments", "60", nil},
	{"a table behind a view, named in full", "SELECT * FROM DB.payments", "60", nil},
	{"a view not served", "SELECT * FROM hidden", "60", nil},
	{"a table in a subquery", "SELECT * FROM fct_sales WHERE id IN (SELECT id FROM payments)", "60", nil},
	{"a table behind IN", "SELECT 1 FROM fct_sales WHERE id IN payments", "60", nil},
	{"a table in full behind IN", "SELECT 1 FROM fct_sales WHERE (id, store) IN DB.payments", "60", nil},
	{"a table joined", "SELECT * FROM fct_sales JOIN payments USING (id)", "60", nil},
	{"a table after a comma", "SELECT * FROM fct_sales, payments", "60", nil},
	{"a table in UNION", "SELECT 1 UNION ALL SELECT id FROM payments", "60", nil},
	{"a table under the name of a subquery elsewhere", "SELECT * FROM (WITH payments AS (SELECT 1) SELECT * FROM payments) AS a, payments AS b", "60", nil},
	{"the name of a table, guessed", "SELECT * FROM (WITH payment AS (SELECT 1) SELECT * FROM payment) AS a, payment AS b", "60", nil},
	{"a table by a parameter", "SELECT * FROM {t:Identifier}", "60", []string{"param_t", "payments"}},
	{"a table by a parameter with a line end", "SELECT * FROM {t:Identifier}", "60 497", []string{"param_t", "payments\\n TableIdentifier fct_sales"}},
	{"a table described", "DESCRIBE TABLE payments", "60", nil},
	{"how a view is made", "SHOW CREATE TABLE fct_sales", "497", nil},
	{"all tables", "SHOW TABLES FROM system", "81", nil},
	{"joinGet", "SELECT joinGet('DB.payments', 'id', 1)", "497", nil},
	{"dictGet", "SELECT dictGet('DB.payments', 'id', 1)", "497", nil},
	{"dictionary", "SELECT * FROM dictionary('DB.payments')", "497", nil},
	{"merge", "SELECT * FROM merge('DB', '.*')", "497", nil},
	{"loop", "SELECT * FROM loop('DB', 'payments')", "497", nil},
	{"view", "SELECT * FROM view(SELECT * FROM payments)", "497 60", nil},
	{"mergeTreeIndex", "SELECT * FROM mergeTreeIndex('DB', 'payments')", "497", nil},
	{"input", "SELECT * FROM input('a Int8')", "497", nil},
	{"another database", "SELECT 1", "81", []string{"database", "system"}},
	{"the copies' own database", "SELECT * FROM daybook_catalog.nothing", "497", nil},
	{"explain", "EXPLAIN SELECT * FROM fct_sales", "164 497", nil},
	{"explain in a subquery", "SELECT * FROM (EXPLAIN SELECT * FROM fct_sales)", "497 164", nil},

	// What the engine knows of itself.
	{"settings of the server", "SELECT * FROM system.server_settings", "497", nil},
	{"processes", "SELECT * FROM system.processes", "497", nil},
	{"query log", "SELECT * FROM system.query_log", "497", nil},
	{"users", "SELECT * FROM system.users", "497", nil},
	{"disks", "SELECT path FROM system.disks", "497", nil},
	{"parts", "SELECT path FROM system.parts", "497", nil},
	{"detached tables", "SELECT * FROM system.detached_tables", "497", nil},
	{"named collections", "SELECT * FROM system.named_collections", "497", nil},
	{"environment", "SELECT * FROM system.metrics", "497", nil},
	{"stack traces", "SELECT * FROM system.stack_trace", "497", nil},
	{"in quotes", "SELECT * FROM `system`.`processes`", "497", nil},
	{"escaped", `SELECT * FROM "\x73ystem"."processes"`, "497", nil},
	{"in capitals", "SELECT * FROM SYSTEM.PROCESSES", "497", nil},
	{"behind IN", "SELECT 1 WHERE 1 IN system.numbers", "497", nil},
	{"a column of it", "SELECT system.processes.query FROM fct_sales", "497", nil},
	{"information_schema", "SELECT * FROM information_schema.tables", "497", nil},
	{"INFORMATION_SCHEMA", "SELECT * FROM INFORMATION_SCHEMA.COLUMNS", "497", nil},
	{"a setting", "SELECT getSetting('max_memory_usage')", "497", nil},
	{"a setting of the server", "SELECT getServerSetting('max_connections')", "497", nil},
	{"a macro", "SELECT getMacro('x')", "497", nil},
	{"a header of the request", "SELECT getClientHTTPHeader('X-ClickHouse-Key')", "497", nil},
	{"the machine's name", "SELECT hostName(), FQDN()", "497", nil},
	{"the machine's disk", "SELECT filesystemCapacity()", "497", nil},
	{"memory addresses", "SELECT addressToLine(1)", "497", nil},

	// Limits.
	{"a setting in the statement", "SELECT 1 SETTINGS max_memory_usage = 0", "164", nil},
	{"a setting in a subquery", "SELECT * FROM (SELECT 1 SETTINGS readonly = 0)", "164", nil},
	{"a setting behind FORMAT", "SELECT 1 FORMAT CSV SETTINGS max_execution_time = 0", "164", nil},
	{"readonly taken back", "SELECT 1", "164", []string{"readonly", "0"}},
	{"ddl given back", "SELECT 1", "164", []string{"allow_ddl", "1"}},
	{"introspection", "SELECT 1", "164", []string{"allow_introspection_functions", "1"}},
	{"another dialect", "from x", "164", []string{"dialect", "prql"}},
	{"a setting with a statement in its name", "SELECT 1", "164", []string{"max_threads = 1, readonly", "0"}},
	{"a limit that is no number", "SELECT 1", "36", []string{"max_result_rows", "many"}},
	{"endless", "SELECT count() FROM numbers(1000000000000000000)", "159", nil},
	{"endless, no limit asked for", "SELECT count() FROM numbers(1000000000000000000)", "159", []string{"max_execution_time", "0"}},
	{"endless recursion", "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r) SELECT count() FROM r", "306 159", nil},
	{"sleep", "SELECT sleep(3)", "497", nil},
	{"sleep for each", "SELECT sleepEachRow(1) FROM numbers(100)", "497", nil},
	{"too many rows", "SELECT number FROM numbers(100000000) FORMAT Null", "396", []string{"max_result_rows", "0"}},
	{"too many rows, as one document", "SELECT number FROM numbers(100000000) FORMAT JSON", "396", nil},
	{"too many bytes", "SELECT repeat('x', 1000) FROM numbers(50000)", "396", []string{"max_result_bytes", "0"}},
	{"too many bytes in few columns", "SELECT repeat('\\0', 400) FROM numbers(9000) FORMAT JSON", "396", nil},
	{"too many bytes where rows are cut", "SELECT repeat('x', 1000) FROM numbers(90000)", "396", []string{"max_result_rows", "80000", "result_overflow_mode", "break"}},
	{"too many bytes of a document where rows are cut", "SELECT repeat('x', 1000) FROM numbers(90000) FORMAT JSON", "396 241", []string{"max_result_rows", "80000", "result_overflow_mode", "break"}},
	{"too many rows where rows are cut", "SELECT number FROM numbers(90000000)", "396", []string{"max_result_rows", "200000", "result_overflow_mode", "break"}},
	{"memory in an array", "SELECT length(groupArray(number)) FROM numbers(1000000000)", "241", nil},
	{"memory in a text", "SELECT length(repeat('x', 1000000000)), length(repeat(repeat('x', 100000), 100000))", "241 131", nil},
	{"memory in groups", "SELECT count() FROM (SELECT number, count() FROM numbers(1000000000) GROUP BY number)", "241", []string{"max_memory_usage", "100000000000"}},
	{"memory in a range", "SELECT sum(length(range(number * 1000))) FROM numbers(100000)", "241 69", nil},
	{"a deep statement", "SELECT " + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000), "306 167 62", nil},
	{"a statement too long", "SELECT '" + strings.Repeat("x", 300_000) + "'", "229", nil},
	{"an unknown setting", "SELECT 1", "164", []string{"no_such_setting", "1"}},
	{"a setting as a parameter", "SELECT {x:Int64}", "36", []string{"param_x;y", "1"}},
	{"a parameter that breaks out", "SELECT {x:Int64}", "457 6 27", []string{"param_x", "1) FROM payments --"}},
	{"a query twice", "", "36", []string{"query", "SELECT 1", "query", "SELECT * FROM payments"}},
}

// tightLimits end what an attack tries soon.
var tightLimits = chdb.Limits{Time: 2 * time.Second, Rows: 100_000, ResultBytes: 4 << 20, Memory: 200 << 20}

func TestEndpointRefuses(t *testing.T) {
	f := newFront(t, tightLimits)
	if len(attacks) < 40 {
		t.Fatalf("%d attacks", len(attacks))
	}
	var visits atomic.Int64
	lure := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer lure.Close()
	dir := t.TempDir()
	secret := filepath.Join(dir, "secret.csv")
	if err := os.WriteFile(secret, []byte("swordfish\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := f.state()
	stands := strings.NewReplacer("FILE'", secret+"'", "FILE`", secret+"`", "DIR", dir, "HOST", strings.TrimPrefix(lure.URL, "http://"), "DB", f.database)
	for _, a := range attacks {
		fields := make([]string, len(a.fields))
		for n, field := range a.fields {
			fields[n] = stands.Replace(field)
		}
		got := f.ask(stands.Replace(a.sql), fields...)
		codes := strings.Fields(a.codes)
		if got.status < 400 && strings.Contains(got.body, "__exception__") {
			// It began, and was ended: the code is in the body.
			_, rest, _ := strings.Cut(got.body, "Code: ")
			got.code, _, _ = strings.Cut(rest, ".")
			got.status = 500
		}
		if got.status < 400 || !contains(codes, got.code) {
			t.Errorf("%s: %d, code %s instead of %s: %.300s", a.name, got.status, got.code, a.codes, got.body)
		}
		for _, word := range []string{"swordfish", "the hidden row", "till.csv", dir + "/warehouse", "daybook_catalog", "payments"} {
			if strings.Contains(got.body, word) && !strings.Contains(a.sql+strings.Join(fields, " "), word) {
				t.Errorf("%s: %q is in the answer: %.300s", a.name, word, got.body)
			}
		}
	}
	if after := f.state(); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
	if visits.Load() > 0 {
		t.Errorf("%d requests went out", visits.Load())
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("files were made: %v, %v", entries, err)
	}
	if text, err := os.ReadFile(secret); string(text) != "swordfish\n" || err != nil {
		t.Errorf("a file was changed: %q", text)
	}
	t.Logf("%d attacks", len(attacks))
}

func contains(codes []string, code string) bool {
	for _, c := range codes {
		if c == code {
			return true
		}
	}
	return false
}

// state is what must not change.
func (f *front) state() string {
	f.t.Helper()
	var all []string
	for _, sql := range []string{
		"SELECT concat(toString(count()), ' ', toString(sum(cityHash64(*)))) FROM payments",
		"SELECT arrayStringConcat(arraySort(groupArray(database || '.' || name || ' ' || create_table_query)), '\n') FROM system.tables WHERE database NOT IN ('system', 'INFORMATION_SCHEMA', 'information_schema')",
		"SELECT arrayStringConcat(arraySort(groupArray(name)), ' ') FROM system.databases",
		"SELECT toString(count()) FROM system.functions WHERE origin != 'System'",
	} {
		text, err := value(context.Background(), f.warehouse, sql)
		if err != nil {
			f.t.Fatal(err)
		}
		all = append(all, fmt.Sprint(text))
	}
	return strings.Join(all, "\n")
}

// Without the token, or with it in a way that could be meant for another, nothing is
// answered.
func TestEndpointWantsTheToken(t *testing.T) {
	f := newFront(t, chdb.Limits{})
	long := strings.Repeat("x", 100_000)
	for name, prepare := range map[string]func(r *http.Request){
		"none":               func(r *http.Request) { r.Header.Del("X-ClickHouse-Key") },
		"empty":              func(r *http.Request) { r.Header.Set("X-ClickHouse-Key", "") },
		"wrong":              func(r *http.Request) { r.Header.Set("X-ClickHouse-Key", "wrong") },
		"longer":             func(r *http.Request) { r.Header.Set("X-ClickHouse-Key", secretToken+"x") },
		"shorter":            func(r *http.Request) { r.Header.Set("X-ClickHouse-Key", secretToken[1:]) },
		"long":               func(r *http.Request) { r.Header.Set("X-ClickHouse-Key", long) },
		"as the name":        func(r *http.Request) { r.Header.Del("X-ClickHouse-Key"); r.SetBasicAuth(secretToken, "") },
		"two headers":        func(r *http.Request) { r.Header.Add("X-ClickHouse-Key", "wrong") },
		"wrong first":        func(r *http.Request) { r.Header["X-Clickhouse-Key"] = []string{"wrong", secretToken} },
		"two places":         func(r *http.Request) { r.SetBasicAuth("default", "wrong") },
		"in the URL as well": func(r *http.Request) { r.URL.RawQuery += "&password=wrong" },
		"another scheme": func(r *http.Request) {
			r.Header.Del("X-ClickHouse-Key")
			r.Header.Set("Authorization", "Bearer "+secretToken)
		},
		"certificate": func(r *http.Request) {
			r.Header.Del("X-ClickHouse-Key")
			r.Header.Set("X-ClickHouse-SSL-Certificate-Auth", "on")
		},
		"forwarded": func(r *http.Request) { r.Header.Del("X-ClickHouse-Key"); r.Header.Set("X-Forwarded-For", "127.0.0.1") },
	} {
		r := f.request("SELECT 1")
		prepare(r)
		got := f.send(r)
		if got.status != http.StatusUnauthorized || got.code != "516" || !strings.Contains(got.body, "AUTHENTICATION_FAILED") || strings.Contains(got.body, secretToken) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Requests that are wrong before there is a statement.
func TestEndpointRequestsThatAreWrong(t *testing.T) {
	f := newFront(t, tightLimits)
	form := func(parts string) func(*http.Request) {
		return func(r *http.Request) {
			body := strings.ReplaceAll(parts, "\n", "\r\n")
			r.Body, r.ContentLength = readCloser(body), int64(len(body))
			r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
		}
	}
	for name, c := range map[string]struct {
		prepare func(r *http.Request)
		status  int
	}{
		"PUT":                  {func(r *http.Request) { r.Method = http.MethodPut }, 405},
		"DELETE":               {func(r *http.Request) { r.Method = http.MethodDelete }, 405},
		"OPTIONS":              {func(r *http.Request) { r.Method = http.MethodOptions }, 405},
		"a path":               {func(r *http.Request) { r.URL.Path = "/../etc/passwd" }, 404},
		"play":                 {func(r *http.Request) { r.URL.Path = "/play" }, 404},
		"metrics":              {func(r *http.Request) { r.URL.Path = "/metrics" }, 404},
		"an unknown packing":   {func(r *http.Request) { r.Header.Set("Content-Encoding", "zstd") }, 501},
		"not packed":           {func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") }, 400},
		"blocks that are none": {func(r *http.Request) { r.URL.RawQuery += "&decompress=1" }, 400},
		"another database":     {func(r *http.Request) { r.Header.Set("X-ClickHouse-Database", "system") }, 404},
		"a table sent along": {form("--b\nContent-Disposition: form-data; name=\"query\"\n\nSELECT * FROM t\n" +
			"--b\nContent-Disposition: form-data; name=\"t\"; filename=\"t\"\n\n1\n--b--\n"), 500},
		"a setting in a form": {form("--b\nContent-Disposition: form-data; name=\"readonly\"\n\n0\n--b--\n"), 500},
		"a bomb": {func(r *http.Request) {
			packed := bomb()
			r.Body, r.ContentLength = readCloser(packed), int64(len(packed))
			r.Header.Set("Content-Encoding", "gzip")
		}, 413},
	} {
		r := f.request("SELECT 1")
		c.prepare(r)
		if got := f.send(r); got.status != c.status {
			t.Errorf("%s: %+v", name, got)
		}
	}
	good := f.request("")
	form("--b\nContent-Disposition: form-data; name=\"query\"\n\nSELECT {x:Int64}\n--b\nContent-Disposition: form-data; name=\"param_x\"\n\n7\n--b--\n")(good)
	if got := f.send(good); got.body != "7\n" {
		t.Errorf("a form that is right: %+v", got)
	}
	got := f.ask("SELECT 1", "query_id", "a\r\nSet-Cookie: x=1")
	if got.status != 200 || got.header.Get("Set-Cookie") != "" || strings.Contains(got.header.Get("X-ClickHouse-Query-Id"), "Cookie") {
		t.Errorf("a header smuggled in: %+v", got)
	}
}

// No more statements run at once than may, and those that wait too long are turned away.
func TestEndpointKeepsToItsNumber(t *testing.T) {
	limits := tightLimits
	limits.Queries = 1
	f := newFront(t, limits)
	ended := make(chan string)
	for range 4 {
		r := f.request("SELECT count() FROM numbers(1000000000000000000)")
		go func() {
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				ended <- err.Error()
				return
			}
			response.Body.Close()
			ended <- response.Header.Get("X-ClickHouse-Exception-Code")
		}()
	}
	codes := map[string]int{}
	for range 4 {
		codes[<-ended]++
	}
	if codes["202"] == 0 || codes["159"] == 0 || codes["202"]+codes["159"] != 4 {
		t.Errorf("codes %v", codes)
	}
	if got := f.ask("SELECT 1"); got.body != "1\n" {
		t.Errorf("afterwards: %+v", got)
	}
}

// A client that goes away does not leave its statement running.
func TestEndpointForgetsWhoGoes(t *testing.T) {
	f := newFront(t, chdb.Limits{Time: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	r := f.request("SELECT count() FROM numbers(1000000000000000000)").WithContext(ctx)
	ended := make(chan error)
	go func() {
		_, err := http.DefaultClient.Do(r)
		ended <- err
	}()
	running := func() uint64 {
		n, err := value(context.Background(), f.warehouse, "SELECT count() FROM system.processes WHERE query LIKE '%1000000000000000000%' AND query NOT LIKE '%processes%'")
		if err != nil {
			t.Fatal(err)
		}
		return n.(uint64)
	}
	wait := func(want uint64) {
		t.Helper()
		for deadline := time.Now().Add(time.Minute); running() != want; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("not %d running", want)
			}
		}
	}
	wait(1)
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	wait(0)
}

func readCloser(s string) *body { return &body{*bytes.NewReader([]byte(s))} }

type body struct{ bytes.Reader }

func (*body) Close() error { return nil }

// bomb is a small body that unpacks to a large one.
func bomb() string {
	var packed bytes.Buffer
	packer := gzip.NewWriter(&packed)
	packer.Write(bytes.Repeat([]byte(" "), 64<<20))
	packer.Close()
	return packed.String()
}
