package clickhouse_test

import (
	"context"
	"net"
	"os"
	"strings"
	"testing"

	"daybook/adapters/clickhouse"
	"daybook/projections"
	"daybook/projections/projectionstest"
)

// TestWarehouse runs the contract over a real server, for example
//
//	DAYBOOK_TEST_CLICKHOUSE=clickhouse://default@localhost:9000/default go test ./adapters/clickhouse
//
// (Package chdb runs it over HTTP with the embedded engine behind it.)
func TestWarehouse(t *testing.T) {
	address := os.Getenv("DAYBOOK_TEST_CLICKHOUSE")
	if address == "" {
		t.Skip("set DAYBOOK_TEST_CLICKHOUSE to the address of a ClickHouse server to run the contract over it")
	}
	projectionstest.TestWarehouse(t, func(tb testing.TB) projections.Warehouse {
		w, err := clickhouse.Open(context.Background(), address)
		if err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { w.Close() })
		return w
	})
}

// Nobody answers at these addresses. None of them may put a password into the error.
func TestOpenKeepsPasswords(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host := closed.Addr().String()
	closed.Close()
	const secret = "s3cr3t"
	for _, address := range []string{
		"clickhouse://user:" + secret + "@" + host + "/db",
		"http://user:" + secret + "@" + host + "/db",
		"https://user:" + secret + "@" + host + "/db?skip_verify=true",
		"http://" + host + "/?username=user&password=" + secret,
		"clickhouse://" + host + "/?password=" + secret,
		"clickhouse://user:" + secret + "@" + host + "/db?dial_timeout=soon",
		"clickhouse://user:" + secret + "%zz@" + host,
		"clickhouse://user:" + secret + "@[::1/db",
		"clickhouse://user:" + secret + "#@" + host,
		"clickhouse://user:a/" + secret + "@" + host,
		"user:" + secret + "@" + host,
		"postgres://user:" + secret + "@" + host,
		"clickhouse://",
		"",
	} {
		w, err := clickhouse.Open(context.Background(), address)
		if err == nil {
			w.Close()
			t.Errorf("opened %s", address)
			continue
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the password is in the error: %v", address, err)
		}
		if !strings.HasPrefix(err.Error(), "connect to ClickHouse") {
			t.Errorf("%s: %v", address, err)
		}
	}
}
