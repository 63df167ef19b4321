package main

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"daybook/projections"
)

const (
	goodsCatalogue = "sku,name,category,barcode,price,cost,supplier,pack,min_stock\n1001,牛奶 1L,dairy,6902083881405,12.00,8.50,milkco,12,20\n1002,面包,bakery,,8.00,,bakers,1,25\n"
	goodsDelivery  = "store,doc,day,sku,received,cost,supplier\nS001,DN1,2026-01-05,1001,48,8.50,milkco\nS001,DN1,2026-01-05,1002,30,4.00,milkco\n"
	goodsTill      = `{"kind":"sale","terminal":"T1","seq":1,"store":"S001","at":"2026-01-05T09:39:02+08:00","sale":"R-1","lines":[{"sku":"1001","qty":"30","unit":"12.00","net":"360.00"},{"sku":"9999","qty":"1","unit":"1.00","net":"1.00"}],"tenders":[{"payment":"P1","channel":"cash","amount":"361.00","outcome":"approved"}],"total":"361.00"}
{"kind":"refund","terminal":"T1","seq":2,"store":"S001","at":"2026-01-05T10:39:02+08:00","refund":"RF-1","original":"R-1","lines":[{"sku":"1001","qty":"31","unit":"12.00","net":"372.00","disposition":"waste"}],"tenders":[{"payment":"P2","channel":"cash","amount":"372.00","outcome":"approved"}],"total":"372.00"}
`
)

