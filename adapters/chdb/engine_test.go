//go:build linux || darwin

package chdb_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"daybook/adapters/chdb"
	"daybook/adapters/chdb/chdbtest"
	"daybook/adapters/clickhouse"
	"daybook/ledger"
	"daybook/projections"
)

// holdDir, when set, makes this test binary a process that holds the directory's tables.
const holdDir = "DAYBOOK_TEST_HOLD_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(holdDir); dir != "" {
		hold(dir)
		return
	}
	os.Exit(m.Run())
}

func hold(dir string) {
	_, err := chdb.Open(context.Background(), chdb.Options{Dir: dir})
	fmt.Println("open:", err)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent lets go, or kills
}

// open opens dir or skips the test where there is no library.
func open(t *testing.T, dir string) *chdb.Warehouse {
	t.Helper()
	w, err := chdb.Open(context.Background(), chdb.Options{Dir: dir})
	if errors.Is(err, ledger.ErrNotFound) {
		t.Skip("needs the embedded ClickHouse: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func run(t *testing.T, w projections.Warehouse, sql string) {
	t.Helper()
	if err := w.Exec(context.Background(), sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// value returns the first value of a statement's result.
func value(ctx context.Context, w projections.Warehouse, sql string) (v any, err error) {
	rows, err := w.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	names, _ := rows.Columns()
	row, pointers := make([]any, len(names)), make([]any, len(names))
	for i := range row {
		pointers[i] = &row[i]
	}
	if rows.Next() {
		err = rows.Scan(pointers...)
		v = row[0]
	}
	return v, errors.Join(err, rows.Err())
}

func TestAnotherProcessHasTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "tables 收银")
	w := open(t, dir)
	run(t, w, "CREATE TABLE t (a Int64) ENGINE = MergeTree ORDER BY a")
	run(t, w, "INSERT INTO t VALUES (7)")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	for _, end := range []string{"let go", "killed"} {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), holdDir+"="+dir)
		stdin, err := child.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		stdout, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "open: <nil>\n" {
			t.Fatalf("the other process says %q, %v", line, err)
		}
		_, err = chdb.Open(context.Background(), chdb.Options{Dir: dir})
		if !errors.Is(err, ledger.ErrInUse) {
			t.Errorf("want ErrInUse, got %v", err)
		}
		for _, fact := range []string{dir, fmt.Sprintf("process %d", child.Process.Pid)} {
			if err != nil && !strings.Contains(err.Error(), fact) {
				t.Errorf("no %q in: %v", fact, err)
			}
		}
		if end == "killed" {
			err = child.Process.Kill()
		} else {
			err = stdin.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = child.Wait()
	}
	w = open(t, dir)
	if got, err := value(context.Background(), w, "SELECT sum(a) FROM t"); got != int64(7) || err != nil {
		t.Errorf("after the other process: %v, %v", got, err)
	}
}

func TestDirectoriesOfOneProcess(t *testing.T) {
	a, b := t.TempDir(), t.TempDir()
	first, second := open(t, a), open(t, a)
	run(t, first, "CREATE TABLE t (x Int64) ENGINE = MergeTree ORDER BY x")
	run(t, second, "INSERT INTO t VALUES (1)")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Error("closing twice:", err)
	}
	if err := first.Exec(context.Background(), "SELECT 1"); err == nil {
		t.Error("a closed warehouse ran a statement")
	}
	_, err := chdb.Open(context.Background(), chdb.Options{Dir: b})
	if err == nil || !strings.Contains(err.Error(), a) || !strings.Contains(err.Error(), b) {
		t.Errorf("beside another directory: %v", err)
	}
	if got, err := value(context.Background(), second, "SELECT x FROM t"); got != int64(1) || err != nil {
		t.Errorf("the other warehouse on the directory: %v, %v", got, err)
	}
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	third := open(t, b)
	if _, err := value(context.Background(), third, "SELECT x FROM t"); err == nil {
		t.Error("a table moved between directories")
	}
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := value(context.Background(), open(t, a), "SELECT x FROM t"); got != int64(1) || err != nil {
		t.Errorf("opened again: %v, %v", got, err)
	}
}

func TestCloseEndsStatements(t *testing.T) {
	w := open(t, t.TempDir())
	begun, ended := make(chan struct{}), make(chan error, 1)
	go func() {
		rows, err := w.Query(context.Background(), "SELECT number FROM numbers(100000000000000)")
		close(begun)
		for err == nil && rows.Next() {
		}
		if err == nil {
			err = rows.Err()
		}
		ended <- err
	}()
	<-begun
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil {
		t.Error("an endless statement came to a good end")
	}
}

// The engine must leave Go its signal handlers: without them this ends the process.
func TestGoKeepsItsSignals(t *testing.T) {
	w := chdbtest.Open(t)
	run(t, w, "SELECT 1")
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	var nothing *int
	*nothing = 1
}

