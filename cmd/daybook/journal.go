package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/eventlog"
	"daybook/ledger"
)

func (g *globals) journalCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "journal",
		Short: "Look after the journal: figures, check, backup, restore, serve, copy",
		Long: "Look after the journal, from which everything else can be made again. These commands open\n" +
			"the journal only; one program at a time may have it open.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(g.journalStatsCommand(), g.journalVerifyCommand(), g.journalBackupCommand(), g.journalRestoreCommand(),
		g.journalServeCommand(), g.journalCopyCommand())
	return command
}

// journalDir is where the embedded journal lives.
func (g *globals) journalDir() string { return filepath.Join(g.data, "journal") }

// withLog opens an embedded journal that is there: the one named, or that of the data
// directory.
func (g *globals) withLog(args []string, use func(*eventlog.Log) error) error {
	dir := g.journalDir()
	if len(args) > 0 {
		dir = args[0]
	} else if err := g.refuseEventStore(); err != nil {
		return err
	}
	if err := refuseEmpty(dir); err != nil {
		return err
	}
	return using(dir, use)
}

// refuseEventStore refuses to do to a journal elsewhere what is for one in a directory.
func (g *globals) refuseEventStore() error {
	if g.journal == "" {
		return nil
	}
	return ledger.Refuse(ledger.Say("this is for journals kept in a directory, and --journal or DAYBOOK_JOURNAL names an event store"),
		ledger.Say("use the event store's own tools, or copy it to a directory: daybook journal copy --from esdb://… --to DIR"))
}

// refuseEmpty refuses a directory without a journal, which opening would make.
func refuseEmpty(dir string) error {
	if names, err := os.ReadDir(dir); errors.Is(err, fs.ErrNotExist) || err == nil && len(names) == 0 {
		return ledger.Refuse(ledger.Say("there is no journal in %s", dir), ledger.Say("name the data directory with --data; a journal is begun with: daybook import FILE…"))
	}
	return nil
}

// using opens the journal in a directory, closes it, and has something done in between.
func using(dir string, use func(*eventlog.Log) error) (err error) {
	log, err := openLog(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	return use(log)
}

// openLog opens the journal in a directory, which it makes if need be.
func openLog(dir string) (*eventlog.Log, error) {
	log, err := eventlog.Open(dir, eventlog.Options{})
	if errors.Is(err, ledger.ErrInUse) {
		return nil, ledger.Refuse(ledger.Say("another daybook has the journal in %s open", dir),
			ledger.Say("wait until it has finished; one that is served can be copied meanwhile: daybook journal copy --from 'esdb://127.0.0.1:2113?tls=false' --to DIR"))
	}
	return log, err
}

// damaged turns an error about damage into what a failed check prints and returns.
func (g *globals) damaged(err error) error {
	if !errors.Is(err, ledger.ErrCorrupt) {
		return err
	}
	fmt.Fprintln(g.stderr, g.say.text(ledger.Say("the journal is damaged: %s", err.Error())))
	g.hint(ledger.Say("keep the directory as it is, and restore the last backup: daybook journal restore DIR"))
	return exitError(exitVerification)
}

func (g *globals) journalStatsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "stats [DIR]",
		Short: "Figures of the journal",
		Long:  "Figures of the journal in the data directory, or of the one in DIR.",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.damaged(g.withLog(args, func(log *eventlog.Log) error { return g.journalStats(cmd.Context(), log) }))
		},
	}
}

// journalFacts are a journal's figures.
type journalFacts struct {
	Dir       string          `json:"dir"`
	Events    ledger.Position `json:"events"` // which is also the position of the last
	First     time.Time       `json:"first,omitzero"`
	Last      time.Time       `json:"last,omitzero"`
	DiskBytes uint64          `json:"disk_bytes"`
	FreeBytes uint64          `json:"free_bytes"`
	Stopped   string          `json:"stopped,omitempty"` // why it takes no more events
}

func (g *globals) journalStats(ctx context.Context, log *eventlog.Log) error {
	stats, err := log.Stats()
	if err != nil {
		return err
	}
	facts := journalFacts{Dir: stats.Dir, Events: stats.Head, DiskBytes: stats.DiskBytes, FreeBytes: stats.FreeBytes}
	if stats.Stopped != nil {
		facts.Stopped = stats.Stopped.Error()
	}
	if facts.First, err = recordedAt(ctx, log, ledger.Query{Limit: 1}); err != nil {
		return err
	}
	if facts.Last, err = recordedAt(ctx, log, ledger.Query{After: ledger.LatestPosition, Backwards: true, Limit: 1}); err != nil {
		return err
	}
	return g.printJournalFacts(facts)
}

