package reconcile_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

// drawDays draws what Pair left open on the days of two weeks: few numbers and amounts,
// so that several days have candidates for one another.
func drawDays(t *rapid.T) map[ledger.BusinessDay]*reconcile.Open {
	days := map[ledger.BusinessDay]*reconcile.Open{}
	for n := range 14 {
		day := monday.AddDays(n)
		if rapid.IntRange(0, 9).Draw(t, "quiet") == 0 {
			continue // nothing was ever reconciled on that day
		}
		days[day] = &reconcile.Open{Day: day, Reported: map[ledger.ProviderID]bool{"acquirer": rapid.Bool().Draw(t, "reported")}}
	}
	for n := range rapid.IntRange(0, 12).Draw(t, "items") {
		item := drawItem(t, n)
		item.Day = monday.AddDays(rapid.IntRange(0, 13).Draw(t, "day"))
		item.At = at(item.Day, 23, rapid.SampledFrom([]int{0, 54, 55, 56, 59}).Draw(t, "minute"))
		item.Amount, item.Provider, item.TID, item.Kind = cny(100), "acquirer", "T1", reconcile.SaleLine
		item.RRN = pick[ledger.RRN](t, "rrn", "R1", "R2", "")
		item.OrderNo = pick(t, "order", "O1", "")
		if days[item.Day] != nil {
			days[item.Day].Items = append(days[item.Day].Items, item)
		}
	}
	for n := range rapid.IntRange(0, 12).Draw(t, "lines") {
		day := monday.AddDays(rapid.IntRange(0, 13).Draw(t, "day"))
		line := reconcile.Entry{ID: fmt.Sprintf("aaaaaaaaaaaa:%d", n), Statement: "aaaaaaaaaaaa", Provider: "acquirer", Line: reconcile.Line{
			Row: n, Kind: reconcile.SaleLine, Day: day, At: at(day, 9, 0), Currency: "CNY", Gross: 100, MID: "M1", TID: "T1",
			RRN: pick[ledger.RRN](t, "rrn", "R1", "R2", ""), OrderNo: pick(t, "order", "O1", ""),
		}}
		if days[day] != nil {
			days[day].Lines = append(days[day].Lines, line)
		}
	}
	return days
}

func conclude(days map[ledger.BusinessDay]*reconcile.Open, own ledger.BusinessDay, order func([]*reconcile.Open) []*reconcile.Open) reconcile.Conclusion {
	var around []*reconcile.Open
	for n := -6; n <= 6; n++ {
		if open := days[own.AddDays(n)]; open != nil {
			around = append(around, open)
		}
	}
	return reconcile.Conclude(ourTerms(), days[own], order(around), func(ledger.BusinessDay) bool { return false })
}

func TestConcludeBothDaysAgree(t *testing.T) {
	seen := tally{}
	rapid.Check(t, func(t *rapid.T) {
		days := drawDays(t)
		asIs := func(around []*reconcile.Open) []*reconcile.Open { return around }
		found := map[string]map[ledger.BusinessDay]bool{} // match → days that know it
		matches := map[string]reconcile.Match{}
		dayOf := map[string]ledger.BusinessDay{}
		for day, own := range days {
			for _, item := range own.Items {
				dayOf[item.ID] = day
			}
			for _, line := range own.Lines {
				dayOf[line.ID] = day
			}
		}
		for day, own := range days {
			c := conclude(days, day, asIs)
			placed := map[string]int{}
			for _, match := range c.Matches {
				seen[match.Rule]++
				if found[match.ID] == nil {
					found[match.ID] = map[ledger.BusinessDay]bool{}
				}
				found[match.ID][day], matches[match.ID] = true, match
				placed[match.Items[0]]++
				placed[match.Lines[0]]++
			}
			for _, b := range c.Breaks {
				seen[string(b.Kind)]++
				for _, id := range slices.Concat(b.Items, b.Lines) {
					placed[id]++
					if dayOf[id] != day {
						t.Fatalf("%s of %s is a break of %s", id, dayOf[id], day)
					}
				}
			}
			for _, item := range own.Items {
				if placed[item.ID] != 1 {
					t.Fatalf("%s: item %s is in %d places", day, item.ID, placed[item.ID])
				}
			}
			for _, line := range own.Lines {
				if placed[line.ID] != 1 {
					t.Fatalf("%s: line %s is in %d places", day, line.ID, placed[line.ID])
				}
			}
			again := conclude(days, day, func(around []*reconcile.Open) []*reconcile.Open {
				return rapid.Permutation(around).Draw(t, "days in order")
			})
			if !reflect.DeepEqual(c, again) {
				t.Fatalf("%s: the order of the days matters:\n%+v\n%+v", day, c, again)
			}
		}
		owner := map[string]string{}
		for id, match := range matches {
			item, line := match.Items[0], match.Lines[0]
			if apart := dayOf[item].Sub(dayOf[line]); apart == 0 || apart > 3 || apart < -3 {
				t.Fatalf("%s and %s are %d days apart", item, line, apart)
			}
			if !found[id][dayOf[item]] || !found[id][dayOf[line]] || len(found[id]) != 2 {
				t.Fatalf("the match of %s on %s and %s on %s is known to %v", item, dayOf[item], line, dayOf[line], found[id])
			}
			for _, one := range []string{item, line} {
				if other, taken := owner[one]; taken {
					t.Fatalf("%s is in the matches %s and %s", one, other, id)
				}
				owner[one] = id
			}
		}
	})
	seen.saw(t, "M8", string(reconcile.MissingInSettlement), string(reconcile.MissingInLedger), string(reconcile.TimingNextDay))
}

