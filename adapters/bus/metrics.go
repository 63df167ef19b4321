package bus

import (
	"context"
	"time"

	"daybook/ledger"

	"github.com/prometheus/client_golang/prometheus"
)

// headPatience bounds how long a scrape waits for the journal's end.
const headPatience = 2 * time.Second

var (
	journalPosition  = describe("daybook_journal_position", "Position of the journal's last event.")
	followerPosition = describe("daybook_follower_position", "Position up to which the follower has applied the journal.", "follower")
	followerLag      = describe("daybook_follower_lag_seconds", "Age of the oldest event being applied; 0 when caught up.", "follower")
	followerEvents   = describe("daybook_follower_events_total", "Events applied.", "follower")
	followerPages    = describe("daybook_follower_pages_total", "Pages applied.", "follower")
	followerFailures = describe("daybook_follower_failures_total", "Tries to apply a page that failed.", "follower")
	followerApplying = describe("daybook_follower_apply_seconds_total", "Time spent applying, pauses between tries included.", "follower")
	followerParked   = describe("daybook_follower_parked", "1 when the follower is parked before a page it cannot apply.", "follower")
)

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

// Describe implements prometheus.Collector.
func (b *Bus) Describe(out chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{journalPosition, followerPosition, followerLag, followerEvents,
		followerPages, followerFailures, followerApplying, followerParked} {
		out <- desc
	}
}

// Collect implements prometheus.Collector. The journal's position is left out when the
// journal does not answer within two seconds.
func (b *Bus) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), headPatience)
	defer cancel()
	if head, err := ledger.Head(ctx, b.journal); err == nil {
		out <- prometheus.MustNewConstMetric(journalPosition, prometheus.GaugeValue, float64(head))
	}
	for _, s := range b.States() {
		gauge := func(desc *prometheus.Desc, value float64) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, s.Name)
		}
		count := func(desc *prometheus.Desc, value float64) {
			out <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, value, s.Name)
		}
		gauge(followerPosition, float64(s.Position))
		gauge(followerLag, s.Lag.Seconds())
		count(followerEvents, float64(s.Events))
		count(followerPages, float64(s.Pages))
		count(followerFailures, float64(s.Failures))
		count(followerApplying, s.Applying.Seconds())
		parked := 0.0
		if s.Parked != nil {
			parked = 1
		}
		gauge(followerParked, parked)
	}
}
