package simulator_test

import (
	"testing"

	"daybook/adapters/simulator"
)

// One day in five countries, to nowhere: what making it up costs.
func BenchmarkWrite(b *testing.B) {
	options := everywhere
	options.Days, options.Stores, options.TerminalsPerStore, options.Payments = 1, 12, 4, 20_000
	b.ReportAllocs()
	for b.Loop() {
		if err := simulator.Write(options, nowhere{}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(options.Payments)*float64(b.N)/b.Elapsed().Seconds(), "payments/s")
}
