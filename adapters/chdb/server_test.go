//go:build linux || darwin

package chdb_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	ch "github.com/ClickHouse/clickhouse-go/v2"

	"daybook/adapters/chdb/chdbtest"
	"daybook/adapters/clickhouse"
	"daybook/projections"
	"daybook/projections/projectionstest"
)

const password = "p4ss/w0rd?&"

// server answers like a ClickHouse server's HTTP port, with an engine behind it: errors
// in its words and with its banner, as a status or, once rows have gone out, in the body.
func server(engine http.RoundTripper) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if _, given, _ := r.BasicAuth(); given != password {
			fail(w, &ch.Exception{Code: 516, Message: "Code: 516. DB::Exception: default: Authentication failed. (AUTHENTICATION_FAILED)"})
			return
		}
		response, err := engine.RoundTrip(r)
		if err != nil {
			fail(w, err)
			return
		}
		defer response.Body.Close()
		if _, err := io.Copy(w, response.Body); err != nil && r.Context().Err() == nil {
			fmt.Fprintf(w, "__exception__\r\n%s", banner(err))
		}
	}
}

func fail(w http.ResponseWriter, err error) {
	var exception *ch.Exception
	if errors.As(err, &exception) {
		w.Header().Set("X-ClickHouse-Exception-Code", fmt.Sprint(exception.Code))
	}
	w.WriteHeader(http.StatusInternalServerError)
	io.WriteString(w, banner(err))
}

func banner(err error) string {
	var exception *ch.Exception
	if errors.As(err, &exception) {
		return exception.Message + " (version 26.7.2.1 (official build))\n"
	}
	return err.Error()
}

// TestServer runs the contract through sockets and HTTP, as with a server.
func TestServer(t *testing.T) {
	projectionstest.TestWarehouse(t, func(tb testing.TB) projections.Warehouse {
		s := httptest.NewServer(server(chdbtest.Open(tb).Transport()))
		tb.Cleanup(s.Close)
		address := "http://default:" + escaped + "@" + strings.TrimPrefix(s.URL, "http://") + "/"
		w, err := clickhouse.Open(context.Background(), address)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { w.Close() })
		return w
	})
}

const escaped = "p4ss%2Fw0rd%3F%26"

func TestWrongPassword(t *testing.T) {
	s := httptest.NewServer(server(chdbtest.Open(t).Transport()))
	defer s.Close()
	_, err := clickhouse.Open(context.Background(), "http://default:wrong-secret@"+strings.TrimPrefix(s.URL, "http://"))
	var refused *projections.SQLError
	if !errors.As(err, &refused) || refused.Code != 516 {
		t.Errorf("want AUTHENTICATION_FAILED, got %v", err)
	}
	if err != nil && strings.Contains(err.Error(), "wrong-secret") {
		t.Errorf("the password is in the error: %v", err)
	}
}
