package main

import (
	"slices"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
)

// portion is the part of what carries one reference that a person or program asks for.
type portion struct {
	all   bool
	limit int
	after string
}

// firstShown is how many a table shows of one reference when nobody asks for more.
const firstShown = 20

func (p *portion) flags(command *cobra.Command) {
	command.Flags().BoolVar(&p.all, "all", false, "all payments and rows that carry it, not the first twenty")
	command.Flags().IntVar(&p.limit, "limit", 0, "at most so many of them (default: 20 in a table, else all)")
	command.Flags().StringVar(&p.after, "after", "", "only those behind this id, the last of the portion before")
}

// of cuts the portion out, in the order in which they were found.
func (p *portion) of(found []projections.Found, people bool) ([]projections.Found, error) {
	if p.limit < 0 || p.all && p.limit > 0 {
		return nil, ledger.Problem("--limit is a number from 1, and does not go with --all")
	}
	if p.after != "" {
		n := slices.IndexFunc(found, func(f projections.Found) bool { return f.ID == p.after })
		if n < 0 {
			return nil, ledger.Refuse(ledger.Say("--after: %q does not carry this reference", p.after), ledger.Say("give the id of the last row of the portion before"))
		}
		found = found[n+1:]
	}
	limit := p.limit
	if limit == 0 && people && !p.all {
		limit = firstShown
	}
	if limit > 0 {
		found = found[:min(limit, len(found))]
	}
	return found, nil
}

// tell says how many more there are, and how to see them.
func (p *portion) tell(g *globals, reference string, found, shown []projections.Found) {
	if len(shown) == 0 {
		return
	}
	last := shown[len(shown)-1].ID
	left := len(found) - 1 - slices.IndexFunc(found, func(f projections.Found) bool { return f.ID == last })
	if left == 0 {
		return
	}
	g.notice(ledger.Say("%d of %d payments and rows that carry %q are shown, %d more come behind", len(shown), len(found), reference, left))
	g.hint(ledger.Say("all of them: daybook explain %s --all; the next ones: --after %s", reference, last))
}