// recordedAt is the time of the first event that a query finds; zero when there is none.
func recordedAt(ctx context.Context, journal ledger.Journal, query ledger.Query) (time.Time, error) {
	for event, err := range journal.Read(ctx, query) {
		return event.RecordedAt, err
	}
	return time.Time{}, nil
}

func (g *globals) printJournalFacts(f journalFacts) error {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	if g.output != "table" {
		columns := []column{{name: "dir"}, {name: "events"}, {name: "first"}, {name: "last"}, {name: "disk_bytes"}, {name: "free_bytes"}, {name: "stopped"}}
		row := []string{f.Dir, strconv.FormatUint(uint64(f.Events), 10), moment(f.First), moment(f.Last),
			strconv.FormatUint(f.DiskBytes, 10), strconv.FormatUint(f.FreeBytes, 10), f.Stopped}
		return g.printList(columns, [][]string{row}, f)
	}
	rows := [][]string{
		{g.say.text(ledger.Say("directory")), f.Dir},
		{g.say.text(ledger.Say("events")), strconv.FormatUint(uint64(f.Events), 10)},
		{g.say.text(ledger.Say("first recorded")), moment(f.First)},
		{g.say.text(ledger.Say("last recorded")), moment(f.Last)},
		{g.say.text(ledger.Say("on disk")), sized(f.DiskBytes)},
		{g.say.text(ledger.Say("free on the disk")), sized(f.FreeBytes)},
	}
	if f.Stopped != "" {
		rows = append(rows, []string{g.say.text(ledger.Say("takes no events")), f.Stopped})
	}
	g.printFacts(rows)
	return nil
}

// sized prints a number of bytes, of which nobody needs the last; it rounds up.
func sized(bytes uint64) string {
	if bytes < 10<<20 {
		return fmt.Sprintf("%d KiB", (bytes+1<<10-1)>>10)
	}
	return fmt.Sprintf("%d MiB", (bytes+1<<20-1)>>20)
}

func (g *globals) journalVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [DIR]",
		Short: "Check every stored byte of the journal",
		Long: "Check every record of the journal in the data directory, or of the one in DIR, against its\n" +
			"checksum, every stream's revisions for gaps, and every index entry against the events. Every\n" +
			"problem is printed with its place; with any, the exit code is 4.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.damaged(g.withLog(args, func(log *eventlog.Log) error { return g.journalVerify(cmd.Context(), log) }))
		},
	}
}

func (g *globals) journalVerify(ctx context.Context, log *eventlog.Log) error {
	report, err := g.verifying(func(progress func(done, total uint64)) (eventlog.Report, error) { return log.Verify(ctx, progress) })
	if err != nil {
		return err
	}
	stats, err := log.Stats()
	if err != nil {
		return err
	}
	if stats.Stopped != nil {
		report.Problems = append(report.Problems, eventlog.Problem{What: stats.Stopped.Error()})
	}
	return g.printReport(stats.Dir, report)
}

// verifying runs a check with a progress bar.
func (g *globals) verifying(verify func(progress func(done, total uint64)) (eventlog.Report, error)) (eventlog.Report, error) {
	bar := g.progress(ledger.Say("checking the journal"), unitEvents)
	defer bar.done()
	return verify(func(done, total uint64) { bar.of(int64(done), int64(total)) })
}

