//go:build linux || darwin

package chdb_test

import (
	"testing"

	"daybook/adapters/chdb/chdbtest"
	"daybook/projections"
	"daybook/projections/projectionstest"
)

func TestWarehouse(t *testing.T) {
	projectionstest.TestWarehouse(t, func(tb testing.TB) projections.Warehouse { return chdbtest.Open(tb) })
}
