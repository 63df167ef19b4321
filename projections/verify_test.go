package projections_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/projections"
)

// Every table has control totals, and every column of an amount is in them.
func TestEveryTableHasControls(t *testing.T) {
	controls := projections.Controls()
	for table, create := range projections.Tables() {
		sums, some := controls[table]
		if !some {
			t.Errorf("%s has no control totals: verify would not see what happens to it; add them in controls.go", table)
		}
		for _, column := range regexp.MustCompile(`(?m)^    (([a-z0-9_]+)_minor) `).FindAllStringSubmatch(create, -1) {
			if !slices.Contains(sums, column[1]) && !slices.Contains(sums, column[2]) {
				t.Errorf("%s: nothing adds up %s", table, column[1])
			}
		}
	}
}

// What is done to a table behind the projector's back is found, and named.
func TestVerifyFindsDamage(t *testing.T) {
	ctx := context.Background()
	warehouse, projector, _ := open(t)
	s := tell(t)
	events := s.events()
	apply(t, projector, events)
	clean := func() {
		t.Helper()
		v, err := projector.Verify(ctx, s.journal, 0, func(ledger.Position) {})
		if err != nil || len(v.Differences) > 0 {
			t.Fatalf("%v %+v", err, v.Differences)
		}
	}
	clean()
	exec := func(sql string) {
		t.Helper()
		if err := warehouse.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for table, create := range projections.Tables() {
		name := "g1_" + table
		var rows uint64
		if one(t, warehouse, "SELECT count() FROM "+name, &rows); rows == 0 {
			t.Errorf("the story has nothing for %s", table)
			continue
		}
		exec("CREATE TABLE saved AS " + name + " ENGINE = MergeTree ORDER BY tuple()")
		exec("INSERT INTO saved SELECT * FROM " + name)
		columns := regexp.MustCompile(`(?m)^    ([a-z0-9_]+) (\S+) `).FindAllStringSubmatch(create, -1)
		key := regexp.MustCompile(`ORDER BY \(([a-z0-9_]+)`).FindStringSubmatch(create)[1]
		// For the last row: those before may be replaced by it.
		last := "(SELECT * FROM saved" + shown(table) + " ORDER BY position DESC, tuple(*) DESC LIMIT 1)"
		damage := map[string]string{
			"a row deleted": "INSERT INTO " + name + " SELECT * FROM saved WHERE tuple(*) NOT IN (SELECT tuple(*) FROM " + last + ")",
		}
		for _, c := range columns {
			if c[1] == key {
				other := map[bool]string{true: key + " + 1", false: "concat(" + key + ", 'x')"}[!strings.Contains(c[2], "String")]
				damage["a row doubled under another key"] = "INSERT INTO " + name + " SELECT * FROM saved UNION ALL SELECT * REPLACE (" + other + " AS " + key + ") FROM " + last
			}
			if strings.HasSuffix(c[1], "_minor") && c[2] == "Int64" {
				damage[c[1]+" changed"] = "INSERT INTO " + name + " SELECT * FROM saved WHERE tuple(*) NOT IN (SELECT tuple(*) FROM " + last + ") UNION ALL SELECT * REPLACE (" + c[1] + " + 1 AS " + c[1] + ") FROM " + last
			}
		}
		for what, sql := range damage {
			exec("TRUNCATE TABLE " + name)
			exec(sql)
			v, err := projector.Verify(ctx, s.journal, 0, func(ledger.Position) {})
			if err != nil {
				t.Fatalf("%s: %s: %v", table, what, err)
			}
			named := slices.IndexFunc(v.Differences, func(d projections.Difference) bool {
				return d.Table == table && d.Expected != d.Found && (!strings.HasSuffix(what, " changed") || strings.HasPrefix(what, d.Total+" ") || d.Total == strings.TrimSuffix(what, "_minor changed"))
			})
			if named < 0 {
				t.Errorf("%s: %s: not found among %+v", table, what, v.Differences)
			}
		}
		exec("TRUNCATE TABLE " + name)
		exec("INSERT INTO " + name + " SELECT * FROM saved")
		// The same row twice is no damage: one of them counts.
		exec(fmt.Sprintf("INSERT INTO %s SELECT * FROM saved", name))
		exec("DROP TABLE saved SYNC")
	}
	clean()
}

// shown leaves out rows that count nowhere.
func shown(table string) string {
	if table == "r_matches" {
		return " WHERE state = 'made' AND (match, side, member, reckoning) NOT IN (SELECT match, side, member, reckoning FROM saved WHERE state = 'undone')"
	}
	return ""
}
