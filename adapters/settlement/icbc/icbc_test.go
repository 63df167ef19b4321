package icbc_test

import (
	"io"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/icbc"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, icbc.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, icbc.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, icbc.New(), rows) }

// rows counts the records behind title and header.
func rows(doc *files.Document) int {
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	for n := -2; ; n++ {
		if _, err := reader.Read(); err == io.EOF {
			return n
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, icbc.New(), "testdata/layout_gbk_crlf.csv", "凭证号", "",
		[]string{"凭证号", "对方单位", "对方账号", "用途", "摘要", "附言"})
}

// What came in on the day whose answers are known.
func TestScenario(t *testing.T) {
	statement, err := settlementtest.Read(t, icbc.New(), "testdata/scenario.csv")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, net := settlementtest.Totals(statement); net != 32361+66223-400000 {
		t.Errorf("got net %d, want %d", net, 32361+66223-400000)
	}
	settlementtest.Tied(t, statement)
}

// The order of the rows changes neither what ties nor what was read.
func TestNewestFirst(t *testing.T) {
	statement, err := settlementtest.Read(t, icbc.New(), "testdata/newest_first.csv")
	if err != nil {
		t.Fatal(err)
	}
	if len(statement.Controls) != 3 {
		t.Errorf("got %d controls, want one for each balance but the earliest, 3", len(statement.Controls))
	}
	settlementtest.Tied(t, statement)
}
