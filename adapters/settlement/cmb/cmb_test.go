package cmb_test

import (
	"io"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/cmb"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, cmb.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, cmb.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, cmb.New(), rows) }

// rows counts the records below the header.
func rows(doc *files.Document) int {
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	n := -1
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return n
		case n >= 0, err == nil && settlement.Resembles(row, cmb.New().(*settlement.Corporate).Headings...):
			n++
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, cmb.New(), "testdata/plain.csv", "账号", "",
		[]string{"账号", "账号名称", "交易类型", "摘要", "流水号", "业务名称", "用途", "业务参考号", "业务摘要", "收付方名称", "收付方账号", "收付方开户行名"})
}

// The sample's movements, whose sum its balances state.
func TestSample(t *testing.T) {
	statement, err := settlementtest.Read(t, cmb.New(), "testdata/layout_utf8_bom.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, net := settlementtest.Totals(statement); net != 14000-1234 || len(statement.Lines) != 2 {
		t.Errorf("got net %d in %d lines, want %d in 2", net, len(statement.Lines), 14000-1234)
	}
	settlementtest.Tied(t, statement)
}

// The order of the rows changes neither what ties nor what was read.
func TestNewestFirst(t *testing.T) {
	statement, err := settlementtest.Read(t, cmb.New(), "testdata/newest_first.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(statement.Controls) != 2 {
		t.Errorf("got %d controls, want one for each balance but the earliest, 2", len(statement.Controls))
	}
	settlementtest.Tied(t, statement)
}
