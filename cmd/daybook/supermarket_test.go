package main

import (
	order "cmp"
	"encoding/csv"
	"errors"
	"io/fs"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
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
	figures := exactTotals(t, path)
	want := map[string]map[string]sumsOf{}
	for by, of := range figures {
		want[by] = map[string]sumsOf{}
		for name, figure := range of {
			want[by][name] = figure.Sums
		}
	}
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
	// The views for analysts are the same sums, by everything that they are kept by.
	for by, question := range map[string]string{
		"store":         "store AS of, %s FROM agg_sales_day",
		"city":          "value AS of, %s FROM agg_sales_day_note WHERE note = 'City'",
		"customer type": "value AS of, %s FROM agg_sales_day_note WHERE note = 'Customer type'",
		"gender":        "value AS of, %s FROM agg_sales_day_note WHERE note = 'Gender'",
		"tender":        "tender AS of, %s FROM agg_sales_day_tender",
		"hour":          "toString(local_hour) AS of, %s FROM agg_sales_day_hour",
		"weekday":       "toString(c.weekday) AS of, %s FROM agg_sales_day AS s INNER JOIN dim_calendar AS c ON c.day = s.business_date",
		"category":      "category AS of, %s FROM agg_sales_day_category",
		"all":           "'' AS of, %s FROM agg_sales_day",
	} {
		sums := "toString(sum(net)) AS Net, toString(sum(tax)) AS Tax, toString(sum(total)) AS Total, toString(sum(sales)) AS Sales, toString(sum(qty)) AS Qty, " +
			"toString(toDecimal128(sum(net), 6) / sum(sales)) AS Ticket"
		got := map[string]figuresOf{}
		for _, row := range ask[[]struct{ Of, Net, Tax, Total, Sales, Qty, Ticket string }](p, "query", "SELECT "+strings.Replace(question, "%s", sums, 1)+" GROUP BY of") {
			got[row.Of] = figuresOf{sumsOf{fraction(t, row.Net).FloatString(4), fraction(t, row.Tax).FloatString(4), fraction(t, row.Total).FloatString(4)}, row.Sales, row.Qty, row.Ticket}
		}
		if diff := cmp.Diff(figures[by], got); diff != "" || len(got) == 0 {
			t.Errorf("by %s: exact arithmetic -, views +:\n%s", by, diff)
		}
	}
	// The best sellers stand in the order of their revenue.
	best := slices.SortedFunc(maps.Keys(figures["category"]), func(a, b string) int {
		return order.Or(fraction(t, figures["category"][b].Sums.Net).Cmp(fraction(t, figures["category"][a].Sums.Net)), order.Compare(a, b))
	})
	var top []string
	for _, row := range ask[[]struct{ Category string }](p, "query", "SELECT category AS Category FROM agg_sales_day_category GROUP BY Category ORDER BY sum(net) DESC, Category") {
		top = append(top, row.Category)
	}
	if diff := cmp.Diff(best, top); diff != "" {
		t.Errorf("best sellers: exact arithmetic -, views +:\n%s", diff)
	}
	// Its average ticket is that of each row.
	for _, row := range ask[[]struct{ Net, Sales, Ticket string }](p, "query", "SELECT toString(net) AS Net, toString(sales) AS Sales, toString(average_ticket) AS Ticket FROM agg_sales_day") {
		if want := cutOff(new(big.Rat).Quo(fraction(t, row.Net), fraction(t, row.Sales))); fraction(t, row.Ticket).Cmp(want) != 0 {
			t.Errorf("an average ticket of %s, %s by %s", row.Ticket, row.Net, row.Sales)
		}
	}
	got := ask[[]struct{ Total string }](p, "query", "SELECT toString(sum(total)) AS Total FROM agg_sales_hour")
	if fraction(t, got[0].Total).FloatString(4) != figures["all"][""].Sums.Total {
		t.Errorf("agg_sales_hour adds up to %s, the receipts to %s", got[0].Total, figures["all"][""].Sums.Total)
	}
	if open := p.breaks(); len(open) > 0 {
		t.Errorf("nobody settles here, yet there are differences: %v", findings(open))
	}
}

