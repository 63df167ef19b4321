package till

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"daybook/adapters/files"
)

// A full card number as tills come to write it. The last is one that passes no check
// by which a number in a text is recognised; where a card number belongs, it is cut too.
const (
	cardNumber   = "4111111111111111"
	otherNumber  = "6200000000000005"
	numberUnsure = "6222021234567890"
)

var planted = []string{
	cardNumber, "4111 1111 1111 1111", "4111-1111-1111-1111", "４１１１１１１１１１１１１１１１", "card:" + cardNumber + ".", otherNumber,
}

// everything is all text that leaves a source: what is stored, kept, counted and said.
func everything(reading *Reading, err error) string {
	var out bytes.Buffer
	if err != nil {
		var list files.ErrorList
		list, _ = err.(files.ErrorList)
		for _, e := range list {
			fmt.Fprintf(&out, "%s\n%s\n%s\n%s\n%s\n", e, e.Column, e.Value, e.Text, e.Hint)
		}
		return out.String()
	}
	for _, entry := range reading.Actions {
		data, err := json.Marshal(entry.Action)
		fmt.Fprintf(&out, "%s\n%s\n%v\n", entry.Part, data, err)
	}
	fmt.Fprintln(&out, reading.Truncated, reading.Dropped)
	return out.String()
}

// holdsCard reports whether a text has one of the planted numbers, however divided.
func holdsCard(text string) bool {
	plain := strings.NewReplacer(" ", "", "-", "", ".", "").Replace(strings.Map(func(r rune) rune {
		if r >= '０' && r <= '９' {
			return r - '０' + '0'
		}
		return r
	}, text))
	return strings.Contains(plain, cardNumber) || strings.Contains(plain, otherNumber)
}

// plant reads a document with a card number in it and checks that it went no further.
func plant(t *testing.T, source Source, where, text string) {
	t.Helper()
	reading, err := source.Read(open(t, "f", text), rules)
	if got := everything(reading, err); holdsCard(got) {
		t.Errorf("%s, %s: the number came through:\n%s", source.Name(), where, got)
	}
	if err == nil && len(reading.Truncated)+len(reading.Dropped) == 0 {
		t.Errorf("%s, %s: read, but not counted", source.Name(), where)
	}
}

func TestNoCardNumberPassesNDJSON(t *testing.T) {
	accepted := 0
	for line := range strings.Lines(readFile(t, "testdata/actions.ndjson")) {
		for _, number := range planted {
			for i := 0; ; i++ {
				var tree any
				if err := json.Unmarshal([]byte(line), &tree); err != nil {
					t.Fatal(err)
				}
				if !replaceText(&tree, &i, number) {
					break
				}
				text, err := json.Marshal(tree)
				if err != nil {
					t.Fatal(err)
				}
				where := fmt.Sprintf("text %d of %s", i, line)
				plant(t, NDJSON{}, where, string(text))
				// Escaped, the number is not to be seen in the line.
				escaped := strings.ReplaceAll(string(text), "4111", `\u0034\u0031\u0031\u0031`)
				plant(t, NDJSON{}, where+" (escaped)", escaped)
				if _, err := (NDJSON{}).Read(open(t, "f", escaped), rules); err == nil {
					accepted++
				}
			}
		}
	}
	if accepted < 100 {
		t.Errorf("only %d lines with a card number were read at all", accepted)
	}
}

// replaceText replaces the text that stands at place *at of a tree, and reports whether
// there is one.
func replaceText(tree *any, at *int, by string) bool {
	start := *at
	var walk func(node any) (any, bool)
	walk = func(node any) (any, bool) {
		switch v := node.(type) {
		case string:
			if start--; start < 0 {
				return by, true
			}
		case []any:
			for i := range v {
				if item, done := walk(v[i]); done {
					v[i] = item
					return v, true
				}
			}
		case map[string]any:
			for _, key := range sortedKeys(v) {
				if item, done := walk(v[key]); done {
					v[key] = item
					return v, true
				}
			}
		}
		return node, false
	}
	replaced, done := walk(*tree)
	*tree = replaced
	return done
}

func TestNoCardNumberPassesCSV(t *testing.T) {
	for _, sample := range samples[1:] {
		text := readFile(t, "testdata/"+sample.file)
		source := recognise(t, open(t, sample.file, text))
		comma := ","
		if sample.file == "lines.csv" {
			comma = ";"
		}
		lines := strings.SplitAfter(text, "\n")
		columns := strings.Count(lines[0], comma) + 1
		for row := range min(len(lines)-1, 4) {
			for column := range columns {
				for _, number := range planted {
					cells := strings.Split(strings.TrimRight(lines[row], "\r\n"), comma)
					if len(cells) != columns {
						continue // a quoted cell with a comma
					}
					cells[column] = number
					changed := strings.Join(lines[:row], "") + strings.Join(cells, comma) + "\n" + strings.Join(lines[row+1:], "")
					where := fmt.Sprintf("column %d of row %d", column+1, row+1)
					reading, err := source.Read(open(t, "f", changed), rules)
					if got := everything(reading, err); holdsCard(got) {
						t.Errorf("%s, %s: the number came through:\n%s", sample.file, where, got)
					}
					if err == nil && row > 0 && len(reading.Truncated)+len(reading.Dropped) == 0 {
						t.Errorf("%s, %s: read, but not counted", sample.file, where)
					}
				}
			}
		}
	}
}

