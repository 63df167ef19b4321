package till

import (
	"encoding/csv"
	"math/big"
	"os"
	"strings"
	"testing"

	"daybook/ledger"

	"github.com/google/go-cmp/cmp"
)

// The public data set lies beside the repository when it is there at all.
const supermarketSales = "../../../shared/data/supermarket_sales.csv"

// The totals read through the profile are those that exact fractions over the file's
// cells give: unit × quantity, and five percent of it rounded half up per receipt.
func TestSupermarketTotals(t *testing.T) {
	data, err := os.ReadFile(supermarketSales)
	if err != nil {
		t.Skip("the public data set is not beside the repository")
	}
	rows, err := csv.NewReader(strings.NewReader(string(data))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rational := func(text string) *big.Rat {
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			t.Fatalf("%q is no number", text)
		}
		return r
	}
	want, wantExact := map[string]int64{}, new(big.Rat)
	for _, row := range rows[1:] {
		net := new(big.Rat).Mul(rational(row[6]), rational(row[7])) // unit price × quantity
		cents := new(big.Rat).Mul(net, big.NewRat(100, 1))
		tax := new(big.Rat).Mul(cents, big.NewRat(5, 100))
		tax.Add(tax, big.NewRat(1, 2))
		half := new(big.Int).Quo(tax.Num(), tax.Denom()) // the floor of a positive number
		if !cents.IsInt() {
			t.Fatalf("%s: %s cents", row[0], cents)
		}
		total := cents.Num().Int64() + half.Int64()
		want["store "+row[1]] += total
		want["line "+row[5]] += total
		want["payment "+row[12]] += total
		want["all"] += total
		wantExact.Add(wantExact, rational(row[9]))
	}

	source, err := NewReceipts(profile(t, "supermarket"))
	if err != nil {
		t.Fatal(err)
	}
	here := Rules{
		Store: func(id ledger.StoreID) (Store, bool) {
			return Store{ledger.Clock{Zone: zone("Asia/Yangon")}, "USD"}, true
		},
		Tenders: map[string]string{"Cash": "cash", "Credit card": "card", "Ewallet": "ewallet"},
	}
	doc := open(t, "sales.csv", string(data))
	if !source.Sniff(doc) {
		t.Fatal("not recognised")
	}
	reading, err := source.Read(doc, here)
	if err != nil {
		t.Fatal(err)
	}
	if len(reading.Actions) != len(rows)-1 || len(reading.Truncated) > 0 {
		t.Errorf("%d receipts of %d rows, truncated %v", len(reading.Actions), len(rows)-1, reading.Truncated)
	}
	words := map[string]string{"cash": "Cash", "card": "Credit card", "ewallet": "Ewallet"}
	got := map[string]int64{}
	for _, entry := range reading.Actions {
		sale := entry.Action.(ledger.SaleRecorded)
		got["store "+string(sale.Store)] += sale.Total.Minor
		got["line "+sale.Lines[0].Category] += sale.Lines[0].Net.Minor + sale.Lines[0].Tax.Minor
		got["payment "+words[sale.Tenders[0].Channel]] += sale.Tenders[0].Amount.Minor
		got["all"] += sale.Total.Minor
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	t.Logf("%d receipts, %s USD; the file's unrounded totals make %s", len(reading.Actions), ledger.FormatMinor(got["all"], "USD"), wantExact.FloatString(4))
}
