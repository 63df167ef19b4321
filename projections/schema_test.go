package projections_test

import (
	"context"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/projections"
)

// Every view says what a row is, and every column what it holds and where that comes
// from; ClickHouse says so too. No note is on a column that is not there.
func TestEveryColumnIsDescribed(t *testing.T) {
	warehouse, projector, views := open(t)
	ctx := context.Background()
	schema, err := views.Schema(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(schema) < 13 {
		t.Fatalf("%d views", len(schema))
	}
	there := map[string]bool{}
	for _, view := range schema {
		var comment string
		one(t, warehouse, "SELECT comment FROM system.tables WHERE database = currentDatabase() AND name = '"+view.Name+"'", &comment)
		if view.Grain == "" || comment != view.Grain {
			t.Errorf("%s: one row is %q, and in ClickHouse %q", view.Name, view.Grain, comment)
		}
		for _, column := range view.Columns {
			there[view.Name+"."+column.Name] = true
			one(t, warehouse, "SELECT comment FROM system.columns WHERE database = currentDatabase() AND table = '"+view.Name+"' AND name = '"+column.Name+"'", &comment)
			if column.Comment == "" || comment != column.Comment+" ("+strings.Join(column.Events, ", ")+")" {
				t.Errorf("%s.%s is %q, and in ClickHouse %q", view.Name, column.Name, column.Comment, comment)
			}
			for _, event := range column.Events {
				if !projector.Filter().Admits(ledger.StreamID("any"), event+".v1") {
					t.Errorf("%s.%s comes from %q, which fills no table", view.Name, column.Name, event)
				}
			}
			money := strings.HasSuffix(column.Name, "_minor")
			if unit := strings.Contains(column.Comment, "minor units of "); unit != money {
				t.Errorf("%s.%s: %q", view.Name, column.Name, column.Comment)
			}
			if strings.HasPrefix(column.Type, "Decimal") && !strings.Contains(column.Comment, "decimal, in units of ") && !strings.Contains(column.Comment, "in units") {
				t.Errorf("%s.%s is a %s: %q", view.Name, column.Name, column.Type, column.Comment)
			}
		}
	}
	for _, described := range projections.Notes() {
		view, _, _ := strings.Cut(described, ".")
		if !strings.HasPrefix(view, "v_") && !there[described] {
			t.Errorf("there is a note on %s, and no such column", described)
		}
	}
}

// A comment on a view does not change what the view's columns are.
func TestTypesOfViews(t *testing.T) {
	warehouse, _, views := open(t)
	schema, err := views.Schema(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, view := range schema {
		rows, err := warehouse.Query(context.Background(), "SELECT * FROM "+view.Name)
		if err != nil {
			t.Fatal(err)
		}
		names, types := rows.Columns()
		if len(names) != len(view.Columns) {
			t.Errorf("%s has %d columns, described are %d", view.Name, len(names), len(view.Columns))
		}
		for n, column := range view.Columns {
			if names[n] != column.Name || types[n] != column.Type {
				t.Errorf("%s: column %d is %s %s, described is %s %s", view.Name, n, names[n], types[n], column.Name, column.Type)
			}
		}
		rows.Close()
	}
}
