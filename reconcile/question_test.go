package reconcile_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"github.com/google/go-cmp/cmp"
)

// question makes a history of one day: a payment and a row that only a person can tell
// belong together, a pair that the rules join, and a row of the next day.
func question() []file {
	one := &till{id: "T1"}
	lost := paid(1, cny(6_660))
	lost.RRN, lost.STAN = "", ""
	return []file{
		tillFile{"till", []ledger.Action{
			sold(one.head(monday, 9, 0), lost),
			sold(one.head(monday, 10, 0), paid(2, cny(2_000))),
			sold(one.head(monday, 11, 0), paid(3, cny(3_000))),
		}},
		billOf("acquirer", monday, monday, settled(2, monday, 9, 14, paid(7, cny(6_660))), settled(3, monday, 10, 0, paid(2, cny(2_000)))),
		billOf("acquirer", monday.AddDays(1), monday.AddDays(1), settled(2, monday.AddDays(1), 9, 0, paid(8, cny(3_100)))),
	}
}

func lineID(f file, row int) string { return fmt.Sprint(shaOf(f.name())[:12], ":", row) }

func TestMatcherSuggestsAndPeopleDecide(t *testing.T) {
	files := question()
	h := newHistory(ourTerms())
	h.mustTake(t, files...)
	h.mustCatchUp(t)
	m := h.matcher()
	standing := func() reconcile.Standing {
		t.Helper()
		h.mustCatchUp(t)
		s, err := m.Standing(t.Context(), monday)
		if err != nil {
			t.Fatal(err)
		}
		h.standing(t).exclusive(t)
		h.standing(t).balanced(t)
		return s
	}
	decide := func(verdict reconcile.Verdict, item string, line string) error {
		t.Helper()
		return h.desk().Decide(t.Context(), m, monday, reconcile.Decision{Items: []string{item}, Lines: []string{line}, Verdict: verdict, By: "li.na"})
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	s := standing()
	if len(s.Suggestions) != 1 || s.Suggestions[0].Rule != "M6" || s.Suggestions[0].Items[0] != "T1//1/0" || s.Suggestions[0].Lines[0] != lineID(files[1], 2) {
		t.Fatalf("the suggestions are %+v", s.Suggestions)
	}
	if len(s.Matches) != 1 || len(s.Breaks) != 3 {
		t.Fatalf("%d matches, breaks %+v", len(s.Matches), s.Breaks)
	}

	// Confirmed, the suggestion is a match and both breaks are gone.
	must(decide(reconcile.Together, "T1//1/0", lineID(files[1], 2)))
	s = standing()
	if len(s.Suggestions) != 0 || len(s.Matches) != 2 || len(s.Breaks) != 1 || s.Breaks[0].Items[0] != "T1//3/0" {
		t.Fatalf("confirmed: %+v", s)
	}
	if n := slices.IndexFunc(s.Matches, func(m reconcile.Match) bool {
		return m.Rule == reconcile.Manual && m.By == "li.na" && m.Difference == 0
	}); n < 0 {
		t.Errorf("no match of li.na: %+v", s.Matches)
	}
	// Over days and with another amount: nobody else can know.
	must(decide(reconcile.Together, "T1//3/0", lineID(files[2], 2)))
	if s = standing(); len(s.Matches) != 3 || len(s.Breaks) != 0 {
		t.Fatalf("over days: %+v", s)
	}
	// Taken apart, what the rules joined is two differences.
	must(decide(reconcile.Apart, "T1//2/0", lineID(files[1], 3)))
	if s = standing(); len(s.Matches) != 2 || len(s.Breaks) != 2 {
		t.Fatalf("apart: %+v", s)
	}
	// Taken back, everything is as at first.
	must(decide(reconcile.Withdrawn, "T1//1/0", lineID(files[1], 2)))
	must(decide(reconcile.Withdrawn, "T1//2/0", lineID(files[1], 3)))
	must(decide(reconcile.Withdrawn, "T1//3/0", lineID(files[2], 2)))
	s = standing()
	fresh := newHistory(ourTerms())
	fresh.mustTake(t, files...)
	fresh.mustCatchUp(t)
	want, err := fresh.matcher().Standing(t.Context(), monday)
	must(err)
	if difference := cmp.Diff(want, s); difference != "" {
		t.Errorf("decided and taken back, beside never decided:\n%s", difference)
	}
	length := len(everything(t, h.journal))
	must(decide(reconcile.Withdrawn, "T1//1/0", lineID(files[1], 2)))
	h.cursor.position = 0
	h.mustCatchUp(t)
	if added := len(everything(t, h.journal)) - length; added != 0 {
		t.Errorf("decided again and run again, there are %d more events", added)
	}
}

func TestDecisionsAreRefused(t *testing.T) {
	files := question()
	h := newHistory(ourTerms())
	h.mustTake(t, files...)
	h.mustCatchUp(t)
	m := h.matcher()
	row := lineID(files[1], 2)
	if err := h.desk().Decide(t.Context(), m, monday, reconcile.Decision{Items: []string{"T1//1/0"}, Lines: []string{row}, Verdict: reconcile.Together, By: "li"}); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		d    reconcile.Decision
		says string
	}{
		"nobody":        {reconcile.Decision{Items: []string{"T1//2/0"}, Lines: []string{row}, Verdict: reconcile.Together}, "needs the person"},
		"stranger":      {reconcile.Decision{Items: []string{"T1//2/0"}, Lines: []string{row}, Verdict: reconcile.Apart, By: "stranger"}, `"stranger" is not among`},
		"approver only": {reconcile.Decision{Items: []string{"T1//2/0"}, Lines: []string{row}, Verdict: reconcile.Apart, By: "boss"}, "boss may not work"},
		"one side":      {reconcile.Decision{Items: []string{"T1//2/0"}, Verdict: reconcile.Together, By: "li"}, "at least one"},
		"unknown":       {reconcile.Decision{Items: []string{"T1//77/0"}, Lines: []string{row}, Verdict: reconcile.Together, By: "li"}, "T1//77/0 is no payment"},
		"claimed":       {reconcile.Decision{Items: []string{"T1//2/0"}, Lines: []string{row}, Verdict: reconcile.Together, By: "wang"}, "in another match that li made"},
		"never decided": {reconcile.Decision{Items: []string{"T1//2/0"}, Lines: []string{row}, Verdict: reconcile.Withdrawn, By: "li"}, "nothing was decided"},
	} {
		before := len(everything(t, h.journal))
		if err := h.desk().Decide(t.Context(), m, monday, test.d); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", name, err, test.says)
		}
		if wrote := len(everything(t, h.journal)) - before; wrote != 0 {
			t.Errorf("%s: refused, and yet %d events were written", name, wrote)
		}
	}
}