type sumsOf struct{ Net, Tax, Total string }

// figuresOf are sums, how many tickets and units they are of, and the average ticket.
type figuresOf struct {
	Sums               sumsOf
	Sales, Qty, Ticket string
}

// exactTotals adds a receipts file up in fractions.
func exactTotals(t *testing.T, path string) map[string]map[string]figuresOf {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(readText(t, path))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	type account struct {
		net, tax, qty big.Rat
		tickets       map[string]bool
	}
	accounts := map[string]map[string]*account{"store": {}, "city": {}, "customer type": {}, "gender": {}, "tender": {}, "hour": {}, "weekday": {}, "category": {}, "all": {}}
	receipt, unrounded, rounded := "", new(big.Rat), new(big.Rat)
	add := func(by, of string, net, tax, qty *big.Rat) {
		if accounts[by][of] == nil {
			accounts[by][of] = &account{tickets: map[string]bool{}}
		}
		accounts[by][of].tickets[receipt] = true
		accounts[by][of].qty.Add(&accounts[by][of].qty, qty)
		accounts[by][of].net.Add(&accounts[by][of].net, net)
		accounts[by][of].tax.Add(&accounts[by][of].tax, tax)
	}
	stores := map[string]string{"Alex": "M01", "Giza": "M02", "Cairo": "M03"}
	tenders := map[string]string{"Cash": "cash", "Credit card": "card", "Ewallet": "ewallet"}
	for _, row := range rows[1:] {
		if row[0] != receipt {
			receipt, unrounded, rounded = row[0], new(big.Rat), new(big.Rat)
		}
		net := new(big.Rat).Mul(fraction(t, row[6]), fraction(t, row[7]))
		unrounded.Add(unrounded, fraction(t, row[8]))
		now := halfUp(unrounded)
		share := new(big.Rat).Sub(now, rounded)
		rounded = now
		day, err := time.Parse("1/2/2006", strings.ReplaceAll(row[10], "-", "/"))
		if err != nil {
			t.Fatal(err)
		}
		for by, of := range map[string]string{
			"store": stores[row[1]], "city": row[2], "customer type": row[3], "gender": row[4], "category": row[5], "tender": tenders[row[12]],
			"hour": strconv.Itoa(hourOf(t, row[11])), "weekday": strconv.Itoa((int(day.Weekday())+6)%7 + 1), "all": "",
		} {
			add(by, of, net, share, fraction(t, row[7]))
		}
	}
	totals := map[string]map[string]figuresOf{}
	for by, of := range accounts {
		totals[by] = map[string]figuresOf{}
		for name, a := range of {
			ticket := cutOff(new(big.Rat).Quo(&a.net, big.NewRat(int64(len(a.tickets)), 1)))
			sums := sumsOf{a.net.FloatString(4), a.tax.FloatString(4), new(big.Rat).Add(&a.net, &a.tax).FloatString(4)}
			totals[by][name] = figuresOf{sums, strconv.Itoa(len(a.tickets)), shortest(&a.qty), shortest(ticket)}
		}
	}
	if len(totals["store"]) != 3 || len(totals["tender"]) != 3 {
		t.Fatalf("the file has %d stores and %d tenders", len(totals["store"]), len(totals["tender"]))
	}
	return totals
}

// cutOff takes off what is behind the sixth decimal of a fraction that is not negative.
func cutOff(r *big.Rat) *big.Rat {
	million := new(big.Rat).Mul(r, big.NewRat(1_000_000, 1))
	return new(big.Rat).SetFrac(new(big.Int).Quo(million.Num(), million.Denom()), big.NewInt(1_000_000))
}

// shortest prints a fraction of up to six decimals without zeros at its end.
func shortest(r *big.Rat) string {
	return strings.TrimSuffix(strings.TrimRight(r.FloatString(6), "0"), ".")
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
