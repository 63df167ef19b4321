package settlementtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// GoldenApart reads a case whose bad rows can be set aside and compares what is read
// without them, and what is kept of them, with its golden text.
func GoldenApart(t *testing.T, format settlement.Format, path string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := files.Open("x", data)
	if err != nil {
		t.Fatal(err)
	}
	statement, apart, err := settlement.ParseApart(format, doc)
	if err == nil {
		HoldApart(t, statement, apart)
	}
	got := Text(statement, err)
	for _, q := range apart {
		got += fmt.Sprintf("apart %d\n raw %q\n", q.Row, q.Raw)
		for _, e := range q.Faults {
			got += fmt.Sprintf(" fault %s\n", e)
		}
	}
	golden := path + ".apart.golden"
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
}

// HoldApart checks what is true of every statement that was read without its bad rows: no
// row is both, each that was set aside says why, and nothing of it carries a card number.
func HoldApart(t failer, statement *reconcile.Statement, apart []files.Quarantined) {
	t.Helper()
	Hold(t, statement)
	lines := map[int]bool{}
	for _, line := range statement.Lines {
		lines[line.Row] = true
	}
	for _, q := range apart {
		if lines[q.Row] || q.Row == 0 || len(q.Faults) == 0 {
			t.Errorf("row %d is a line, or was set aside without a reason", q.Row)
		}
		lines[q.Row] = true
		texts := []string{q.Raw}
		for _, e := range q.Faults {
			texts = append(texts, e.Column, e.Value, e.Text.String())
		}
		if text := strings.Join(texts, "\n"); ledger.TruncateCards(text) != text {
			t.Errorf("row %d carries a card number: %s", q.Row, text)
		}
	}
}

// judgeApart compares the two ways of reading one document: without bad rows they are the
// same, and with nothing but bad rows the other ones are read.
func judgeApart(t failer, format settlement.Format, doc *files.Document, statement *reconcile.Statement, refusal error) {
	t.Helper()
	without, apart, err := settlement.ParseApart(format, doc)
	var list files.ErrorList
	switch {
	case refusal == nil:
		one, _ := json.Marshal(statement)
		other, _ := json.Marshal(without)
		if err != nil || len(apart) > 0 || string(one) != string(other) {
			t.Errorf("read in whole, and with rows set aside %v, %v", apart, err)
		}
	case err == nil:
		if !errors.As(refusal, &list) || len(apart) == 0 {
			t.Errorf("refused (%v), and read with nothing set aside", refusal)
		}
		HoldApart(t, without, apart)
	}
}
