package main

import (
	"fmt"
	"strconv"
	"time"

	"daybook/ledger"
)

func (g *globals) printBench(r benchReport) error {
	if g.output == "json" {
		return g.printJSON(r)
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" {
		fmt.Fprintln(g.stdout, t(ledger.Say("%s, %d processors; %d events of 600 bytes, %d rounds; events a second", r.Dir, r.Processors, r.Events, r.Rounds)))
		fmt.Fprintln(g.stdout)
		g.printTable([]column{
			{t(ledger.Say("writers")), "writers", true}, {t(ledger.Say("events at once")), "batch", true}, {t(ledger.Say("streams")), "streams", true},
			{t(ledger.Say("journal")), "journal", true}, {"p50", "p50", true}, {"p99", "p99", true},
			{t(ledger.Say("engine")), "engine", true}, {"p50", "engine_p50", true}, {"p99", "engine_p99", true}, {t(ledger.Say("ratio")), "ratio", true},
			{t(ledger.Say("bytes only")), "bytes", true}, {t(ledger.Say("ratio")), "bytes_ratio", true},
		}, appendRows(r.Appends))
		g.printTable([]column{{t(ledger.Say("reading everything")), "what", false}, {t(ledger.Say("events a second")), "rate", true}, {t(ledger.Say("ratio")), "ratio", true}}, readRows(g, r.Reads))
		fmt.Fprintln(g.stdout, t(ledger.Say("most memory resident at once: %s", sized(r.PeakBytes))))
		return nil
	}
	return g.printList(benchColumns, flatRows(r), nil)
}

func appendRows(appends []benchAppend) (rows [][]string) {
	for _, a := range appends {
		rows = append(rows, []string{
			strconv.Itoa(a.Writers), strconv.Itoa(a.Batch), strconv.Itoa(a.Streams), perSecond(a.Rate), micros(a.P50), micros(a.P99),
			perSecond(a.EngineRate), micros(a.EngineP50), micros(a.EngineP99), ratio(a.EngineRatio), perSecond(a.BytesRate), ratio(a.BytesRatio),
		})
	}
	return rows
}

func readRows(g *globals, reads []benchRead) (rows [][]string) {
	names := map[string]ledger.Text{
		"engine scan": ledger.Say("engine, looking at nothing"), "raw": ledger.Say("journal, as stored"),
		"raw, in pages": ledger.Say("journal, as stored, in pages"), "decoded": ledger.Say("journal, decoded"),
	}
	for _, read := range reads {
		rows = append(rows, []string{g.say.text(names[read.What]), perSecond(read.Rate), ratio(read.Ratio)})
	}
	return rows
}

// benchColumns are those of the CSV, which has one row a measurement.
var benchColumns = []column{
	{name: "what"}, {name: "writers"}, {name: "batch"}, {name: "streams"}, {name: "events_per_second"}, {name: "p50_us"}, {name: "p99_us"}, {name: "ratio"},
}

func flatRows(r benchReport) (rows [][]string) {
	for _, a := range r.Appends {
		shape := []string{strconv.Itoa(a.Writers), strconv.Itoa(a.Batch), strconv.Itoa(a.Streams)}
		rows = append(rows,
			append(append([]string{"append"}, shape...), perSecond(a.Rate), whole(a.P50), whole(a.P99), ""),
			append(append([]string{"engine append"}, shape...), perSecond(a.EngineRate), whole(a.EngineP50), whole(a.EngineP99), ratio(a.EngineRatio)),
			append(append([]string{"bytes append"}, shape...), perSecond(a.BytesRate), "", "", ratio(a.BytesRatio)))
	}
	for _, read := range r.Reads {
		rows = append(rows, []string{"read " + read.What, "", "", "", perSecond(read.Rate), "", "", ratio(read.Ratio)})
	}
	return rows
}

func perSecond(rate float64) string { return strconv.FormatFloat(rate, 'f', 0, 64) }

func ratio(r float64) string { return strconv.FormatFloat(r, 'f', 2, 64) }

// micros prints a latency to the microsecond.
func micros(d time.Duration) string { return d.Round(time.Microsecond).String() }

func whole(d time.Duration) string { return strconv.FormatInt(d.Microseconds(), 10) }
