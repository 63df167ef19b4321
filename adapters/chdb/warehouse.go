//go:build linux || darwin

package chdb

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"daybook/adapters/clickhouse"
	"daybook/projections"
)

// Warehouse is a projections.Warehouse on the engine in this process. Its methods may be
// called from many goroutines. A process may open several on the same directory, but
// not on two directories at a time.
type Warehouse struct {
	*clickhouse.Warehouse
	engine *engine
}

var _ projections.Warehouse = (*Warehouse)(nil)

// Open starts the engine. If another process has the directory open, the error wraps
// ledger.ErrInUse. If there is no library and none can be fetched, the error is a
// *ledger.Refusal that says where it was looked for and what to do.
func Open(ctx context.Context, options Options) (*Warehouse, error) {
	library := options.Library
	if library == "" {
		var err error
		if library, err = Library(ctx, options.Progress); err != nil {
			return nil, fmt.Errorf("open embedded ClickHouse: %w", err)
		}
	}
	engine, err := newEngine(library, options)
	if err != nil {
		return nil, fmt.Errorf("open embedded ClickHouse in %s: %w", options.Dir, err)
	}
	conn, err := ch.Open(&ch.Options{
		Protocol:      ch.HTTP,
		Addr:          []string{"embedded"},
		MaxOpenConns:  maxIdle,
		MaxIdleConns:  maxIdle,
		TransportFunc: func(*http.Transport) (http.RoundTripper, error) { return transport{engine}, nil },
	})
	if err != nil {
		return nil, errors.Join(err, engine.close())
	}
	w := &Warehouse{clickhouse.New(conn), engine}
	if err := w.Exec(ctx, "SELECT 1"); err != nil {
		return nil, fmt.Errorf("open embedded ClickHouse in %s: %w", options.Dir, errors.Join(err, w.Close()))
	}
	return w, nil
}

// Close ends running statements and waits until they have ended. When the last Warehouse
// of the process is closed, the directory is free for another process.
func (w *Warehouse) Close() error {
	return errors.Join(w.Warehouse.Close(), w.engine.close())
}
