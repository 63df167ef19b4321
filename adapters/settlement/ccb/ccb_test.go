package ccb_test

import (
	"io"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/ccb"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, ccb.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, ccb.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, ccb.New(), rows) }

// rows counts the records below the header.
func rows(doc *files.Document) int {
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	n := -1
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return n
		case n >= 0, err == nil && settlement.Resembles(row, ccb.New().(*settlement.Corporate).Headings...):
			n++
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, ccb.New(), "testdata/plain.csv", "账号", "",
		[]string{"账号", "账户名称", "对方户名", "对方账号", "对方开户机构", "摘要", "备注", "账户明细编号-交易流水号", "企业流水号", "凭证种类", "凭证号", "关联账户"})
}

// The sample's movements, whose sum its balances state.
func TestSample(t *testing.T) {
	statement, err := settlementtest.Read(t, ccb.New(), "testdata/layout_gbk.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, net := settlementtest.Totals(statement); net != 1272300-4073733 || len(statement.Lines) != 2 {
		t.Errorf("got net %d in %d lines, want %d in 2", net, len(statement.Lines), 1272300-4073733)
	}
	settlementtest.Tied(t, statement)
}

// The order of the rows changes neither what ties nor what was read.
func TestNewestFirst(t *testing.T) {
	statement, err := settlementtest.Read(t, ccb.New(), "testdata/newest_first.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(statement.Controls) != 2 {
		t.Errorf("got %d controls, want one for each balance but the earliest, 2", len(statement.Controls))
	}
	settlementtest.Tied(t, statement)
}