// printReport prints what a check found.
func (g *globals) printReport(dir string, report eventlog.Report) error {
	if g.output == "table" && len(report.Problems) == 0 {
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s is sound: %d events in %d streams, %s of records", dir, report.Events, report.Streams, sized(report.Bytes))))
		return nil
	}
	columns := []column{
		{g.say.text(ledger.Say("event")), "position", true}, {g.say.text(ledger.Say("until")), "until", true},
		{g.say.text(ledger.Say("stream")), "stream", false}, {g.say.text(ledger.Say("problem")), "problem", false},
	}
	var rows [][]string
	for _, p := range report.Problems {
		rows = append(rows, []string{place(p.Position), place(p.Until), string(p.Stream), p.What})
	}
	err := g.printList(columns, rows, struct {
		Dir   string `json:"dir"`
		Sound bool   `json:"sound"`
		eventlog.Report
	}{dir, len(report.Problems) == 0, report})
	if err != nil || len(report.Problems) == 0 {
		return err
	}
	fmt.Fprintln(g.stderr, g.say.text(ledger.Say("%s is damaged; problems: %d", dir, uint64(len(report.Problems))+report.Further)))
	g.hint(ledger.Say("keep the directory as it is, and restore the last backup: daybook journal restore DIR"))
	return exitError(exitVerification)
}

// place prints a position; nothing for none.
func place(position ledger.Position) string {
	if position == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(position), 10)
}

func (g *globals) journalBackupCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "backup DIR",
		Short: "Make a copy of the journal in a new directory",
		Long: "Make a copy of the journal in a new directory, also while another daybook has it open. On\n" +
			"the same disk the copy shares files with the journal: it is quick and takes little room,\n" +
			"but does not outlive the disk; for that, carry it to another one.",
		Example: "  daybook journal backup /media/usb/daybook-2026-01-05",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.damaged(g.journalBackup(cmd.Context(), args[0]))
		},
	}
}

func (g *globals) journalBackup(ctx context.Context, dir string) error {
	if err := g.refuseEventStore(); err != nil {
		return err
	}
	made, err := g.askForBackup(ctx, dir)
	if errors.Is(err, errNobody) {
		err = g.withLog(nil, func(log *eventlog.Log) error {
			made, err = backup(ctx, log, dir)
			return err
		})
	}
	if err != nil {
		return err
	}
	made.Dir = dir // as it was typed
	if g.output != "table" {
		return g.printList([]column{{name: "dir"}, {name: "events"}}, [][]string{{dir, strconv.FormatUint(uint64(made.Events), 10)}}, made)
	}
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s holds a backup of %d events; check it with: daybook journal verify %s", dir, uint64(made.Events), dir)))
	return nil
}

// backup makes a copy of an open journal.
func backup(ctx context.Context, log *eventlog.Log, dir string) (backupMade, error) {
	stats, err := log.Stats()
	if err != nil {
		return backupMade{}, err
	}
	if stats.Stopped != nil {
		return backupMade{}, fmt.Errorf("back up %s: %w", stats.Dir, stats.Stopped)
	}
	return backupMade{dir, stats.Head}, log.Backup(ctx, dir)
}

func (g *globals) journalRestoreCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "restore DIR",
		Short: "Bring a backup back as the journal of an empty data directory",
		Long: "Copy the backup in DIR into the data directory, which must not hold a journal yet, and check\n" +
			"it. Tables made from another journal are made again.",
		Example: "  daybook journal restore /media/usb/daybook-2026-01-05 --data /srv/daybook-new",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.damaged(g.journalRestore(cmd.Context(), args[0]))
		},
	}
}

func (g *globals) journalRestore(ctx context.Context, backup string) error {
	if g.journal != "" {
		return ledger.Refuse(ledger.Say("a backup is restored to a directory, and --journal or DAYBOOK_JOURNAL names an event store"),
			ledger.Say("restore it to a directory first, then: daybook journal copy --from DIR --to esdb://…"))
	}
	if err := g.refuseFull(); err != nil {
		return err
	}
	if info, err := os.Stat(backup); err != nil || !info.IsDir() {
		return ledger.Problem("there is no directory %s", backup)
	}
	if err := os.MkdirAll(g.data, 0o700); err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	report, err := g.verifying(func(progress func(done, total uint64)) (eventlog.Report, error) {
		return eventlog.Restore(ctx, backup, g.journalDir(), eventlog.Options{}, progress)
	})
	if err != nil && len(report.Problems) == 0 {
		return err
	}
	return g.printReport(g.journalDir(), report)
}

// refuseFull refuses to restore over a journal. (Tables made from another journal are
// recognised as such, and made again.)
func (g *globals) refuseFull() error {
	names, err := os.ReadDir(g.journalDir())
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(names) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return ledger.Refuse(ledger.Say("%s is there already, and is not written over", g.journalDir()),
		ledger.Say("move it away, or restore to another directory with --data"))
}
