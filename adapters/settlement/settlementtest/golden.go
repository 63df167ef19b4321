package settlementtest

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Golden reads every case in testdata and compares with its golden text. Whatever was
// read must also have the properties of Hold.
func Golden(t *testing.T, format settlement.Format) {
	for _, path := range Cases(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			statement, err := Read(t, format, path)
			if err == nil {
				Hold(t, statement)
			}
			got := Text(statement, err)
			golden := path + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("not as in %s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// Cases lists the files in testdata that are not golden ones.
func Cases(t testing.TB) []string {
	t.Helper()
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var cases []string
	for _, entry := range entries {
		if !entry.IsDir() && filepath.Ext(entry.Name()) != ".golden" {
			cases = append(cases, filepath.Join("testdata", entry.Name()))
		}
	}
	if len(cases) == 0 {
		t.Fatal("testdata has no case")
	}
	return cases
}

// Read opens a file and parses it with a format that must recognise it.
func Read(t testing.TB, format settlement.Format, path string) (*reconcile.Statement, error) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := settlement.Open(filepath.Base(path), data, []settlement.Format{format})
	if err != nil {
		return nil, err
	}
	if _, err := settlement.Recognise(doc, []settlement.Format{format}); err != nil {
		return nil, err
	}
	return format.Parse(doc)
}

// Text is the canonical text of a statement or a refusal.
func Text(statement *reconcile.Statement, err error) string {
	var b strings.Builder
	var list files.ErrorList
	switch {
	case errors.As(err, &list):
		for _, e := range list {
			fmt.Fprintf(&b, "error %s\n", e)
			if e.Hint.Format != "" {
				fmt.Fprintf(&b, "hint  %s\n", e.Hint)
			}
			if e.More > 0 {
				fmt.Fprintf(&b, "more  %d\n", e.More)
			}
		}
		return b.String()
	case err != nil:
		return fmt.Sprintf("fault %v\n", err)
	}
	fmt.Fprintf(&b, "%s %s, account %q, %s to %s, %d lines\n",
		statement.Format, statement.Kind, statement.Account, statement.From, statement.To, len(statement.Lines))
	for _, control := range statement.Controls {
		stated, computed := fmt.Sprint(control.Stated), fmt.Sprint(control.Computed)
		if control.Currency != "" {
			stated = ledger.Minor(control.Stated, control.Currency).String()
			computed = ledger.Minor(control.Computed, control.Currency).String()
		}
		ties := "ties"
		if !control.Ties() {
			ties = "DIFFERS from " + computed
		}
		fmt.Fprintf(&b, "control %d %s: %s %s\n", control.Row, control.Name, stated, ties)
	}
	for _, number := range statement.Settlements {
		fmt.Fprintf(&b, "settlement %s\n", number)
	}
	for _, balance := range statement.Balances {
		fmt.Fprintf(&b, "balance of %q: %s to %s\n", balance.Account, ledger.Minor(balance.Opening, balance.Currency), ledger.Minor(balance.Closing, balance.Currency))
	}
	for _, column := range slices.Sorted(maps.Keys(statement.Dropped)) {
		fmt.Fprintf(&b, "dropped %s: %d\n", column, statement.Dropped[column])
	}
	for _, column := range slices.Sorted(maps.Keys(statement.Truncated)) {
		fmt.Fprintf(&b, "truncated %s: %d\n", column, statement.Truncated[column])
	}
	for _, line := range statement.Lines {
		raw := line.Raw
		line.Raw = ""
		encoded, err := json.Marshal(line)
		if err != nil {
			return fmt.Sprintf("fault %v\n", err)
		}
		fmt.Fprintf(&b, "line %s\n raw %q\n", strings.Replace(string(encoded), `,"raw":""`, "", 1), raw)
	}
	return b.String()
}
