package stockfile

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/ledger/stock"
)

func rules() Rules {
	zone := time.FixedZone("", 8*3600)
	return Rules{Currency: "CNY", Store: func(id ledger.StoreID) (Store, bool) {
		return Store{ledger.Clock{Zone: zone}, "CNY"}, id == "S001" || id == "S002"
	}}
}

func read(t testing.TB, text string) (stock.File, string, error) {
	t.Helper()
	doc, err := files.Open("goods.csv", []byte(text))
	if err != nil {
		return stock.File{}, "", err
	}
	for _, f := range Formats {
		if f.Sniff(doc) {
			file, err := f.Read(doc, rules())
			return file, f.Name(), err
		}
	}
	return stock.File{}, "", nil
}

// The same delivery under English and Chinese headings, whatever the order of columns.
func TestHeadings(t *testing.T) {
	var got []string
	for _, text := range []string{
		"store,doc,day,sku,received,cost,supplier,order,lot,use_by\nS001,DN1,2026-01-05,1001,4.5,8.333,milkco,PO1,L7,2026-02-01\n",
		"单价,商品编码,收货数量,单号,日期,门店,供应商,订单号,备注,批号,有效期至\n8.333,1001,4.5,DN1,2026-01-05,S001,milkco,PO1,x,L7,2026-02-01\n",
		"kind,qty,store,doc,time,sku,amount,supplier,order,use_by,lot\nreceived,4.5,S001,DN1,2026-01-05 00:00,1001,37.50,milkco,PO1,2026-02-01,L7\n",
	} {
		file, name, err := read(t, text)
		if err != nil || name != "stock-documents" || len(file.Documents) != 1 {
			t.Fatalf("%s: %v, %+v", name, err, file)
		}
		got = append(got, fmt.Sprintf("%+v", file.Documents[0].StockRecorded))
	}
	if got[0] != got[1] || got[1] != got[2] {
		t.Errorf("read otherwise:\n%s", strings.Join(got, "\n"))
	}
	if !strings.Contains(got[0], "UseBy:2026-02-01") || !strings.Contains(got[0], "Lot:L7") {
		t.Errorf("lot: %s", got[0])
	}
	if !strings.Contains(got[0], "37.50 CNY") { // 4.5 × 8.333 = 37.4985, half up
		t.Errorf("value: %s", got[0])
	}
}

// Everything that is wrong is told, with its row and column, and nothing is taken.
func TestBadRows(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string // row: column
	}{
		{"sku,name,barcode,cost,service\n1,a,6902083881405,1.00,95%\n,b,6902083881406,-1.00,80%\n1,c,,x,\n", []string{"3: barcode", "3: cost", "3: service", "3: sku", "4: cost", "4: sku"}},
		{"store,doc,day,sku,adjusted\nS001,A1,2026-01-05,1,-2\nS009,A1,2026-13-05,2,1.2345\n", []string{"2: reason", "3: adjusted", "3: day", "3: reason", "3: store"}},
		{"store,doc,day,sku,sent,other_store\nS001,T1,2026-01-05,1,2,S001\nS001,T1,2026-01-05,1,0,S002\nS001,T2,2026-01-05,1,-3,S002\n", []string{"2: other_store", "3: sent", "4: sent"}},
		{"store,doc,day,sku,received\nS001,D1,2026-01-05,1,2\nS001,D1,2026-01-06,1,2\nS001,,2026-01-06,1,2\nS001,D2,2026-01-06,1\n", []string{"3: day", "4: doc", "5: "}},
		{"store,doc,sku,received\nS001,D1,1,2\n", []string{"1: day"}},
	} {
		file, _, err := read(t, c.text)
		var list files.ErrorList
		if !errors.As(err, &list) || len(file.Documents)+len(file.Products) > 0 {
			t.Errorf("%q: %v, %+v", c.text, err, file)
			continue
		}
		var got []string
		for _, e := range list {
			got = append(got, fmt.Sprintf("%d: %s", e.Row, e.Column))
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, c.want) {
			t.Errorf("%q:\ngot  %q\nwant %q", c.text, got, c.want)
		}
	}
}

// Counts of an article in two places add up; counts without a number are known by their file.
func TestCounts(t *testing.T) {
	file, _, err := read(t, "store,time,sku,counted\nS001,2026-01-05 12:00,1,2.5\nS001,2026-01-05 12:00,2,0\nS001,2026-01-05 12:00,1,1\n")
	if err != nil || len(file.Documents) != 1 {
		t.Fatal(err, file)
	}
	if d := file.Documents[0]; len(d.Lines) != 2 || d.Lines[0].QtyMilli != 3500 || d.Lines[1].QtyMilli != 0 || !strings.HasPrefix(d.Doc, "count-") {
		t.Errorf("%+v", d)
	}
}

// No input makes it panic, and what it takes is bounded, known and whole.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"sku,name,barcode,price,cost,currency,supplier,pack,min_stock,max_stock,lead_days,service,class,discontinued,from\n1,a,6902083881405,2.00,1.00,JPY,s,12,1,9,7,95%,A,yes,2026-01-01\n",
		"supplier,supplier_name,lead_days,lead_sd,review_days,order_cost,holding\ns,S,7,1.5,7,50.00,25%\n",
		"门店,单号,时间,商品编码,盘点数量\nS001,C1,2026-01-05 12:00:01,1,3\n",
		"store,doc,day,sku,kind,qty,reason,other_store,cost,due,supplier,lot\nS001,1,2026-01-05,1,wasted,1,old,,,,,\nS001,2,2026-01-05,1,sent,1,,S002,,,,L1\nS001,3,2026-01-05,1,ordered,1,,,1.5,2026-02-01,s,\n",
	} {
		f.Add(seed)
	}
	kinds := map[stock.DocKind]bool{}
	for _, kind := range stock.DocKinds {
		kinds[kind] = true
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := read(t, text)
		if err != nil {
			if len(file.Documents)+len(file.Products)+len(file.Suppliers) > 0 {
				t.Fatalf("half a file: %+v", file)
			}
			return
		}
		if rows := strings.Count(text, "\n") + strings.Count(text, "\r") + 1; file.Rows > rows {
			t.Fatalf("%d rows of %d", file.Rows, rows)
		}
		for _, p := range file.Products {
			if p.SKU == "" || p.Name == "" || p.PackMilli < 0 || p.Cost.Minor < 0 {
				t.Fatalf("%+v", p)
			}
		}
		for _, d := range file.Documents {
			if !kinds[d.Kind] || d.Doc == "" || d.At.IsZero() || d.Day.IsZero() || len(d.Lines) == 0 {
				t.Fatalf("%+v", d)
			}
			for _, l := range d.Lines {
				if l.SKU == "" || d.Kind != stock.Adjusted && l.QtyMilli < 0 || l.Value.Minor < 0 {
					t.Fatalf("%+v", l)
				}
			}
		}
		again, _, err := read(t, text)
		if err != nil || fmt.Sprintf("%+v", again.Documents) != fmt.Sprintf("%+v", file.Documents) {
			t.Fatalf("read again it is another: %v", err)
		}
	})
}
