package adyen_test

import (
	"io"
	"os"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/adyen"
	"daybook/adapters/settlement/settlementtest"
	"daybook/ledger"
	"daybook/reconcile"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, adyen.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, adyen.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, adyen.New(), rows) }

// rows counts the records behind the header.
func rows(doc *files.Document) int {
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	for n := -1; ; n++ {
		if _, err := reader.Read(); err == io.EOF {
			return n
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, adyen.New(), "testdata/layout.csv", "Company Account", "",
		[]string{"CompanyAccount", "MerchantAccount", "PspReference", "MerchantReference", "PaymentMethod", "Type",
			"ModificationReference", "PaymentMethodVariant", "ModificationMerchantReference", "BatchNumber", "Reserved4", "Reserved10"})
}

// The payout is what all other rows add up to, whatever the columns are.
func TestPayout(t *testing.T) {
	for _, path := range []string{"layout.csv", "utf8_bom_crlf.csv", "reordered_and_extra_columns.csv", "few_columns.csv"} {
		statement, err := settlementtest.Read(t, adyen.New(), "testdata/"+path)
		if err != nil {
			t.Fatal(err)
		}
		settlementtest.Tied(t, statement)
		owed, days := int64(0), map[ledger.BusinessDay]bool{}
		for _, line := range statement.Lines {
			days[line.Day] = true
			if line.Kind != reconcile.PayoutLine {
				owed += line.Net
			}
		}
		if owed != 5867 || len(statement.Lines) != 8 || len(days) != 1 {
			t.Errorf("%s: got %d owed in %d lines on %d days, want 5867 in 8 on 1", path, owed, len(statement.Lines), len(days))
		}
	}
}

// The rows of the documentation, when the samples lie beside the project; never copied into it.
func TestDocumentedRows(t *testing.T) {
	path := "../../../../shared/samples/adyen/settlement_detail_report_doc_rows.csv"
	if _, err := os.Stat(path); err != nil {
		t.Skip("needs the samples folder beside the project")
	}
	statement, err := settlementtest.Read(t, adyen.New(), path)
	if err != nil {
		t.Fatal(err)
	}
	settlementtest.Hold(t, statement)
	if gross, fee, net := settlementtest.Totals(statement); gross != 500-34999 || fee != 12+750 || net != 488-35749 {
		t.Errorf("got gross %d, fee %d, net %d", gross, fee, net)
	}
}
