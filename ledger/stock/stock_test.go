package stock_test

import (
	"testing"

	"daybook/ledger"
	"daybook/ledger/ledgertest"
	"daybook/ledger/stock"
)

func TestEncodings(t *testing.T) {
	ledgertest.TestEncodings(t, ledger.NewCodec(stock.Kinds()), "testdata/golden",
		stock.CatalogueListed{}, stock.StockRecorded{}, stock.FileImported{}, stock.ReorderProposed{}, stock.ReorderSettled{})
}

// Documents that journals have from before there were use-by dates are the same bytes as then.
func TestDocumentWithoutUseBy(t *testing.T) {
	const stored = `{"kind":"received","store":"S1","doc":"DN1","business_date":"2026-01-05","at":"2026-01-05T00:00:00+08:00","supplier":"milkco","order":"PO1",` +
		`"lines":[{"sku":"1001","qty_milli":4500,"value":{"minor":3750,"currency":"CNY"},"lot":"L7","proposal":12}]}`
	codec := ledger.NewCodec(stock.Kinds())
	payload, err := codec.Decode(ledger.Event{Type: "stock-recorded.v1", Data: []byte(stored)})
	if err != nil {
		t.Fatal(err)
	}
	if event, err := codec.Encode(ledger.DeriveID("x"), payload, ledger.Metadata{}); err != nil || string(event.Data) != stored {
		t.Errorf("encoded as (%v)\n%s\nwant\n%s", err, event.Data, stored)
	}
}
