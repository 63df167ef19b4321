package ledger

import (
	"cmp"
	"strings"
	"time"
)

// BusinessDay is the day a store's books say it was, which at 01:30 is often
// yesterday. It has no time zone; a Clock turns an instant into one.
type BusinessDay struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseBusinessDay reads YYYY-MM-DD.
func ParseBusinessDay(text string) (BusinessDay, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1900 {
		return BusinessDay{}, Problem("%q is not a day as YYYY-MM-DD", text)
	}
	return DayOf(t), nil
}

// DayOf is the calendar day of t in t's own zone.
func DayOf(t time.Time) BusinessDay {
	y, m, d := t.Date()
	return BusinessDay{y, m, d}
}

// Midnight is the day's first instant in UTC, the form in which tables hold days.
func (d BusinessDay) Midnight() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// AddDays counts in calendar days.
func (d BusinessDay) AddDays(n int) BusinessDay { return DayOf(d.Midnight().AddDate(0, 0, n)) }

// Sub is the number of calendar days from e to d.
func (d BusinessDay) Sub(e BusinessDay) int {
	return int(d.Midnight().Sub(e.Midnight()) / (24 * time.Hour))
}

// Weekday of the calendar day.
func (d BusinessDay) Weekday() time.Weekday { return d.Midnight().Weekday() }

// Compare orders days in time.
func (d BusinessDay) Compare(e BusinessDay) int {
	return cmp.Or(cmp.Compare(d.Year, e.Year), cmp.Compare(d.Month, e.Month), cmp.Compare(d.Day, e.Day))
}

// IsZero reports the zero value, which is no day.
func (d BusinessDay) IsZero() bool { return d == BusinessDay{} }

func (d BusinessDay) String() string {
	if d.IsZero() {
		return ""
	}
	return d.Midnight().Format(time.DateOnly)
}

// Compact prints YYYYMMDD, the form settlement remarks use.
func (d BusinessDay) Compact() string { return strings.ReplaceAll(d.String(), "-", "") }

// MarshalText prints YYYY-MM-DD, and nothing for no day.
func (d BusinessDay) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText is the inverse of MarshalText.
func (d *BusinessDay) UnmarshalText(text []byte) (err error) {
	if len(text) == 0 {
		*d = BusinessDay{}
		return nil
	}
	*d, err = ParseBusinessDay(string(text))
	return err
}

// Clock says which business day an instant belongs to: a zone and the wall-clock
// time at which the day changes. The zero Cut is midnight. A cut before noon keeps
// the night with the day before (04:00: a sale at 01:30 is yesterday's); a cut after
// noon starts the next day early (23:00: a sale at 23:30 is tomorrow's, as many
// acquirers count).
type Clock struct {
	Zone *time.Location
	Cut  time.Duration // since local midnight, by the wall clock; 0 ≤ Cut < 24 h
}

// Day is the business day of t: the one that has begun and not ended.
func (c Clock) Day(t time.Time) BusinessDay {
	day := DayOf(t.In(c.Zone))
	for t.Before(c.End(day.AddDays(-1))) {
		day = day.AddDays(-1)
	}
	for !t.Before(c.End(day)) {
		day = day.AddDays(1)
	}
	return day
}

// End is the instant at which business day d ends: the first at which the wall clock
// shows the next day's cut or, where it is put forward over the cut, something later.
// When the clock is put back over the cut, the day does not change a second time. A
// calendar day that a zone leaves out (Samoa had no 30 December 2011) is an empty one.
func (c Clock) End(d BusinessDay) time.Time {
	if c.Cut < 12*time.Hour {
		d = d.AddDays(1)
	}
	wall := d.Midnight().Add(c.Cut)                    // the wall clock's reading, taken for UTC
	for t := wall.Add(-24 * time.Hour).In(c.Zone); ; { // no zone is a day away from UTC
		_, offset := t.Zone()
		begin, end := t.ZoneBounds()
		at := wall.Add(-time.Duration(offset) * time.Second)
		if at.Before(begin) {
			at = begin
		}
		if end.IsZero() || at.Before(end) {
			return at.In(c.Zone)
		}
		t = end
	}
}
