package settlementtest

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
)

// PlantIn writes a card number, in every disguise, over each place of a case that the
// first group of a pattern matches: for files that are no tables. No part of a statement
// or of an error may carry it. Most places are texts, so most files must still be read.
func PlantIn(t *testing.T, format settlement.Format, path string, places *regexp.Regexp) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	found := places.FindAllSubmatchIndex(data, -1)
	if len(found) < 10 {
		t.Fatalf("%s has only %d places", path, len(found))
	}
	read := 0
	for _, place := range found {
		for _, disguise := range disguises {
			planted := string(data[:place[2]]) + disguise + string(data[place[3]:])
			doc, err := files.Open("planted", []byte(planted))
			if err != nil || !format.Sniff(doc) {
				continue
			}
			statement, err := format.Parse(doc)
			if err == nil {
				read++
				Hold(t, statement)
			}
			if said := Text(statement, err); strings.Contains(plain(said), Card) {
				t.Errorf("%q at byte %d survives: %s", disguise, place[2], said)
			}
		}
	}
	if read < len(found) {
		t.Errorf("only %d of %d planted files were read", read, len(found)*len(disguises))
	}
}
