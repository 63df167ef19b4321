package projections

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"daybook/ledger"
	"daybook/ledger/customer"
	"daybook/ledger/stock"
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
	room      room            // that the last page took
	owing     owing           // sums that the cursor waits for
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
	"cashier-signed-", "shift-", "drawer-", "cash-paid-", "batch-closed.", "feed-accepted.",
	"sale-recorded.", "refund-recorded.", "payment-voided.", "payment-reversed.", "payment-answered.", "action-quarantined.",
	"lines-recorded.", "rows-quarantined.", "unread-mended.", "statement-imported.", "matches-made.", "matches-undone.", "break-opened.", "break-closed.",
	"day-joined.", "day-concluded.", "payout-reckoned.", "deposit-reckoned.",
	"break-assigned.", "break-commented.", "break-explained.",
	"adjustment-proposed.", "adjustment-approved.", "adjustment-rejected.", "adjustment-reversed.",
	"day-signed.", "day-locked.", "day-reopened.", "period-locked.", "period-reopened.",
	"catalogue-listed.", "stock-recorded.", "stock-file-imported.", "reorder-proposed.", "reorder-settled.",
	"customer-", "consent-set.", "offer-made.", "offer-redeemed.",
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

// Apply writes a page's rows and then moves the cursor, or leaves that to a later page when there
// are more to come: see owing. It may be given any page again,
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
	events := make([]ledger.Recorded, 0, len(page.Events))
	for _, recorded := range page.Events {
		if projected.Admits(recorded.Stream, recorded.Type) {
			events = append(events, recorded)
		}
	}
	decoded, err := p.codec.DecodeAll(events)
	if err != nil {
		return err
	}
	b := newBlock(p.room)
	for n, recorded := range events {
		b.add(recorded, decoded[n])
	}
	p.room = b.room()
	if err := b.insert(ctx, p.into); err != nil {
		return err
	}
	if p.owing.owe(b); !page.CaughtUp && !p.owing.ripe() {
		return nil
	}
	if err := p.fill(ctx); err != nil {
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
func (b *block) add(recorded ledger.Recorded, decoded ledger.Decoded) {
	s := sourceOf(recorded, decoded.Meta)
	switch payload := decoded.Payload.(type) {
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
	case ledger.CashierSignedOn, ledger.CashierSignedOff, ledger.ShiftOpened, ledger.ShiftClosed,
		ledger.DrawerOpened, ledger.DrawerCounted, ledger.CashPaidIn, ledger.CashPaidOut, ledger.DrawerOpenedNoSale:
		b.tillEvent(s, payload.(ledger.Action))
	case ledger.BatchClosed:
		b.batches = append(b.batches, batchRecord{s, payload})
	case ledger.FeedAccepted:
		b.feed(s, payload)
	case ledger.StoredayOpened, reconcile.StatementListed:
		b.factDay(recorded, payload)
	case ledger.RowsQuarantined:
		b.quarantineRows(s, payload)
	case ledger.UnreadMended:
		b.mend(s, payload)
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
	case reconcile.DaySigned:
		b.signed(s, payload)
	case reconcile.DayLocked:
		b.locked(s, payload)
	case reconcile.DayReopened:
		b.closings = append(b.closings, closingRecord{s.position, 0, payload.Day, "reopened"})
	case reconcile.PeriodLocked:
		b.periods = append(b.periods, periodRecord{s.position, payload.From, payload.To, "locked"})
	case customer.Described, customer.Merged, customer.ConsentSet, customer.Restricted, customer.Disclosed, customer.Erased, customer.OfferMade, customer.OfferRedeemed:
		b.customers = append(b.customers, customerEvent(s.position, decoded.Meta.OccurredAt, payload))
	case reconcile.PeriodReopened:
		b.periods = append(b.periods, periodRecord{s.position, payload.From, payload.To, "reopened"})
	case stock.CatalogueListed:
		b.listed(s, payload)
	case stock.StockRecorded:
		b.document(s, payload)
	case stock.FileImported:
		b.file(s.position, ledger.ImportBegun{File: payload.File, SHA256: payload.SHA256, Bytes: payload.Bytes, Format: payload.Format}, "whole")
	case stock.ReorderProposed:
		b.proposed(s, payload)
	case stock.ReorderSettled:
		b.settled(s, payload)
	}
}

// block is what a page comes to, table by table.
type block struct {
	sales       []saleRecord
	saleLines   []saleLineRecord
	payments    []paymentRecord
	answers     []answerRecord
	tillEvents  []tillEventRecord
	batches     []batchRecord
	feeds       []feedRecord
	articles    []articleRecord
	articleAt   map[string]int // where an article stands among them
	quarantined []quarantinedRecord
	badRows     []badRowRecord
	mended      []mendedRecord
	files       []fileRecord
	lines       []lineRecord
	statements  []statementRecord
	matched     []matchRecord
	breaks      []breakRecord
	factDays    []factDayRecord
	ahead       []aheadRecord
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
	signatures      []signatureRecord
	periods         []periodRecord
	customers       []customerRecord

	products   []productRecord
	suppliers  []supplierRecord
	stockDocs  []stockDocRecord
	stockLines []stockLineRecord
	reorders   []reorderRecord
}

// room is the number of rows in tables that have many. A block that grows row by row is
// copied a dozen times over.
type room struct{ sales, saleLines, payments, lines, matched int }

func (b *block) room() room {
	return room{len(b.sales), len(b.saleLines), len(b.payments), len(b.lines), len(b.matched)}
}

func newBlock(r room) *block {
	return &block{
		sales: make([]saleRecord, 0, r.sales), saleLines: make([]saleLineRecord, 0, r.saleLines), payments: make([]paymentRecord, 0, r.payments),
		lines: make([]lineRecord, 0, r.lines), matched: make([]matchRecord, 0, r.matched),
	}
}

// insert writes the tables beside each other.
func (b *block) insert(ctx context.Context, w Warehouse) error {
	err := together([]func() error{
		func() error { return salesTable.insert(ctx, w, b.sales) },
		func() error { return saleLinesTable.insert(ctx, w, b.saleLines) },
		func() error { return paymentsTable.insert(ctx, w, b.payments) },
		func() error { return answersTable.insert(ctx, w, b.answers) },
		func() error { return tillEventsTable.insert(ctx, w, b.tillEvents) },
		func() error { return batchesTable.insert(ctx, w, b.batches) },
		func() error { return feedsTable.insert(ctx, w, b.feeds) },
		func() error { return articlesTable.insert(ctx, w, b.articles) },
		func() error { return quarantinedTable.insert(ctx, w, b.quarantined) },
		func() error { return badRowsTable.insert(ctx, w, b.badRows) },
		func() error { return mendedTable.insert(ctx, w, b.mended) },
		func() error { return filesTable.insert(ctx, w, b.files) },
		func() error { return linesTable.insert(ctx, w, b.lines) },
		func() error { return statementsTable.insert(ctx, w, b.statements) },
		func() error { return matchesTable.insert(ctx, w, b.matched) },
		func() error { return breaksTable.insert(ctx, w, b.breaks) },
		func() error { return factDaysTable.insert(ctx, w, b.factDays) },
		func() error { return aheadTable.insert(ctx, w, b.ahead) },
		func() error { return casesTable.insert(ctx, w, b.cases) },
		func() error { return postingsTable.insert(ctx, w, b.postings) },
		func() error { return sheetsTable.insert(ctx, w, b.sheets) },
		func() error { return lateTable.insert(ctx, w, b.late) },
		func() error { return payoutsTable.insert(ctx, w, b.payouts) },
		func() error { return depositsTable.insert(ctx, w, b.deposits) },
		func() error { return lockedSheetsTable.insert(ctx, w, b.lockedSheets) },
		func() error { return lockedMovementsTable.insert(ctx, w, b.lockedMovements) },
		func() error { return periodsTable.insert(ctx, w, b.periods) },
		func() error { return signaturesTable.insert(ctx, w, b.signatures) },
		func() error { return productsTable.insert(ctx, w, b.products) },
		func() error { return suppliersTable.insert(ctx, w, b.suppliers) },
		func() error { return stockLinesTable.insert(ctx, w, b.stockLines) },
		func() error { return stockDocsTable.insert(ctx, w, b.stockDocs) },
		func() error { return reordersTable.insert(ctx, w, b.reorders) },
		func() error { return customersTable.insert(ctx, w, b.customers) },
	})
	// Last, since the rows of a day count only from when it names their position.
	if err == nil {
		err = daysTable.insert(ctx, w, b.days)
	}
	if err == nil {
		err = closingsTable.insert(ctx, w, b.closings)
	}
	return err
}

// together runs jobs, a few at a time, and returns the error of the first that failed.
func together(jobs []func() error) error {
	failed := make([]error, len(jobs))
	room := make(chan struct{}, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	for n, job := range jobs {
		room <- struct{}{}
		group.Go(func() {
			failed[n] = job()
			<-room
		})
	}
	group.Wait()
	return cmp.Or(failed...)
}

// tables and views, in the order in which they can be made.
var (
	tables = []interface{ create() string }{
		salesTable, saleLinesTable, paymentsTable, answersTable, quarantinedTable, badRowsTable, mendedTable, filesTable, linesTable, statementsTable,
		matchesTable, breaksTable, factDaysTable, aheadTable, casesTable, postingsTable, daysTable, sheetsTable, lateTable, payoutsTable, depositsTable,
		closingsTable, signaturesTable, periodsTable, lockedSheetsTable, lockedMovementsTable, customersTable,
		tillEventsTable, batchesTable, feedsTable, articlesTable, saleSums.table(), articleSums.table(), paymentSums.table(), drawerSums.table(), shiftSums.table(), basketSums.table(), taxSums.table(),
		productsTable, suppliersTable, stockDocsTable, stockLinesTable, reordersTable,
	}
	tableNames = []string{
		salesTable.name, saleLinesTable.name, paymentsTable.name, answersTable.name, quarantinedTable.name, badRowsTable.name, mendedTable.name, filesTable.name, linesTable.name, statementsTable.name,
		matchesTable.name, breaksTable.name, factDaysTable.name, aheadTable.name, casesTable.name, postingsTable.name, daysTable.name, sheetsTable.name, lateTable.name, payoutsTable.name, depositsTable.name,
		closingsTable.name, signaturesTable.name, periodsTable.name, lockedSheetsTable.name, lockedMovementsTable.name, customersTable.name,
		tillEventsTable.name, batchesTable.name, feedsTable.name, articlesTable.name, saleSums.name, articleSums.name, paymentSums.name, drawerSums.name, shiftSums.name, basketSums.name, taxSums.name,
		productsTable.name, suppliersTable.name, stockDocsTable.name, stockLinesTable.name, reordersTable.name,
	}
	views = slices.Concat([]view{
		salesView, saleLinesView, salesHourView, answersView, voidsView, paymentsView, statementsView, linesView,
		settlementLinesView, accountLinesView, bankLinesView, matchesView, factDaysView, lockedView, breaksView, caseEventsView, postingsView, trialBalanceView, payoutsView, depositsView, sheetsNowView, controlSheetView, movementsView, receivablesView, billedView, quarantinedView, badRowsView, filesView,
		salesDayView, salesDayHourView, salesDayTenderView, salesDayCategoryView, salesDayTerminalView, salesDayCashierView, salesDayNoteView, salesDayProductView,
		returnsDayView, paymentsDayView, checkoutView, pairsView,
		tillEventsView, aheadView, drawersView, shiftsView, perpetualView, taxDayView, batchesView, feedsView, gapsView, receiptsView,
		storesView, terminalsView, staffView, articlesView, calendarView,
	}, stockViews, customerViews)
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
