package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/eventlog/yardstick"
	"daybook/ledger"
)

// expanded is a panel's statement as the data source sends it.
func expanded(t *testing.T, sql, from, to string, stores []string, currency string) string {
	t.Helper()
	if sql = asSent(sql, from, to, stores, currency); strings.Contains(sql, "$") {
		t.Errorf("nobody puts something in here: %s", sql)
	}
	return sql
}

// readBack is a dashboard as Grafana reads it.
type readBack struct {
	UID, Title string
	Panels     []struct {
		ID                       int
		Type, Title, Description string
		Datasource               struct{ Type, UID string }
		GridPos                  struct{ X, Y, W, H int }
		Targets                  []struct {
			RawSQL string `json:"rawSql"`
			Format int
		}
		FieldConfig struct {
			Overrides []struct {
				Matcher    struct{ Options string }
				Properties []struct {
					ID    string
					Value any
				}
			}
		}
	}
	Templating struct {
		List []struct{ Name, Type, Query string }
	}
}

func (p *program) exportDashboards(lang string) map[string]readBack {
	p.t.Helper()
	dir := filepath.Join(p.t.TempDir(), "dashboards")
	p.must(exitFine, "--lang", lang, "grafana", "export", "--to", dir)
	paths, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(paths) != len(boards()) {
		p.t.Fatalf("%d dashboards (%v)", len(paths), err)
	}
	all := map[string]readBack{}
	for _, path := range paths {
		var e readBack
		if err := json.Unmarshal([]byte(readText(p.t, path)), &e); err != nil {
			p.t.Fatalf("%s: %v", path, err)
		}
		if e.UID+".json" != filepath.Base(path) {
			p.t.Errorf("%s has the uid %s", path, e.UID)
		}
		all[e.UID] = e
	}
	if source := readText(p.t, filepath.Join(dir, "daybook-datasource.yaml")); !strings.Contains(source, grafanaPlugin) {
		p.t.Errorf("the data source: %s", source)
	}
	p.refuses("--force", "--lang", lang, "grafana", "export", "--to", dir)
	p.must(exitFine, "--lang", lang, "grafana", "export", "--to", dir, "--force")
	return all
}

