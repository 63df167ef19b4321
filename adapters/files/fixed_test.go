package files

import (
	"slices"
	"testing"
)

func TestColumnsCut(t *testing.T) {
	layout := Columns{{"a", 3}, {"b", 6}, {"c", 2}}
	for line, want := range map[string][]string{
		"123 456789 01":         {"123", "456789", "01"},
		"123 456789 01 tail":    {"123", "456789", "01"},
		"123 456":               {"123", "456", ""},
		"":                      {"", "", ""},
		"1   晨曦店 01":            {"1  ", "晨曦店", "01"},  // three characters of two bytes each in GBK
		"1   晨曦   01":           {"1  ", "晨曦  ", "01"}, // two, and two blanks
		"1   Ж晨   01":           {"1  ", "Ж晨  ", "01"}, // two bytes in UTF-8 and in GBK
		"1   \u0434\u0430   01": {"1  ", "да  ", "01"}, // as its own bytes: a GBK text that is also UTF-8
		"1   \U00020000   01":   {"1  ", "𠀀  ", "01"},  // four bytes in GB18030
	} {
		row, ok := layout.Cut(line)
		if !ok || !slices.Equal(row.Cells, want) {
			t.Errorf("Cut(%q) = %q, %v, want %q", line, row.Cells, ok, want)
		}
	}
	for _, line := range []string{"1234456789 01", "123 456789x01", "123 晨曦店铺 01", "12晨 456789 01"} {
		if row, ok := layout.Cut(line); ok {
			t.Errorf("Cut(%q) = %q, want a refusal", line, row.Cells)
		}
	}
}

// What is edited in a record stands in Raw at its place.
func TestColumnsRaw(t *testing.T) {
	layout := Columns{{"name", 6}, {"card", 19}, {"n", 2}}
	var problems Problems
	sheet := NewSheet("f", layout.Header(), &problems)
	row, ok := layout.Cut("晨曦   6200000000000005    01 tail")
	if !ok {
		t.Fatal("not cut")
	}
	record := sheet.Record(row)
	record.Drop("name")
	if card := record.Card("card").String(); card != "620000******0005" {
		t.Errorf("got card %s", card)
	}
	if raw, want := record.Raw(), " 620000******0005    01 tail"; raw != want {
		t.Errorf("got %q, want %q", raw, want)
	}
	if sheet.Truncated["card"] != 1 || sheet.Dropped["name"] != 1 || problems.Count() != 0 {
		t.Errorf("got %v, %v, %v", sheet.Truncated, sheet.Dropped, problems.Err())
	}
}
