package reconcile

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
)

// settledAgain looks at what a day's bill has and no till reported, and says of a row that a
// bill of another day, near enough, has too, under the same references and with the same
// amount, that it was settled twice: the till did report it, and it was matched there. Of
// two rows that are both without a payment the later one is the second. A payment that its
// provider took back and settled anew was not settled twice.
func (m *Matcher) settledAgain(ctx context.Context, own *Open, breaks []Break) error {
	for n, b := range breaks {
		at := slices.IndexFunc(own.Lines, func(e Entry) bool { return b.Kind == MissingInLedger && len(b.Lines) == 1 && e.ID == b.Lines[0] })
		if at < 0 || own.Lines[at].Gross == 0 {
			continue
		}
		again, err := m.settledElsewhere(ctx, &own.Lines[at])
		if err != nil {
			return err
		}
		if again {
			breaks[n] = newBreak(DuplicateInSettlement, "", own.Day, nil, []Entry{own.Lines[at]}, string(own.Lines[at].RRN))
		}
	}
	return nil
}

func (m *Matcher) settledElsewhere(ctx context.Context, line *Entry) (again bool, err error) {
	for day := range around(line.Day, m.terms.LateWindow()) {
		if day == line.Day { // of which Pair has said what is twice
			continue
		}
		open, err := m.openOn(ctx, day)
		if err != nil {
			return false, err
		}
		if open == nil {
			continue
		}
		others, err := m.samePayment(ctx, line, open)
		if err != nil {
			return false, err
		}
		for _, other := range others {
			switch {
			case other.Kind == ReversalLine:
				return false, nil
			case !slices.ContainsFunc(open.Lines, func(e Entry) bool { return e.ID == other.ID }):
				again = true
			case cmp.Or(other.Day.Compare(line.Day), cmp.Compare(other.ID, line.ID)) < 0:
				again = true
			}
		}
	}
	return again, nil
}

// samePayment are the rows of a provider's bills of another day under one of a row's
// references, of its amount, or of what took that back.
func (m *Matcher) samePayment(ctx context.Context, line *Entry, on *Open) (same []Entry, err error) {
	listed, err := m.listed(ctx, on.Day)
	if err != nil {
		return nil, err
	}
	for _, l := range listed {
		if !l.Kind.bills() || l.Sender != string(line.Provider) {
			continue
		}
		if named, err := m.names(ctx, l, line); err != nil {
			return nil, err
		} else if !named {
			continue
		}
		lines, err := m.statementLines(ctx, l.Statement)
		if err != nil {
			return nil, err
		}
		for _, other := range lines {
			taken := other.Kind == ReversalLine && other.Gross == -line.Gross
			if other.Day != on.Day || other.Currency != line.Currency || !taken && (other.Kind != line.Kind || other.Gross != line.Gross) {
				continue
			}
			if e := entry(l, other); shareReference(line, &e) {
				same = append(same, e)
			}
		}
	}
	return same, nil
}

// names reports whether a bill may have a row under one of a row's references; what it denies
// is so. It keeps the hashes of the references of bills, eight bytes each, so that a bill is
// not read again for every row of other days that no till reported.
func (m *Matcher) names(ctx context.Context, l StatementListed, line *Entry) (bool, error) {
	if _, known := m.named[l.Statement]; !known {
		if _, err := m.statementLines(ctx, l.Statement); err != nil {
			return false, err
		}
	}
	hashes := m.named[l.Statement]
	return slices.ContainsFunc(appendReferences(nil, line), func(hash uint64) bool {
		_, found := slices.BinarySearch(hashes, hash)
		return found
	}), nil
}

// maxNamed bounds what is kept, in hashes: those of about two million rows.
const maxNamed = 8 << 20

func (m *Matcher) keepNames(sha string, lines []Line) {
	if _, known := m.named[sha]; known {
		return
	}
	var hashes []uint64
	for n := range lines {
		hashes = appendReferences(hashes, &Entry{Line: lines[n]})
	}
	slices.Sort(hashes)
	if m.namedRoom += len(hashes); m.namedRoom > maxNamed {
		clear(m.named)
		m.namedRoom = len(hashes)
	}
	m.named[sha] = hashes
}

func appendReferences(hashes []uint64, e *Entry) []uint64 {
	for _, fields := range references[:4] {
		if key, is := lineKey(e, fields, false); is {
			hashes = append(hashes, maphash.String(seed, key))
		}
	}
	return hashes
}

// shareReference reports whether two rows name one payment by the same numbers.
func shareReference(a, b *Entry) bool {
	return slices.ContainsFunc(references[:4], func(fields []Field) bool {
		one, is := lineKey(a, fields, false)
		other, too := lineKey(b, fields, false)
		return is && too && one == other
	})
}
