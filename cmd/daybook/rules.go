package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/reconcile"
)

func (g *globals) rulesCommand() *cobra.Command {
	command := g.rulesListCommand()
	command.Use = "rules [list]"
	command.AddCommand(g.rulesListCommand(), g.rulesSimulateCommand())
	return command
}

func (g *globals) rulesListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "The matching rules, in the order in which they are tried",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := loadConfig(g.configPath())
			if err != nil {
				return err
			}
			return g.printRules(s.terms.Rules)
		},
	}
}

// ruleForPrograms is a rule as it would stand in the configuration.
type ruleForPrograms struct {
	Name      string              `json:"name"`
	Version   int                 `json:"version"`
	From      string              `json:"from,omitempty"`
	Until     string              `json:"until,omitempty"`
	Providers []ledger.ProviderID `json:"providers,omitempty"`
	Same      []string            `json:"same"`
	Unless    []reconcile.Field   `json:"unless,omitempty"`
	Loose     bool                `json:"loose,omitempty"`
	Basis     string              `json:"basis"`
	Absolute  int64               `json:"absolute,omitempty"`
	Relative  string              `json:"relative,omitempty"`
	Within    string              `json:"within,omitempty"`
	Days      int                 `json:"days,omitempty"`
	Shape     string              `json:"shape"`
	Alone     bool                `json:"alone,omitempty"`
	Budget    int                 `json:"budget,omitempty"`
	Mode      string              `json:"mode"`
	Score     int                 `json:"score"`
}

func ruleOf(r reconcile.Rule) ruleForPrograms {
	p := ruleForPrograms{Name: r.Name, Version: r.Version, Providers: r.Providers, Unless: r.Unless, Loose: r.Loose, Basis: cmp.Or(string(r.Basis), "gross"),
		Absolute: r.Absolute, Days: r.Days, Shape: cmp.Or(string(r.Shape), "one"), Alone: r.Alone, Budget: r.Budget, Mode: cmp.Or(string(r.Mode), "auto"), Score: r.Score}
	for _, fields := range r.Same {
		var names []string
		for _, f := range fields {
			names = append(names, string(f))
		}
		p.Same = append(p.Same, strings.Join(names, "+"))
	}
	if !r.From.IsZero() {
		p.From = r.From.String()
	}
	if !r.Until.IsZero() {
		p.Until = r.Until.String()
	}
	if r.Relative != 0 {
		p.Relative = r.Relative.String()
	}
	if r.Within != 0 {
		p.Within = shortDuration(r.Within)
	}
	return p
}

func shortDuration(d time.Duration) string {
	text := strings.Replace(d.String(), "m0s", "m", 1)
	return strings.Replace(text, "h0m", "h", 1)
}

func (g *globals) printRules(rules []reconcile.Rule) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{
		{t(ledger.Say("rule")), "name", false}, {t(ledger.Say("version")), "version", true}, {t(ledger.Say("the same")), "same", false}, {t(ledger.Say("amount")), "amount", false},
		{t(ledger.Say("apart")), "apart", false}, {t(ledger.Say("shape")), "shape", false}, {t(ledger.Say("unless they differ")), "unless", false},
		{t(ledger.Say("mode")), "mode", false}, {t(ledger.Say("score")), "score", true}, {t(ledger.Say("in force")), "in_force", false},
	}
	var rows [][]string
	list := []ruleForPrograms{}
	for _, r := range rules {
		p := ruleOf(r)
		list = append(list, p)
		amount := p.Basis
		if p.Absolute != 0 {
			amount += " ±" + strconv.FormatInt(p.Absolute, 10)
		}
		if p.Relative != "" {
			amount += " ±" + p.Relative
		}
		apart := p.Within
		if p.Days > 0 {
			apart = t(ledger.Say("%d days", p.Days))
		}
		var unless []string
		for _, f := range p.Unless {
			unless = append(unless, string(f))
		}
		inForce := ""
		if p.From+p.Until != "" {
			inForce = p.From + " – " + p.Until
		}
		same := strings.Join(p.Same, ", ")
		if p.Loose {
			same = t(ledger.Say("%s (loosely)", same))
		}
		rows = append(rows, []string{p.Name, strconv.Itoa(p.Version), same, amount, apart, p.Shape, strings.Join(unless, ", "), p.Mode, strconv.Itoa(p.Score), inForce})
	}
	return g.printList(columns, rows, list)
}

