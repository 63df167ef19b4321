package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2"
)

// The benchmarks have a yardstick beside them: bare is the engine with the same
// settings, written by one goroutine that groups what waits into one synced batch as
// the log does: the same record and index entries, but no checks and no names to look up.
// plain has only the event's bytes under a number, which is the least that could be written. Reading is compared with a scan that looks at
// nothing. Run
//
//	go test ./adapters/eventlog -run '^$' -bench . -benchtime 2s
//
// and compare the events/s of log with that of bare.

const (
	benchData = 450
	benchMeta = 150
)

// benchEvents makes events of 600 bytes that compress about as well as real ones do.
func benchEvents(writer, serial, count int) []ledger.Event {
	events := make([]ledger.Event, count)
	random := rand.New(rand.NewPCG(uint64(writer), uint64(serial)))
	for i := range events {
		body := make([]byte, benchData+benchMeta)
		copy(body, `{"terminal":"01080301","seq":1,"doc":"","store":"S001","at":"2026-01-05T12:00:00+08:00","business_date":"2026-01-05","cashier":"17","tenders":[{"payment":"`)
		for j := 160; j < len(body); j++ {
			body[j] = "0123456789abcdef\",:{}total_minor"[random.IntN(32)]
		}
		binary.BigEndian.PutUint64(events[i].ID[:], uint64(writer)<<40|uint64(serial+i))
		events[i].ID[15] = 1
		events[i].Type = "sale-recorded.v1"
		events[i].Data, events[i].Meta = body[:benchData], body[benchData:]
	}
	return events
}

func BenchmarkAppend(b *testing.B) {
	for _, bench := range []struct {
		writers, batch int
		hot            bool // all to one stream
	}{{1, 1, false}, {8, 1, false}, {64, 1, false}, {64, 1, true}, {1, 100, false}, {8, 100, false}} {
		name := fmt.Sprintf("writers=%d/batch=%d/hot=%v", bench.writers, bench.batch, bench.hot)
		b.Run(name+"/plain", func(b *testing.B) {
			bare := openBare(b, false)
			write(b, bench.writers, bench.batch, func(writer int, events []ledger.Event) error {
				return bare.append(events)
			})
		})
		b.Run(name+"/bare", func(b *testing.B) {
			bare := openBare(b, true)
			write(b, bench.writers, bench.batch, func(writer int, events []ledger.Event) error {
				return bare.append(events)
			})
		})
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
	prepared := make([][]ledger.Event, writers)
	for w := range prepared {
		prepared[w] = benchEvents(w, 0, batch)
	}
	var left atomic.Int64
	left.Store(int64(b.N))
	took := make([][]time.Duration, writers)
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	cpu := cpuTime()
	for w := range writers {
		wg.Go(func() {
			events := prepared[w]
			for serial := 0; left.Add(-int64(batch)) > -int64(batch); serial++ {
				for i := range events { // new ids for the same bytes
					binary.BigEndian.PutUint64(events[i].ID[:], uint64(w)<<40|uint64(serial*batch+i))
				}
				began := time.Now()
				if err := appendAll(w, events); err != nil {
					b.Error(err)
					return
				}
				took[w] = append(took[w], time.Since(began))
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64((cpuTime()-cpu).Nanoseconds())/float64(b.N), "cpu-ns/event")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds()), "p99-µs")
}

// silent keeps the engine's notices out of the results.
type silent struct{}

func (silent) Infof(string, ...any)           {}
func (silent) Errorf(string, ...any)          {}
func (silent) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }

// bare is the yardstick.
type bare struct {
	db       *pebble.DB
	indexed  bool
	requests chan bareRequest
}

type bareRequest struct {
	events []ledger.Event
	done   chan error
}

func openBare(b *testing.B, indexed bool) *bare {
	options := engineOptions(Options{}.withDefaults())
	defer options.Cache.Unref()
	options.Logger = silent{}
	db, err := pebble.Open(b.TempDir(), options)
	if err != nil {
		b.Fatal(err)
	}
	y := &bare{db, indexed, make(chan bareRequest)}
	ended := make(chan struct{})
	go func() {
		y.run()
		close(ended)
	}()
	b.Cleanup(func() {
		close(y.requests)
		<-ended
		if err := db.Close(); err != nil {
			b.Error(err)
		}
	})
	return y
}

func (y *bare) append(events []ledger.Event) error {
	done := make(chan error, 1)
	y.requests <- bareRequest{events, done}
	return <-done
}

func (y *bare) run() {
	position := uint64(0)
	var group []bareRequest
	for first := range y.requests {
		group = append(group[:0], first)
	gather:
		for {
			select {
			case r, open := <-y.requests:
				if !open {
					break gather
				}
				group = append(group, r)
			default:
				break gather
			}
		}
		batch := y.db.NewBatch()
		for _, r := range group {
			for i := range r.events {
				position++
				event := &r.events[i]
				op := batch.SetDeferred(8, len(event.Data)+len(event.Meta))
				binary.BigEndian.PutUint64(op.Key, position)
				copy(op.Value[copy(op.Value, event.Data):], event.Meta)
				finish(op)
				if !y.indexed {
					continue
				}
				stream := streamKey(event.ID[2]) // the writer
				revised := batch.SetDeferred(revisionKeySize, 8)
				putRevisionKey(revised.Key, stream, ledger.Revision(position))
				finish(revised)
				identified := batch.SetDeferred(idKeySize, 8)
				putIDKey(identified.Key, stream, event.ID)
				finish(identified)
			}
		}
		err := y.db.Apply(batch, pebble.Sync)
		batch.Close()
		for _, r := range group {
			r.done <- err
		}
	}
}

func BenchmarkReadAll(b *testing.B) {
	const events = 200_000
	y := openBare(b, false)
	l := openTest(b, b.TempDir(), Options{})
	for serial := 0; serial < events; serial += 1000 {
		batch := benchEvents(0, serial, 1000)
		if err := y.append(batch); err != nil {
			b.Fatal(err)
		}
		for i := range 10 { // as ten streams
			if _, err := l.Append(b.Context(), ledger.Stream("storeday", fmt.Sprint(i)), ledger.Any, batch[100*i:100*i+100]...); err != nil {
				b.Fatal(err)
			}
		}
	}
	for _, db := range []*pebble.DB{y.db, l.db} {
		if err := errors.Join(db.Flush(), db.Compact(b.Context(), []byte{0}, []byte{0xff}, false)); err != nil {
			b.Fatal(err)
		}
	}
	var began time.Duration
	rate := func(b *testing.B, read int) {
		b.ReportMetric(float64((cpuTime()-began).Nanoseconds())/float64(read), "cpu-ns/event")
		b.ReportMetric(float64(read)/b.Elapsed().Seconds(), "events/s")
	}
	b.Run("bare", func(b *testing.B) {
		read, sum := 0, 0
		began = cpuTime()
		for range b.N {
			iterator, err := y.db.NewIter(nil)
			if err != nil {
				b.Fatal(err)
			}
			for valid := iterator.First(); valid; valid = iterator.Next() {
				read++
				sum += len(iterator.Value())
			}
			if err := iterator.Close(); err != nil {
				b.Fatal(err)
			}
		}
		if sum != read*(benchData+benchMeta) {
			b.Fatal(sum)
		}
		rate(b, read)
	})
	b.Run("log", func(b *testing.B) {
		b.ReportAllocs()
		read := 0
		began = cpuTime()
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
		began = cpuTime()
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
		began = cpuTime()
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