// A store manager's week: goods come, are sold without anybody telling the stock, come back as
// waste, are counted; what is missing is proposed, ordered by who may, and received.
func TestStock(t *testing.T) {
	config := readText(t, scenarioConfig)
	config = strings.Replace(config, "people:\n", "people:\n  - {id: buyer, order: {CNY: \"102.00\"}}\n  - {id: junior, order: {CNY: \"50.00\"}}\n", 1)
	p := configured(t, []byte(config))
	dir := t.TempDir()
	file := func(name, text string) string { return writeFile(t, dir, name, []byte(text)) }
	catalogue, delivery, till := file("products.csv", goodsCatalogue), file("delivery.csv", goodsDelivery), file("till.ndjson", goodsTill)
	count := file("count.csv", "store,time,sku,counted\nS001,2026-01-05 12:00,1001,17\n")

	// In the order in which nobody would: the till first, the catalogue last.
	p.must(exitFine, "import", till, count, delivery, catalogue)
	row := func(sku string) projections.StockRow {
		t.Helper()
		list := ask[[]projections.StockRow](p, "stock", "--store", "S001", "--sku", sku)
		if len(list) != 1 {
			t.Fatalf("stock of %s: %+v", sku, list)
		}
		return list[0]
	}
	if r := row("1001"); r.OnHand != 17_000 || r.Value != 14_450 || r.Name != "牛奶 1L" {
		t.Errorf("stock %+v", r)
	}
	var kinds []string
	for _, m := range ask[[]projections.MoveRow](p, "stock", "moves", "--sku", "1001") {
		kinds = append(kinds, m.Kind+" "+quantity(m.Qty)+" "+quantity(m.After))
	}
	if got, want := strings.Join(kinds, ", "), "received 48 48, sold -30 18, returned 31 49, wasted -31 18, counted -1 17"; got != want {
		t.Errorf("moves: %s\nwant:  %s", got, want)
	}
	var flags []string
	for _, f := range ask[[]projections.StockFlagRow](p, "stock", "flags") {
		flags = append(flags, f.Flag+" "+f.SKU+" "+quantity(f.Qty))
	}
	if want := []string{"below_zero 9999 -1", "not_in_catalogue 9999 -1", "returned_beyond_sold 1001 1"}; !slices.Equal(flags, want) {
		t.Errorf("flags %q, want %q", flags, want)
	}

	// The same again, in any order, changes nothing; another content under a number is refused.
	head := p.head()
	p.must(exitFine, "import", delivery, catalogue, count)
	p.must(exitFine, "import", file("again.csv", goodsDelivery+"\n"))
	if r := row("1001"); r.OnHand != 17_000 || p.head() != head+2 { // the file's own beginning and end
		t.Errorf("after the same again: %+v, position %d, was %d", r, p.head(), head)
	}
	changed := file("changed.csv", strings.Replace(goodsDelivery, ",48,", ",60,", 1))
	refused := p.run("import", changed)
	contains(t, refused.stderr, "changed.csv:2: received DN1 of store S001 was recorded before with other content", "--correction")
	if refused.code != exitRefused || p.head() != head+2 {
		t.Errorf("exit code %d, position %d", refused.code, p.head())
	}
	p.must(exitFine, "import", "--correction", changed)
	if r := row("1001"); r.OnHand != 17_000 { // the count stands: what is missing is more
		t.Errorf("after the correction: %+v", r)
	}

	// A file with bad rows tells them all, and nothing of it is taken.
	bad := p.run("import", file("bad.csv", "store,doc,day,sku,wasted,reason\nS001,W1,2026-01-05,1001,1,old\nS404,W2,2026-01-05,1001,-1,old\nS001,W3,5.1.2026,1001,1,\n"))
	contains(t, bad.stderr, "bad.csv:3: store", "bad.csv:3: wasted", "bad.csv:4: day", "bad.csv:4: reason")
	if strings.Contains(bad.stderr, "bad.csv:2") || bad.code != exitRefused {
		t.Errorf("exit code %d, %s", bad.code, bad.stderr)
	}

	// What expires first is sold first; the newest day with facts is today.
	p.must(exitFine, "import", file("dated.csv", "store,doc,day,sku,received,cost,supplier,lot,use_by\nS001,DN9,2026-01-05,1003,8,2.00,milkco,L1,2026-01-20\nS001,DN9,2026-01-05,1003,5,2.00,milkco,L2,2026-01-07\n"),
		file("thrown.csv", "store,doc,day,sku,wasted,reason,lot\nS001,W9,2026-01-05,1003,2,torn,L1\n"),
		file("later.ndjson", `{"kind":"sale","terminal":"T1","seq":3,"store":"S001","at":"2026-01-05T11:39:02+08:00","sale":"R-3","lines":[{"sku":"1003","qty":"4","unit":"5.00","net":"20.00"}],"tenders":[{"payment":"P3","channel":"cash","amount":"20.00","outcome":"approved"}],"total":"20.00"}`+"\n"))
	contains(t, p.must(exitFine, "stock", "expiring", "--within", "30"), "2026-01-07          2  S001   1003     L2       1   2.00", "2026-01-20         15  S001   1003     L1       6  12.00")
	if soon := ask[[]projections.ExpiryRow](p, "stock", "expiring", "--within", "2"); len(soon) != 1 || soon[0].Left != 1000 || soon[0].Value != 200 {
		t.Errorf("within two days: %+v", soon)
	}
	contains(t, p.run("stock", "expiring", "--within", "-1").stderr, "--within -1 is not a number of days")

	// Proposed once, ordered within limits, received against the order.
	proposed := ask[[]projections.ReorderRow](p, "reorder")
	if len(proposed) != 1 || proposed[0].SKU != "1001" || proposed[0].Qty != 12_000 || proposed[0].Value != 10_200 || proposed[0].Method != "minimum" {
		t.Fatalf("proposals %+v", proposed)
	}
	for by, why := range map[string]string{"nobody": "nobody may not order", "junior": "junior may order up to 50.00 CNY at a time, this is 102.00 CNY", "li.na": "li.na may not order"} {
		if got := p.run("reorder", "approve", "1001", "--as", by); got.code != exitRefused || !strings.Contains(got.stderr, why) {
			t.Errorf("%s: exit code %d, %s", by, got.code, got.stderr)
		}
	}
	for command, columns := range map[string][]string{
		"stock":          {"store", "sku", "name", "on_hand", "reserved", "in_transit", "on_order", "inventory_position", "value", "currency", "last_sold_on"},
		"stock moves":    {"business_date", "store", "sku", "kind", "qty", "on_hand", "doc", "other_store", "reason"},
		"stock flags":    {"store", "sku", "flag", "doc", "qty", "business_date"},
		"stock expiring": {"use_by", "days_left", "store", "sku", "lots", "left", "value", "currency"},
		"products":       {"sku", "name", "category", "barcodes", "price", "cost", "currency", "supplier", "pack"},
		"reorder":        {"store", "sku", "name", "supplier", "qty", "value", "currency", "inventory_position", "reorder_point", "why"},
		"reorder orders": {"order", "store", "supplier", "ordered_on", "due", "sku", "ordered", "received", "open", "value", "currency", "state"},
	} {
		if command == "reorder orders" {
			p.must(exitFine, "reorder", "approve", "--store", "S001", "--supplier", "milkco", "--on", "2026-01-06", "--as", "buyer")
		}
		rows, err := csv.NewReader(strings.NewReader(p.run(append([]string{"--lang", "zh", "-o", "csv"}, strings.Fields(command)...)...).stdout)).ReadAll()
		if err != nil || len(rows) < 1 || !slices.Equal(rows[0], columns) {
			t.Errorf("%s: %v, the CSV has %v", command, err, rows)
		}
	}
	orders := ask[[]projections.OrderRow](p, "reorder", "orders")
	if len(orders) != 1 || orders[0].Open != 12_000 || len(ask[[]projections.ReorderRow](p, "reorder")) != 0 || row("1001").Position != 29_000 {
		t.Fatalf("orders %+v", orders)
	}
	again := p.run("reorder", "approve", "1001", "--as", "buyer")
	contains(t, again.stderr, "no proposal for 1001 is open")
	no := orders[0].Order
	p.must(exitFine, "import", file("dn2.csv", "store,doc,day,sku,received,cost,supplier,order\nS001,DN2,2026-01-08,1001,7,8.50,milkco,"+no+"\n"))
	if r := row("1001"); r.OnHand != 24_000 || r.OnOrder != 5_000 {
		t.Errorf("received in part: %+v", r)
	}
	p.must(exitFine, "reorder", "close", no, "--store", "S001", "--reason", "the rest is out of production", "--as", "buyer")
	if r := row("1001"); r.OnOrder != 0 || r.Position != 24_000 || len(ask[[]projections.OrderRow](p, "reorder", "orders")) != 0 {
		t.Errorf("closed: %+v", r)
	}
}
