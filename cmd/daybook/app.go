package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"daybook/adapters/bus"
	"daybook/adapters/chdb"
	"daybook/adapters/clickhouse"
	"daybook/ledger"
	"daybook/ledger/customer"
	"daybook/ledger/stock"
	"daybook/projections"
	"daybook/reconcile"
)

// app is the program's rooms, wired. Read open from top to bottom: it is the drawing of
// the architecture.
type app struct {
	settings  *settings
	codec     *ledger.Codec
	journal   ledger.Journal
	intake    *ledger.Intake
	importer  *reconcile.Importer
	matcher   *reconcile.Matcher
	desk      *reconcile.Desk
	customers *customer.Book
	shredder  *customer.Shredder
	keys      string     // folder of the keys to personal data
	shredded  cursorFile // of the shredder; kept with the keys
	cursor    cursorFile // of the matcher; the projector's is with its tables
	seen      cursorFile // the last event both have seen
	projector *projections.Projector
	views     *projections.Views
	warehouse projections.Warehouse
	cluster   string // that the warehouse is one of; empty for none
	close     []func() error

	goods   *stock.Intake
	planner *stock.Planner
	buying  *stock.Desk
}

// open opens the data directory. Whoever opens closes.
func open(ctx context.Context, g *globals) (_ *app, err error) {
	a := &app{}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.Close())
		}
	}()
	if a.settings, err = loadConfig(g.configPath()); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(g.data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	a.codec = ledger.NewCodec(ledger.ActionKinds(), ledger.IntakeKinds(), reconcile.Kinds(), stock.Kinds(), customer.Kinds())

	journal, closeJournal, err := g.openJournal(ctx)
	if err != nil {
		return nil, a.refuseInUse(g, err)
	}
	a.journal = journal
	a.close = append(a.close, closeJournal)

	if a.warehouse, err = a.openWarehouse(ctx, g); err != nil {
		return nil, a.refuseInUse(g, err)
	}

	a.intake = ledger.NewIntake(a.journal, a.codec)
	a.importer = reconcile.NewImporter(a.journal, a.codec, a.settings.terms)
	a.cursor = cursorFile{g, bus.FileCursor(filepath.Join(g.data, "matcher.cursor"))}
	a.seen = cursorFile{g, bus.FileCursor(filepath.Join(g.data, "journal.seen"))}
	a.matcher = reconcile.NewMatcher(a.journal, a.codec, a.settings.terms, a.settings.digest, a.cursor)
	a.desk = reconcile.NewDesk(a.journal, a.codec, a.settings.people)
	a.goods = stock.NewIntake(a.journal, a.codec)
	a.planner = stock.NewPlanner(a.journal, a.codec, bus.FileShelf(filepath.Join(g.data, "planner")))
	a.buying = stock.NewDesk(a.journal, a.codec, a.settings.buyers)
	a.openKeys(g)
	a.projector = projections.New(a.warehouse, a.codec).OnCluster(a.cluster)
	a.views = projections.NewViews(a.warehouse)
	if err := a.projector.Migrate(ctx); err != nil {
		return nil, fmt.Errorf("prepare the tables: %w", err)
	}
	return a, a.checkLineage(ctx, g)
}

// cursorFile is a cursor that starts again when its file is damaged, and says so.
type cursorFile struct {
	g *globals
	bus.FileCursor
}

func (c cursorFile) Load() (ledger.Position, string, error) {
	position, tag, err := c.FileCursor.Load()
	if errors.Is(err, bus.ErrDamagedCursor) {
		c.g.notice(ledger.Say("%s is damaged; starting again from the beginning of the journal", string(c.FileCursor)))
		return 0, "", nil
	}
	return position, tag, err
}

// checkLineage makes sure that what the followers remember is of this journal. A journal
// that was restored from a backup, or put in another's place, has another event, or none,
// where the last one stood; then matcher and tables start again.
func (a *app) checkLineage(ctx context.Context, g *globals) error {
	position, id, err := a.seen.Load()
	if err != nil || position == 0 {
		return err
	}
	for event, err := range a.journal.Read(ctx, ledger.Query{After: position - 1, Limit: 1}) {
		if err != nil {
			return err
		}
		if event.Position == position && event.ID.String() == id {
			return nil
		}
	}
	g.notice(ledger.Say("the journal is not the one the tables were made from; matching and tables start again"))
	if err := a.projector.Reset(ctx); err != nil {
		return err
	}
	return errors.Join(a.cursor.Save(0, ""), a.planner.Reset(), a.seen.Save(0, ""), a.shredFromStart())
}

// markLineage remembers the last event that the followers have seen, who are at position
// upTo.
func (a *app) markLineage(ctx context.Context, upTo ledger.Position) error {
	before := upTo
	if upTo < ledger.LatestPosition {
		before++ // a backward read does not give what it starts from
	}
	for event, err := range a.journal.Read(ctx, ledger.Query{After: before, Backwards: true, Limit: 1}) {
		if err != nil {
			return err
		}
		if at, id, err := a.seen.Load(); err != nil || at == event.Position && id == event.ID.String() {
			return err
		}
		return a.seen.Save(event.Position, event.ID.String())
	}
	return nil
}

// openWarehouse dials a ClickHouse server when one is named, and starts the engine
// inside this process otherwise.
func (a *app) openWarehouse(ctx context.Context, g *globals) (projections.Warehouse, error) {
	if g.clickhouse != "" {
		warehouse, err := clickhouse.Open(ctx, g.clickhouseAddress())
		if err != nil {
			return nil, err
		}
		a.close, a.cluster = append(a.close, warehouse.Close), warehouse.Cluster()
		return warehouse, nil
	}
	bar := g.progress(ledger.Say("fetching the ClickHouse engine, once"), unitBytes)
	defer bar.done()
	warehouse, err := chdb.Open(ctx, chdb.Options{Dir: filepath.Join(g.data, "warehouse"), Database: "daybook", Progress: bar.of})
	if err != nil {
		return nil, err
	}
	a.close = append(a.close, warehouse.Close)
	return warehouse, nil
}

func (a *app) refuseInUse(g *globals, err error) error {
	if !errors.Is(err, ledger.ErrInUse) {
		return err
	}
	return ledger.Refuse(ledger.Say("another daybook is using the data directory %s", g.data),
		ledger.Say("wait until it has finished, or name another directory with --data"))
}

// catchUp lets the followers read what is new: first matcher and planner, which write, then
// the projector.
func (a *app) catchUp(ctx context.Context, g *globals) error {
	if err := a.shred(ctx); err != nil {
		return err
	}
	for _, follower := range []struct {
		bus.Follower
		what ledger.Text
	}{{a.matcher, ledger.Say("matching")}, {a.planner, ledger.Say("planning orders")}, {a.projector, ledger.Say("updating tables")}} {
		head, err := ledger.Head(ctx, a.journal)
		if err != nil {
			return err
		}
		bar := g.progress(follower.what, unitEvents)
		err = bus.Drain(ctx, a.journal, follower, func(at ledger.Position) { bar.of(int64(at), int64(head)) })
		bar.done()
		if err != nil {
			return err
		}
	}
	return a.markLineage(ctx, ledger.LatestPosition)
}

// Close closes what open opened, last first.
func (a *app) Close() error {
	var errs []error
	for n := len(a.close) - 1; n >= 0; n-- {
		errs = append(errs, a.close[n]())
	}
	return errors.Join(errs...)
}
