package main

import (
	"fmt"
	"os"
	"time"

	"github.com/jedib0t/go-pretty/v6/progress"
	"golang.org/x/term"

	"daybook/ledger"
)

type unit int

const (
	unitEvents unit = iota
	unitBytes
	unitDays
)

// bar shows how far long work has got, on a terminal; elsewhere it says once what takes
// so long, if that is a download. It appears with the first sign of progress, so quick work
// leaves no trace.
type bar struct {
	g       *globals
	told    bool
	what    string
	unit    unit
	writer  progress.Writer
	tracker *progress.Tracker
}

func (g *globals) progress(what ledger.Text, unit unit) *bar {
	return &bar{g: g, what: g.say.text(what), unit: unit}
}

func (b *bar) of(done, total int64) {
	if b.g.quiet {
		return
	}
	if !isTerminal(b.g.stderr) {
		if b.unit == unitBytes && !b.told && total > 0 {
			b.told = true
			fmt.Fprintf(b.g.stderr, "%s (%d MB)\n", b.what, total>>20)
		}
		return
	}
	if b.writer == nil {
		b.writer = progress.NewWriter()
		b.writer.SetOutputWriter(b.g.stderr)
		b.writer.SetAutoStop(false)
		b.writer.SetTrackerLength(30)
		b.writer.SetUpdateFrequency(100 * time.Millisecond)
		b.tracker = &progress.Tracker{Message: b.what, Total: total}
		if b.unit == unitBytes {
			b.tracker.Units = progress.UnitsBytes
		}
		b.writer.AppendTracker(b.tracker)
		go b.writer.Render()
	}
	b.tracker.UpdateTotal(total)
	b.tracker.SetValue(done)
}

func (b *bar) done() {
	if b.writer == nil {
		return
	}
	b.tracker.MarkAsDone()
	for b.writer.LengthActive() > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	b.writer.Stop()
	for b.writer.IsRenderInProgress() {
		time.Sleep(10 * time.Millisecond)
	}
	b.writer = nil
}

func isTerminal(w any) bool {
	file, ok := w.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}
