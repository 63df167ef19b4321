package main

import (
	"path/filepath"
	"strings"
	"testing"

	"daybook/projections"
)

// The list names every file with its rows and days, and the filters leave the others out.
func TestFilesList(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	all := ask[[]projections.FileRow](p, "files")
	if len(all) != len(scenarioFiles()) {
		t.Fatalf("%d files, of %d", len(all), len(scenarioFiles()))
	}
	for n, f := range all {
		if f.State != "whole" || f.Rows == 0 || f.From.IsZero() || n > 0 && f.Position < all[n-1].Position {
			t.Errorf("%+v", f)
		}
	}
	for _, f := range ask[[]projections.FileRow](p, "files", "list", "--format", all[0].Format) {
		if f.Format != all[0].Format {
			t.Errorf("--format %s lists %+v", all[0].Format, f)
		}
	}
	if some := ask[[]projections.FileRow](p, "files", "--date", scenarioDay); len(some) == 0 {
		t.Errorf("no files of %s", scenarioDay)
	}
	if said := p.must(exitFine, "files", "--date", "1999-01-01"); !strings.Contains(said, "daybook import") {
		t.Errorf("no files: %s", said)
	}
	if said := p.must(exitFine, "files"); !strings.Contains(said, all[0].SHA256[:idShown]) {
		t.Errorf("the table lacks %s:\n%s", all[0].SHA256[:idShown], said)
	}
}

// A row is shown as it came: of a bill without personal columns, of a till its action.
func TestRawRows(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	type row = rawRow
	bill := scenarioFiles()[1]
	want := strings.Split(readText(t, bill), "\n")[4]
	got := ask[[]row](p, "files", "raw", filepath.Base(bill), "--line", "5", "--line", "3")
	if len(got) != 2 || got[0].Raw != want || got[0].Row != 5 || got[1].Row != 3 || got[0].Position == 0 {
		t.Errorf("%+v; want %s", got, want)
	}
	lost := breaks["L260105-0002/missing_in_settlement"]
	till := ask[[]row](p, "files", "raw", "pos_ledger.csv", "--line", "4")
	if len(till) != 1 || !strings.Contains(till[0].Raw, "L260105-0002") || till[0].Position != lost.EventPosition {
		t.Errorf("%+v; the difference is about position %d", till, lost.EventPosition)
	}
	if out := p.must(exitFine, "files", "raw", "pos_ledger.csv", "--line", "4"); !strings.HasPrefix(out, "pos_ledger.csv row 4, journal position ") {
		t.Errorf("%s", out)
	}
	p.refuses("row 1 of pos_ledger.csv", "files", "raw", "pos_ledger.csv", "--line", "1")
	p.refuses("--line", "files", "raw", "pos_ledger.csv")
	p.refuses(`0 files are called "nothing.csv"`, "files", "raw", "nothing.csv", "--line", "1")
}
