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
}

// Open returns a Warehouse with an empty database of its own, which is gone when the test
// ends. Tests may open many at a time. The engine's library is fetched if it is not there;
// when it can't be had, the test is skipped and says why.
func Open(tb testing.TB) *chdb.Warehouse {
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
	w, err := chdb.Open(ctx, chdb.Options{Dir: shared.dir, Database: database, Library: library})
	if err != nil {
		if shared.users == 0 {
			os.RemoveAll(shared.dir)
		}
		tb.Fatal(err)
	}
	shared.users++
	tb.Cleanup(func() { release(tb, w, database) })
	return w
}

func release(tb testing.TB, w *chdb.Warehouse, database string) {
	shared.Lock()
	defer shared.Unlock()
	if err := w.Exec(context.Background(), "DROP DATABASE IF EXISTS "+database); err != nil {
		tb.Error(err)
	}
	if err := w.Close(); err != nil {
		tb.Error(err)
	}
	if shared.users--; shared.users == 0 {
		if err := os.RemoveAll(shared.dir); err != nil {
			tb.Error(err)
		}
	}
}
