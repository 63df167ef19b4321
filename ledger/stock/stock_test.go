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
