package clickhouse

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	for _, c := range []struct {
		address, hosts, user, password, database string
		secure, http                             bool
	}{
		{"clickhouse://user:p%40ss@host:9001/db", "host:9001", "user", "p@ss", "db", false, false},
		{"clickhouse://host", "host:9000", "", "", "", false, false},
		{"clickhouse://a,b:9001,c/db", "a:9000,b:9001,c:9000", "", "", "db", false, false},
		{"clickhouse://host?secure=true", "host:9440", "", "", "", true, false},
		{"clickhouse://[::1]/db", "[::1]:9000", "", "", "db", false, false},
		{"http://user@host/db", "host:8123", "user", "", "db", false, true},
		{"https://user:p@host/db", "host:8443", "user", "p", "db", true, true},
		{"https://host:443/db?dial_timeout=5s", "host:443", "", "", "db", true, true},
	} {
		o, cluster, err := parseAddress(c.address)
		if err != nil {
			t.Errorf("%s: %v", c.address, err)
			continue
		}
		if cluster != "" || hosts(o) != c.hosts || o.Auth.Username != c.user || o.Auth.Password != c.password || o.Auth.Database != c.database ||
			(o.TLS != nil) != c.secure || (o.Protocol.String() == "http") != c.http {
			t.Errorf("%s: %s %+v secure %v %s", c.address, hosts(o), o.Auth, o.TLS != nil, o.Protocol)
		}
	}
}

// A cluster's name is ours and never reaches ClickHouse as a setting; with one, inserts wait
// for most replicas unless the address says otherwise.
func TestParseCluster(t *testing.T) {
	for address, want := range map[string][2]string{
		"clickhouse://host/db":                                       {"", "<nil>"},
		"clickhouse://a,b/db?cluster=tills":                          {"tills", "auto"},
		"https://host/db?cluster=tills%20east&insert_quorum=3":       {"tills east", "3"},
		"clickhouse://host/db?insert_quorum=2":                       {"", "2"},
		"clickhouse://host/db?secure=true&cluster=x&dial_timeout=5s": {"x", "auto"},
	} {
		o, cluster, err := parseAddress(address)
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if quorum := fmt.Sprint(o.Settings["insert_quorum"]); cluster != want[0] || quorum != want[1] || o.Settings["cluster"] != nil {
			t.Errorf("%s: cluster %q, quorum %s, settings %v", address, cluster, quorum, o.Settings)
		}
	}
}

// Messages as they come over HTTP, over ClickHouse's own protocol, and from the engine.
func TestPlain(t *testing.T) {
	const want = "Unknown table expression identifier 'x (y)' in scope SELECT 1 FROM `x (y)`."
	for _, message := range []string{
		want,
		want + " (UNKNOWN_TABLE)",
		want + " (UNKNOWN_TABLE) (version 25.8.1.1 (official build))",
		want + " (UNKNOWN_TABLE) (version 25.8.1.1 (official build))\n",
		want + " (UNKNOWN_TABLE) (version 26.7.2.1)",
		"Code: 60. DB::Exception: " + want + " (UNKNOWN_TABLE)",
		"DB::Exception: " + want,
		want + " Stack trace:\n\n0. DB::Exception::Exception(int) @ 0x0000\n",
	} {
		if got := plain(message); got != want {
			t.Errorf("%q\n became %q", message, got)
		}
	}
	if long := shorten(strings.Repeat("长", 200)); len(long) > longestReply+len("…") || !strings.HasSuffix(long, "长…") {
		t.Errorf("shortened to %d bytes: %s", len(long), long)
	}
}
