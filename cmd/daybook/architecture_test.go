package main

import (
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The rooms, from the outside in. A room may import those after it, never one before.
var rooms = []string{"cmd", "adapters", "projections", "reconcile", "ledger"}

// neighbours are the adapters that may import another, and which. A name stands for
// everything under it.
var neighbours = map[string][]string{
	"settlement": {"files", "settlement"},
	"till":       {"files"},
	"stockfile":  {"files"},
	"people":     {"files"},
	"chdb":       {"clickhouse"},
	"simulator":  {"till"},
	"esdbserver": {"eventlog"},
}

// outside is all that ledger and reconcile reach besides the standard library.
const outside = "github.com/shopspring/decimal"

// TestArchitecture: imports run cmd → adapters → projections → reconcile → ledger and
// never back, the inner rooms reach next to nothing, and every package says in doc.go
// what it promises.
func TestArchitecture(t *testing.T) {
	for _, complaint := range complaints(t, filepath.Join("..", ".."), "daybook") {
		t.Error(complaint)
	}
}

// TestArchitectureFindsFaults: each of the fixture's packages breaks one rule.
func TestArchitectureFindsFaults(t *testing.T) {
	got := complaints(t, filepath.Join("testdata", "architecture"), "daybook")
	want := []string{
		"adapters/bus imports adapters/till: adapters do not import each other",
		"ledger imports reconcile: imports run cmd → adapters → projections → reconcile → ledger",
		"ledger/audit has no doc.go",
		"projections imports adapters/bus: imports run cmd → adapters → projections → reconcile → ledger",
		"reconcile imports example.com/other: ledger and reconcile reach the standard library and decimal only",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// complaints looks at every package below a module's root, sorted.
func complaints(t *testing.T, root, module string) []string {
	t.Helper()
	var found []string
	packages := 0
	err := filepath.WalkDir(root, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		name := entry.Name()
		if dir != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return fs.SkipDir
		}
		pkg, err := build.Default.ImportDir(dir, 0)
		if _, none := err.(*build.NoGoError); none && len(pkg.IgnoredGoFiles) == 0 {
			return nil
		} else if err != nil && !none {
			return err
		}
		relative, err := filepath.Rel(root, dir)
		if err != nil {
			return err
		}
		packages++
		found = append(found, judge(filepath.ToSlash(relative), module, pkg)...)
		if _, err := os.Stat(filepath.Join(dir, "doc.go")); err != nil {
			found = append(found, filepath.ToSlash(relative)+" has no doc.go")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if packages == 0 {
		t.Fatalf("no packages below %s", root)
	}
	slices.Sort(found)
	return found
}

// judge looks at the imports of one package, not of its tests.
func judge(here, module string, pkg *build.Package) []string {
	var found []string
	for _, imported := range pkg.Imports {
		there, own := strings.CutPrefix(imported, module+"/")
		switch {
		case own && !inwards(here, there):
			found = append(found, fmt.Sprintf("%s imports %s: imports run %s", here, there, strings.Join(rooms, " → ")))
		case own && !neighbourly(here, there):
			found = append(found, fmt.Sprintf("%s imports %s: adapters do not import each other", here, there))
		case !own && innermost(here) && !standard(imported) && imported != outside:
			found = append(found, fmt.Sprintf("%s imports %s: ledger and reconcile reach the standard library and decimal only", here, imported))
		}
	}
	return found
}

func room(dir string) string { first, _, _ := strings.Cut(dir, "/"); return first }

// inwards allows imports within a room and towards the ledger.
func inwards(here, there string) bool {
	from, to := slices.Index(rooms, room(here)), slices.Index(rooms, room(there))
	return from >= 0 && to >= 0 && from <= to
}

func neighbourly(here, there string) bool {
	if room(here) != "adapters" || room(there) != "adapters" {
		return true
	}
	from, to := adapter(here), adapter(there)
	return from == to || slices.Contains(neighbours[from], to)
}

// adapter is the folder below adapters.
func adapter(dir string) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(dir, "adapters/"), "/")
	return name
}

// innermost leaves out the packages that are there for tests.
func innermost(dir string) bool {
	return (room(dir) == "ledger" || room(dir) == "reconcile") && !strings.HasSuffix(path.Base(dir), "test")
}

// standard: the first element of a path of the standard library has no dot.
func standard(imported string) bool { return !strings.Contains(room(imported), ".") }
