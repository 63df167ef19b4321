package main

import (
	"encoding/csv"
	"errors"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The totals that daybook query gives of a receipts CSV are those of exact fractions over
// the file's cells, under the rule that the profile states: net is unit price × quantity,
// exact; tax is the sum of the receipt's unrounded taxes, rounded half up once per receipt
// to the cent; each line of a receipt has its share of that, as the receipt adds up.
func TestSupermarketTotals(t *testing.T) {
	t.Parallel()
	for _, file := range []struct{ name, path, why string }{
		{"own", "testdata/supermarket.csv", ""},
		// The public "supermarket sales" data set, 1,000 receipts; it is not ours to copy.
		{"public", filepath.FromSlash("../../../shared/data/supermarket_sales.csv"), "the public data set is not beside the repository"},
	} {
		t.Run(file.name, func(t *testing.T) {
			if _, err := os.Stat(file.path); errors.Is(err, fs.ErrNotExist) && file.why != "" {
				t.Skip(file.why)
			}
			testSupermarket(t, file.path)
		})
	}
}

func testSupermarket(t *testing.T, path string) {
	want := exactTotals(t, path)
	p := newProgram(t, "testdata/supermarket.yaml")
	p.must(exitFine, "import", path)
	for by, question := range map[string]string{
		"store":    "SELECT store AS of, %s FROM fct_sales GROUP BY of",
		"tender":   "SELECT tender AS of, %s FROM fct_sales GROUP BY of",
		"hour":     "SELECT toString(local_hour) AS of, %s FROM fct_sales GROUP BY of",
		"category": "SELECT category AS of, %s FROM fct_sale_lines GROUP BY of",
	} {
		sums := "toString(sum(net)) AS net, toString(sum(tax)) AS tax, toString(sum(total)) AS total, any(currency) AS currency"
		got := map[string]sumsOf{}
		for _, row := range ask[[]struct{ Of, Net, Tax, Total, Currency string }](p, "query", strings.Replace(question, "%s", sums, 1)) {
			got[row.Of] = sumsOf{fraction(t, row.Net).FloatString(4), fraction(t, row.Tax).FloatString(4), fraction(t, row.Total).FloatString(4)}
			if row.Currency != "USD" {
				t.Errorf("%s %s is in %q", by, row.Of, row.Currency)
			}
		}
		if diff := cmp.Diff(want[by], got); diff != "" {
			t.Errorf("by %s: exact arithmetic -, daybook query +:\n%s", by, diff)
		}
	}
	// The tables for analysts are the same sums.
	got := ask[[]struct{ Total string }](p, "query", "SELECT toString(sum(total)) AS Total FROM agg_sales_hour")
	all := new(big.Rat)
	for _, sums := range want["store"] {
		all.Add(all, fraction(t, sums.Total))
	}
	if fraction(t, got[0].Total).Cmp(all) != 0 {
		t.Errorf("agg_sales_hour adds up to %s, the receipts to %s", got[0].Total, all.FloatString(4))
	}
	if open := p.breaks(); len(open) > 0 {
		t.Errorf("nobody settles here, yet there are differences: %v", findings(open))
	}
}

type sumsOf struct{ Net, Tax, Total string }

// exactTotals adds a receipts file up in fractions.
func exactTotals(t *testing.T, path string) map[string]map[string]sumsOf {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(readText(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type account struct{ net, tax big.Rat }
	accounts := map[string]map[string]*account{"store": {}, "tender": {}, "hour": {}, "category": {}}
	add := func(by, of string, net, tax *big.Rat) {
		if accounts[by][of] == nil {
			accounts[by][of] = &account{}
		}
		accounts[by][of].net.Add(&accounts[by][of].net, net)
		accounts[by][of].tax.Add(&accounts[by][of].tax, tax)
	}
	stores := map[string]string{"Alex": "M01", "Giza": "M02", "Cairo": "M03"}
	tenders := map[string]string{"Cash": "cash", "Credit card": "card", "Ewallet": "ewallet"}
	receipt, unrounded, rounded := "", new(big.Rat), new(big.Rat)
	for _, row := range rows[1:] {
		if row[0] != receipt {
			receipt, unrounded, rounded = row[0], new(big.Rat), new(big.Rat)
		}
		net := new(big.Rat).Mul(fraction(t, row[6]), fraction(t, row[7]))
		unrounded.Add(unrounded, fraction(t, row[8]))
		now := halfUp(unrounded)
		share := new(big.Rat).Sub(now, rounded)
		rounded = now
		add("store", stores[row[1]], net, share)
		add("tender", tenders[row[12]], net, share)
		add("hour", strconv.Itoa(hourOf(t, row[11])), net, share)
		add("category", row[5], net, share)
	}
	totals := map[string]map[string]sumsOf{}
	for by, of := range accounts {
		totals[by] = map[string]sumsOf{}
		for name, a := range of {
			totals[by][name] = sumsOf{a.net.FloatString(4), a.tax.FloatString(4), new(big.Rat).Add(&a.net, &a.tax).FloatString(4)}
		}
	}
	if len(totals["store"]) != 3 || len(totals["tender"]) != 3 {
		t.Fatalf("the file has %d stores and %d tenders", len(totals["store"]), len(totals["tender"]))
	}
	return totals
}

// halfUp rounds a fraction that is not negative to the cent.
func halfUp(r *big.Rat) *big.Rat {
	cents := new(big.Rat).Add(new(big.Rat).Mul(r, big.NewRat(100, 1)), big.NewRat(1, 2))
	return new(big.Rat).SetFrac(new(big.Int).Quo(cents.Num(), cents.Denom()), big.NewInt(100))
}

func fraction(t *testing.T, text string) *big.Rat {
	t.Helper()
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatalf("%q is no number", text)
	}
	return r
}

func hourOf(t *testing.T, text string) int {
	t.Helper()
	at, err := time.Parse("3:04:05 PM", text)
	if err != nil {
		t.Fatal(err)
	}
	return at.Hour()
}
