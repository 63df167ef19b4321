package till

import (
	"bytes"
	"fmt"
	"strings"

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
	reading := newReading()
	var problems files.Problems
	for i := range doc.Parts {
		part := &doc.Parts[i]
		for row, line := range files.Lines(part.Text) {
			if strings.TrimSpace(line) == "" {
				continue
			}
			action, raw := readLine(line, rules, reading.Truncated, func(column, value string, text, hint ledger.Text) {
				problems.Add(&files.Error{File: doc.FileOf(part), Row: row, Column: column, Value: value, Text: text, Hint: hint})
			})
			if problems.Count() == 0 {
				reading.Actions = append(reading.Actions, Entry{partName(doc, part), row, action, raw})
			}
		}
	}
	return reading.unless(&problems)
}

// readLine reads one action. It is of use only when nothing was reported to fault.
func readLine(line string, rules Rules, truncated map[string]int, fault func(column, value string, text, hint ledger.Text)) (ledger.Action, string) {
	if len(line) > MaxLine {
		fault("", "", ledger.Say("the line is longer than %d bytes", MaxLine), ledger.Say("write one action a line"))
		return nil, ""
	}
	p := parser{text: line, fault: fault}
	root := p.parse()
	if root == nil {
		return nil, ""
	}
	if root.kind != isObject {
		fault("", "", ledger.Say("the line is %s, not %s", root.kind.name(), isObject.name()),
			ledger.Say("write one action a line, each a JSON object, without brackets or commas around them"))
		return nil, ""
	}
	f := &form{sheet: &sheet{rules: rules, fault: fault, truncated: truncated}, node: root}
	var name string
	reference(f, "kind", &name, required)
	if name == "" {
		return nil, ""
	}
	for _, kind := range kinds {
		if kind.name == name {
			action := kind.read(f)
			f.done()
			return action, rawLine(line, root, p.hidden || f.rewritten)
		}
	}
	names := kindNames()
	hint := ledger.Say("the kinds are %s", strings.Join(names, ", "))
	if near := nearest(name, names); near != "" {
		hint = ledger.Say("did you mean %q?", near)
	}
	fault("kind", name, ledger.Say("unknown kind of action"), hint)
	return nil, ""
}

// rawLine is the line with card numbers truncated. One written with escapes would not be
// found in the line, so such a line is written anew.
func rawLine(line string, root *node, anew bool) string {
	if anew {
		var out bytes.Buffer
		root.write(&out)
		line = out.String()
	}
	return files.Truncate(line)
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
