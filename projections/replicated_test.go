package projections_test

import (
	"context"
	"strings"
	"testing"

	"daybook/adapters/chdb/chdbtest"
	"daybook/projections"
)

// replicated is the engine in this process passing for a replicated database, which it
// cannot be without a keeper.
type replicated struct {
	projections.Warehouse
	t      *testing.T
	tables int
}

func (w *replicated) Query(ctx context.Context, sql string, args ...projections.Arg) (projections.Rows, error) {
	if strings.Contains(sql, "FROM system.databases") {
		sql = "SELECT 'Replicated' AS engine"
	}
	return w.Warehouse.Query(ctx, sql, args...)
}

func (w *replicated) Exec(ctx context.Context, sql string, args ...projections.Arg) error {
	if strings.HasPrefix(sql, "CREATE TABLE") {
		w.tables++
		if strings.Count(sql, "ENGINE = ReplicatedReplacingMergeTree(position)") != 1 {
			w.t.Errorf("this table would not be on every replica:\n%s", sql)
		}
		sql = strings.Replace(sql, "ReplicatedReplacing", "Replacing", 1)
	}
	return w.Warehouse.Exec(ctx, sql, args...)
}

// In a replicated database every table copies its rows; made once, they are not made again.
func TestReplicatedDatabase(t *testing.T) {
	w := &replicated{Warehouse: chdbtest.Open(t), t: t}
	migrated(t, w)
	made := w.tables
	if made < 10 {
		t.Errorf("%d tables were made", made)
	}
	if migrated(t, w); w.tables != made {
		t.Errorf("%d tables were made again", w.tables-made)
	}
}
