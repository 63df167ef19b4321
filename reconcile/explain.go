package reconcile

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"daybook/ledger"
)

// Explanation says what became of one payment or line, and what every rule saw of it.
type Explanation struct {
	Item  *Item              `json:"item,omitempty"` // either this
	Line  *Entry             `json:"line,omitempty"` // or that
	Day   ledger.BusinessDay `json:"day"`
	Match *Match             `json:"match,omitempty"` // it is in
	Break *Break             `json:"break,omitempty"`
	State string             `json:"state"` // matched, differs, absent, cancelled, waiting, open
	Steps []Step             `json:"steps"` // up to the rule that took it
}

// Step is a rule, and the candidates it had.
type Step struct {
	Rule       string      `json:"rule"`
	Mode       Mode        `json:"mode,omitempty"`
	Took       bool        `json:"took,omitempty"` // this is the rule that found the partner
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is a row of the other side that came near, and the tests it failed under the
// rule: none for the partner.
type Candidate struct {
	ID        string             `json:"id"`
	Reference string             `json:"reference"`
	Day       ledger.BusinessDay `json:"day"`
	Amount    ledger.Money       `json:"amount"`
	Place     string             `json:"place"` // of a line its statement, of a payment its terminal
	Failed    []Test             `json:"failed,omitempty"`
}

// Test is one thing a rule asks, and both sides' answers.
type Test struct {
	What   string `json:"what"` // a Field; or provider, direction, currency, amount, sum, minutes, days, taken, apart
	Ours   string `json:"ours"`
	Theirs string `json:"theirs"`
}

// maxCandidates bounds the candidates shown of each rule: those that fail the fewest tests.
const maxCandidates = 3

// tracer watches which rule takes what, for an explanation. A nil tracer watches nothing.
type tracer struct {
	step  int // of the rule that is being tried
	rules []string
	taken map[row]int // at which step
}

func (t *tracer) begin(rule string) {
	if t != nil {
		t.step++
		t.rules = append(t.rules, rule)
	}
}

func (t *tracer) took(items, lines []int) {
	if t == nil {
		return
	}
	for _, n := range items {
		t.taken[row{n: int32(n)}] = t.step
	}
	for _, n := range lines {
		t.taken[row{n: int32(n), line: true}] = t.step
	}
}

// Explain pairs a day once more and watches one item or line of it. around are the open
// items and lines of the days that Conclude looked at; they are the candidates of rules
// that look over several days. found is false when the day has no row with that id.
func Explain(terms *Terms, in Inputs, around []*Open, id string) (e Explanation, found bool) {
	p := newPairing(terms, in)
	p.tracer = &tracer{taken: map[row]int{}}
	subject := row{n: -1}
	for n := range in.Items {
		if in.Items[n].ID == id {
			subject = row{n: int32(n)}
		}
	}
	for n := range in.Lines {
		if in.Lines[n].ID == id {
			subject = row{n: int32(n), line: true}
		}
	}
	if subject.n < 0 {
		return e, false
	}
	p.run()
	e.Day = in.Day
	at := free
	if subject.line {
		e.Line = &in.Lines[subject.n]
		at = p.lines[subject.n].place
	} else {
		e.Item = &in.Items[subject.n]
		at = p.items[subject.n].place
	}
	e.State = map[place]string{inMatch: "matched", inBreak: "differs", inAbsence: "absent", inCancellation: "cancelled", inWaiting: "waiting", inOpen: "open"}[at]
	for n := range p.out.Matches {
		if m := &p.out.Matches[n]; slices.Contains(m.Items, id) || slices.Contains(m.Lines, id) {
			e.Match = m
		}
	}
	for n := range p.out.Breaks {
		if b := &p.out.Breaks[n]; slices.Contains(b.Items, id) || slices.Contains(b.Lines, id) {
			e.Break = b
		}
	}
	w := watch{p, subject}
	took := w.takenAt(subject)
	for n := range p.rules {
		r := &p.rules[n]
		step := slices.Index(p.tracer.rules, r.Name) + 1
		if step == 0 {
			continue
		}
		s := Step{Rule: r.Name, Mode: r.Mode, Took: step == took, Candidates: w.candidates(r, step)}
		e.Steps = append(e.Steps, s)
		if s.Took {
			return e, true
		}
	}
	if at == inOpen {
		for _, r := range terms.lateRules() {
			e.Steps = append(e.Steps, Step{Rule: r.Name, Mode: r.Mode, Candidates: w.late(&r, around)})
		}
	}
	return e, true
}

// watch looks at candidates from one row's side.
type watch struct {
	p       *pairing
	subject row
}

// takenAt is the step at which a row was taken; one that is beyond all when it was not.
func (w watch) takenAt(r row) int {
	if step, taken := w.p.tracer.taken[r]; taken {
		return step
	}
	return len(w.p.tracer.rules) + 1
}

// sides orders two rows of either side as item and line.
func (w watch) sides(other row) (item, line row) {
	if w.subject.line {
		return other, w.subject
	}
	return w.subject, other
}

func (w watch) candidates(r *Rule, step int) []Candidate {
	count := len(w.p.in.Lines)
	if w.subject.line {
		count = len(w.p.in.Items)
	}
	var list []Candidate
	for n := range count {
		other := row{n: int32(n), line: !w.subject.line}
		item, line := w.sides(other)
		failed, near := w.tests(r, &w.p.in.Items[item.n], &w.p.in.Lines[line.n])
		if !near {
			continue
		}
		if taken := w.takenAt(other); taken < step && taken > 0 {
			failed = append(failed, Test{"taken", w.p.tracer.rules[taken-1], w.partners(other)})
		} else if taken == 0 {
			failed = append(failed, Test{What: "taken"})
		}
		if w.p.isApart([]int{int(item.n)}, []int{int(line.n)}) {
			failed = append(failed, Test{What: "apart"})
		}
		list = append(list, w.candidate(&w.p.in.Items[item.n], &w.p.in.Lines[line.n], failed))
	}
	return fewest(list)
}

// partners names the payments or lines that a taken row was joined with.
func (w watch) partners(r row) string {
	id := ""
	if r.line {
		id = w.p.in.Lines[r.n].ID
	} else {
		id = w.p.in.Items[r.n].ID
	}
	for _, m := range w.p.out.Matches {
		if slices.Contains(m.Items, id) {
			return m.Lines[0]
		}
		if slices.Contains(m.Lines, id) {
			return m.Items[0]
		}
	}
	for _, b := range w.p.out.Breaks {
		if slices.Contains(b.Items, id) || slices.Contains(b.Lines, id) {
			return string(b.Kind) + " " + b.Reference
		}
	}
	return ""
}

func (w watch) candidate(i *Item, e *Entry, failed []Test) Candidate {
	if w.subject.line {
		return Candidate{i.ID, i.Reference, i.Day, i.Amount, string(i.Store) + " " + string(i.Terminal), failed}
	}
	return Candidate{e.ID, cmp.Or(string(e.RRN), e.OrderNo, e.ProviderNo), e.Day, ledger.Minor(e.Gross, e.Currency), e.Statement, failed}
}

func fewest(list []Candidate) []Candidate {
	slices.SortFunc(list, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(len(a.Failed), len(b.Failed)), cmp.Compare(a.ID, b.ID))
	})
	return list[:min(len(list), maxCandidates)]
}

