package main

import (
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/projections"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// What may be relied on is written down. A view or column that changes its name, type or
// meaning changes this file, which a person then looks at.
func TestSchema(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	printed := p.must(exitFine, "schema")
	golden := filepath.Join("testdata", "schema.md")
	// A name that is gone, or has another type, breaks what people have built on it.
	version := strings.SplitN(printed, "\n", 4)[2]
	if before := readText(t, golden); strings.Contains(before, version) {
		for name, chType := range schemaTypes(before) {
			if now := schemaTypes(printed)[name]; now != chType {
				t.Errorf("%s was a %s and is %q: raise projections.ViewsVersion and say so in README", name, chType, now)
			}
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(golden, []byte(printed), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(readText(t, golden), printed); diff != "" {
		t.Errorf("go test ./cmd/daybook -run Schema -update rewrites %s\n%s", golden, diff)
	}
	chinese := p.must(exitFine, "--lang", "zh", "schema")
	if strings.Count(chinese, "| 列 | 类型 | 含义 | 来源事件 |") != strings.Count(printed, "| column | type | meaning | comes from |") || strings.Contains(chinese, "meaning") {
		t.Errorf("in Chinese:\n%s", chinese)
	}
	var views []projections.ViewSchema
	if err := json.Unmarshal([]byte(p.must(exitFine, "-o", "json", "schema")), &views); err != nil || strings.Count(printed, "\n## ") != len(views) {
		t.Errorf("%d views in JSON (%v)", len(views), err)
	}
	columns := 0
	for _, view := range views {
		columns += len(view.Columns)
	}
	rows, err := csv.NewReader(strings.NewReader(p.must(exitFine, "-o", "csv", "schema"))).ReadAll()
	if err != nil || len(rows) != columns+1 || columns < 200 {
		t.Errorf("%d rows in CSV for %d columns (%v)", len(rows), columns, err)
	}
}

// schemaTypes are the types of the columns that daybook schema prints.
func schemaTypes(schema string) map[string]string {
	types, view := map[string]string{}, ""
	for line := range strings.Lines(schema) {
		if name, heading := strings.CutPrefix(line, "## "); heading {
			view = strings.TrimSpace(name)
		} else if cells := strings.Split(line, " | "); len(cells) > 2 && strings.HasPrefix(line, "| ") {
			types[view+"."+strings.TrimPrefix(cells[0], "| ")] = cells[1]
		}
	}
	return types
}
