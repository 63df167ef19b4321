package yardstick

import (
	"errors"
	"math/bits"
	"slices"
	"sync"
	"testing"
	"time"

	"daybook/ledger"

	"pgregory.net/rapid"
)

// A quantile lies between the value at its rank and 1/32 above it.
func TestQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		durations := rapid.SliceOfN(rapid.Int64Range(0, 1<<40), 1, 300).Draw(t, "durations")
		var one, two Latency
		for i, d := range durations {
			if i%2 == 0 {
				one.add(time.Duration(d))
			} else {
				two.add(time.Duration(d))
			}
		}
		one.Merge(two)
		slices.Sort(durations)
		for _, percent := range []int{0, 50, 99, 100} {
			want := durations[min(len(durations)*percent/100, len(durations)-1)]
			got := int64(one.Quantile(percent))
			if got < want || got > want+want/perDoubling {
				t.Fatalf("p%d of %v is %d, not %d", percent, durations, got, want)
			}
		}
	})
}

func TestClasses(t *testing.T) {
	last := -1
	for _, n := range []uint64{0, 1, 31, 32, 33, 63, 64, 65, 66, 127, 128, 1 << 20, 1<<63 - 1} {
		c := class(n)
		if c < last || n > upper(c) || class(upper(c)) != c || upper(c) < 1<<63 && class(upper(c)+1) != c+1 {
			t.Errorf("%d (%d bits) is in class %d, whose last is %d", n, bits.Len64(n), c, upper(c))
		}
		last = c
	}
}

// Events are about 600 bytes, can be decoded, and are the same for the same numbers.
func TestEvents(t *testing.T) {
	events := Events(3, 100, 500)
	bytes := 0
	for _, event := range events {
		bytes += len(event.Data) + len(event.Meta)
		if _, err := codec.Decode(event); err != nil {
			t.Fatal(err)
		}
	}
	if mean := bytes / len(events); mean < 580 || mean > 620 {
		t.Errorf("events have %d bytes", mean)
	}
	again := Events(3, 100, 500)
	for i := range events {
		if events[i].ID != again[i].ID || string(events[i].Data) != string(again[i].Data) {
			t.Fatalf("event %d differs", i)
		}
	}
}

// Every event driven is appended once, under an id of its own, and the engine holds it
// after it was closed.
func TestDrive(t *testing.T) {
	for _, indexed := range []bool{false, true} {
		dir := t.TempDir()
		bare, err := OpenBare(dir, indexed)
		if err != nil {
			t.Fatal(err)
		}
		var mu sync.Mutex
		ids := map[ledger.EventID]bool{}
		result, err := Drive(7, 10, 1000, func(_ int, events []ledger.Event) error {
			mu.Lock()
			for _, event := range events {
				ids[event.ID] = true
			}
			mu.Unlock()
			return bare.Append(events)
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := bare.Close(); err != nil {
			t.Fatal(err)
		}
		if bare, err = OpenBare(dir, indexed); err != nil {
			t.Fatal(err)
		}
		events, bytes, err := bare.Scan()
		if err != nil || result.Events != 1000 || len(ids) != 1000 || events != 1000 || bytes < 500_000 || result.Latency.total != 100 {
			t.Errorf("indexed=%v: %d driven under %d ids, %d stored in %d bytes, %d appends, %v", indexed, result.Events, len(ids), events, bytes, result.Latency.total, err)
		}
		if err := bare.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDriveStopsAtAnError(t *testing.T) {
	broken := errors.New("broken")
	if _, err := Drive(4, 1, 1000, func(int, []ledger.Event) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}