// Many people decide about one row at once: one of them has it.
func TestDecisionsAtOnce(t *testing.T) {
	files := question()
	h := newHistory(ourTerms())
	h.mustTake(t, files...)
	h.mustCatchUp(t)
	var wait sync.WaitGroup
	errs := make([]error, 8)
	for n := range errs {
		wait.Add(1)
		go func() {
			defer wait.Done()
			item := []string{"T1//1/0", "T1//2/0", "T1//3/0"}[n%3]
			errs[n] = h.desk().Decide(t.Context(), h.matcher(), monday, reconcile.Decision{Items: []string{item}, Lines: []string{lineID(files[1], 2)}, Verdict: reconcile.Together, By: []string{"li", "wang", "li.na"}[n%3]})
		}()
	}
	wait.Wait()
	if !slices.Contains(errs, nil) {
		t.Fatalf("nobody could decide: %v", errs)
	}
	h.mustCatchUp(t)
	s := h.standing(t)
	s.exclusive(t)
	s.balanced(t)
	manual := 0
	for _, match := range s.Matches {
		if match.Rule == reconcile.Manual {
			manual++
		}
	}
	if manual != 1 {
		t.Errorf("%d matches were made of one row", manual)
	}
}

func TestExplain(t *testing.T) {
	files := question()
	h := newHistory(ourTerms())
	h.mustTake(t, files...)
	h.mustCatchUp(t)
	m := h.matcher()
	explain := func(id string) reconcile.Explanation {
		t.Helper()
		e, found, err := m.Explain(t.Context(), monday, id)
		if err != nil || !found {
			t.Fatalf("%s: %v, %v", id, found, err)
		}
		return e
	}
	joined := explain("T1//2/0")
	if joined.State != "matched" || joined.Match == nil || len(joined.Steps) != 1 || !joined.Steps[0].Took || joined.Steps[0].Rule != "M1" ||
		joined.Steps[0].Candidates[0].ID != lineID(files[1], 3) || len(joined.Steps[0].Candidates[0].Failed) != 0 {
		t.Errorf("of a match it says %+v", joined)
	}
	open := explain("T1//1/0")
	if open.State != "differs" || open.Break == nil || open.Break.Kind != reconcile.MissingInSettlement {
		t.Errorf("of an open payment it says %+v", open)
	}
	failed := map[string]string{}
	for _, step := range open.Steps {
		for _, c := range step.Candidates {
			if c.ID == lineID(files[1], 2) {
				for _, test := range c.Failed {
					failed[step.Rule] += test.What + " "
				}
			}
		}
	}
	want := map[string]string{"M1": "rrn ", "M2": "stan ", "M3": "order_no ", "M4": "auth_code last_four minutes ", "M7": "stan "}
	if difference := cmp.Diff(want, failed); difference != "" {
		t.Errorf("each rule's reasons (-want +got):\n%s", difference)
	}
	if _, found, err := m.Explain(t.Context(), monday, "T9//1/0"); found || err != nil {
		t.Errorf("of nothing it says %v, %v", found, err)
	}
}

