//go:build linux || darwin

package chdb

import "net/http"

// Transport lets a test put the engine behind a real HTTP server.
func (w *Warehouse) Transport() http.RoundTripper { return transport{w.engine} }
