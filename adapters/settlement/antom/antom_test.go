package antom_test

import (
	"io"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/antom"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, antom.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, antom.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, antom.New(), rows) }

// rows counts what lies between header and end mark, in the parts that are no summary
// beside others.
func rows(doc *files.Document) int {
	n := 0
	for _, part := range doc.Parts {
		reader := files.NewReader("", part.Text, files.Dialect{Quoted: true})
		header, err := reader.Read()
		if err != nil || header.Names("summaryType") && len(doc.Parts) > 1 {
			continue
		}
		for {
			row, err := reader.Read()
			if err == io.EOF {
				break
			}
			if strings.Trim(files.Fold(row.Raw), ",") != "<END>" {
				n++
			}
		}
	}
	return n
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, antom.New(), "testdata/layout_items.csv", "settlementBatchId", "",
		[]string{"settlementBatchId", "customerId", "acquirer", "acquirerReferenceNo", "transactionId", "originalTransactionId",
			"transactionRequestId", "paymentMethodType", "pspName", "transactionType", "productCode", "quoteCurrencyPair"})
}

// The summary beside the items ties.
func TestSummary(t *testing.T) {
	statement, err := settlementtest.Read(t, antom.New(), "testdata/items_and_summary.zip")
	if err != nil {
		t.Fatal(err)
	}
	settlementtest.Tied(t, statement)
	if gross, fee, net := settlementtest.Totals(statement); gross != 750 || fee != 25 || net != 725 || len(statement.Controls) != 9 {
		t.Errorf("got gross %d, fee %d, net %d, %d controls", gross, fee, net, len(statement.Controls))
	}
}