func TestConcludeTakesTheNearest(t *testing.T) {
	line := func(id string, day ledger.BusinessDay) *reconcile.Open {
		return &reconcile.Open{Day: day, Lines: []reconcile.Entry{{ID: id, Provider: "acquirer",
			Line: reconcile.Line{Kind: reconcile.SaleLine, Day: day, Currency: "CNY", Gross: 100, RRN: "R1"}}}}
	}
	wednesday := monday.AddDays(2)
	own := &reconcile.Open{Day: wednesday, Items: []reconcile.Item{{ID: "P1", Day: wednesday, At: at(wednesday, 12, 0), Provider: "acquirer",
		Kind: reconcile.SaleLine, Expect: reconcile.Settles, Amount: cny(100), RRN: "R1"}}}
	for _, test := range []struct {
		days []int
		want string
	}{{[]int{1, 2}, "1"}, {[]int{-1, 2}, "-1"}, {[]int{2, -2}, "-2"}, {[]int{3}, "3"}, {[]int{-3, 3}, "-3"}, {[]int{4}, ""}, {[]int{-4}, ""}, {nil, ""}} {
		around := []*reconcile.Open{own}
		for _, n := range test.days {
			around = append(around, line(fmt.Sprint(n), wednesday.AddDays(n)))
		}
		c := reconcile.Conclude(ourTerms(), own, around, func(ledger.BusinessDay) bool { return false })
		got := ""
		if len(c.Matches) > 0 {
			got = c.Matches[0].Lines[0]
		}
		if got != test.want || len(c.Matches)+len(c.Breaks) != 1 {
			t.Errorf("lines on days %v: %q is taken, want %q; %+v", test.days, got, test.want, c)
		}
	}
}

func TestConcludeASaleBeforeTheCut(t *testing.T) {
	tuesday := monday.AddDays(1)
	item := reconcile.Item{ID: "P1", Reference: "P1", Day: monday, BusinessDay: monday, At: at(monday, 23, 56), Provider: "acquirer", Channel: "card",
		Kind: reconcile.SaleLine, Expect: reconcile.Settles, Amount: cny(100), MID: "M1", TID: "T1", RRN: "R1"}
	line := reconcile.Entry{ID: "aaaaaaaaaaaa:2", Statement: "aaaaaaaaaaaa", Provider: "acquirer",
		Line: reconcile.Line{Row: 2, Kind: reconcile.SaleLine, Day: tuesday, Currency: "CNY", Gross: 100, MID: "M1", TID: "T1", RRN: "R1"}}
	reported := map[ledger.ProviderID]bool{"acquirer": true}
	for _, test := range []struct {
		name   string
		minute int
		next   *reconcile.Open
		want   string
	}{
		{"before the next bill", 56, nil, "timing_next_day"},
		{"the next day has no bill", 56, &reconcile.Open{Day: tuesday}, "timing_next_day"},
		{"at the margin", 55, nil, "timing_next_day"},
		{"too long before the cut", 54, nil, "missing_in_settlement"},
		{"the next bill is without it", 56, &reconcile.Open{Day: tuesday, Reported: reported}, "missing_in_settlement"},
		{"the next bill has it", 56, &reconcile.Open{Day: tuesday, Reported: reported, Lines: []reconcile.Entry{line}}, "M8"},
		{"the next bill has it, sold at noon", 0, &reconcile.Open{Day: tuesday, Reported: reported, Lines: []reconcile.Entry{line}}, "M8"},
	} {
		item.At = at(monday, 23, test.minute)
		own := &reconcile.Open{Day: monday, Items: []reconcile.Item{item}, Reported: reported}
		around := []*reconcile.Open{own}
		if test.next != nil {
			around = append(around, test.next)
		}
		c := reconcile.Conclude(ourTerms(), own, around, func(ledger.BusinessDay) bool { return false })
		var got []string
		for _, match := range c.Matches {
			got = append(got, match.Rule)
		}
		for _, b := range c.Breaks {
			got = append(got, string(b.Kind))
		}
		if !slices.Equal(got, []string{test.want}) {
			t.Errorf("%s: %v, want %s", test.name, got, test.want)
		}
	}
}

func TestConcludeMissingFiles(t *testing.T) {
	covered := func(days ...int) func(ledger.BusinessDay) bool {
		return func(d ledger.BusinessDay) bool { return slices.Contains(days, d.Sub(monday)) }
	}
	waiting := &reconcile.Open{Day: monday, Waiting: []ledger.Money{cny(500)}, WaitingFor: []ledger.ProviderID{"acquirer"}}
	later := func(n int) *reconcile.Open {
		return &reconcile.Open{Day: monday.AddDays(n), Reported: map[ledger.ProviderID]bool{"acquirer": true}}
	}
	for _, test := range []struct {
		name   string
		around []*reconcile.Open
		bank   func(ledger.BusinessDay) bool
		want   bool
	}{
		{"nothing later is here", nil, covered(), false},
		{"an earlier bill says nothing", []*reconcile.Open{later(-1)}, covered(-1, 0), false},
		{"a later bill is here", []*reconcile.Open{later(1)}, covered(), true},
		{"a bill three days later is here", []*reconcile.Open{later(3)}, covered(), true},
		{"the bank statement of the due day is here", nil, covered(1), true},
		{"the bank statement of the day after is here", nil, covered(2), false},
	} {
		c := reconcile.Conclude(ourTerms(), waiting, append(test.around, waiting), test.bank)
		got := len(c.Breaks) == 1 && c.Breaks[0].Kind == reconcile.FileMissing && c.Breaks[0].Expected == cny(500)
		if got != test.want || !got && len(c.Breaks) > 0 {
			t.Errorf("%s: %+v", test.name, c.Breaks)
		}
	}
}