// Dashboards are whole, in both languages, and every statement in them is answered by
// daybook serve, with nothing in the tables and with something.
func TestGrafanaDashboards(t *testing.T) {
	p := newProgram(t, scenarioConfig)
	english, chinese := p.exportDashboards("en"), p.exportDashboards("zh")
	for uid, e := range english {
		ids := map[int]bool{}
		taken := map[[2]int]bool{}
		for n, panel := range e.Panels {
			if ids[panel.ID] || panel.Datasource.Type != grafanaPlugin || panel.Datasource.UID != "${DS_DAYBOOK}" || len(panel.Targets) != 1 {
				t.Errorf("%s: panel %+v", uid, panel)
			}
			ids[panel.ID] = true
			for x := panel.GridPos.X; x < panel.GridPos.X+panel.GridPos.W; x++ {
				for y := panel.GridPos.Y; y < panel.GridPos.Y+panel.GridPos.H; y++ {
					if x > 23 || taken[[2]int{x, y}] {
						t.Fatalf("%s: %s lies over another panel, or beyond the edge", uid, panel.Title)
					}
					taken[[2]int{x, y}] = true
				}
			}
			other := chinese[uid].Panels[n]
			if !han(other.Title) || panel.Description != "" && !han(other.Description) || han(panel.Title) {
				t.Errorf("%s: %q is %q in Chinese, %q is %q", uid, panel.Title, other.Title, panel.Description, other.Description)
			}
			for m, override := range other.FieldConfig.Overrides {
				if value := override.Properties[0].Value; !han(fmt.Sprint(value)) && !strings.HasPrefix(fmt.Sprint(value), "Z") {
					t.Errorf("%s: %s: %s is headed %q in Chinese, %q in English", uid, panel.Title, override.Matcher.Options, value, panel.FieldConfig.Overrides[m].Properties[0].Value)
				}
			}
			if diff := cmp.Diff(panel.Targets, other.Targets); diff != "" {
				t.Errorf("%s: %s asks something else in Chinese:\n%s", uid, panel.Title, diff)
			}
		}
	}

	askAll := func(what string) (rows map[string]int) {
		t.Helper()
		rows = map[string]int{}
		s := p.serveTables()
		defer s.end()
		for uid, e := range english {
			for _, variable := range e.Templating.List {
				if variable.Type == "query" {
					if status, body := s.query(s.token, variable.Query+" FORMAT TSV"); status != http.StatusOK {
						t.Errorf("%s: %s: the variable %s: %s", what, uid, variable.Name, body)
					}
				}
			}
			for _, panel := range e.Panels {
				for _, stores := range [][]string{nil, {"S001", "it\\'s"}} {
					currency := "CNY"
					if what == "empty" {
						currency = ""
					}
					sql := expanded(t, panel.Targets[0].RawSQL, "2026-01-01", "2026-01-31", stores, currency)
					status, body := s.query(s.token, sql+"\nFORMAT TSVWithNames")
					header, list, _ := strings.Cut(body, "\n")
					if status != http.StatusOK {
						t.Errorf("%s: %s: %s: %s\n%s", what, uid, panel.Title, body, sql)
						continue
					}
					names := strings.Split(header, "\t")
					if diff := cmp.Diff(outputNames(panel.Targets[0].RawSQL), names); diff != "" {
						t.Errorf("%s: %s: its columns:\n%s", uid, panel.Title, diff)
					}
					for _, name := range names {
						if grafanaHeadings[name].Format == "" {
							t.Errorf("%s: %s: %s has no heading", uid, panel.Title, name)
						}
					}
					if stores == nil {
						rows[uid+"/"+panel.Title] = strings.Count(list, "\n")
					}
				}
			}
		}
		return rows
	}
	askAll("empty")
	p.must(exitFine, append([]string{"import", cashTill(t, t.TempDir(), scenarioDay, 1, "604.00")}, scenarioFiles()...)...)
	rows := askAll("filled")
	// What the scenario has nothing of.
	without := []string{"daybook-sales/Checkout time, median and nine in ten"}
	for panel, count := range rows {
		if count == 0 && !slices.Contains(without, panel) {
			t.Logf("no rows: %s", panel)
		}
	}
	filled := len(slices.Collect(maps.Keys(rows))) - len(slices.DeleteFunc(slices.Collect(maps.Values(rows)), func(n int) bool { return n > 0 }))
	if filled < 20 {
		t.Errorf("only %d of %d panels have rows of the scenario", filled, len(rows))
	}
}

func han(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) >= 0
}

// Five million lines: go test ./cmd/daybook -run DashboardSpeed -dashboard.lines=5000000 -v -timeout 1h
var dashboardLines = flag.Int("dashboard.lines", 0, "sale lines to make up for TestDashboardSpeed, which needs some")

