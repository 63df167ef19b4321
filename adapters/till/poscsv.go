package till

import (
	"maps"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"
)

// POSCSV is the journal of a payment terminal as a CSV of one row per card or wallet
// transaction. See the package documentation for its columns.
type POSCSV struct{}

// Name is "pos-csv".
func (POSCSV) Name() string { return "pos-csv" }

var posColumns = []string{
	"txn_id", "store_id", "terminal_id", "merchant_id", "tender", "txn_type", "amount_fen", "currency", "local_time",
	"batch_no", "trace_no", "rrn", "auth_code", "masked_pan", "provider_order_no", "orig_txn_id", "status",
}

// Sniff looks for the headings that no other source has, so that a file without one of
// the others is still recognised and the missing column named.
func (POSCSV) Sniff(doc *files.Document) bool {
	return headed(doc, ",", func(header files.Row) bool {
		return header.Names("txn_id", "txn_type") && (header.Names("amount_fen") || header.Names("trace_no"))
	})
}

// Read reads every row, or returns everything that is wrong with them.
func (POSCSV) Read(doc *files.Document, rules Rules) (*Reading, error) {
	reading := newReading()
	var problems files.Problems
	readSheets(doc, ",", posColumns, &problems, reading, nil, func(part *files.Part, sheet *files.Sheet, record *files.Record) {
		action := posAction(sheet, record, rules)
		if _, sale := action.(ledger.SaleRecorded); !sale {
			for _, heading := range slices.Sorted(maps.Keys(posNotes(sheet, record))) {
				reading.Dropped[heading]++
			}
		}
		if record.Sound() {
			reading.Actions = append(reading.Actions, Entry{partName(doc, part), record.Line, action})
		}
	})
	return reading.unless(&problems)
}

func posAction(sheet *files.Sheet, r *files.Record, rules Rules) ledger.Action {
	trace, seq := posTrace(r)
	head := ledger.Till{
		Terminal: ledger.TerminalID(needID(r, "terminal_id", maxReference)),
		Series:   needID(r, "batch_no", 6),
		Seq:      seq,
		Doc:      needID(r, "txn_id", maxReference),
		Store:    ledger.StoreID(needID(r, "store_id", 32)),
	}
	store := storeOf(r, "store_id", head.Store, rules)
	head.At = posTime(r, store.Clock.Zone)
	if store.Clock.Zone != nil {
		head.BusinessDay = store.Clock.Day(head.At)
	}
	tender := ledger.Tender{
		Payment:  head.Doc,
		Channel:  channelOf(r, "tender", rules),
		Amount:   ledger.Minor(posAmount(r), currencyOf(r, "currency", store)),
		Outcome:  posOutcome(r),
		MID:      ledger.MID(r.ID("merchant_id", 32)),
		TID:      ledger.TID(head.Terminal),
		Batch:    ledger.BatchNo(head.Series),
		STAN:     trace,
		RRN:      ledger.RRN(r.ID("rrn", 12)),
		AuthCode: ledger.AuthCode(r.ID("auth_code", 6)),
		Card:     r.Card("masked_pan"),
		OrderNo:  r.ID("provider_order_no", maxReference),
	}
	original := r.ID("orig_txn_id", maxReference)
	switch strings.ToLower(r.Text("txn_type")) {
	case "sale":
		return ledger.SaleRecorded{
			Till: head, Sale: head.Doc, Tenders: []ledger.Tender{tender}, Total: posTotal(tender), Notes: posNotes(sheet, r),
		}
	case "refund":
		return ledger.RefundRecorded{
			Till: head, Refund: head.Doc, Original: original, Tenders: []ledger.Tender{tender}, Total: posTotal(tender),
		}
	case "void":
		needText(r, "orig_txn_id")
		return ledger.PaymentVoided{Till: head, Original: original, Tender: tender}
	}
	r.Wrong("txn_type", ledger.Say("this is not one of %s", "sale, refund, void"), ledger.Text{})
	return nil
}

// posTotal is what the customer owed by this row. The journal of a terminal does not
// know the receipt: where the payment did not come about, another row or another till
// has the sale, and counting it here would count it twice.
func posTotal(t ledger.Tender) ledger.Money {
	if t.Outcome == ledger.Declined || t.Outcome == ledger.Reversed {
		return ledger.Minor(0, t.Amount.Currency)
	}
	return t.Amount
}

// posTrace is the trace number, 凭证号, which a terminal counts within a batch.
func posTrace(r *files.Record) (ledger.STAN, uint64) {
	trace := needID(r, "trace_no", 6)
	seq, err := parseUnsigned(trace, 0)
	if trace != "" && (err != nil || seq == 0) {
		r.Wrong("trace_no", ledger.Say("this is not a number from 1 to 999999"), ledger.Say("compare the column with the original file"))
	}
	return ledger.STAN(trace), uint64(seq)
}

func posAmount(r *files.Record) int64 {
	text := needText(r, "amount_fen")
	minor, err := parseUnsigned(text, 0)
	switch {
	case err == nil || text == "":
		return minor
	case strings.HasPrefix(text, "-"):
		r.Wrong("amount_fen", ledger.Say("this is negative; the direction is in the kind of the action"),
			ledger.Say("write the amount without a sign and %s in %s", "refund", "txn_type"))
	default:
		r.Wrong("amount_fen", ledger.Say("this is not a whole number of minor units, of at most twelve digits"),
			ledger.Say("write 12.34 as 1234; the file may have been saved by a spreadsheet: ask for the original"))
	}
	return 0
}

func posTime(r *files.Record, zone *time.Location) time.Time {
	text := needText(r, "local_time")
	if text == "" || zone == nil {
		return time.Time{}
	}
	at, ok := parseLocal(text, zone, time.DateTime)
	if !ok {
		r.Wrong("local_time", ledger.Say("this is not a time written like %s", time.DateTime),
			ledger.Say("the file may have been saved by a spreadsheet, which rewrites times; ask for the original"))
	}
	return at
}

func posOutcome(r *files.Record) ledger.Outcome {
	switch strings.ToLower(r.Text("status")) {
	case "approved":
		return ledger.Approved
	case "declined":
		return ledger.Declined
	case "timeout":
		return ledger.Unknown
	case "reversed":
		return ledger.Reversed
	}
	r.Wrong("status", ledger.Say("this is not one of %s", "approved, declined, timeout, reversed"), ledger.Text{})
	return ""
}

// posNotes are the columns a terminal adds to the known ones.
func posNotes(sheet *files.Sheet, r *files.Record) map[string]string {
	var notes map[string]string
	for _, heading := range sheet.Headings {
		if heading == "" || slices.Contains(posColumns, files.Fold(heading)) || !r.Has(heading) {
			continue
		}
		if notes == nil {
			notes = map[string]string{}
		}
		notes[heading] = r.Text(heading)
	}
	return notes
}
