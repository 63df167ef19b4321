package main

import (
	"os"
	"strings"
	"testing"
)

// A measurement has every figure, and leaves nothing behind.
func TestBenchJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := jsonOf[benchReport](t, exitFine, "bench", "journal", "--events", "1000", "--rounds", "1", "--dir", dir)
	if len(r.Appends) != len(benchShapes) || len(r.Reads) != 4 {
		t.Fatalf("%d ways to append and %d to read", len(r.Appends), len(r.Reads))
	}
	for _, a := range r.Appends {
		if a.Rate <= 0 || a.EngineRate <= 0 || a.BytesRate <= 0 || a.P50 <= 0 || a.P99 < a.P50 || a.EngineP99 < a.EngineP50 ||
			a.EngineRatio != a.Rate/a.EngineRate || a.BytesRatio != a.Rate/a.BytesRate {
			t.Errorf("an append without figures: %+v", a)
		}
	}
	for _, read := range r.Reads {
		if read.Rate <= 0 || read.Ratio <= 0 {
			t.Errorf("a read without figures: %+v", read)
		}
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%d files stay behind, %v", len(names), err)
	}
	table := wants(t, exitFine, "bench", "journal", "--events", "1000", "--rounds", "1", "--dir", dir).stdout
	contains(t, table, "writers", "p99", "ratio", "engine, looking at nothing", "journal, decoded", "resident")
	csv := wants(t, exitFine, "-o", "csv", "bench", "journal", "--events", "1000", "--rounds", "1", "--dir", dir).stdout
	if lines := strings.Count(csv, "\n"); lines != 1+3*len(benchShapes)+4 || !strings.HasPrefix(csv, "what,writers,batch,streams,events_per_second,p50_us,p99_us,ratio\n") {
		t.Errorf("%d lines:\n%s", lines, csv)
	}
	wants(t, exitRefused, "bench", "journal", "--events", "10")
}

// What a reconciliation takes is measured on one that comes out right, beside a join that
// finds something, and nothing is left behind.
func TestBenchReconcile(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	dir := t.TempDir()
	r := jsonOf[reconcileBench](t, exitFine, "--data", dir, "bench", "reconcile", "--rows", "1000", "--dir", dir)
	if len(r.Stages) != 4 || r.Rows < 2000 || r.Bytes < 100_000 || r.Planted < 17 || !r.Score.perfect() || r.PeakBytes == 0 {
		t.Fatalf("measured %+v", r)
	}
	seconds := 0.0
	for _, stage := range r.Stages {
		if stage.Rows <= 0 || stage.Rate <= 0 {
			t.Errorf("a stage without figures: %+v", stage)
		}
		seconds += stage.Seconds
	}
	if r.Total.Seconds < seconds || r.Yardstick.Seconds <= 0 || r.Ratio != r.Total.Seconds/r.Yardstick.Seconds {
		t.Errorf("the whole way %+v, the join %+v, ratio %v", r.Total, r.Yardstick, r.Ratio)
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) > 0 {
		t.Errorf("%d files stay behind, %v", len(names), err)
	}
	wants(t, exitRefused, "bench", "reconcile", "--rows", "10")
	wants(t, exitRefused, "--journal", "esdb://127.0.0.1:1", "bench", "reconcile")
}
