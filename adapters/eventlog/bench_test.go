package eventlog

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"daybook/adapters/eventlog/yardstick"
	"daybook/ledger"
)

// The benchmarks have a yardstick beside them: bare is the engine with the same
// settings, written by one goroutine that groups what waits into one synced batch as
// the log does: the same record and index entries, but no checks and no names to look up.
// plain has only the event's bytes under a number, which is the least that could be
// written. Reading is compared with a scan that looks at nothing. Run
//
//	go test ./adapters/eventlog -run '^$' -bench . -benchtime 2s
//
// and compare the events/s of log with that of bare. (daybook bench journal does the same
// in turns, on the disk that it is told.)

func openBare(b *testing.B, dir string, indexed bool) *yardstick.Bare {
	bare, err := yardstick.OpenBare(dir, indexed)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := bare.Close(); err != nil {
			b.Error(err)
		}
	})
	return bare
}

func BenchmarkAppend(b *testing.B) {
	for _, bench := range []struct {
		writers, batch int
		hot            bool // all to one stream
	}{{1, 1, false}, {8, 1, false}, {64, 1, false}, {64, 1, true}, {1, 100, false}, {8, 100, false}} {
		name := fmt.Sprintf("writers=%d/batch=%d/hot=%v", bench.writers, bench.batch, bench.hot)
		for _, yard := range []struct {
			name    string
			indexed bool
		}{{"plain", false}, {"bare", true}} {
			b.Run(name+"/"+yard.name, func(b *testing.B) {
				bare := openBare(b, b.TempDir(), yard.indexed)
				write(b, bench.writers, bench.batch, func(_ int, events []ledger.Event) error { return bare.Append(events) })
			})
		}
		b.Run(name+"/log", func(b *testing.B) {
			l := openTest(b, b.TempDir(), Options{})
			streams := make([]ledger.StreamID, bench.writers)
			for i := range streams {
				streams[i] = ledger.Stream("storeday", fmt.Sprint("S", i), "2026-01-05")
				if bench.hot {
					streams[i] = streams[0]
				}
			}
			write(b, bench.writers, bench.batch, func(writer int, events []ledger.Event) error {
				_, err := l.Append(b.Context(), streams[writer], ledger.Any, events...)
				return err
			})
		})
	}
}

// write has b.N events appended by so many writers and reports the rate and the latency.
func write(b *testing.B, writers, batch int, appendAll func(writer int, events []ledger.Event) error) {
	b.ReportAllocs()
	b.ResetTimer()
	result, err := yardstick.Drive(writers, batch, b.N, appendAll)
	b.StopTimer()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(result.CPU.Nanoseconds())/float64(result.Events), "cpu-ns/event")
	b.ReportMetric(result.Rate(), "events/s")
	b.ReportMetric(float64(result.Latency.Quantile(50).Microseconds()), "p50-µs")
	b.ReportMetric(float64(result.Latency.Quantile(99).Microseconds()), "p99-µs")
}

// fillBoth writes the same events to the bare engine and to a log, there as ten streams.
func fillBoth(b *testing.B, bareDir, logDir string, events int) {
	bare, err := yardstick.OpenBare(bareDir, false)
	if err != nil {
		b.Fatal(err)
	}
	l := openTest(b, logDir, Options{})
	for serial := 0; serial < events; serial += 1000 {
		batch := yardstick.Events(0, serial, 1000)
		if err := bare.Append(batch); err != nil {
			b.Fatal(err)
		}
		for i := range 10 {
			if _, err := l.Append(b.Context(), ledger.Stream("storeday", fmt.Sprint(i)), ledger.Any, batch[100*i:100*i+100]...); err != nil {
				b.Fatal(err)
			}
		}
	}
	if err := errors.Join(l.db.Flush(), l.db.Compact(b.Context(), []byte{0}, []byte{0xff}, false), l.Close()); err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(bare.Settle(b.Context()), bare.Close()); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkReadAll(b *testing.B) {
	const events = 200_000
	bareDir, logDir := b.TempDir(), b.TempDir()
	fillBoth(b, bareDir, logDir, events)
	bare, l := openBare(b, bareDir, false), openTest(b, logDir, Options{})
	var began time.Duration
	rate := func(b *testing.B, read int) {
		b.ReportMetric(float64((yardstick.CPUTime()-began).Nanoseconds())/float64(read), "cpu-ns/event")
		b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("bare", func(b *testing.B) {
		read := uint64(0)
		began = yardstick.CPUTime()
		for range b.N {
			n, _, err := bare.Scan()
			if err != nil || n != events {
				b.Fatal(n, err)
			}
			read += n
		}
		rate(b, int(read))
	})
	b.Run("log", func(b *testing.B) {
		b.ReportAllocs()
		read := 0
		began = yardstick.CPUTime()
		for range b.N {
			for _, err := range l.Read(b.Context(), ledger.Query{}) {
				if err != nil {
					b.Fatal(err)
				}
				read++
			}
		}
		rate(b, read)
	})
	b.Run("log by pages", func(b *testing.B) {
		read := 0
		began = yardstick.CPUTime()
		for range b.N {
			for page, err := range l.Follow(b.Context(), 0, ledger.Filter{}) {
				if err != nil {
					b.Fatal(err)
				}
				if read += len(page.Events); page.CaughtUp {
					break
				}
			}
		}
		rate(b, read)
	})
	b.Run("one stream of ten", func(b *testing.B) {
		read := 0
		began = yardstick.CPUTime()
		for range b.N {
			for _, err := range l.Read(b.Context(), ledger.Query{Stream: "storeday-7"}) {
				if err != nil {
					b.Fatal(err)
				}
				read++
			}
		}
		rate(b, read)
	})
}
