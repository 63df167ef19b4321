package projections

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"daybook/ledger"
	"daybook/reconcile"
)

// Projector is the follower of the journal that fills the read models. Its cursor is
// kept with them. It is for one goroutine.
type Projector struct {
	warehouse Warehouse
	codec     *ledger.Codec
	cluster   string          // see placement
	fills     uint32          // the only generation to fill; 0 for whichever is live
	into      generation      // that pages go into
	moved     ledger.Position // how far this projector has moved its cursor
}

// New makes a projector. The tables must have been made by Migrate before it is used.
func New(warehouse Warehouse, codec *ledger.Codec) *Projector {
	return &Projector{warehouse: warehouse, codec: codec}
}

// Name of the follower.
func (p *Projector) Name() string { return "projector" }

// projected are the types of event that fill tables, in every version.
var projected = ledger.Filter{Types: []string{
	"import-begun.", "till-file-imported.", "storeday-opened.", "statement-listed.",
	"sale-recorded.", "refund-recorded.", "payment-voided.", "payment-reversed.", "payment-answered.", "action-quarantined.",
	"lines-recorded.", "rows-quarantined.", "statement-imported.", "matches-made.", "matches-undone.", "break-opened.", "break-closed.",
	"day-joined.", "day-concluded.", "payout-reckoned.", "deposit-reckoned.",
	"break-assigned.", "break-commented.", "break-explained.",
	"adjustment-proposed.", "adjustment-approved.", "adjustment-rejected.", "adjustment-reversed.",
	"day-locked.", "day-reopened.", "period-locked.", "period-reopened.",
}}

// Filter selects the events that fill tables.
func (p *Projector) Filter() ledger.Filter { return projected }

// cursorTable holds one row per follower.
const cursorTable = "r_cursor"

// Cursor is the position up to which the tables that pages go into reflect the journal; 0
// for empty tables.
func (p *Projector) Cursor(ctx context.Context) (ledger.Position, error) {
	g, err := p.aim(ctx)
	if err != nil {
		return 0, err
	}
	p.into, p.moved = p.of(g), 0
	position, err := cursor(ctx, p.into)
	if position > 0 && p.shows(g) {
		position-- // whoever filled it may have died at the end: so that there is a page to hear of it again
	}
	return position, err
}

func cursor(ctx context.Context, warehouse Warehouse) (ledger.Position, error) {
	positions, err := query(ctx, warehouse, "SELECT max(position) FROM "+cursorTable,
		func(position *ledger.Position) []any { return []any{position} })
	if err != nil {
		return 0, fmt.Errorf("read the cursor of the read models: %w", err)
	}
	return positions[0], nil
}

// Apply writes a page's rows and then moves the cursor. It may be given any page again,
// whole or in other cuts; the tables come out the same. Types of event that it does not
// know are passed over. A known one that cannot be decoded ends the page with an error
// that names its position, and nothing of the page is written.
//
// When another generation has taken the place of the one that Cursor spoke of, it writes
// nothing, and the error wraps ledger.ErrMoved: the pages to give are those after Cursor.
func (p *Projector) Apply(ctx context.Context, page ledger.Page) error {
	g, err := p.aim(ctx)
	if err != nil {
		return err
	}
	switch into := p.of(g); {
	case p.into.number == 0:
		p.into = into
	case p.into.number != into.number:
		return fmt.Errorf("generation %d is live in the place of %d: %w", into.number, p.into.number, ledger.ErrMoved)
	}
	if err := p.write(ctx, page); err != nil {
		return err
	}
	if page.CaughtUp && p.shows(g) {
		return p.Show(ctx, g.Number)
	}
	return nil
}

// write writes a page's rows, and the cursor after them.
func (p *Projector) write(ctx context.Context, page ledger.Page) error {
	b := new(block)
	for _, recorded := range page.Events {
		if err := p.add(b, recorded); err != nil {
			return fmt.Errorf("position %d in %s: %w", recorded.Position, recorded.Stream, err)
		}
	}
	if err := b.insert(ctx, p.into); err != nil {
		return err
	}
	if page.Next <= p.moved {
		return nil
	}
	// A replay may write a lower position than the one there; the highest counts.
	if err := p.into.Insert(ctx, cursorTable, Column{"follower", []string{p.Name()}}, Column{"position", []uint64{uint64(page.Next)}}); err != nil {
		return fmt.Errorf("move the cursor to %d: %w", page.Next, err)
	}
	p.moved = page.Next
	return nil
}

