package chdbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"daybook/adapters/chdb"
	"daybook/ledger"
)

// shared is the directory of this process's engine, which can have only one open.
var shared struct {
	sync.Mutex
	dir           string
	users, number int
	kept          []func() error // ends what outlives tests
}

// Main runs a package's tests. The engine goes on between those that use Keep.
func Main(m *testing.M) {
	code := m.Run()
	for _, end := range shared.kept {
		if err := end(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
	}
	os.Exit(code)
}

// Open returns a Warehouse with an empty database of its own, which is gone when the test
// ends. Tests may open many at a time. The engine's library is fetched if it is not there;
// when it can't be had, the test is skipped and says why.
func Open(tb testing.TB) *chdb.Warehouse {
	tb.Helper()
	w, end := open(tb)
	tb.Cleanup(func() {
		if err := end(); err != nil {
			tb.Error(err)
		}
	})
	return w
}

// Keep opens a Warehouse that other tests may use when this one has ended, in a package
// whose TestMain is Main.
func Keep(tb testing.TB) *chdb.Warehouse {
	tb.Helper()
	w, end := open(tb)
	shared.Lock()
	defer shared.Unlock()
	shared.kept = append(shared.kept, end)
	return w
}

func open(tb testing.TB) (w *chdb.Warehouse, end func() error) {
	tb.Helper()
	ctx := context.Background()
	library, err := chdb.Library(ctx, nil)
	if errors.Is(err, ledger.ErrNotFound) {
		tb.Skip("needs the embedded ClickHouse: ", err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	shared.Lock()
	defer shared.Unlock()
	if shared.users == 0 {
		if shared.dir, err = os.MkdirTemp("", "daybook-chdb-"); err != nil {
			tb.Fatal(err)
		}
	}
	shared.number++
	database := fmt.Sprintf("test_%d", shared.number)
	w, err = chdb.Open(ctx, chdb.Options{Dir: shared.dir, Database: database, Library: library})
	if err != nil {
		if shared.users == 0 {
			os.RemoveAll(shared.dir)
		}
		tb.Fatal(err)
	}
	shared.users++
	return w, func() error { return release(w, database) }
}

func release(w *chdb.Warehouse, database string) error {
	shared.Lock()
	defer shared.Unlock()
	err := errors.Join(w.Exec(context.Background(), "DROP DATABASE IF EXISTS "+database), w.Close())
	if shared.users--; shared.users == 0 {
		err = errors.Join(err, os.RemoveAll(shared.dir))
	}
	return err
}
