package projections_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"testing"

	"daybook/adapters/chdb/chdbtest"
	"daybook/ledger"
	"daybook/projections"
)

// servers is the engine in this process passing for one of several, which it cannot be
// without a keeper. Every statement that it is given must be one that its own parser reads;
// then it runs what is left of it for one server.
type servers struct {
	projections.Warehouse
	t          *testing.T
	database   string // engine of the database
	shards     string
	cluster    string // that every statement must name
	engine     string // how that of every table must begin
	tables     int
	views      int
	statements int
}

func (w *servers) Query(ctx context.Context, sql string, args ...projections.Arg) (projections.Rows, error) {
	switch {
	case strings.Contains(sql, "FROM system.databases"):
		sql = "SELECT '" + w.database + "' AS engine"
	case strings.Contains(sql, "FROM system.clusters"):
		sql = "SELECT toUInt64(" + w.shards + ") AS n"
	}
	return w.Warehouse.Query(ctx, sql, args...)
}

func (w *servers) Exec(ctx context.Context, sql string, args ...projections.Arg) error {
	w.statements++
	rows, err := w.Warehouse.Query(ctx, "EXPLAIN AST "+sql, args...)
	if err != nil {
		w.t.Errorf("the engine's own parser does not read this: %v\n%s", err, sql)
		return err
	}
	rows.Close()
	if strings.HasPrefix(sql, "SYSTEM SYNC REPLICA ") {
		return nil // this engine has no other replica to wait for
	}
	if w.cluster != "" && !strings.HasPrefix(sql, "INSERT INTO ") {
		if strings.Count(sql, " ON CLUSTER "+w.cluster) != 1 {
			w.t.Errorf("this would be done on one server only:\n%s", sql)
		}
		sql = strings.Replace(sql, " ON CLUSTER "+w.cluster, "", 1)
	}
	switch {
	case strings.HasPrefix(sql, "CREATE TABLE"):
		w.tables++
		if strings.Count(sql, "ENGINE = "+w.engine) != 1 {
			w.t.Errorf("this table would not be on every replica:\n%s", sql)
		}
		sql = regexp.MustCompile(`ReplicatedReplacingMergeTree\(('[^']*', '[^']*', )?`).ReplaceAllString(sql, "ReplacingMergeTree(")
	case strings.HasPrefix(sql, "CREATE OR REPLACE VIEW"):
		w.views++
	}
	return w.Warehouse.Exec(ctx, sql, args...)
}

// On more than one server every table copies its rows, and every statement reaches all
// servers: by the database itself, or by ON CLUSTER. Made once, tables are not made again.
func TestServers(t *testing.T) {
	events := tell(t).events()
	for _, w := range []*servers{
		{database: "Replicated", engine: "ReplicatedReplacingMergeTree("},
		{database: "Atomic", shards: "1", cluster: "`a$1-b`", engine: "ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', "},
	} {
		t.Run(w.database, func(t *testing.T) {
			ctx := context.Background()
			w.Warehouse, w.t = chdbtest.Open(t), t
			name := strings.Trim(w.cluster, "`")
			projector := projections.New(w, codec()).OnCluster(name)
			if err := projector.Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			if w.tables < 20 || w.views < 50 {
				t.Errorf("%d tables and %d views were made", w.tables, w.views)
			}
			before := w.statements
			if err := projections.New(w, codec()).OnCluster(name).Migrate(ctx); err != nil {
				t.Fatal(err)
			}
			if w.statements != before {
				t.Errorf("%d statements were said again", w.statements-before)
			}
			// A second generation, shown and the first dropped, says all its statements so, too.
			apply(t, projector, events)
			want := dump(t, projections.NewViews(w))
			for range 2 {
				filling, number, err := projector.Rebuild(ctx, false)
				if err != nil {
					t.Fatal(err)
				}
				apply(t, filling, events)
				if err := projector.Show(ctx, number); err != nil {
					t.Fatal(err)
				}
			}
			if got := dump(t, projections.NewViews(w)); got != want {
				t.Error("another generation shows other rows")
			}
		})
	}
}

// A cluster that does not exist, or that cuts the rows in parts, is refused before anything
// is made.
func TestClusterRefused(t *testing.T) {
	for shards, word := range map[string]string{"0": "no cluster", "2": "2 shards"} {
		w := &servers{Warehouse: chdbtest.Open(t), t: t, shards: shards}
		err := projections.New(w, codec()).OnCluster("till").Migrate(context.Background())
		var refusal *ledger.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Error(), word) || w.statements > 0 {
			t.Errorf("%s shards: %v after %d statements", shards, err, w.statements)
		}
	}
}
