package reconcile

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"slices"
	"strings"
	"unicode"

	"daybook/ledger"
)

// references are the fields under which a payment is known, whatever the rules say: by
// them a payment is found whose amount differs, or that was settled or recorded twice.
var references = [][]Field{
	{FieldMID, FieldTID, FieldRRN}, {FieldTID, FieldBatch, FieldSTAN}, {FieldOrderNo}, {FieldProviderNo}, {FieldRefundOf},
}

// keyer puts items and lines under keys, so that those with equal keys agree in the
// fields it names. Identifiers count as they are written, leading zeros too, unless loose.
type keyer struct {
	fields      []Field
	amount      bool // the amount and its currency belong to the key, else its sign only
	basis       Basis
	anyProvider bool
	loose       bool
}

// A row is an item or a line of a pairing, under a hash of its key.
type row struct {
	hash uint64
	n    int32
	line bool
}

var seed = maphash.MakeSeed()

func (k *keyer) text(f Field, p *pairing, r row) string {
	var s string
	if r.line {
		s = f.ofLine(&p.in.Lines[r.n])
	} else {
		s = f.ofItem(&p.in.Items[r.n])
	}
	if k.loose {
		s = loosened(s)
	}
	return s
}

// loosened is a reference as people compare it: without blanks, dashes, case and leading zeros.
func loosened(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' || r == '_' || r == '.' || r == '/' {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
	return strings.TrimLeft(s, "0")
}

func (p *pairing) provider(r row) ledger.ProviderID {
	if r.line {
		return p.in.Lines[r.n].Provider
	}
	return p.in.Items[r.n].Provider
}

// amountOf is a row's amount on a basis.
func (p *pairing) amountOf(r row, basis Basis) (int64, ledger.Currency) {
	if !r.line {
		item := &p.in.Items[r.n]
		amount := item.Amount
		if basis == OnNet {
			if provider, known := p.terms.Provider(item.Provider); known {
				if fee, agreed := provider.Fee(item.asLine(), p.in.Turnover[Merchant{item.Provider, item.MID, amount.Currency}]); agreed {
					amount.Minor = ledger.AddMinor(amount.Minor, -fee)
				}
			}
		}
		return amount.Minor, amount.Currency
	}
	line := &p.in.Lines[r.n]
	switch basis {
	case OnPaid:
		return ledger.AddMinor(line.Gross, -line.Discount), line.Currency
	case OnNet, OnNetTo:
		return line.Net, line.Currency
	}
	return line.Gross, line.Currency
}

// hash is a row's key in short; ok is false when it has no key, because it lacks a reference.
func (k *keyer) hash(p *pairing, r row) (hash uint64, ok bool) {
	mix := func(x uint64) { hash = (bits.RotateLeft64(hash, 23) ^ x) * 0x9e3779b97f4a7c15 }
	for _, f := range k.fields {
		s := k.text(f, p, r)
		if s == "" && identifies(k.fields, f) {
			return 0, false
		}
		mix(maphash.String(seed, s))
	}
	if !k.anyProvider {
		mix(maphash.String(seed, string(p.provider(r))))
	}
	amount, currency := p.amountOf(r, k.basis)
	if k.amount {
		mix(uint64(amount))
		mix(maphash.String(seed, string(currency)))
	} else {
		mix(uint64(amount) >> 63) // what is paid back has keys of its own
	}
	return hash, true
}

// same compares the keys themselves.
func (k *keyer) same(p *pairing, a, b row) bool {
	for _, f := range k.fields {
		if k.text(f, p, a) != k.text(f, p, b) {
			return false
		}
	}
	x, in := p.amountOf(a, k.basis)
	y, of := p.amountOf(b, k.basis)
	return (k.anyProvider || p.provider(a) == p.provider(b)) &&
		(k.amount && x == y && in == of || !k.amount && (x < 0) == (y < 0))
}

