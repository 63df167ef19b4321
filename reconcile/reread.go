package reconcile

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"

	"daybook/ledger"
)

// A file that was taken in under a wrong profile, or by an earlier parser, is read again from
// its own bytes: the journal keeps the rows of a bill, and not the headings by which they are
// read. What is read now is another version of the statement, which replaces the one before
// like a correction does; both stay in the journal.

// Rereading is how a file is read now, beside how it was read.
type Rereading struct {
	Before  StatementImported `json:"before"`
	After   StatementImported `json:"after"`
	Changed []ChangedRow      `json:"changed"` // in the order of the file
}

// ChangedRow is a row that is read otherwise: nil where it was, or is, no line.
type ChangedRow struct {
	Row    int   `json:"row"`
	Before *Line `json:"before"`
	After  *Line `json:"after"`
}

// rereadID names the n-th reading of a file, as its SHA-256 names the first.
func rereadID(sha string, n int) string {
	if n == 0 {
		return sha
	}
	sum := sha256.Sum256([]byte("reread " + sha + " " + strconv.Itoa(n)))
	return hex.EncodeToString(sum[:])
}

// latest is the last reading of a file that is whole, and how many there were after the first.
func (im *Importer) latest(ctx context.Context, sha string) (done StatementImported, n int, found bool, err error) {
	for ; ; n++ {
		next, whole, err := im.recorded(ctx, rereadID(sha, n))
		if err != nil || !whole {
			return done, n - 1, n > 0, err
		}
		done = next
	}
}

// Reread compares a file that was taken in with how it is read now and, when it is told to,
// records that. It is refused when the file was never taken in, when a correction has replaced
// it, when nothing is read otherwise, and where Statement refuses.
func (im *Importer) Reread(ctx context.Context, file StatementFile, record bool, progress func(done int)) (Rereading, error) {
	var r Rereading
	var err error
	if r.After, err = im.terms.Accept(file); err != nil {
		return r, err
	}
	before, n, found, err := im.latest(ctx, file.SHA256)
	switch {
	case err != nil:
		return r, err
	case !found:
		return r, ledger.Refuse(ledger.Say("%s was not taken in yet", file.Name), ledger.Say("daybook import %s takes it in", file.Name))
	}
	r.Before = before
	old, err := linesOf(ctx, im.journal, im.codec, before.Statement)
	if err != nil {
		return r, err
	}
	r.Changed = changedRows(old, file.Lines)
	sameHead := before.From == r.After.From && before.To == r.After.To && before.Sender == r.After.Sender && before.Account == r.After.Account && before.Kind == r.After.Kind
	if len(r.Changed) == 0 && sameHead && before.Quarantined == r.After.Quarantined {
		// A reading that was cut off behind its last row is listed again; that writes nothing twice.
		whole := *file.Statement
		file.Statement, file.SHA256 = &whole, before.Statement
		if err := im.list(ctx, file, before); err != nil {
			return r, err
		}
		return r, ledger.Problem("%s is read as it was: nothing has changed", file.Name)
	}
	if err := im.mayReplace(ctx, file, before, r.After); err != nil {
		return r, err
	}
	r.After.Rereads, r.After.Statement = file.SHA256, rereadID(file.SHA256, n+1)
	r.After.Version, r.After.Replaces = before.Version+1, before.Statement
	if !record {
		return r, nil
	}
	file.SHA256 = r.After.Statement
	recorded, err := linesOf(ctx, im.journal, im.codec, file.SHA256)
	if err != nil {
		return r, err
	}
	if !begins(file.Lines, recorded) {
		return r, interrupted(file, len(recorded))
	}
	return r, im.record(ctx, file, &r.After, progress)
}

// mayReplace refuses to replace what a correction has replaced already, and to cover days of
// which another statement of the sender is here.
func (im *Importer) mayReplace(ctx context.Context, file StatementFile, before, after StatementImported) error {
	now, err := listedOn(ctx, im.journal, im.codec, before.From)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(inForce(now), func(l StatementListed) bool { return l.Statement == before.Statement }) {
		return ledger.Refuse(ledger.Say("%s was replaced by a correction, and counts nowhere", file.Name), ledger.Say("read the file again that replaced it"))
	}
	for day := after.From; day.Compare(after.To) <= 0; day = day.AddDays(1) {
		listed, err := listedOn(ctx, im.journal, im.codec, day)
		if err != nil {
			return err
		}
		for _, other := range inForce(listed) {
			if other.covers(day) && other.Statement != before.Statement && other.Sender == after.Sender && other.Account == after.Account && other.Kind == after.Kind {
				first, _, err := im.recorded(ctx, other.Statement)
				if err != nil {
					return err
				}
				return ledger.Refuse(ledger.Say("%s is read as a file of %s now, and of that day %s is here", file.Name, day.String(), first.File),
					ledger.Say("look at the profile's times and zone: daybook formats test %s", file.Name))
			}
		}
	}
	return nil
}

// changedRows are the rows that two readings of one file do not share.
func changedRows(before, after []Line) []ChangedRow {
	rows := map[int]*ChangedRow{}
	at := func(row int) *ChangedRow {
		if rows[row] == nil {
			rows[row] = &ChangedRow{Row: row}
		}
		return rows[row]
	}
	for n := range before {
		at(before[n].Row).Before = &before[n]
	}
	for n := range after {
		at(after[n].Row).After = &after[n]
	}
	list := []ChangedRow{}
	for _, row := range rows {
		if row.Before == nil || row.After == nil || differing([]Line{*row.Before}, []Line{*row.After}) > 0 {
			list = append(list, *row)
		}
	}
	slices.SortFunc(list, func(a, b ChangedRow) int { return a.Row - b.Row })
	return list
}

func interrupted(file StatementFile, rows int) error {
	// Half of a file by one profile and half by another would be a file nobody sent.
	return ledger.Refuse(ledger.Say("%s: an import of this file was interrupted after %d rows, and they are read otherwise now", file.Name, rows),
		ledger.Say("put the profile back as it was, import the file, and change the profile then"))
}