func (g *globals) rulesSimulateCommand() *cobra.Command {
	var with, from, to string
	command := &cobra.Command{
		Use:   "simulate",
		Short: "What other rules or terms would have made of past days",
		Long: "Run the matching of past days under another configuration, in memory, and compare: what would\n" +
			"be matched that is not, what would no longer be, and what would be matched otherwise. Nothing\n" +
			"is recorded. Ends with exit code 3 when anything would change.",
		Example: "  daybook rules simulate --with changed.yaml --from 2026-01-01 --to 2026-01-31",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if with == "" || from == "" {
				return ledger.Refuse(ledger.Say("a simulation needs another configuration and a first day"),
					ledger.Say("daybook rules simulate --with FILE --from YYYY-MM-DD [--to YYYY-MM-DD]"))
			}
			first, err := ledger.ParseBusinessDay(from)
			if err != nil {
				return err
			}
			last := first
			if to != "" {
				if last, err = ledger.ParseBusinessDay(to); err != nil {
					return err
				}
			}
			changed, err := loadConfig(with)
			if err != nil {
				return err
			}
			return g.simulate(cmd.Context(), changed.terms, first, last)
		},
	}
	flags := command.Flags()
	flags.StringVar(&with, "with", "", "configuration with the changed rules or terms")
	flags.StringVar(&from, "from", "", "first settlement day, YYYY-MM-DD")
	flags.StringVar(&to, "to", "", "last settlement day, YYYY-MM-DD (default: the first)")
	return command
}

func (g *globals) simulate(ctx context.Context, changed *reconcile.Terms, first, last ledger.BusinessDay) (err error) {
	a, err := open(ctx, g)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	bar := g.progress(ledger.Say("simulating"), unitDays)
	s, err := reconcile.Simulate(ctx, a.journal, a.codec, a.settings.terms, changed, first, last, func(done, total int) { bar.of(int64(done), int64(total)) })
	bar.done()
	if err != nil {
		return err
	}
	if err := g.printSimulation(s); err != nil {
		return err
	}
	if len(s.Gained)+len(s.Lost)+len(s.Changed) > 0 {
		return exitError(exitOpen)
	}
	return nil
}

func (g *globals) printSimulation(s reconcile.Simulation) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("change")), "change", false}, {t(ledger.Say("day")), "day", false}, {t(ledger.Say("payment or row")), "id", false},
		{t(ledger.Say("before")), "before", false}, {t(ledger.Say("after")), "after", false}}
	var rows [][]string
	add := func(what string, changes []reconcile.Change) {
		for _, c := range changes {
			rows = append(rows, []string{what, c.Day.String(), c.ID, t(fateText(c.Before)), t(fateText(c.After))})
		}
	}
	add(t(ledger.Say("newly matched")), s.Gained)
	add(t(ledger.Say("no longer matched")), s.Lost)
	add(t(ledger.Say("changed")), s.Changed)
	if err := g.printList(columns, rows, s); err != nil || g.output != "table" {
		return err
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("matches: %d before, %d after; differences: %d before, %d after", s.Matched[0], s.Matched[1], s.Breaks[0], s.Breaks[1])))
	return nil
}

func fateText(f reconcile.Fate) ledger.Text {
	switch {
	case f.Rule != "":
		return ledger.Say("matched by rule %s with %s", f.Rule, strings.Join(f.With, ", "))
	case f.Kind != "":
		return kindName(f.Kind)
	}
	return ledger.Say("nothing")
}
