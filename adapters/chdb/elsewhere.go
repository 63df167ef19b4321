//go:build !linux && !darwin

package chdb

import (
	"context"
	"net/http"
	"runtime"

	"daybook/adapters/clickhouse"
	"daybook/ledger"
)

// Warehouse cannot be had on this system: there is no engine library for it.
type Warehouse struct{ *clickhouse.Warehouse }

// Open refuses: chDB is published for Linux and macOS.
func Open(context.Context, Options) (*Warehouse, error) {
	_, err := Library(context.Background(), nil)
	return nil, err
}

// Library refuses, as Open does.
func Library(context.Context, func(done, total int64)) (string, error) {
	return "", ledger.Refuse(ledger.Say("the embedded ClickHouse does not run on %s", runtime.GOOS),
		ledger.Say("use --clickhouse with the address of a server"))
}

// Endpoint cannot be had on this system.
type Endpoint struct{ http.Handler }

// Endpoint refuses, as Open does.
func (w *Warehouse) Endpoint(context.Context, EndpointOptions) (*Endpoint, error) {
	_, err := Library(context.Background(), nil)
	return nil, err
}

// Close does nothing.
func (e *Endpoint) Close() error { return nil }
