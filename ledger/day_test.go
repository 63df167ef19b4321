package ledger_test

import (
	"encoding/json"
	"testing"
	"time"
	_ "time/tzdata"

	"daybook/ledger"

	"pgregory.net/rapid"
)

func zone(t interface{ Fatal(...any) }, name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func day(t interface{ Fatal(...any) }, text string) ledger.BusinessDay {
	d, err := ledger.ParseBusinessDay(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestClockDay(t *testing.T) {
	tests := []struct {
		zone string
		cut  time.Duration
		at   string
		want string
	}{
		{"Asia/Shanghai", 0, "2026-01-05T00:00:00+08:00", "2026-01-05"},
		{"Asia/Shanghai", 0, "2026-01-05T23:59:59.999+08:00", "2026-01-05"},
		{"Asia/Shanghai", 0, "2026-01-05T16:00:00Z", "2026-01-06"}, // the store's zone counts, not the stamp's
		// A cut before noon keeps the night with the day before.
		{"Asia/Shanghai", 4 * time.Hour, "2026-01-05T03:59:59+08:00", "2026-01-04"},
		{"Asia/Shanghai", 4 * time.Hour, "2026-01-05T04:00:00+08:00", "2026-01-05"},
		// A cut after noon starts the next day early.
		{"Asia/Shanghai", 23 * time.Hour, "2026-01-05T22:59:59+08:00", "2026-01-05"},
		{"Asia/Shanghai", 23 * time.Hour, "2026-01-05T23:00:00+08:00", "2026-01-06"},
		{"Asia/Shanghai", 12 * time.Hour, "2026-01-05T12:00:00+08:00", "2026-01-06"},
		{"Asia/Shanghai", 23 * time.Hour, "2025-12-31T23:30:00+08:00", "2026-01-01"},
		// 29 March 2026: 02:00 becomes 03:00, so that 02:30 never comes.
		{"Europe/Berlin", 2*time.Hour + 30*time.Minute, "2026-03-29T01:59:59+01:00", "2026-03-28"},
		{"Europe/Berlin", 2*time.Hour + 30*time.Minute, "2026-03-29T03:00:00+02:00", "2026-03-29"},
		// 25 October 2026: 03:00 becomes 02:00, so that 02:30 comes twice; the first counts.
		{"Europe/Berlin", 2*time.Hour + 30*time.Minute, "2026-10-25T02:29:59+02:00", "2026-10-24"},
		{"Europe/Berlin", 2*time.Hour + 30*time.Minute, "2026-10-25T02:30:00+02:00", "2026-10-25"},
		{"Europe/Berlin", 2*time.Hour + 30*time.Minute, "2026-10-25T02:10:00+01:00", "2026-10-25"},
		// 24 April 2026: midnight becomes one o'clock.
		{"Africa/Cairo", 0, "2026-04-23T23:59:59+02:00", "2026-04-23"},
		{"Africa/Cairo", 0, "2026-04-24T01:00:00+03:00", "2026-04-24"},
	}
	for _, test := range tests {
		at, err := time.Parse(time.RFC3339Nano, test.at)
		if err != nil {
			t.Fatal(err)
		}
		clock := ledger.Clock{Zone: zone(t, test.zone), Cut: test.cut}
		if got := clock.Day(at); got.String() != test.want {
			t.Errorf("%s, cut %s: %s is %s, want %s", test.zone, test.cut, test.at, got, test.want)
		}
	}
}

// zones with ordinary, half-hour, midnight and southern changes of the clock, with none,
// and one that left out a day.
var zones = []string{
	"UTC", "Asia/Shanghai", "Asia/Kolkata", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns",
	"Africa/Cairo", "America/Havana", "Asia/Beirut", "America/Sao_Paulo", "Pacific/Apia", "Pacific/Auckland", "America/Santiago",
}

// clocks draws a clock and a day, half of the time one on which the clock is changed.
func clocks(t *rapid.T) (ledger.Clock, ledger.BusinessDay) {
	clock := ledger.Clock{
		Zone: zone(t, rapid.SampledFrom(zones).Draw(t, "zone")),
		Cut:  time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "cut")) * time.Minute,
	}
	at := time.Unix(rapid.Int64Range(1_250_000_000, 1_800_000_000).Draw(t, "at"), 0).In(clock.Zone)
	if rapid.Bool().Draw(t, "changed") {
		if _, end := at.ZoneBounds(); !end.IsZero() {
			at = end
		}
		clock.Cut = time.Duration(rapid.SampledFrom([]int{0, 30, 60, 90, 120, 150, 180, 1410, 1439}).Draw(t, "near")) * time.Minute
	}
	return clock, ledger.DayOf(at).AddDays(rapid.IntRange(-2, 2).Draw(t, "beside"))
}

func TestClockEndAgreesWithDay(t *testing.T) {
	changes := 0
	rapid.Check(t, func(t *rapid.T) {
		clock, d := clocks(t)
		begin, end := clock.End(d.AddDays(-1)), clock.End(d)
		if end.Before(begin) {
			t.Fatalf("%s ends at %s, before it begins at %s", d, end, begin)
		}
		if length := end.Sub(begin); length != 24*time.Hour {
			changes++
			if length != 0 && (length < 20*time.Hour || length > 28*time.Hour) {
				t.Fatalf("%s is %s long", d, length)
			}
		}
		if end.Equal(begin) { // a day the zone left out
			if got := clock.Day(end); got == d {
				t.Fatalf("%s has no instant, but %s falls on it", d, end)
			}
			return
		}
		if got := clock.Day(end.Add(-1)); got != d {
			t.Fatalf("a nanosecond before %s ends at %s it is %s", d, end, got)
		}
		if got := clock.Day(begin); got != d {
			t.Fatalf("%s begins at %s, but that is %s", d, begin, got)
		}
		if next := clock.End(d.AddDays(1)); next.After(end) {
			if got := clock.Day(end); got != d.AddDays(1) {
				t.Fatalf("%s ends at %s, and then it is %s", d, end, got)
			}
		}
	})
	if changes == 0 {
		t.Error("no day with a change of the clock was drawn")
	}
}

func TestClockNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock, d := clocks(t)
		at := clock.End(d).Add(time.Duration(rapid.Int64Range(-4*3600, 4*3600).Draw(t, "s")) * time.Second)
		later := at.Add(time.Duration(rapid.Int64Range(0, 4*3600).Draw(t, "later")) * time.Second)
		if clock.Day(later).Compare(clock.Day(at)) < 0 {
			t.Fatalf("%s is %s, and %s is %s again", at, clock.Day(at), later, clock.Day(later))
		}
	})
}