// DashboardSpeed makes up sale lines, a year in twenty stores, and tells how long each
// panel takes: the median of twenty, warm, through the engine as the program uses it and
// over HTTP as Grafana does. It holds no time against anybody; it holds that every panel is
// answered, and that the sums that dashboards read are those of the lines.
func TestDashboardSpeed(t *testing.T) {
	const stores, perTicket, days = 20, 5, 365 // five lines on two tickets
	lines := *dashboardLines
	if lines == 0 {
		t.Skip("for those who ask: -dashboard.lines=5000000")
	}
	tickets := lines * 2 / perTicket
	perStoreday := max(1, tickets/(stores*days))
	p := newProgram(t, scenarioConfig)
	p.inside(func(ctx context.Context, a *app, _ *globals) error {
		return makeUpLines(ctx, t, a, lines, perStoreday, stores)
	})
	var sum, kept string
	p.inside(func(ctx context.Context, a *app, _ *globals) error {
		return eachRow(ctx, a, "SELECT toString((SELECT sum(net_minor) FROM fct_sales)), toString((SELECT sum(net_minor) FROM agg_sales_day))", func(values []any) error {
			sum, kept = fmt.Sprint(values[0]), fmt.Sprint(values[1])
			return nil
		})
	})
	if sum != kept || sum == "0" {
		t.Fatalf("the tickets come to %s, the sums of days to %s", sum, kept)
	}
	medians := map[string][3]time.Duration{} // by the clock, over HTTP, and of processor
	measure := func(at int, ask func(sql string)) {
		for _, b := range boards() {
			for _, panel := range b.panels {
				for _, period := range []struct{ name, from string }{{"30 days", "2025-12-01"}, {"a year", "2025-01-01"}} {
					sql := expanded(t, panel.sql, period.from, "2025-12-31", nil, "CNY")
					var took []time.Duration
					rounds := 20
					if lines <= 100_000 {
						rounds = 1
					}
					ask(sql)
					busy := yardstick.CPUTime()
					for range rounds {
						began := time.Now()
						ask(sql)
						took = append(took, time.Since(began))
					}
					busy = (yardstick.CPUTime() - busy) / time.Duration(rounds)
					slices.Sort(took)
					key := b.uid + " | " + period.name + " | " + panel.title.Format
					both := medians[key]
					both[at] = took[len(took)/2]
					if at == 0 {
						both[2] = busy
					}
					medians[key] = both
				}
			}
		}
	}
	p.inside(func(ctx context.Context, a *app, _ *globals) error {
		measure(0, func(sql string) {
			if err := eachRow(ctx, a, sql, func([]any) error { return nil }); err != nil {
				t.Fatalf("%v\n%s", err, sql)
			}
		})
		return nil
	})
	s := p.serveTables()
	measure(1, func(sql string) {
		if status, body := s.query(s.token, sql+"\nFORMAT Native"); status != http.StatusOK {
			t.Fatalf("%s\n%s", body, sql)
		}
	})
	over := 0
	for _, key := range slices.Sorted(maps.Keys(medians)) {
		m := medians[key]
		if m[0] >= 100*time.Millisecond {
			over++
		}
		t.Logf("%7s  (%7s of processor)  %7s over HTTP  %s", m[0].Round(time.Millisecond), m[2].Round(time.Millisecond), m[1].Round(time.Millisecond), key)
	}
	t.Logf("%d lines, %d panels and periods, at 100 ms or more: %d", lines, len(medians), over)
}

