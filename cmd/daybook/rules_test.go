package main

import (
	"slices"
	"strings"
	"testing"

	"daybook/projections"
	"daybook/reconcile"
)

// ruled is the scenario's configuration with rules of its own.
func ruled(t *testing.T, rules string) []byte {
	t.Helper()
	return []byte(readText(t, scenarioConfig) + "\n" + rules)
}

// A payment of 12.91 that the acquirer billed at 13.00 differs under the usual rules.
const (
	mismatched = "L260105-0006"
	tolerant   = `rules:
  - {name: T9, version: 1, same: [mid+tid+rrn], absolute: 10, score: 85}
`
)

// A rule of the configuration joins what the usual rules leave, a usual one is replaced or
// switched off by name, and rules list shows what is tried, in order.
func TestRulesOfTheConfiguration(t *testing.T) {
	t.Parallel()
	p := configured(t, ruled(t, `rules:
  - {name: M4, mode: "off"}
  - {name: M8, version: 2, same: [rrn], days: 5, score: 70}
  - {name: T9, version: 3, same: [mid+tid+rrn, order_no], unless: [stan], relative: 0.5%, within: 90m, from: 2026-01-01, until: 2026-06-30, mode: suggest, score: 85}
`))
	var names []string
	for _, r := range ask[[]ruleForPrograms](p, "rules") {
		names = append(names, r.Name)
	}
	if want := []string{"M1", "M2", "M3", "M7", "M8", "M6", "T9"}; !slices.Equal(names, want) {
		t.Errorf("the rules are %v, not %v", names, want)
	}
	printed := p.must(exitFine, "rules")
	for _, want := range []string{"mid+tid+rrn, order_no", "gross ±0.5%", "1h30m", "5 days", "stan", "suggest", "2026-01-01 – 2026-06-30"} {
		if !strings.Contains(printed, want) {
			t.Errorf("the list lacks %q:\n%s", want, printed)
		}
	}
	for _, c := range []struct{ rule, want string }{
		{`{name: T9, same: [mid+colour]}`, `"colour"`},
		{`{name: T9}`, "T9"},
		{`{name: T9, same: [rrn], days: 9}`, "9"},
		{`{name: T9, same: [rrn], within: soon}`, `"soon"`},
		{`{name: T9, same: [rrn], mode: maybe}`, `"maybe"`},
		{`{name: T9, same: [rrn], relative: 12x%}`, "12x"},
		{`{name: T9, same: [rrn], providers: [nobody]}`, `"nobody"`},
		{`{name: T9, same: [rrn], budget: 5}`, "subset"},
		{`{name: T9, same: [rrn], from: 2026-02-01, until: 2026-01-01}`, "2026-02-01"},
	} {
		refused := configured(t, ruled(t, "rules:\n  - "+c.rule+"\n"))
		if got := refused.run("rules"); got.code != exitRefused || !strings.Contains(got.stderr, c.want) || !strings.Contains(got.stderr, "daybook.yaml") {
			t.Errorf("%s: exit code %d, %s", c.rule, got.code, got.stderr)
		}
	}
}