// groups calls join for each key that free items and free lines share, with both sides in
// their own order. Groups are disjoint, so the order of the calls does not matter.
func (k *keyer) groups(p *pairing, join func(items, lines []int)) {
	k.groupsOf(p, func(r row) bool {
		if r.line {
			return p.lines[r.n].place == free
		}
		return p.items[r.n].place == free
	}, join)
}

// groupsOf is groups over the rows that take part.
func (k *keyer) groupsOf(p *pairing, takesPart func(row) bool, join func(items, lines []int)) {
	lines := k.rows(p, true, takesPart)
	if len(lines) == 0 {
		return
	}
	items := k.rows(p, false, takesPart)
	var is, ls []int
	for i, l := 0, 0; i < len(items) && l < len(lines); {
		switch {
		case items[i].hash < lines[l].hash:
			i++
		case items[i].hash > lines[l].hash:
			l++
		default:
			itemEnd, lineEnd := run(items, i), run(lines, l)
			k.split(p, items[i:itemEnd], lines[l:lineEnd], func(someItems, someLines []row) {
				is, ls = is[:0], ls[:0]
				for _, r := range someItems {
					is = append(is, int(r.n))
				}
				for _, r := range someLines {
					ls = append(ls, int(r.n))
				}
				slices.SortFunc(is, p.itemOrder)
				slices.SortFunc(ls, p.lineOrder)
				join(slices.Clip(is), slices.Clip(ls))
			})
			i, l = itemEnd, lineEnd
		}
	}
}

// rows are the items, or the lines, that have a key, in order of its hash.
func (k *keyer) rows(p *pairing, lines bool, takesPart func(row) bool) []row {
	count := len(p.items)
	if lines {
		count = len(p.lines)
	}
	var rows []row
	for n := range count {
		r := row{n: int32(n), line: lines}
		if !takesPart(r) {
			continue
		}
		hash, ok := k.hash(p, r)
		if !ok {
			continue
		}
		r.hash = hash
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.n, b.n)) })
	return rows
}

func run(rows []row, from int) int {
	to := from + 1
	for to < len(rows) && rows[to].hash == rows[from].hash {
		to++
	}
	return to
}

// split parts rows of one hash by their keys, which once in a very long time differ.
func (k *keyer) split(p *pairing, items, lines []row, group func(items, lines []row)) {
	for len(items) > 0 && len(lines) > 0 {
		first := items[0]
		alike := func(r row) bool { return k.same(p, first, r) }
		someItems, otherItems := parted(items, alike)
		someLines, otherLines := parted(lines, alike)
		if len(someLines) > 0 {
			group(someItems, someLines)
		}
		items, lines = otherItems, otherLines
	}
}

func parted(rows []row, alike func(row) bool) (yes, no []row) {
	different := slices.IndexFunc(rows, func(r row) bool { return !alike(r) })
	if different < 0 {
		return rows, nil
	}
	for _, r := range rows {
		if alike(r) {
			yes = append(yes, r)
		} else {
			no = append(no, r)
		}
	}
	return yes, no
}

// separator stands between the parts of a key that is written out.
const separator = "\x1f"

// itemKey and lineKey write a key out, without amount and provider.
func itemKey(i *Item, fields []Field, loose bool) (string, bool) {
	return written(fields, loose, func(f Field) string { return f.ofItem(i) })
}

func lineKey(e *Entry, fields []Field, loose bool) (string, bool) {
	return written(fields, loose, func(f Field) string { return f.ofLine(e) })
}

func written(fields []Field, loose bool, text func(Field) string) (string, bool) {
	var b strings.Builder
	for n, f := range fields {
		s := text(f)
		if loose {
			s = loosened(s)
		}
		if s == "" && identifies(fields, f) {
			return "", false
		}
		if n == 0 {
			b.WriteString(string(fields[len(fields)-1])) // keys of different fields differ
		}
		b.WriteString(separator)
		b.WriteString(s)
	}
	return b.String(), true
}

func direction(amount int64) string {
	if amount < 0 {
		return "-"
	}
	return "+"
}