func TestBusinessDay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := ledger.DayOf(time.Unix(rapid.Int64Range(-2_000_000_000, 4_000_000_000).Draw(t, "at"), 0).UTC())
		n := rapid.IntRange(-1000, 1000).Draw(t, "n")
		e := d.AddDays(n)
		if e.Sub(d) != n || e.AddDays(-n) != d || (e.Compare(d) > 0) != (n > 0) || (e.Compare(d) == 0) != (n == 0) {
			t.Fatalf("%s and %d days is %s", d, n, e)
		}
		if back, err := ledger.ParseBusinessDay(d.String()); err != nil || back != d {
			t.Fatalf("%s reads as %s (%v)", d, back, err)
		}
		if len(d.Compact()) != 8 || d.Weekday() != d.Midnight().Weekday() {
			t.Fatalf("%s is %s, a %s", d, d.Compact(), d.Weekday())
		}
	})
	for _, text := range []string{"", "2026-02-29", "2026-1-5", "05.01.2026", "20260105", "2026-01-05T00:00:00Z", "0000-01-01", "1899-12-31"} {
		if got, err := ledger.ParseBusinessDay(text); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

func TestBusinessDayJSON(t *testing.T) {
	for _, d := range []ledger.BusinessDay{{}, {Year: 2026, Month: 1, Day: 5}} {
		data, err := json.Marshal(d)
		var back ledger.BusinessDay
		if err == nil {
			err = json.Unmarshal(data, &back)
		}
		if err != nil || back != d {
			t.Errorf("%v is %s, which reads as %v (%v)", d, data, back, err)
		}
	}
}

func BenchmarkClockDay(b *testing.B) {
	clock := ledger.Clock{Zone: zone(b, "Europe/Berlin"), Cut: 4 * time.Hour}
	at := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		clock.Day(at)
	}
}
