package settlement_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"daybook/adapters/settlement"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

// movement is a row of an account: when, how much, and the balance after it.
type movement struct {
	day, minute int
	net, after  int64
}

// untied runs the rows and names those whose balances do not tie.
func untied(rows []movement) (bad []int, controls int) {
	s := &reconcile.Statement{}
	var at []int
	var balances []int64
	for n, row := range rows {
		s.Lines = append(s.Lines, reconcile.Line{Row: n + 2, Currency: "CNY", Net: row.net, At: time.Date(2026, 1, row.day, 0, row.minute, 0, 0, time.UTC)})
		at, balances = append(at, n), append(balances, row.after)
	}
	settlement.RunningBalance(s, "余额", at, balances)
	for _, c := range s.Controls {
		if !c.Ties() {
			bad = append(bad, c.Row)
		}
	}
	return bad, len(s.Controls)
}

// Six movements over three days, added up by hand, in the orders in which banks list them.
func TestRunningBalance(t *testing.T) {
	a, b, c := movement{5, 0, 100_00, 1100_00}, movement{5, 0, -30_00, 1070_00}, movement{6, 0, 50_00, 1120_00}
	d, e, f := movement{6, 0, -20_00, 1100_00}, movement{6, 0, 5_00, 1105_00}, movement{7, 0, -5_00, 1100_00}
	at := func(m movement, minute int) movement { m.minute = minute; return m }
	changed := func(m movement, after int64) movement { m.after = after; return m }
	for name, test := range map[string]struct {
		rows []movement
		bad  []int
	}{
		"oldest first":                  {[]movement{a, b, c, d, e, f}, nil},
		"newest first":                  {[]movement{f, e, d, c, b, a}, nil},
		"newest day first, each onward": {[]movement{f, c, d, e, a, b}, nil},
		"oldest day first, each back":   {[]movement{b, a, e, d, c, f}, nil},
		"a day in no order":             {[]movement{a, b, d, e, c, f}, nil},
		"newest first, a day in none":   {[]movement{f, d, c, e, b, a}, nil},
		"days in no order":              {[]movement{c, d, e, a, b, f}, nil},
		"times in no order":             {[]movement{at(c, 9), at(e, 30), at(d, 20), f, a, at(b, 1)}, nil},
		"one row":                       {[]movement{a}, nil},
		"one day, newest first":         {[]movement{e, d, c}, nil},

		"a row is missing":               {[]movement{a, b, d, e, f}, []int{4}},
		"newest first, a row is missing": {[]movement{f, e, d, b, a}, []int{4}},
		"a balance was changed":          {[]movement{a, b, c, changed(d, 1101_00), e, f}, []int{5, 6}},
		"the last balance was changed":   {[]movement{a, b, c, d, e, changed(f, 1)}, []int{7}},
		"a row stands twice":             {[]movement{a, b, b, c, d, e, f}, []int{4}},
	} {
		bad, controls := untied(test.rows)
		if !slices.Equal(bad, test.bad) || controls != len(test.rows)-1 {
			t.Errorf("%s: rows %v do not tie, of %d; want %v", name, bad, controls, test.bad)
		}
	}
}

// Whatever moved, and however a bank orders the rows of each day: they tie. When a movement
// is lost that no other makes up for, they do not, and few of them.
func TestRunningBalanceOfAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		balance, day := rapid.Int64Range(-500, 500).Draw(t, "opening"), 1
		var rows []movement
		for range rapid.IntRange(2, 30).Draw(t, "rows") {
			day = min(28, day+rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "later"))
			net := rapid.Int64Range(-3, 3).Draw(t, "net") * rapid.SampledFrom([]int64{1, 1, 1000}).Draw(t, "scale")
			balance += net
			rows = append(rows, movement{day, 0, net, balance})
		}
		listed := slices.Clone(rows)
		for i := range listed {
			j := rapid.IntRange(0, i).Draw(t, "swap")
			if listed[i].day == listed[j].day || rapid.Bool().Draw(t, "across days") {
				listed[i], listed[j] = listed[j], listed[i]
			}
		}
		if bad, _ := untied(listed); len(bad) > 0 {
			t.Fatalf("rows %v do not tie: %s", bad, fmt.Sprint(listed))
		}
		lost := rapid.IntRange(1, len(rows)-1).Draw(t, "lost")
		if lost == len(rows)-1 || rows[lost].net == 0 {
			return
		}
		left := slices.Delete(slices.Clone(rows), lost, lost+1)
		far := int64(1_000_000) // so that no other rows make up for it
		for n := lost; n < len(left); n++ {
			left[n].after += far
		}
		if bad, _ := untied(left); len(bad) != 1 {
			t.Fatalf("a row was lost, and rows %v do not tie: %v", bad, left)
		}
	})
}