func TestSimulate(t *testing.T) {
	files := question()
	h := newHistory(ourTerms())
	h.mustTake(t, files...)
	h.mustCatchUp(t)
	length := len(everything(t, h.journal))
	auto := ourTerms()
	auto.Rules = reconcile.DefaultRules()
	for n := range auto.Rules {
		if auto.Rules[n].Name == "M6" {
			auto.Rules[n].Mode = reconcile.Auto
		}
	}
	auto.Rules = slices.DeleteFunc(auto.Rules, func(r reconcile.Rule) bool { return r.Name == "M1" })
	s, err := reconcile.Simulate(t.Context(), h.journal, codec, ourTerms(), auto, monday, monday, nil)
	if err != nil {
		t.Fatal(err)
	}
	row := lineID(files[1], 2)
	if s.Matched != [2]int{1, 2} || len(s.Gained) != 2 || len(s.Lost) != 0 || len(s.Changed) != 2 {
		t.Errorf("the simulation says %+v", s)
	}
	if n := slices.IndexFunc(s.Gained, func(c reconcile.Change) bool { return c.ID == "T1//1/0" }); n < 0 ||
		s.Gained[n].Before.Kind != reconcile.MissingInSettlement || s.Gained[n].After.Rule != "M6" || s.Gained[n].After.With[0] != row {
		t.Errorf("gained: %+v", s.Gained)
	}
	if c := s.Changed[0]; c.Before.Rule != "M1" || c.After.Rule != "M2" {
		t.Errorf("changed: %+v", s.Changed)
	}
	if added := len(everything(t, h.journal)) - length; added != 0 {
		t.Errorf("the simulation wrote %d events", added)
	}
	back, err := reconcile.Simulate(t.Context(), h.journal, codec, auto, ourTerms(), monday, monday, nil)
	if err != nil || len(back.Lost) != 2 || len(back.Gained) != 0 {
		t.Errorf("the other way round: %+v, %v", back, err)
	}
}
