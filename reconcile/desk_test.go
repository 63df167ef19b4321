package reconcile_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

// Whatever people try, in whatever order: the book adds up to nothing in each currency,
// nobody approved their own proposal or above their limit, at most one adjustment of a
// break is in force, and what was refused has written nothing.
func TestDeskHoldsWhateverPeopleTry(t *testing.T) {
	files := many()
	checks(t, 6, func(t *rapid.T) {
		h := newHistory(ourTerms())
		h.mustTake(t, files...)
		h.mustCatchUp(t)
		refs := map[string]reconcile.BreakRef{}
		breaks := map[string]reconcile.Break{}
		for _, e := range everything(t, h.journal) {
			if payload, err := codec.Decode(e.Event); err == nil {
				if opened, is := payload.(reconcile.BreakOpened); is {
					refs[opened.Break.ID] = reconcile.BreakRef{ID: opened.Break.ID, Position: e.Position}
					breaks[opened.Break.ID] = opened.Break
				}
			}
		}
		if len(refs) < 3 {
			t.Fatalf("the history has %d breaks", len(refs))
		}
		limits := map[string]int64{"boss": 1_000_000_000, "lead": 5_000}
		people := map[string]reconcile.Person{
			"clerk": {Prepare: true},
			"lead":  {Prepare: true, Approve: map[ledger.Currency]int64{"CNY": limits["lead"]}},
			"boss":  {Approve: map[ledger.Currency]int64{"CNY": limits["boss"]}},
		}
		desk := reconcile.NewDesk(h.journal, codec, people)
		ids := slices.Sorted(maps.Keys(refs))
		ids = ids[:3] // few, so that much happens to each
		for range rapid.IntRange(5, 40).Draw(t, "tries") {
			ref := refs[rapid.SampledFrom(ids).Draw(t, "break")]
			by := rapid.SampledFrom([]string{"clerk", "lead", "boss", "stranger"}).Draw(t, "by")
			before := len(everything(t, h.journal))
			var err error
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				err = desk.Assign(t.Context(), ref, by, "clerk", monday.AddDays(3))
			case 1:
				err = desk.Comment(t.Context(), ref, by, "seen")
			case 2:
				err = desk.Explain(t.Context(), ref, by, reconcile.Causes[0], "")
			case 3:
				a := reconcile.Adjustment{Kind: rapid.SampledFrom(reconcile.AdjustmentKinds).Draw(t, "kind"), Reason: "r"}
				if a.Kind == reconcile.Correction {
					a.Account = rapid.SampledFrom(reconcile.CorrectionAccounts).Draw(t, "account")
				}
				err = desk.Propose(t.Context(), ref, by, a)
			case 4:
				err = desk.Approve(t.Context(), ref, by, monday.AddDays(2))
			case 5:
				err = desk.Reject(t.Context(), ref, by, "r")
			case 6:
				err = desk.Reverse(t.Context(), ref, by, "r", monday.AddDays(3))
			}
			wrote := 0
			for _, e := range everything(t, h.journal)[before:] {
				if err != nil || !strings.HasPrefix(e.Type, "act-admitted.") { // which goes before an entry
					wrote++
				}
			}
			var refusal *ledger.Refusal
			if err != nil && !errors.As(err, &refusal) || (err == nil) != (wrote == 1) || err != nil && wrote != 0 {
				t.Fatalf("%v, %d events written", err, wrote)
			}
			if by == "stranger" && err == nil {
				t.Fatal("a stranger was let in")
			}
		}
		sums := map[ledger.Currency]int64{}
		proposers, force := map[string]string{}, map[string]int{}
		post := func(where string, postings []reconcile.Posting) {
			entry := map[ledger.Currency]int64{}
			for _, p := range postings {
				sums[p.Amount.Currency] += p.Amount.Minor
				entry[p.Amount.Currency] += p.Amount.Minor
			}
			for currency, sum := range entry {
				if sum != 0 {
					t.Fatalf("an entry of %s comes to %d %s", where, sum, currency)
				}
			}
		}
		for _, e := range everything(t, h.journal) {
			payload, err := codec.Decode(e.Event)
			if err != nil {
				t.Fatal(err)
			}
			switch payload := payload.(type) {
			case reconcile.AdjustmentProposed:
				proposers[payload.Break.ID] = payload.By
				if force[payload.Break.ID] != 0 {
					t.Fatalf("proposed while another was in force: %+v", payload)
				}
			case reconcile.AdjustmentApproved:
				force[payload.Break]++
				if payload.By == proposers[payload.Break] || payload.ProposedBy != proposers[payload.Break] || force[payload.Break] != 1 {
					t.Fatalf("approved: %+v", payload)
				}
				post(payload.Break, payload.Postings)
				for _, p := range payload.Postings {
					if p.Amount.Abs().Minor > limits[payload.By] {
						t.Fatalf("above the limit: %+v", payload)
					}
				}
				if missing, ok := breaks[payload.Break].Missing(); payload.Kind != reconcile.Accept && (!ok || payload.Postings[0].Amount != missing) {
					t.Fatalf("%+v does not settle %+v", payload.Postings, breaks[payload.Break])
				}
			case reconcile.AdjustmentReversed:
				force[payload.Break]--
				post(payload.Break, payload.Postings)
			}
		}
		for currency, sum := range sums {
			if sum != 0 {
				t.Fatalf("the book comes to %d %s", sum, currency)
			}
		}
	})
}

// Two people who act on one break at a time: one of them is told to look again.
func TestDeskAtOnce(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, many()...)
	h.mustCatchUp(t)
	var ref reconcile.BreakRef
	for _, e := range everything(t, h.journal) {
		if payload, err := codec.Decode(e.Event); err == nil {
			if opened, is := payload.(reconcile.BreakOpened); is {
				ref = reconcile.BreakRef{ID: opened.Break.ID, Position: e.Position}
			}
		}
	}
	desk := reconcile.NewDesk(h.journal, codec, map[string]reconcile.Person{"a": {Prepare: true}, "b": {Prepare: true}})
	results := make(chan error)
	for n := range 8 {
		go func() {
			results <- desk.Propose(t.Context(), ref, []string{"a", "b"}[n%2], reconcile.Adjustment{Kind: reconcile.Accept, Reason: fmt.Sprint(n)})
		}()
	}
	succeeded := 0
	for range 8 {
		if err := <-results; err == nil {
			succeeded++
		} else if !strings.Contains(err.Error(), "somebody else") && !strings.Contains(err.Error(), "is waiting") {
			t.Errorf("%v", err)
		}
	}
	if succeeded != 1 {
		t.Errorf("%d proposals succeeded", succeeded)
	}
	if err := desk.Propose(t.Context(), reconcile.BreakRef{ID: "nothing", Position: ref.Position}, "a", reconcile.Adjustment{Kind: reconcile.Accept, Reason: "r"}); err == nil {
		t.Error("a break that is none was settled")
	}
}
