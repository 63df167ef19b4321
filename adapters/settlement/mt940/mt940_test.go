package mt940_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/mt940"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, mt940.New()) }

// Entries that cannot be read are set aside; what they are worth is missing in the totals.
func TestApart(t *testing.T) { settlementtest.GoldenApart(t, mt940.New(), "testdata/bad_values.sta") }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, mt940.New(), entries) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, mt940.New(), entries) }

// entries counts the fields 61 behind the first 20, also where blocks stand before them.
func entries(doc *files.Document) int {
	begun, n := false, 0
	for _, line := range files.Lines(doc.Parts[0].Text) {
		if strings.HasPrefix(line, "{") || strings.HasPrefix(line, "-}") {
			_, line, _ = strings.Cut(line, "{4:")
		}
		begun = begun || strings.HasPrefix(line, ":20:")
		if begun && strings.HasPrefix(line, ":61:") {
			n++
		}
	}
	return n
}

func TestPlantedCards(t *testing.T) {
	places := regexp.MustCompile(`(?:[:/?+]|\?[0-9]{2})([A-Za-z0-9][A-Za-z0-9 .,]*)`)
	settlementtest.PlantIn(t, mt940.New(), "testdata/card_settlement_crlf.sta", places)
	settlementtest.PlantIn(t, mt940.New(), "testdata/styles_of_86.sta", places)
}

// A card number that a line's end or a subfield cuts in two is found all the same.
func TestCardsInPieces(t *testing.T) {
	for _, text := range []string{
		"free text 62000000\n00000005", "free text 6200000000000\n005 and more",
		"166?00CREDIT?2062000000?2100000005", "166?20a full piece before 6200000000?21000005 and more?32NAME",
		"166?20a?3262000000?3300000005", "166?20on a line 62000\n00000000005", "/REMI/62000000\n00000005/",
	} {
		doc, err := files.Open("x.sta", []byte(":20:1\n:25:1\n:60F:C260105EUR0,\n:61:260106C1,NTRF\n:86:"+text+"\n:62F:C260106EUR1,\n-\n"))
		if err != nil {
			t.Fatal(err)
		}
		statement, err := mt940.New().Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		said := regexp.MustCompile(`\\n|\?[0-9]{2}|[^0-9*]`).ReplaceAllString(settlementtest.Text(statement, nil), "")
		if strings.Contains(said, settlementtest.Card) || len(statement.Truncated) == 0 {
			t.Errorf("%q: %s", text, settlementtest.Text(statement, nil))
		}
	}
}

// A field without end costs no more than its length, and what is kept of it is bounded.
func TestEndlessField(t *testing.T) {
	for _, piece := range []string{"?20ab", "?", "/NAME/x", "text ", "\n:NS:x"} {
		data := ":20:1\n:25:1\n:60F:C260105EUR0,\n:61:260106C1,NTRF\n:86:166?00" + strings.Repeat(piece, 200_000) + "\n:62F:C260106EUR1,\n-\n"
		doc, err := files.Open("x.sta", []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		statement, err := mt940.New().Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		if line := statement.Lines[0]; len(line.Raw) > 70_000 || len(line.Memo) > 5_000 || len(line.Counterparty) > 5_000 {
			t.Errorf("%q: raw %d, memo %d, counterparty %d bytes", piece, len(line.Raw), len(line.Memo), len(line.Counterparty))
		}
	}
}

// What came in on the day of the sample, whose sum is stated by its balances.
func TestCardSettlement(t *testing.T) {
	statement, err := settlementtest.Read(t, mt940.New(), "testdata/card_settlement_crlf.sta")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, net := settlementtest.Totals(statement); net != 115192-100000 || len(statement.Lines) != 4 {
		t.Errorf("got net %d in %d lines, want 15192 in 4", net, len(statement.Lines))
	}
	settlementtest.Tied(t, statement)
}

// Files of other people's projects, read where they lie beside this one. German marks
// are gone, so they become euros.
func TestPublicSamples(t *testing.T) {
	for name, want := range map[string]struct{ lines, controls, tied int }{
		"cmxl_mt940.sta": {16, 3, 3}, "sepa_reversal.sta": {9, 2, 2}, "citi_funds_code.sta": {5, 1, 1},
	} {
		path := filepath.Join("..", "..", "..", "..", "shared", "samples", "mt940", name)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Skip("the shared samples are not here")
		}
		doc, err := files.Open(name, bytes.ReplaceAll(data, []byte("DEM"), []byte("EUR")))
		if err != nil || !mt940.New().Sniff(doc) {
			t.Errorf("%s: not recognised, %v", name, err)
			continue
		}
		statement, err := mt940.New().Parse(doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		settlementtest.Hold(t, statement)
		tied := 0
		for _, control := range statement.Controls {
			if control.Ties() {
				tied++
			}
		}
		if len(statement.Lines) != want.lines || len(statement.Controls) != want.controls || tied != want.tied {
			t.Errorf("%s: got %d lines, %d of %d controls tie, want %+v\n%s", name, len(statement.Lines), tied, len(statement.Controls), want, settlementtest.Text(statement, nil))
		}
	}
}