// add puts an event's rows into the block.
func (p *Projector) add(b *block, recorded ledger.Recorded) error {
	if !projected.Admits(recorded.Stream, recorded.Type) {
		return nil
	}
	payload, err := p.codec.Decode(recorded.Event)
	if errors.Is(err, ledger.ErrUnknownType) {
		return nil
	}
	if err != nil {
		return err
	}
	meta, err := ledger.DecodeMeta(recorded.Event)
	if err != nil {
		return err
	}
	s := sourceOf(recorded, meta)
	switch payload := payload.(type) {
	case ledger.SaleRecorded:
		b.sale(s, payload)
	case ledger.RefundRecorded:
		b.refund(s, payload)
	case ledger.PaymentVoided:
		b.void(s, payload)
	case ledger.PaymentReversed:
		b.reversal(s, payload)
	case ledger.PaymentAnswered:
		b.answer(s, payload)
	case ledger.ActionQuarantined:
		b.quarantine(s, payload)
	case reconcile.LinesRecorded:
		b.recorded(s, payload)
	case ledger.StoredayOpened:
		b.factDay(s, payload.Day)
	case reconcile.StatementListed:
		b.factDay(s, payload.To)
	case reconcile.RowsQuarantined:
		b.quarantineRows(s, payload)
	case ledger.ImportBegun:
		b.file(s.position, payload, "begun")
	case ledger.TillFileImported:
		b.file(s.position, ledger.ImportBegun{File: payload.File, SHA256: payload.SHA256, Bytes: payload.Bytes, Format: payload.Format}, "whole")
	case reconcile.StatementImported:
		b.file(s.position, ledger.ImportBegun{File: payload.File, SHA256: payload.Statement, Bytes: payload.Bytes, Format: payload.Format}, "whole")
		b.imported(s, payload)
	case reconcile.MatchesMade:
		b.matches(recorded.Stream, s, payload.Matches, "made")
	case reconcile.MatchesUndone:
		b.matches(recorded.Stream, s, payload.Matches, "undone")
	case reconcile.BreakOpened:
		b.difference(s, payload.Break, "open")
	case reconcile.BreakClosed:
		b.difference(s, payload.Break, "closed")
	case reconcile.BreakAssigned, reconcile.BreakCommented, reconcile.BreakExplained,
		reconcile.AdjustmentProposed, reconcile.AdjustmentApproved, reconcile.AdjustmentRejected, reconcile.AdjustmentReversed:
		b.handled(s, payload)
	case reconcile.DayJoined:
		b.joined(s, payload)
	case reconcile.DayConcluded:
		b.concluded(s, payload)
	case reconcile.PayoutReckoned:
		b.payout(s, payload)
	case reconcile.DepositReckoned:
		b.deposit(s, payload)
	case reconcile.DayLocked:
		b.locked(s, payload)
	case reconcile.DayReopened:
		b.closings = append(b.closings, closingRecord{s.position, 0, payload.Day, "reopened"})
	case reconcile.PeriodLocked:
		b.periods = append(b.periods, periodRecord{s.position, payload.From, payload.To, "locked"})
	case reconcile.PeriodReopened:
		b.periods = append(b.periods, periodRecord{s.position, payload.From, payload.To, "reopened"})
	}
	return nil
}

// block is what a page comes to, table by table.
type block struct {
	sales       []saleRecord
	saleLines   []saleLineRecord
	payments    []paymentRecord
	answers     []answerRecord
	quarantined []quarantinedRecord
	badRows     []badRowRecord
	files       []fileRecord
	lines       []lineRecord
	statements  []statementRecord
	matched     []matchRecord
	breaks      []breakRecord
	factDays    []factDayRecord
	cases       []caseRecord
	postings    []postingRecord
	days        []dayRecord
	sheets      []sheetRecord
	late        []lateRecord
	payouts     []payoutRecord
	deposits    []depositRecord

	lockedSheets    []lockedSheetRecord
	lockedMovements []movementRecord
	closings        []closingRecord
	periods         []periodRecord
}

