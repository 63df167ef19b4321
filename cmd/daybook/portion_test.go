package main

import (
	"fmt"
	"slices"
	"testing"

	"daybook/projections"
)

// Portions, one behind the other, are the whole, each row once, whatever their size; a table
// begins with twenty.
func TestPortions(t *testing.T) {
	var found []projections.Found
	for n := range 53 {
		found = append(found, projections.Found{ID: fmt.Sprint("id", n)})
	}
	for limit := range 60 {
		for _, people := range []bool{true, false} {
			var got []projections.Found
			for p := (portion{limit: limit}); ; p.after = got[len(got)-1].ID {
				shown, err := p.of(found, people)
				if err != nil {
					t.Fatal(err)
				}
				want := limit
				if limit == 0 && people {
					want = 20
				}
				if rest := len(found) - len(got); want == 0 || want > rest {
					want = rest
				}
				if len(shown) != want {
					t.Fatalf("limit %d behind %q: %d rows, want %d", limit, p.after, len(shown), want)
				}
				if got = append(got, shown...); len(shown) == 0 || len(got) == len(found) {
					break
				}
			}
			if !slices.Equal(got, found) {
				t.Errorf("limit %d: the portions come to %v", limit, got)
			}
		}
	}
	if shown, err := (&portion{all: true}).of(found, true); err != nil || len(shown) != len(found) {
		t.Errorf("all: %d, %v", len(shown), err)
	}
	if _, err := (&portion{after: "nobody"}).of(found, true); err == nil {
		t.Error("an unknown id was taken")
	}
}
