package till

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"daybook/adapters/files"
	"daybook/ledger"
)

// MaxLine bounds one action of the NDJSON form, in bytes.
const MaxLine = 1 << 20

// NDJSON is the documented JSON form, one action a line. See the package
// documentation for every field.
type NDJSON struct{}

// Name is "till-ndjson".
func (NDJSON) Name() string { return "till-ndjson" }

// Sniff looks for a JSON object, or a list of them, that names a kind.
func (NDJSON) Sniff(doc *files.Document) bool {
	for i := range doc.Parts {
		text := strings.TrimSpace(doc.Parts[i].Text)
		start := text[:min(len(text), 4096)]
		if !strings.HasPrefix(start, "{") && !strings.HasPrefix(start, "[") || !strings.Contains(start, `"kind"`) {
			return false
		}
	}
	return len(doc.Parts) > 0
}

// Read reads every line, or returns everything that is wrong with them.
func (NDJSON) Read(doc *files.Document, rules Rules) (*Reading, error) {
	var lines []placed
	for i := range doc.Parts {
		part := &doc.Parts[i]
		for row, line := range files.Lines(part.Text) {
			if strings.TrimSpace(line) != "" {
				lines = append(lines, placed{part, row, line})
			}
		}
	}
	// A line says all of itself, so that all processors can read: each a run of them, in order.
	const worthwhile = 256 // lines for a goroutine of its own
	workers := max(1, min(runtime.GOMAXPROCS(0), len(lines)/worthwhile))
	readings, problems := make([]*Reading, workers), make([]files.Problems, workers)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			readings[w] = readLines(doc, lines[len(lines)*w/workers:len(lines)*(w+1)/workers], rules, &problems[w])
		})
	}
	group.Wait()
	for w := 1; w < workers; w++ {
		readings[0].Actions = append(readings[0].Actions, readings[w].Actions...)
		addCounts(readings[0].Truncated, readings[w].Truncated)
		problems[0].Join(&problems[w])
	}
	return readings[0].unless(&problems[0])
}

// placed is a line with the place it stands in.
type placed struct {
	part *files.Part
	row  int
	text string
}

func readLines(doc *files.Document, lines []placed, rules Rules, problems *files.Problems) *Reading {
	reading := newReading()
	reading.Actions = make([]Entry, 0, len(lines))
	p := newParser()
	for _, line := range lines {
		p.text, p.root = line.text, nil
		var faults []*files.Error
		p.fault = func(column, value string, text, hint ledger.Text) {
			e := &files.Error{File: doc.FileOf(line.part), Row: line.row, Column: column, Value: value, Text: text, Hint: hint}
			if named[column] {
				e = e.Private()
			}
			faults = append(faults, e)
		}
		action := p.action(rules, reading.Truncated)
		for _, e := range faults {
			if p.root == nil {
				e = e.Apart() // as the last line of a file it was cut
			} else {
				e = e.ApartAs(p.evidence())
			}
			problems.Add(e)
		}
		if problems.Count() == 0 {
			reading.Actions = append(reading.Actions, Entry{partName(doc, line.part), line.row, action})
		}
	}
	return reading
}

// action reads one line. It is of use only when nothing was reported to fault.
func (p *parser) action(rules Rules, truncated map[string]int) ledger.Action {
	if len(p.text) > MaxLine {
		p.fault("", "", ledger.Say("the line is longer than %d bytes", MaxLine), ledger.Say("write one action a line"))
		return nil
	}
	root := p.parse()
	if root == nil {
		return nil
	}
	if root.kind != isObject {
		p.fault("", "", ledger.Say("the line is %s, not %s", root.kind.name(), isObject.name()),
			ledger.Say("write one action a line, each a JSON object, without brackets or commas around them"))
		return nil
	}
	p.root = root
	f := &form{sheet: &sheet{rules: rules, fault: p.fault, truncated: truncated}, node: root}
	var name string
	reference(f, "kind", &name, required)
	if name == "" {
		f.unread()
		return nil
	}
	for _, kind := range kinds {
		if kind.name == name {
			action := kind.read(f)
			f.done()
			return action
		}
	}
	f.unread()
	names := kindNames()
	hint := ledger.Say("the kinds are %s", strings.Join(names, ", "))
	if near := nearest(name, names); near != "" {
		hint = ledger.Say("did you mean %q?", near)
	}
	p.fault("kind", name, ledger.Say("unknown kind of action"), hint)
	return nil
}

// Encode writes an action in the NDJSON form, without a line end. It refuses what Read
// would refuse; apart from the business day, which the form leaves to the store's
// clock, reading the line gives the same action again.
func Encode(action ledger.Action) ([]byte, error) {
	root := &node{kind: isObject}
	for _, kind := range kinds {
		var problems files.Problems
		f := &form{sheet: &sheet{}, node: root, writing: true}
		f.fault = func(column, value string, text, hint ledger.Text) {
			problems.Add(&files.Error{File: kind.name, Column: column, Value: value, Text: text, Hint: hint})
		}
		f.put("kind", &node{kind: isString, text: kind.name})
		if !kind.write(f, action) {
			root.members = nil
			continue
		}
		if err := problems.Err(); err != nil {
			return nil, fmt.Errorf("encode %w", err)
		}
		var out bytes.Buffer
		root.settle(f.currency).write(&out)
		if out.Len() > MaxLine {
			return nil, fmt.Errorf("encode %s: the line is longer than %d bytes", kind.name, MaxLine)
		}
		return out.Bytes(), nil
	}
	return nil, fmt.Errorf("encode %T: not an action of the form", action)
}

// settle fills the place kept for the currency, or removes it from an action without amounts.
func (n *node) settle(currency ledger.Currency) *node {
	settled := &node{kind: isObject}
	for _, m := range n.members {
		if m.value.kind != isNull {
			settled.members = append(settled.members, m)
		} else if currency != "" {
			settled.members = append(settled.members, member{m.name, &node{kind: isString, text: string(currency)}})
		}
	}
	return settled
}