func TestSettings(t *testing.T) {
	w := chdbtest.Open(t)
	ctx := ch.Context(context.Background(), ch.WithSettings(ch.Settings{"max_block_size": 77, "max_threads": 1}))
	for range 3 {
		if got, err := value(ctx, w, "SELECT getSetting('max_block_size')"); fmt.Sprint(got) != "77" || err != nil {
			t.Errorf("with a setting: %v, %v", got, err)
		}
		if got, err := value(context.Background(), w, "SELECT getSetting('max_block_size')"); fmt.Sprint(got) == "77" || err != nil {
			t.Errorf("without: %v, %v", got, err)
		}
	}
	var refused *projections.SQLError
	for _, bad := range []ch.Settings{{"no_such_setting": 1}, {"max_threads": "many"}} {
		_, err := value(ch.Context(context.Background(), ch.WithSettings(bad)), w, "SELECT 1")
		if !errors.As(err, &refused) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	hostile := ch.Settings{"max_threads = 1, readonly": 1}
	if _, err := value(ch.Context(context.Background(), ch.WithSettings(hostile)), w, "SELECT 1"); err == nil {
		t.Error("a hostile setting was taken")
	}
	if got, err := value(context.Background(), w, "SELECT timezone()"); got != "UTC" || err != nil {
		t.Errorf("time zone: %v, %v", got, err)
	}
}

func TestMemoryIsLimited(t *testing.T) {
	w := chdbtest.Open(t)
	ctx := ch.Context(context.Background(), ch.WithSettings(ch.Settings{"max_memory_usage": 50_000_000, "max_bytes_ratio_before_external_group_by": 0}))
	var refused *projections.SQLError
	_, err := value(ctx, w, "SELECT length(groupArray(number)) FROM numbers(100000000)")
	if !errors.As(err, &refused) || refused.Code != 241 {
		t.Errorf("want MEMORY_LIMIT_EXCEEDED, got %v", err)
	}
}

func TestReadOnly(t *testing.T) {
	w := chdbtest.Open(t)
	run(t, w, "CREATE TABLE t (id Int64, file String) ENGINE = MergeTree ORDER BY id")
	run(t, w, "INSERT INTO t VALUES (1, 'alipay.csv')")
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("a,b\n1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := clickhouse.ReadOnly(context.Background())

	for _, sql := range []string{
		"SELECT t.file FROM t", "SELECT count() FROM t -- ok", "WITH 1 AS x SELECT x + number FROM numbers(3)",
		"SHOW TABLES", "DESCRIBE TABLE t", "EXISTS TABLE t", "EXPLAIN SELECT * FROM t", "SHOW CREATE TABLE t",
		"SELECT format('{} {}', 'a', 'b')", "SELECT * FROM t WHERE id = 2;",
		`SELECT match(t.file, '^\\w+\\.csv$') FROM t`,
	} {
		if _, err := value(ctx, w, sql); err != nil {
			t.Errorf("%s: %v", sql, err)
		}
	}
	rows, err := w.Query(ctx, "SELECT t.file FROM t WHERE id = 2")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if names, _ := rows.Columns(); len(names) != 1 {
		t.Errorf("columns of no rows: %v", names)
	}

	var refused *projections.SQLError
	for _, sql := range []string{
		"INSERT INTO t VALUES (2, '')", "DROP TABLE t", "CREATE TABLE u (a Int64) ENGINE = Memory", "TRUNCATE TABLE t",
		"SET readonly = 0", "SELECT 1 SETTINGS readonly = 0", "KILL QUERY WHERE 1", "SYSTEM SHUTDOWN", "SELECT 1; DROP TABLE t",
		"SELECT file('SECRET')", "SELECT `file`('SECRET')", `SELECT "fi\x6ce"('SECRET')`, "SELECT `\\x66\\x69le`('SECRET')",
		"SELECT file\n('SECRET')", "SELECT file/**/('SECRET')", "SELECT arrayMap(file, ['SECRET'])",
		"SELECT * APPLY(file) FROM (SELECT 'SECRET' AS a)", "SELECT * APPLY file FROM (SELECT 'SECRET' AS a)",
		"SELECT arrayMap(x -> file(x), ['SECRET'])", "EXPLAIN QUERY TREE SELECT file('SECRET')", "DESCRIBE (SELECT file('SECRET'))",
		"SELECT * FROM file('SECRET')", "SELECT * FROM File('SECRET')", "DESCRIBE TABLE file('SECRET')", "SELECT 1 IN file('SECRET', 'LineAsString')",
		"SELECT * FROM default.`SECRET`", "SELECT * FROM `default`.`SECRET`", "SELECT * FROM `defaul\\x74`.`SECRET`", "SELECT * FROM 'SECRET'", "SELECT * FROM `SECRET`",
		"SELECT 1 INTO OUTFILE 'SECRET' TRUNCATE", "SELECT 1 INTO/**/OUTFILE 'SECRET.2'",
		"SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", "SELECT * FROM s3('http://127.0.0.1:1/bucket/k', 'LineAsString')",
		"SELECT * FROM executable('id', 'LineAsString', 'x String')", "SELECT * FROM remote('127.0.0.1:1', 'system.one')",
		"SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')", "SELECT * FROM merge('default', '.*')",
		"SELECT * FROM loop(file('SECRET'))", "BACKUP TABLE t TO File('SECRET.3')",
	} {
		sql = strings.ReplaceAll(sql, "SECRET", secret)
		if got, err := value(ctx, w, sql); !errors.As(err, &refused) {
			t.Errorf("%s: got %v, %v", sql, got, err)
		}
	}
	for _, made := range []string{secret + ".2", secret + ".3"} {
		if _, err := os.Stat(made); err == nil {
			t.Error("a read-only statement made a file")
		}
	}
	if text, err := os.ReadFile(secret); string(text) != "a,b\n1,2\n" || err != nil {
		t.Errorf("a read-only statement changed a file: %q, %v", text, err)
	}
	if got, err := value(context.Background(), w, "SELECT count() FROM t"); got != uint64(1) || err != nil {
		t.Errorf("afterwards: %v, %v", got, err)
	}
}
