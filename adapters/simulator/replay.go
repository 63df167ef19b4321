package simulator

import (
	"fmt"
	"slices"

	"daybook/ledger"
)

// Next are the files of the next day, on which the stores are closed: the bills hold
// only the payments that were too late for this one, and the bank statement of the day
// after that pays them. Once they are here, every timing_next_day of the key is
// explained, its payment is matched, and no new break has come.
func (d *Day) Next() []File {
	next := d.made.opts.Day.AddDays(1)
	files, err := d.made.next(next)
	if err != nil {
		// The same texts in the same encoding were written by Generate.
		panic(fmt.Sprintf("files of %s: %v", next, err))
	}
	return files
}

func (g *generator) next(day ledger.BusinessDay) ([]File, error) {
	aside := *g // drawing from the dice again must not change what the next call gives
	aside.dice = newDice(g.opts.Seed + 1)
	files, err := aside.bills(day, aside.late)
	if err != nil {
		return nil, err
	}
	var credits []movement
	for _, p := range providers {
		if net := totalOf(p, linesOf(aside.late, p)).NetMinor; net > 0 {
			credits = append(credits, payout(p, day, net))
		}
	}
	statement, _, err := aside.bankStatement(day, credits, g.closed)
	if err != nil {
		return nil, err
	}
	return append(files, statement), nil
}

// Correction is the acquirer's bill of the day once more, with one wrong fee put right,
// and the key that holds after it has replaced the first. It is false when no fee of
// the bill is wrong, as in a day without breaks.
func (d *Day) Correction() (File, Key, bool) {
	g := d.made
	if g.wrongFee == nil {
		return File{}, Key{}, false
	}
	corrected := *g.wrongFee
	right := contractFee(card, corrected.card, corrected.gross-corrected.discount)
	change := right - corrected.fee
	corrected.fee = right
	lines := slices.Clone(g.lines)
	lines[slices.Index(lines, g.wrongFee)] = &corrected

	key := d.Key
	key.Totals, key.Breaks = slices.Clone(key.Totals), slices.Clone(key.Breaks)
	for i := range key.Totals {
		if key.Totals[i].Channel == card {
			key.Totals[i].FeeMinor += change
			key.Totals[i].NetMinor -= change
		}
	}
	key.Breaks = slices.DeleteFunc(key.Breaks, func(b KeyBreak) bool {
		return b.Kind == FeeDeviation && b.Reference == g.wrongFeeOf
	})
	for i := range key.Breaks {
		if key.Breaks[i].Kind == PayoutShort {
			key.Breaks[i].ExpectedMinor -= change
		}
	}
	p := providerOf(card)
	file := g.allinpayBill(p, g.opts.Day, linesOf(lines, p))
	file.Name = fmt.Sprintf("allinpay_%s_%s_v2.csv", p.account, g.opts.Day.Compact())
	return file, key, true
}
