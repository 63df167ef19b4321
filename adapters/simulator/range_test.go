package simulator_test

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/simulator"
)

// A large catalogue has as many articles as were asked for, each with a name, number and barcode
// of its own and a supplier that is listed; every store has all of them, tills know no other, and
// few sell much. The same seed makes the same one, another seed another.
func TestLargeCatalogue(t *testing.T) {
	made := func(seed uint64, articles, payments int) *simulator.Day {
		day, err := simulator.Generate(simulator.Options{Seed: seed, Day: monday, Stores: 2, TerminalsPerStore: 2, Payments: payments, Articles: articles})
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	if diff := cmp.Diff(digests(made(1, 0, 100).Files), digests(made(1, 37, 100).Files)); diff != "" {
		t.Errorf("37 articles are not what there is anyway: %s", diff)
	}
	for _, articles := range []int{38, 500, 20_000} { // 20,000: the families have names for all
		day := made(1, articles, 3000)
		of := texts(t, day.Files)
		if diff := cmp.Diff(digests(day.Files), digests(made(1, articles, 3000).Files)); diff != "" {
			t.Errorf("%d articles differ from one time to the next: %s", articles, diff)
		}
		if articles > 38 && texts(t, made(2, articles, 1).Files)["products.csv"] == of["products.csv"] {
			t.Errorf("another seed gives the same %d articles", articles)
		}
		suppliers := map[string]bool{}
		for _, row := range cells(t, of["suppliers.csv"]) {
			suppliers[row[0]] = true
		}
		rows := cells(t, of["products.csv"])
		if len(rows) != articles {
			t.Errorf("%d articles, not %d", len(rows), articles)
		}
		for column := range 5 {
			seen, alone := map[string]bool{}, column != 2 && column != 3 // category and unit are shared
			for _, row := range rows {
				if row[column] == "" || alone && seen[row[column]] {
					t.Errorf("%d articles: %q is nothing, or there twice", articles, row[column])
				}
				seen[row[column]] = true
			}
		}
		sold, used := map[string]int{}, map[string]bool{}
		for _, row := range rows {
			sold[row[0]] = 0
			used[row[8]] = true
			if !suppliers[row[8]] || row[5] <= "0" {
				t.Errorf("%v has no price, or a supplier who is not listed", row)
			}
		}
		if len(used) != len(suppliers) {
			t.Errorf("%d articles: %d suppliers deliver, %d are listed", articles, len(used), len(suppliers))
		}
		lines := 0
		for name, text := range of {
			if !strings.HasPrefix(name, "till_") {
				continue
			}
			for line := range strings.Lines(text) {
				var a struct {
					Kind  string
					Lines []struct{ SKU string }
				}
				if err := json.Unmarshal([]byte(line), &a); err != nil {
					t.Fatal(err)
				}
				for _, l := range a.Lines {
					if _, listed := sold[l.SKU]; !listed {
						t.Errorf("%s is sold and not listed", l.SKU)
					}
					sold[l.SKU]++
					lines++
				}
			}
		}
		var counts []int
		for _, n := range sold {
			counts = append(counts, n)
		}
		slices.Sort(counts)
		slices.Reverse(counts)
		if articles == 500 {
			best, fifth := counts[0], 0
			for _, n := range counts[:articles/5] {
				fifth += n
			}
			// By the weights: the first 1/11 of H(510)-H(10) = 3.89, which is 2.3 %, the median 0.1 %, a fifth 60.7 %.
			if best < 10*counts[articles/2] || best > lines/25 || fifth < lines*55/100 || fifth > lines*67/100 {
				t.Errorf("of %d lines the best seller has %d, the median %d, a fifth of the articles %d", lines, best, counts[articles/2], fifth)
			}
		}
		received := map[string]bool{}
		for _, row := range cells(t, of["goods_20260105.csv"]) {
			if row[4] == "received" {
				received[row[0]+" "+row[3]] = true
			}
		}
		if len(received) != 2*articles {
			t.Errorf("two stores have received %d articles, not twice %d", len(received), articles)
		}
	}
}

// cells are the rows of a table behind its head.
func cells(t *testing.T, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}