// Where a card number belongs, also one that fails the checks is cut, in Raw too.
func TestAnyNumberInACardColumnIsCut(t *testing.T) {
	for _, test := range []struct {
		source Source
		text   string
	}{
		{NDJSON{}, sale(`,"card":"` + numberUnsure + `"`)},
		{POSCSV{}, posRow("masked_pan=" + numberUnsure)},
	} {
		reading, err := test.source.Read(open(t, "f", test.text), rules)
		if err != nil {
			t.Fatal(err)
		}
		got := everything(reading, nil)
		if strings.Contains(got, numberUnsure) || !strings.Contains(got, "622202******7890") || len(reading.Truncated) != 1 {
			t.Errorf("%s: %s", test.source.Name(), got)
		}
	}
}

// fuzzRead checks what holds for any input: no panic, the same result again, a reading
// or errors but not both, no planted card number in what comes out, and every action
// fit to be stored.
func fuzzRead(t *testing.T, source Source, text string) {
	doc, err := files.Open("fuzz", []byte(text))
	if err != nil {
		return
	}
	source.Sniff(doc)
	reading, err := source.Read(doc, rules)
	again, errAgain := source.Read(doc, rules)
	if !reflect.DeepEqual(reading, again) || (err == nil) != (errAgain == nil) || everything(reading, err) != everything(again, errAgain) {
		t.Fatalf("two readings differ: %v %v, %v %v", reading, err, again, errAgain)
	}
	if (reading == nil) == (err == nil) {
		t.Fatalf("reading %v, error %v", reading, err)
	}
	without, apart, errApart := ReadApart(source, doc, rules)
	switch {
	case err == nil:
		if errApart != nil || len(apart) > 0 || !reflect.DeepEqual(reading, without) {
			t.Fatalf("read whole, and with rows set aside: %v, %v", apart, errApart)
		}
	case errApart == nil:
		bad := map[int]bool{}
		for _, q := range apart {
			if bad[q.Row] || q.Row == 0 || len(q.Faults) == 0 {
				t.Fatalf("set aside twice or without a reason: %+v", q)
			}
			bad[q.Row] = true
		}
		for _, entry := range without.Actions {
			if bad[entry.Row] {
				t.Fatalf("row %d is read and set aside", entry.Row)
			}
		}
	}
	got := everything(reading, err) + everything(without, errApart) + quoted(apart)
	for _, number := range []string{cardNumber, otherNumber} {
		// In a longer run of digits it is not a card number.
		for rest := got; ; {
			before, after, found := strings.Cut(rest, number)
			if !found {
				break
			}
			if !endsInDigit(before) && !startsWithDigit(after) {
				t.Fatalf("a card number came through:\n%s", got)
			}
			rest = number[1:] + after
		}
	}
	if reading == nil {
		return
	}
	for _, entry := range reading.Actions {
		if entry.Row < 1 || entry.Action == nil || entry.Action.Head().BusinessDay.IsZero() {
			t.Fatalf("incomplete: %+v", entry)
		}
		data, err := json.Marshal(entry.Action)
		if err != nil {
			t.Fatalf("%+v cannot be stored: %v", entry.Action, err)
		}
		back := reflect.New(reflect.TypeOf(entry.Action))
		if err := json.Unmarshal(data, back.Interface()); err != nil {
			t.Fatalf("%s cannot be read back: %v", data, err)
		}
	}
}

// quoted is what is kept of rows that were set aside.
func quoted(apart []files.Quarantined) string {
	var out strings.Builder
	for _, q := range apart {
		fmt.Fprintf(&out, "%d %q\n", q.Row, q.Raw)
		for _, e := range q.Faults {
			fmt.Fprintf(&out, "  %s %q: %s\n", e.Column, e.Value, e.Text)
		}
	}
	return out.String()
}

func endsInDigit(text string) bool {
	return text != "" && strings.ContainsAny(text[len(text)-1:], "0123456789")
}
func startsWithDigit(text string) bool {
	return text != "" && strings.ContainsAny(text[:1], "0123456789")
}

func FuzzReadNDJSON(f *testing.F) {
	for line := range strings.Lines(readFile(f, "testdata/actions.ndjson")) {
		f.Add(line)
	}
	f.Add(sale(`,"card":"`+cardNumber+`","order_no":"`+otherNumber+`"`) + "\n" + sale(`,"pan":"`+cardNumber+`"`))
	f.Fuzz(func(t *testing.T, text string) { fuzzRead(t, NDJSON{}, text) })
}

func FuzzReadPOSCSV(f *testing.F) {
	f.Add(readFile(f, "testdata/pos_columns.csv"))
	f.Add(posRow("masked_pan="+cardNumber, "provider_order_no="+otherNumber))
	f.Add(posRow("txn_type=void", "orig_txn_id=X-0", "status=timeout"))
	f.Fuzz(func(t *testing.T, text string) { fuzzRead(t, POSCSV{}, text) })
}

func FuzzReadReceipts(f *testing.F) {
	source, err := NewReceipts(profile(f, "lines"))
	if err != nil {
		f.Fatal(err)
	}
	text := readFile(f, "testdata/lines.csv")
	f.Add(text)
	f.Add(strings.ReplaceAll(text, "Brot", cardNumber))
	f.Fuzz(func(t *testing.T, text string) { fuzzRead(t, source, text) })
}