// tests holds an item and a line against a rule, under that list of fields of which the
// fewest differ. near is false when they have neither a reference nor the amount in common.
func (w watch) tests(r *Rule, i *Item, e *Entry) (failed []Test, near bool) {
	var best []Test
	agree := -1 // references in common
	for _, fields := range r.Same {
		tests, references := []Test{}, 0
		for _, f := range fields {
			ours, theirs := f.ofItem(i), f.ofLine(e)
			if r.Loose {
				ours, theirs = loosened(ours), loosened(theirs)
			}
			switch {
			case ours != theirs || ours == "" && identifies(fields, f):
				tests = append(tests, Test{string(f), f.ofItem(i), f.ofLine(e)})
			case !f.place():
				references++
			}
		}
		if agree < 0 || len(tests) < len(best) || len(tests) == len(best) && references > agree {
			best, agree = tests, references
		}
	}
	failed = best
	if i.Provider != e.Provider {
		failed = append(failed, Test{"provider", string(i.Provider), string(e.Provider)})
	}
	if (i.Amount.Minor < 0) != (e.Gross < 0) {
		failed = append(failed, Test{"direction", direction(i.Amount.Minor), direction(e.Gross)})
	}
	sameAmount := i.Amount == ledger.Minor(e.Gross, e.Currency)
	if i.Amount.Currency != e.Currency {
		failed = append(failed, Test{"currency", string(i.Amount.Currency), string(e.Currency)})
	} else if r.Shape != OneToOne || r.Days > 0 {
		if !sameAmount {
			what := "amount"
			if r.Shape != OneToOne {
				what = "sum"
			}
			failed = append(failed, Test{what, i.Amount.Amount(), ledger.FormatMinor(e.Gross, e.Currency)})
		}
	} else if ours, theirs, close := w.amounts(r, i, e); !close {
		failed = append(failed, Test{"amount", ledger.FormatMinor(ours, e.Currency), ledger.FormatMinor(theirs, e.Currency)})
	}
	if !r.closeTimes(i.At, e.At) {
		failed = append(failed, Test{"minutes", clockTime(i.At), clockTime(e.At)})
	}
	if f := r.contradiction(i, e); f != "" {
		failed = append(failed, Test{string(f), f.ofItem(i), f.ofLine(e)})
	}
	soon := !e.At.IsZero() && e.At.Sub(i.At).Abs() <= time.Hour
	return failed, agree > 0 || sameAmount && soon
}

func (w watch) amounts(r *Rule, i *Item, e *Entry) (ours, theirs int64, close bool) {
	one := &pairing{terms: w.p.terms, in: Inputs{Items: []Item{*i}, Lines: []Entry{*e}, Turnover: w.p.in.Turnover}}
	ours, _ = one.amountOf(row{}, r.Basis)
	theirs, _ = one.amountOf(row{line: true}, r.Basis)
	return ours, theirs, one.closeAmounts(r, 0, 0)
}

func clockTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format("2006-01-02 15:04:05")
}

// late looks for the candidates of a rule that looks over several days.
func (w watch) late(r *Rule, around []*Open) []Candidate {
	var list []Candidate
	add := func(i *Item, e *Entry) {
		failed, near := w.tests(r, i, e)
		apart := e.Day.Sub(i.Day)
		if !near || apart == 0 {
			return
		}
		if max(apart, -apart) > r.Days {
			failed = append(failed, Test{"days", i.Day.String(), e.Day.String() + " (" + strconv.Itoa(apart) + ")"})
		}
		list = append(list, w.candidate(i, e, failed))
	}
	for _, open := range around {
		if w.subject.line {
			for n := range open.Items {
				add(&open.Items[n], &w.p.in.Lines[w.subject.n])
			}
		} else {
			for n := range open.Lines {
				add(&w.p.in.Items[w.subject.n], &open.Lines[n])
			}
		}
	}
	return fewest(list)
}