// makeUpLines writes tickets of a year into the tables as the projector would, in blocks as
// large as its own, and has the projector add up every storeday.
func makeUpLines(ctx context.Context, t *testing.T, a *app, lines, perStoreday, stores int) error {
	head := func(s, place string) string {
		return `toDate('2025-01-01') + toUInt16(least(intDiv(` + s + fmt.Sprintf(", %d), 364)) AS business_date, 'S' || leftPad(toString(intDiv(%s, %d) %% %d), 3, '0') AS store, ", perStoreday*stores, s, perStoreday, stores) +
			`store || 'T' || toString(` + s + ` % 5) AS terminal, '' AS series, toUInt64(` + s + ` + 1) AS seq, '' AS doc, 'live' AS mode, 'c' || toString(` + s + ` % 140) AS cashier,
    toDateTime64(business_date, 3, 'UTC') + 3600 * (1 + ` + s + ` % 14) AS at, toUInt8(9 + ` + s + ` % 14) AS local_hour, '2025-01-01T09:00:00+08:00' AS local_time, store || '/' || '/' || toString(` + s + `) || '` + place + `' AS id`
	}
	const tail = `'CNY' AS currency, toUInt8(2) AS exponent, 'f' AS file, 'sha' AS file_sha256, toUInt32(0) AS file_row`
	const block = 16_384
	for from := 0; from < lines; from += block {
		count := min(block, lines-from)
		sale := "intDiv(number * 2, 5)"
		if err := a.warehouse.Exec(ctx, `INSERT INTO g1_r_sale_lines SELECT `+head("s", "")+`,
    toUInt32(number % 5 + 1) AS line, 'sale' AS kind, 'R' || toString(s) AS sale, ['cash', 'card', 'alipay', 'wechat'][s % 4 + 1] AS tender,
    'sku' || toString(h % 2000) AS sku, 'article ' || toString(h % 2000) AS name, 'category ' || toString(h % 20) AS category, 1000 AS qty_milli, 1000 AS unit_minor, 0 AS discount_minor,
    toInt64(1000 + h % 777) AS net_minor, 130 AS tax_minor, net_minor + 130 AS total_minor, 130000 AS tax_ppm, 0 AS wasted, `+tail+`, number + 1 AS position
FROM (SELECT number, `+sale+` AS s, toInt64(cityHash64(number) % 1000000) AS h FROM numbers(`+fmt.Sprint(from)+`, `+fmt.Sprint(count)+`))`); err != nil {
			return err
		}
	}
	tickets := lines * 2 / 5
	for from := 0; from < tickets; from += block {
		numbers := "FROM (SELECT number AS s, toInt64(cityHash64(number) % 1000000) AS h FROM numbers(" + fmt.Sprint(from) + ", " + fmt.Sprint(min(block, tickets-from)) + "))"
		if err := a.warehouse.Exec(ctx, `INSERT INTO g1_r_sales SELECT `+head("s", "")+`,
    'sale' AS kind, 'R' || toString(s) AS sale, '' AS original, '' AS customer, ['cash', 'card', 'alipay', 'wechat'][s % 4 + 1] AS tender, toUInt32(2) AS lines, 2500 AS qty_milli,
    arraySort(['sku' || toString(h % 2000), 'sku' || toString(intDiv(h, 7) % 300)]) AS articles, toUInt32(20000 + h % 90000) AS checkout_ms, toInt64(2500 + h % 1900) AS net_minor, 0 AS discount_minor, 325 AS tax_minor, net_minor + 325 AS total_minor,
    ['Gender', 'Customer type'] AS note_names, [['Female', 'Male'][s % 2 + 1], ['Member', 'Normal'][h % 2 + 1]] AS note_values, `+tail+`, s + 1 AS position
`+numbers); err != nil {
			return err
		}
		if err := a.warehouse.Exec(ctx, `INSERT INTO g1_r_payments SELECT `+head("s", "/0")+`,
    toUInt32(0) AS tender, 'sale' AS kind, 'R' || toString(s) AS sale, 'p' || toString(s) AS reference, '' AS original, ['cash', 'card', 'alipay', 'wechat'][s % 4 + 1] AS channel,
    ['', 'chip', 'qr_customer', 'qr_customer'][s % 4 + 1] AS entry, '' AS verification, if(h % 50 = 0, 'declined', 'approved') AS reported, toInt64(2825 + h % 1900) AS amount_minor,
    '' AS mid, '' AS tid, '' AS batch, '' AS stan, '' AS rrn, '' AS auth_code, '' AS card, '' AS card_kind, '' AS order_no, '' AS provider_no, '' AS response, `+tail+`, s + 1 AS position
`+numbers); err != nil {
			return err
		}
	}
	// One more ticket in every storeday, through the projector: it adds up the day anew.
	var page ledger.Page
	first := ledger.BusinessDay{Year: 2025, Month: time.January, Day: 1}
	for day := range 365 {
		for store := range stores {
			id := ledger.StoreID(fmt.Sprintf("S%03d", store))
			for _, payload := range []any{ledger.StoredayOpened{Store: id, Day: first.AddDays(day)}, ledger.SaleRecorded{
				Till: ledger.Till{Terminal: ledger.TerminalID(id) + "T0", Seq: uint64(1_000_000_000 + day), Store: id, BusinessDay: first.AddDays(day), At: first.AddDays(day).Midnight(), Cashier: "c1"},
				Sale: "last", Total: ledger.Minor(100, "CNY"), Lines: []ledger.SaleLine{{SKU: fmt.Sprintf("sku%d", (day*stores+store)%2000), Name: "article", QtyMilli: 1000, Unit: ledger.Minor(100, "CNY"), Net: ledger.Minor(100, "CNY")}}}} {
				event, err := a.codec.Encode(ledger.DeriveID(fmt.Sprint(day, store, payload)), payload, ledger.Metadata{Actor: "test"})
				if err != nil {
					return err
				}
				page.Next = ledger.Position(uint64(lines) + uint64(len(page.Events)) + 1)
				page.Events = append(page.Events, ledger.Recorded{Event: event, Position: page.Next, Stream: "storeday-made-up"})
			}
		}
	}
	began := time.Now()
	err := a.projector.Apply(ctx, page)
	t.Logf("%d storedays added up anew in one page: %s", 365*stores, time.Since(began).Round(time.Millisecond))
	if err != nil {
		return err
	}
	return a.warehouse.Exec(ctx, "TRUNCATE TABLE g1_r_cursor") // there is no journal behind these rows
}