func (b *block) insert(ctx context.Context, w Warehouse) error {
	for _, insert := range []func() error{
		func() error { return salesTable.insert(ctx, w, b.sales) },
		func() error { return saleLinesTable.insert(ctx, w, b.saleLines) },
		func() error { return paymentsTable.insert(ctx, w, b.payments) },
		func() error { return answersTable.insert(ctx, w, b.answers) },
		func() error { return quarantinedTable.insert(ctx, w, b.quarantined) },
		func() error { return badRowsTable.insert(ctx, w, b.badRows) },
		func() error { return filesTable.insert(ctx, w, b.files) },
		func() error { return linesTable.insert(ctx, w, b.lines) },
		func() error { return statementsTable.insert(ctx, w, b.statements) },
		func() error { return matchesTable.insert(ctx, w, b.matched) },
		func() error { return breaksTable.insert(ctx, w, b.breaks) },
		func() error { return factDaysTable.insert(ctx, w, b.factDays) },
		func() error { return casesTable.insert(ctx, w, b.cases) },
		func() error { return postingsTable.insert(ctx, w, b.postings) },
		func() error { return sheetsTable.insert(ctx, w, b.sheets) },
		func() error { return lateTable.insert(ctx, w, b.late) },
		func() error { return payoutsTable.insert(ctx, w, b.payouts) },
		func() error { return depositsTable.insert(ctx, w, b.deposits) },
		func() error { return lockedSheetsTable.insert(ctx, w, b.lockedSheets) },
		func() error { return lockedMovementsTable.insert(ctx, w, b.lockedMovements) },
		func() error { return periodsTable.insert(ctx, w, b.periods) },
		// Last, since the rows of a day count only from when it names their position.
		func() error { return daysTable.insert(ctx, w, b.days) },
		func() error { return closingsTable.insert(ctx, w, b.closings) },
	} {
		if err := insert(); err != nil {
			return err
		}
	}
	return nil
}

// tables and views, in the order in which they can be made.
var (
	tables = []interface{ create() string }{
		salesTable, saleLinesTable, paymentsTable, answersTable, quarantinedTable, badRowsTable, filesTable, linesTable, statementsTable,
		matchesTable, breaksTable, factDaysTable, casesTable, postingsTable, daysTable, sheetsTable, lateTable, payoutsTable, depositsTable,
		closingsTable, periodsTable, lockedSheetsTable, lockedMovementsTable,
	}
	tableNames = []string{
		salesTable.name, saleLinesTable.name, paymentsTable.name, answersTable.name, quarantinedTable.name, badRowsTable.name, filesTable.name, linesTable.name, statementsTable.name,
		matchesTable.name, breaksTable.name, factDaysTable.name, casesTable.name, postingsTable.name, daysTable.name, sheetsTable.name, lateTable.name, payoutsTable.name, depositsTable.name,
		closingsTable.name, periodsTable.name, lockedSheetsTable.name, lockedMovementsTable.name,
	}
	views = []view{
		salesView, saleLinesView, salesHourView, answersView, voidsView, paymentsView, statementsView, linesView,
		settlementLinesView, accountLinesView, bankLinesView, matchesView, factDaysView, casesView, lockedView, lateBreaksView, breaksView, caseEventsView, postingsView, trialBalanceView, payoutsView, depositsView, sheetsNowView, controlSheetView, movementsView, receivablesView, billedView, quarantinedView, badRowsView, filesView,
	}
)

// meaning counts changes of what rows say that the tables' own layout does not show. Raise
// it to have the tables filled again.
const meaning = "1"

// layout is a digest of the tables: where it differs, they have to be filled anew. shape
// is one of the views as well: where only that differs, the views are made again.
var layout = sync.OnceValues(func() (tablesDigest, shape string) {
	h := sha256.New()
	fmt.Fprintln(h, meaning)
	for _, t := range tables {
		fmt.Fprintln(h, t.create())
	}
	tablesDigest = hex.EncodeToString(h.Sum(nil))[:16]
	for _, v := range views {
		fmt.Fprintln(h, v.name, v.grain, v.query, v.notes)
	}
	return tablesDigest, hex.EncodeToString(h.Sum(nil))[:16]
})

func (p *Projector) exec(ctx context.Context, warehouse Warehouse, statement string) error {
	if err := warehouse.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", strings.SplitN(statement, "\n", 2)[0], err)
	}
	return nil
}

const createCursor = "CREATE TABLE IF NOT EXISTS " + cursorTable + `
(
    follower String COMMENT 'name of the follower',
    position UInt64 COMMENT 'everything in the journal up to here is in the tables'
)
ENGINE = ReplacingMergeTree(position)
ORDER BY follower
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`
