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
	"daybook/reconcile"
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

// What is done to any table behind the projector's back is found, and named.
func TestVerifyFindsDamage(t *testing.T) {
	ctx := context.Background()
	warehouse, projector, _ := apart(t)
	s := tell(t)
	locked := reconcile.Sheet{Provider: "alipay", Channel: "alipay", Currency: "CNY", Ledger: reconcile.Sum{Count: 3, Amount: 30000}}
	moved := reconcile.Movement{Provider: "alipay", Currency: "CNY", Sold: 300}
	s.say(ledger.Stream("closing", monday.String()), reconcile.DaySigned{Day: monday, Position: 9, Listed: []reconcile.UnclosedBreak{{ID: "b1", Day: monday, At: 8}}})
	s.say(ledger.Stream("closing", monday.String()), reconcile.DayLocked{
		Day: monday, Position: 9, Sheets: []reconcile.Sheet{locked}, Movements: []reconcile.Booked{{Day: monday, Of: monday, Movement: moved}},
		Late:    []reconcile.LateSum{{Provider: "alipay", Currency: "CNY", Items: reconcile.Sum{Count: 1, Amount: 7}}},
		Payouts: []reconcile.PayoutReckoned{{Provider: "alipay", Currency: "CNY", Due: monday.AddDays(1), Days: []ledger.BusinessDay{monday}, Expected: 5, Received: 4}},
	})
	s.say(ledger.Stream("period", monday.String()), reconcile.PeriodLocked{From: monday, To: monday.AddDays(6)})
	apply(t, projector, s.events())
	verify := func() []projections.Difference {
		t.Helper()
		v, err := projector.Verify(ctx, s.journal, 0, func(ledger.Position) {})
		if err != nil {
			t.Fatal(err)
		}
		return v.Differences
	}
	exec := func(sql string) {
		t.Helper()
		if err := warehouse.Exec(ctx, sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	if found := verify(); len(found) > 0 {
		t.Fatalf("without damage: %+v", found)
	}
	const deleted, doubled, changed, twice = "a row deleted", "a row doubled under another key", "amounts changed", "every row twice"
	damage := map[string][]string{}
	amounts := map[string][]string{}
	for table, create := range projections.Tables() {
		name, saved := "g1_"+table, "saved_"+table
		exec("CREATE TABLE " + saved + " AS " + name + " ENGINE = MergeTree ORDER BY tuple()")
		exec("INSERT INTO " + saved + " SELECT * FROM " + name + " FINAL")
		var rows uint64
		if one(t, warehouse, "SELECT count() FROM "+saved, &rows); rows == 0 {
			t.Errorf("the story has nothing for %s", table)
		}
		// Of r_matches only what was made counts.
		of := map[bool]string{true: " WHERE state = 'made'"}[table == "r_matches"]
		row := "(SELECT * FROM " + saved + of + " ORDER BY tuple(*) LIMIT 1)"
		others := "INSERT INTO " + name + " SELECT * FROM " + saved + " WHERE tuple(*) NOT IN (SELECT tuple(*) FROM " + row + ")"
		key := regexp.MustCompile(`ORDER BY \(([a-z0-9_]+)`).FindStringSubmatch(create)[1]
		other := key + " + 1"
		var altered []string
		for _, c := range regexp.MustCompile(`(?m)^    ([a-z0-9_]+) (\S+) `).FindAllStringSubmatch(create, -1) {
			if c[1] == key && strings.Contains(c[2], "String") {
				other = "concat(" + key + ", 'x')"
			}
			if strings.HasSuffix(c[1], "_minor") && c[2] == "Int64" {
				amounts[table] = append(amounts[table], c[1])
				altered = append(altered, fmt.Sprintf("%s + 1 AS %s", c[1], c[1]))
			}
		}
		damage[deleted] = append(damage[deleted], others)
		damage[doubled] = append(damage[doubled], "INSERT INTO "+name+" SELECT * FROM "+saved+" UNION ALL SELECT * REPLACE ("+other+" AS "+key+") FROM "+row)
		if len(altered) > 0 {
			damage[changed] = append(damage[changed], others+" UNION ALL SELECT * REPLACE ("+strings.Join(altered, ", ")+") FROM "+row)
		}
		damage[twice] = append(damage[twice], "INSERT INTO "+name+" SELECT * FROM "+saved+" UNION ALL SELECT * FROM "+saved)
	}
	for _, what := range []string{deleted, doubled, changed, twice} {
		for _, sql := range damage[what] {
			exec("TRUNCATE TABLE " + strings.Fields(sql)[2])
			exec(sql)
		}
		found := verify()
		for table := range projections.Tables() {
			named := func(total string) bool {
				return slices.ContainsFunc(found, func(d projections.Difference) bool {
					return d.Table == table && d.Total == total && d.Expected != d.Found
				})
			}
			switch {
			case (what == deleted || what == doubled) && !named("rows"):
				t.Errorf("%s of %s was not found", what, table)
			case what == changed:
				for _, amount := range amounts[table] {
					if !named(amount) {
						t.Errorf("%s of %s was changed and not found", amount, table)
					}
				}
			}
		}
		if what == twice && len(found) > 0 { // no damage: of rows with one key one counts
			t.Errorf("%s: %+v", what, found)
		}
	}
}
