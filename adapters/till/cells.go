package till

import (
	"errors"
	"io"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"
)

// readSheets reads every part of a document as one CSV table with a header, and calls
// each for every row that has as many cells as the header. begin is told of each header,
// and may be nil.
func readSheets(doc *files.Document, comma string, columns []string, problems *files.Problems, reading *Reading, begin func(*files.Sheet),
	each func(part *files.Part, sheet *files.Sheet, record *files.Record)) {
	for i := range doc.Parts {
		part := &doc.Parts[i]
		reader := files.NewReader(doc.FileOf(part), part.Text, files.Dialect{Comma: comma, Quoted: true})
		var sheet *files.Sheet
		for {
			row, err := reader.Read()
			if err == io.EOF {
				break
			}
			var wrong *files.Error
			if errors.As(err, &wrong) {
				problems.Add(wrong)
				continue
			}
			if sheet == nil {
				sheet = files.NewSheet(doc.FileOf(part), row, problems)
				if begin != nil {
					begin(sheet)
				}
				if !sheet.Require(columns...) {
					break
				}
				continue
			}
			record := sheet.Record(row)
			for _, heading := range sheet.Headings {
				if forbidden(heading) {
					record.Drop(heading)
				}
			}
			if record.Sound() {
				each(part, sheet, record)
			}
		}
		if sheet != nil {
			addCounts(reading.Truncated, sheet.Truncated)
			addCounts(reading.Dropped, sheet.Dropped)
		}
	}
}

// headed reports whether the first row of every part satisfies a condition.
func headed(doc *files.Document, comma string, by func(header files.Row) bool) bool {
	for i := range doc.Parts {
		header, err := files.NewReader(doc.Name, doc.Parts[i].Text, files.Dialect{Comma: comma, Quoted: true}).Read()
		if err != nil || !by(header) {
			return false
		}
	}
	return len(doc.Parts) > 0
}

func addCounts(to, from map[string]int) {
	for column, n := range from {
		to[column] += n
	}
}

// needText is a cell that must be filled.
func needText(r *files.Record, heading string) string {
	if !r.Has(heading) {
		r.Wrong(heading, ledger.Say("the cell is empty"),
			ledger.Say("every row needs this value; compare the row with the original file"))
	}
	return r.Text(heading)
}

// needID is an identifier that a row cannot be without.
func needID(r *files.Record, heading string, maxLen int) string {
	if needText(r, heading) == "" {
		return ""
	}
	return r.ID(heading, maxLen)
}

// storeOf looks up the store that a cell names.
func storeOf(r *files.Record, heading string, id ledger.StoreID, rules Rules) Store {
	store, known := rules.store(id)
	if !known && id != "" {
		r.Wrong(heading, unknownStore, unknownStoreHint)
	}
	return store
}

// currencyOf is the currency a cell names, or the store's where there is none.
func currencyOf(r *files.Record, heading string, store Store) ledger.Currency {
	if !r.Has(heading) {
		if store.Currency == "" && store.Clock.Zone != nil {
			r.Wrong(heading, ledger.Say("there is no currency here, and the store has none either"),
				ledger.Say("give the store a currency in the configuration"))
		}
		return store.Currency
	}
	currency, err := ledger.ParseCurrency(r.Text(heading))
	if err != nil {
		r.Wrong(heading, ledger.Say("this is not an ISO 4217 currency code that daybook counts in"),
			ledger.Say("compare the column with the original file"))
	}
	return currency
}

// channelOf is the channel a tender word means.
func channelOf(r *files.Record, heading string, rules Rules) string {
	channel, known := rules.channel(r.Text(heading))
	if !known {
		r.Wrong(heading, unknownTender, unknownTenderHint)
	}
	return channel
}

// parseLocal reads a time of day without offset in a store's zone, by the first layout
// that fits.
//
// Where the zone's clocks change, a local time may mean two instants or none. Tills
// change their clocks late rather than early, so the offset in force before the change
// is taken: of two instants the first, and of none the one the unchanged clock meant.
func parseLocal(text string, zone *time.Location, layouts ...string) (time.Time, bool) {
	for _, layout := range layouts {
		wall, err := time.Parse(layout, text)
		if err != nil || wall.Year() < minYear || wall.Year() > maxYear {
			continue
		}
		_, before := wall.Add(-24 * time.Hour).In(zone).Zone()
		_, after := wall.Add(24 * time.Hour).In(zone).Zone()
		at := onClock(wall, before)
		if _, offset := at.In(zone).Zone(); offset == after && offset != before {
			// The change lies before this instant: the new offset holds, unless no
			// clock of the zone has shown this time.
			if late := onClock(wall, after); sameWall(late.In(zone), wall) {
				at = late
			}
		}
		return keepOffset(at), true
	}
	return time.Time{}, false
}

// onClock is the instant at which a clock of that offset shows the wall time.
func onClock(wall time.Time, offset int) time.Time {
	return wall.Add(-time.Duration(offset) * time.Second).In(time.FixedZone("", offset))
}

func sameWall(a, b time.Time) bool { return a.Format(time.DateTime) == b.Format(time.DateTime) }