// A simulation says what a rule would have changed and records nothing; taken up, the rule
// does exactly that.
func TestSimulationForetellsTheRule(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	before, head := p.breaks(), p.head()
	changed := writeFile(t, t.TempDir(), "changed.yaml", ruled(t, tolerant))

	same := ask[reconcile.Simulation](p, "rules", "simulate", "--with", scenarioConfig, "--from", scenarioDay)
	if len(same.Gained)+len(same.Lost)+len(same.Changed) != 0 || same.Matched[0] != same.Matched[1] || same.Matched[0] == 0 {
		t.Errorf("under the same rules: %+v", same)
	}
	s := ask[reconcile.Simulation](p, "rules", "simulate", "--with", changed, "--from", scenarioDay)
	if len(s.Lost) != 0 || len(s.Gained) == 0 || s.Matched[1] != s.Matched[0]+1 || s.Breaks[1] != s.Breaks[0]-1 {
		t.Errorf("with a tolerance: %+v", s)
	}
	for _, c := range s.Gained {
		if c.After.Rule != "T9" || c.Before.Kind != reconcile.AmountMismatch {
			t.Errorf("gained %+v", c)
		}
	}
	if got := p.run("rules", "simulate", "--with", changed, "--from", scenarioDay); got.code != exitOpen || !strings.Contains(got.stdout, "newly matched") {
		t.Errorf("exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	if got := p.run("rules", "simulate", "--from", scenarioDay); got.code != exitRefused || !strings.Contains(got.stderr, "--with") {
		t.Errorf("without a configuration: exit code %d, %s", got.code, got.stderr)
	}
	if p.head() != head {
		t.Errorf("the simulation moved the journal from %v to %v", head, p.head())
	}
	p.config = changed
	if after := p.breaks(); len(after) != len(before)-1 || slices.Contains(references(after), mismatched) || !slices.Contains(references(before), mismatched) {
		t.Errorf("with the rule there are %v, before there were %v", references(after), references(before))
	}
	e := ask[[]reconcile.Explanation](p, "explain", mismatched)
	if len(e) != 1 || e[0].Match == nil || e[0].Match.Rule != "T9" || e[0].Match.Difference != 9 {
		t.Errorf("%s is explained as %+v", mismatched, e)
	}
}

func references(breaks []projections.BreakRow) []string {
	var list []string
	for _, b := range breaks {
		list = append(list, b.Reference)
	}
	return list
}

// What a rule in suggest mode finds stays a difference until a person confirms it; a
// rejected suggestion is not made again; a decision can be taken back.
func TestPeopleDecideAboutSuggestions(t *testing.T) {
	t.Parallel()
	p := configured(t, ruled(t, strings.Replace(tolerant, "score:", "mode: suggest, score:", 1)))
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	differs := func() bool { return slices.Contains(references(p.breaks()), mismatched) }
	suggested := func() []reconcile.Match {
		return ask[[]reconcile.Match](p, "matches", "--date", scenarioDay, "--suggested")
	}
	list := suggested()
	if len(list) != 1 || list[0].Rule != "T9" || list[0].Score != 85 || !differs() {
		t.Fatalf("suggested are %+v", list)
	}
	id := list[0].ID

	if got := p.run("matches", "confirm", id, "--date", scenarioDay); got.code != exitRefused || !strings.Contains(got.stderr, "--as") {
		t.Errorf("nobody confirmed: exit code %d, %s", got.code, got.stderr)
	}
	if got := p.run("matches", "confirm", "ffffffff", "--date", scenarioDay, "--as", "li.na"); got.code != exitRefused || !strings.Contains(got.stderr, "ffffffff") {
		t.Errorf("no such match: exit code %d, %s", got.code, got.stderr)
	}
	if out := p.must(exitFine, "matches", "confirm", id[:8], "--date", scenarioDay, "--as", "li.na", "--reason", "slip 6222021234567890128 compared"); !strings.Contains(out, "li.na") {
		t.Errorf("confirmed: %s", out)
	}
	if differs() || len(suggested()) != 0 {
		t.Errorf("what was confirmed still differs, or is still suggested")
	}
	manual := slices.DeleteFunc(ask[[]reconcile.Match](p, "matches", "--date", scenarioDay), func(m reconcile.Match) bool { return m.Rule != reconcile.Manual })
	if len(manual) != 1 || manual[0].By != "li.na" || manual[0].Difference != 9 {
		t.Errorf("decided matches are %+v", manual)
	}
	if strings.Contains(strings.Join(journalLines(p.events()), "\n"), "6222021234567890128") {
		t.Errorf("the journal holds a card number of a reason")
	}

	p.must(exitFine, "matches", "undo", manual[0].ID, "--date", scenarioDay, "--as", "wang.wei")
	if list := suggested(); !differs() || len(list) != 1 || list[0].ID != id {
		t.Errorf("after the undo, suggested are %+v", list)
	}
	p.must(exitFine, "matches", "reject", id, "--date", scenarioDay, "--as", "li.na")
	if list := suggested(); !differs() || len(list) != 0 {
		t.Errorf("after the rejection, suggested are %+v", list)
	}
	p.must(exitFine, "matches", "undo", id, "--date", scenarioDay, "--as", "li.na")
	if list := suggested(); len(list) != 1 {
		t.Errorf("after the rejection was taken back, suggested are %+v", list)
	}
}

// People join by hand what no rule can, and take apart what a rule joined. Whatever is
// decided, the tables filled again say the same.
func TestPeopleJoinAndTakeApart(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	before := p.breaks()
	var payment, row string
	for _, b := range before {
		if b.Kind == reconcile.MissingInSettlement && b.Provider == "allinpay" {
			payment = b.Items[0]
		}
		if b.Kind == reconcile.MissingInLedger && b.Provider == "allinpay" {
			row = b.Lines[0]
		}
	}
	join := []string{"matches", "join", "--date", scenarioDay, "--payment", payment, "--row", row, "--as", "li.na"}
	p.must(exitFine, join...)
	if after := p.breaks(); len(after) != len(before)-2 {
		t.Errorf("joined by hand, there are %v", references(after))
	}
	if got := p.run("matches", "join", "--date", scenarioDay, "--payment", "nothing", "--row", row, "--as", "li.na"); got.code != exitRefused || !strings.Contains(got.stderr, "nothing") {
		t.Errorf("a payment that is none: exit code %d, %s", got.code, got.stderr)
	}
	byRule := slices.DeleteFunc(ask[[]reconcile.Match](p, "matches", "--date", scenarioDay), func(m reconcile.Match) bool { return m.Rule != "M1" })[0]
	p.must(exitFine, "matches", "reject", byRule.ID, "--date", scenarioDay, "--as", "li.na")
	if after := p.breaks(); len(after) != len(before) {
		t.Errorf("taken apart, there are %v", references(after))
	}
	tables := p.stored()
	p.run("status")
	if got := p.stored(); got != tables {
		t.Errorf("looking again changed the tables: %s", differenceOf(tables, got))
	}
	p.must(exitFine, "matches", "undo", byRule.ID, "--date", scenarioDay, "--as", "li.na")
	for _, m := range ask[[]reconcile.Match](p, "matches", "--date", scenarioDay) {
		if m.Rule == reconcile.Manual {
			p.must(exitFine, "matches", "undo", m.ID, "--date", scenarioDay, "--as", "li.na")
		}
	}
	if after := p.breaks(); !slices.Equal(findings(after), findings(before)) {
		t.Errorf("with every decision taken back there are %v, before there were %v", findings(after), findings(before))
	}
}

// explain names the rule of a pair, and of what found no partner the candidates and what
// spoke against each.
func TestExplain(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	for _, c := range []struct {
		reference string
		want      []string
	}{
		{"L260105-0001", []string{"matched by rule M1"}},
		{"L260105-0002", []string{"M1", "M2", "RRN: 600509200102, "}},
		{mismatched, []string{"amount: 12.91, 13.00"}},
		{"600509999001", []string{"row ", "77.00"}},
		{"L260105-0031", []string{"rightly without a row"}},
	} {
		out := p.must(exitFine, "explain", c.reference)
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("explain %s lacks %q:\n%s", c.reference, want, out)
			}
		}
	}
	if got := p.run("explain", "no-such-thing"); got.code != exitRefused || !strings.Contains(got.stderr, `"no-such-thing"`) || !strings.Contains(got.stderr, "daybook query") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}
