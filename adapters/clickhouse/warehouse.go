package clickhouse

import (
	"context"
	"fmt"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"daybook/ledger"
	"daybook/projections"
)

// Warehouse is a projections.Warehouse over a pool of clickhouse-go connections.
type Warehouse struct {
	conn    driver.Conn
	cluster string
}

var _ projections.Warehouse = (*Warehouse)(nil)

// New makes a Warehouse of connections opened elsewhere, and owns them from then on.
func New(conn driver.Conn) *Warehouse { return &Warehouse{conn: conn} }

// Cluster is the name that the address gave to a cluster with ?cluster=; empty for none.
func (w *Warehouse) Cluster() string { return w.cluster }

// Open connects to a server. The address is a URL: clickhouse://user:password@host:9000/database
// for ClickHouse's own protocol, http:// or https:// for HTTP. Several hosts of one
// cluster are written with commas between them. Ports may be left out. Settings of the
// client and of ClickHouse may follow as a query, for example ?dial_timeout=5s; cluster
// names the cluster on which tables are made, and lets inserts wait for most of its replicas.
func Open(ctx context.Context, address string) (*Warehouse, error) {
	options, cluster, err := parseAddress(address)
	if err != nil {
		return nil, err
	}
	conn, err := clickhouse.Open(options)
	if err != nil {
		return nil, fmt.Errorf("connect to ClickHouse: %w", explain(ctx, err))
	}
	w := &Warehouse{conn, cluster}
	if err := w.greet(ctx); err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect to ClickHouse at %s: %w", hosts(options), explain(ctx, err))
	}
	return w, nil
}

// greet finds out that a server answers and is one that understands us.
func (w *Warehouse) greet(ctx context.Context) error {
	if err := w.conn.Ping(ctx); err != nil {
		return err
	}
	server, err := w.conn.ServerVersion()
	if err != nil {
		return err
	}
	// Servers before 22.8 ignore query parameters on ClickHouse's own protocol
	// (DBMS_MIN_PROTOCOL_VERSION_WITH_PARAMETERS); 23.8 is the oldest we speak to.
	v := server.Version
	if v.Major < 23 || v.Major == 23 && v.Minor < 8 {
		return ledger.Refuse(ledger.Say("this server is ClickHouse %s, which is too old", v.String()),
			ledger.Say("use ClickHouse 23.8 or later"))
	}
	return nil
}

// Close gives the connections back. Results still open end with an error.
func (w *Warehouse) Close() error { return w.conn.Close() }

// Exec runs a statement that returns no rows.
func (w *Warehouse) Exec(ctx context.Context, sql string, args ...projections.Arg) error {
	bound, err := bind(sql, args)
	if err != nil {
		return err
	}
	if err := w.conn.Exec(ctx, sql, bound...); err != nil {
		return explain(ctx, err)
	}
	return nil
}

// Query runs a statement that returns rows. Cancelling ctx ends the result.
func (w *Warehouse) Query(ctx context.Context, sql string, args ...projections.Arg) (projections.Rows, error) {
	bound, err := bind(sql, args)
	if err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(ctx)
	result, err := w.conn.Query(running, sql, bound...)
	if err != nil {
		cancel()
		return nil, explain(ctx, err)
	}
	r := &rows{ctx: ctx, cancel: cancel, result: result}
	r.describe = func() ([]string, []string) { return w.describe(ctx, sql, bound) }
	return r, nil
}

// describe names the columns of a SELECT that returned no rows and therefore, over
// HTTP, no columns. Of other statements it knows nothing and says so by returning nil.
func (w *Warehouse) describe(ctx context.Context, sql string, bound []any) (names, types []string) {
	// The line end closes a comment that the statement may end with. The statement has
	// run, so what was checked about it need not be checked again, in other words.
	ctx = clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{}))
	result, err := w.conn.Query(ctx, "DESCRIBE TABLE ("+trimTerminator(sql)+"\n)", bound...)
	if err != nil {
		return nil, nil
	}
	defer result.Close()
	for result.Next() {
		var name, typ, rest string
		if err := result.Scan(&name, &typ, &rest, &rest, &rest, &rest, &rest); err != nil {
			return nil, nil
		}
		names, types = append(names, name), append(types, typ)
	}
	return names, types
}

// ReadOnly returns a context in which statements cannot change anything (readonly = 1).
// For statements that people type. How far such a statement can reach is the server's to
// limit, by what it grants its users; the embedded engine refuses everything that opens
// files or addresses.
func ReadOnly(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"readonly": 1}))
}

// trimTerminator takes the semicolon and blanks off the end of a statement.
func trimTerminator(sql string) string { return strings.TrimRight(sql, "; \t\r\n") }
