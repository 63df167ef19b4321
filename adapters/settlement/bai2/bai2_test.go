package bai2_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/bai2"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, bai2.New()) }

// Entries that cannot be read are set aside; what they are worth is missing in the totals.
func TestApart(t *testing.T) { settlementtest.GoldenApart(t, bai2.New(), "testdata/bad_values.txt") }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, bai2.New(), transactions) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, bai2.New(), transactions) }

var transaction = regexp.MustCompile(`/ *16,[0-9]{3},[0-9]*,`)

// transactions counts what begins with 16, at a line's start or behind a slash.
func transactions(doc *files.Document) int {
	n := 0
	for _, line := range files.Lines(doc.Parts[0].Text) {
		line = strings.Trim(line, " \t\x1a")
		if strings.HasPrefix(line, "16,") {
			n++
		}
		if regexp.MustCompile(`^[0-9]{2},`).MatchString(line) {
			n += len(transaction.FindAllString(line, -1))
		}
	}
	return n
}

func TestPlantedCards(t *testing.T) {
	places := regexp.MustCompile(`(?m)[,/]([A-Za-z0-9][A-Za-z0-9 ]*)`)
	settlementtest.PlantIn(t, bai2.New(), "testdata/card_deposits.txt", places)
}

// A card number that a continuation cuts in two is found all the same.
func TestCardsInPieces(t *testing.T) {
	data, err := os.ReadFile("testdata/card_deposits.txt")
	if err != nil {
		t.Fatal(err)
	}
	planted := strings.Replace(string(data), "TID 01080210\n88,BATCH", "62000000\n88,00000005 BATCH", 1)
	doc, err := files.Open("x.txt", []byte(planted))
	if err != nil {
		t.Fatal(err)
	}
	statement, err := bai2.New().Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	if said := settlementtest.Text(statement, nil); strings.Contains(said, "62000000") || strings.Contains(said, "00000005") {
		t.Errorf("survives: %s", said)
	}
}

// A record without end costs no more than its length, and what is kept of it is bounded.
func TestEndlessRecord(t *testing.T) {
	const n = 200_000
	for _, piece := range []string{"88,more text\n", "88,more text/\n", "wrapped text\n", "88,/\n"} {
		count := 0
		if strings.HasPrefix(piece, "88") {
			count = n
		}
		data := fmt.Sprintf("01,A,B,260107,,1,,,2/\n02,A,B,1,260106,,USD,2/\n03,1,USD/\n16,147,1,,REF,CUST,text\n%s49,1,%d/\n98,1,1,%d/\n99,1,1,%d/\n",
			strings.Repeat(piece, n), count+3, count+5, count+7)
		doc, err := files.Open("x.txt", []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		statement, err := bai2.New().Parse(doc)
		if err != nil {
			t.Fatal(err)
		}
		settlementtest.Tied(t, statement)
		if line := statement.Lines[0]; len(line.Raw) > 70_000 || len(line.Memo) > 5_000 || len(line.Counterparty) > 5_000 {
			t.Errorf("%q: raw %d, memo %d, counterparty %d bytes", piece, len(line.Raw), len(line.Memo), len(line.Counterparty))
		}
	}
}

// What the sample deposits, whose totals were added up by hand.
func TestCardDeposits(t *testing.T) {
	statement, err := settlementtest.Read(t, bai2.New(), "testdata/card_deposits.txt")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, net := settlementtest.Totals(statement); net != 1112575-1000000 || len(statement.Lines) != 4 {
		t.Errorf("got net %d in %d lines, want 112575 in 4", net, len(statement.Lines))
	}
	settlementtest.Tied(t, statement)
}

// Files of other people's projects, read where they lie beside this one.
func TestPublicSamples(t *testing.T) {
	for name, lines := range map[string]int{"sample1.txt": 17, "sample2.txt": 4} {
		path := filepath.Join("..", "..", "..", "..", "shared", "samples", "bai2", name)
		if _, err := os.Stat(path); err != nil {
			t.Skip("the shared samples are not here")
		}
		statement, err := settlementtest.Read(t, bai2.New(), path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		settlementtest.Hold(t, statement)
		settlementtest.Tied(t, statement)
		if len(statement.Lines) != lines {
			t.Errorf("%s: got %d lines, want %d", name, len(statement.Lines), lines)
		}
	}
}
