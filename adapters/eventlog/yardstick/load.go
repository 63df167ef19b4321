package yardstick

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"daybook/ledger"
)

var codec = ledger.NewCodec(ledger.ActionKinds())

// Events makes sales as a till reports them: about 600 bytes each, no two alike. The same
// writer and serial number give the same events.
func Events(writer, serial, count int) []ledger.Event {
	random := rand.New(rand.NewPCG(uint64(writer), uint64(serial)))
	events := make([]ledger.Event, count)
	for i := range events {
		event, err := codec.Encode(id(writer, serial+i), sale(random, writer, serial+i), ledger.Metadata{
			Actor: "importer", Correlation: fmt.Sprintf("%016x", random.Uint64()), BusinessDay: day,
		})
		if err != nil {
			panic(err) // a sale has an encoding
		}
		events[i] = event
	}
	return events
}

var (
	day  = ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}
	zone = time.FixedZone("", 8*60*60)
)

func sale(random *rand.Rand, writer, serial int) ledger.SaleRecorded {
	total := ledger.Minor(100+random.Int64N(50000), "CNY")
	return ledger.SaleRecorded{
		Till: ledger.Till{
			Terminal: ledger.TerminalID(fmt.Sprintf("0108%04d", writer)), Seq: uint64(serial + 1), Store: ledger.StoreID(fmt.Sprintf("S%03d", writer)),
			At: time.Date(2026, 1, 5, 8, 0, 0, 0, zone).Add(time.Duration(serial%43200) * time.Second), BusinessDay: day, Cashier: fmt.Sprint(10 + random.IntN(5)),
		},
		Sale: fmt.Sprintf("S%03d-%08d", writer, serial),
		Tenders: []ledger.Tender{{
			Payment: fmt.Sprintf("P%03d%08d", writer, serial), Channel: "card", Entry: ledger.Chip, Verification: ledger.PIN, Amount: total, Outcome: ledger.Approved,
			MID: "104440353310031", TID: ledger.TID(fmt.Sprintf("0108%04d", writer)), Batch: "000117",
			STAN: ledger.STAN(fmt.Sprintf("%06d", serial%1000000)), RRN: ledger.RRN(fmt.Sprintf("%012d", random.Int64N(1e12))), AuthCode: ledger.AuthCode(fmt.Sprintf("%06d", random.IntN(1e6))), CardKind: "debit", Response: "00",
		}},
		Total: total, Customer: fmt.Sprintf("C%08d", random.IntN(1e8)),
	}
}

func id(writer, serial int) (id ledger.EventID) {
	binary.BigEndian.PutUint64(id[:], uint64(writer)<<40|uint64(serial))
	id[15] = 1
	return id
}

// Result is what a load came to.
type Result struct {
	Events  int
	Elapsed time.Duration
	CPU     time.Duration // of the whole process; 0 where it cannot be known
	Latency Latency       // of the appends
}

// Rate is in events a second.
func (r Result) Rate() float64 { return float64(r.Events) / r.Elapsed.Seconds() }

// Drive has events appended in batches of one size by so many writers at once, each
// waiting for its answer before it goes on, and measures. It stops at the first error.
func Drive(writers, batch, events int, appendAll func(writer int, events []ledger.Event) error) (Result, error) {
	prepared := make([][]ledger.Event, writers)
	for w := range prepared {
		prepared[w] = Events(w, 0, batch)
	}
	var left atomic.Int64
	left.Store(int64(events))
	latencies, errs, written := make([]Latency, writers), make([]error, writers), make([]int, writers)
	var group sync.WaitGroup
	began, cpu := time.Now(), CPUTime()
	for w := range writers {
		group.Go(func() {
			for serial := 0; left.Add(-int64(batch)) > -int64(batch); serial += batch {
				for i := range prepared[w] { // new ids for the same bytes
					prepared[w][i].ID = id(w, serial+i)
				}
				asked := time.Now()
				if errs[w] = appendAll(w, prepared[w]); errs[w] != nil {
					left.Store(0)
					return
				}
				latencies[w].add(time.Since(asked))
				written[w] += batch
			}
		})
	}
	group.Wait()
	r := Result{Elapsed: time.Since(began), CPU: CPUTime() - cpu}
	for w := range writers {
		r.Events += written[w]
		r.Latency.Merge(latencies[w])
	}
	return r, errors.Join(errs...)
}
