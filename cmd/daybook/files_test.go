package main

import (
	"strings"
	"testing"

	"daybook/projections"
)

// The list names every file with its rows and days, and the filters leave the others out.
func TestFilesList(t *testing.T) {
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
