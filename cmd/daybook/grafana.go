package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
)

func (g *globals) grafanaCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "grafana",
		Short: "Dashboards for Grafana",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(g.grafanaExportCommand())
	return command
}

func (g *globals) grafanaExportCommand() *cobra.Command {
	to, force := ".", false
	command := &cobra.Command{
		Use:   "export",
		Short: "Write dashboards and a data source as files that Grafana takes",
		Long: "Write dashboards of sales, articles, reconciliation and terminals as JSON for Grafana's own ClickHouse\n" +
			"data source (grafana-clickhouse-datasource), and a data source for \"daybook serve\" to provision. Titles\n" +
			"are in the language of --lang. In Grafana: Dashboards, New, Import; the data source is chosen on the\n" +
			"dashboard. A file that is imported again replaces the dashboard of the same name.",
		Example: "  daybook grafana export --to dashboards\n  daybook --lang zh grafana export --to dashboards --force",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			files := map[string][]byte{"daybook-datasource.yaml": []byte(grafanaSource)}
			for _, b := range boards() {
				data, err := g.dashboard(b)
				if err != nil {
					return err
				}
				files[b.uid+".json"] = data
			}
			if err := os.MkdirAll(to, 0o755); err != nil {
				return fmt.Errorf("make the directory: %w", err)
			}
			names := slices.Sorted(maps.Keys(files))
			for _, name := range names {
				if err := checkTarget(filepath.Join(to, name), force); err != nil {
					return err
				}
			}
			var rows [][]string
			for _, name := range names {
				path := filepath.Join(to, name)
				if err := writeBeside(path, func(out io.Writer) error { _, err := out.Write(files[name]); return err }); err != nil {
					return err
				}
				if err := os.Chmod(path, 0o644); err != nil { // there is no secret in it, and Grafana is another user
					return err
				}
				rows = append(rows, []string{path})
			}
			return g.printList([]column{{g.say.text(ledger.Say("file")), "file", false}}, rows, slices.Concat(rows...))
		},
	}
	command.Flags().StringVar(&to, "to", to, "directory to write the files to")
	command.Flags().BoolVar(&force, "force", false, "replace files that are there")
	return command
}

// grafanaSource provisions the data source. The password is a token that Grafana finds in
// its environment.
const grafanaSource = `# Grafana data source for "daybook serve" on the same machine: put it into Grafana's
# provisioning/datasources, and give Grafana the environment variable DAYBOOK_SERVE_TOKEN.
apiVersion: 1
datasources:
  - name: daybook
    uid: daybook
    type: grafana-clickhouse-datasource
    jsonData:
      host: 127.0.0.1
      port: 8123
      protocol: http
      secure: false
      username: daybook
      defaultDatabase: daybook
    secureJsonData:
      password: $DAYBOOK_SERVE_TOKEN
`

const (
	grafanaPlugin = "grafana-clickhouse-datasource"
	panelHeight   = 8
	tableHeight   = 10
	statHeight    = 5
)

type object = map[string]any

// dashboard is a board in Grafana's classic form, which every version imports. The data
// source is a variable: nothing in it is of one installation.
func (g *globals) dashboard(b board) ([]byte, error) {
	source := object{"type": grafanaPlugin, "uid": "${DS_DAYBOOK}"}
	variable := func(name string, label ledger.Text, sql string, more object) object {
		v := object{"name": name, "label": g.say.text(label), "type": "query", "datasource": source, "query": sql, "definition": sql,
			"refresh": 1, "regex": "", "options": []any{}, "sort": 1, "hide": 0, "includeAll": false, "multi": false, "current": object{}}
		maps.Copy(v, more)
		return v
	}
	var panels []object
	x, y, row := 0, 0, 0
	for n, p := range b.panels {
		height := map[string]int{"table": tableHeight, "stat": statHeight}[p.kind]
		if height == 0 {
			height = panelHeight
		}
		if x+p.wide > 24 {
			x, y, row = 0, y+row, 0
		}
		panels = append(panels, object{
			"id": n + 1, "type": p.kind, "title": g.say.text(p.title), "description": g.say.text(p.about), "datasource": source,
			"gridPos": object{"x": x, "y": y, "w": p.wide, "h": height},
			"targets": []any{object{"refId": "A", "datasource": source, "editorType": "sql", "queryType": map[bool]string{true: "timeseries", false: "table"}[p.kind == "timeseries"],
				"format": map[bool]int{true: 0, false: 1}[p.kind == "timeseries"], "rawSql": strings.TrimSpace(p.sql)}},
			"fieldConfig": object{"defaults": object{"decimals": 2, "custom": object{}}, "overrides": g.overrides(p)},
			"options":     panelOptions(p.kind),
		})
		x, row = x+p.wide, max(row, height)
	}
	return json.MarshalIndent(object{
		"uid": b.uid, "title": g.say.text(b.title), "tags": []string{"daybook"}, "schemaVersion": 39, "version": 1, "editable": true, "id": nil,
		"timezone": "utc", // a business day is a day, wherever the browser is
		"time":     object{"from": "now-30d", "to": "now"}, "refresh": "5m", "graphTooltip": 1, "weekStart": "monday",
		"annotations": object{"list": []any{}}, "links": []any{}, "panels": panels,
		"templating": object{"list": []any{
			object{"name": "DS_DAYBOOK", "label": g.say.text(ledger.Say("data source")), "type": "datasource", "query": grafanaPlugin, "refresh": 1, "regex": "", "options": []any{}, "hide": 0, "includeAll": false, "multi": false, "current": object{}},
			variable("store", ledger.Say("store"), storesQuery, object{"includeAll": true, "multi": true, "current": object{"text": "All", "value": "$__all"}}),
			variable("currency", ledger.Say("currency"), currenciesQuery, nil),
		}},
	}, "", "  ")
}

// What the variables of a dashboard can be.
const (
	storesQuery     = "SELECT store FROM dim_stores ORDER BY store"
	currenciesQuery = "SELECT DISTINCT currency FROM (SELECT currency FROM agg_sales_day UNION ALL SELECT currency FROM agg_control_sheet) ORDER BY currency"
)

// overrides give columns their headings and units.
func (g *globals) overrides(p panel) []object {
	var list []object
	for _, name := range outputNames(p.sql) {
		properties := []object{{"id": "displayName", "value": g.say.text(grafanaHeadings[name])}}
		if unit := p.units[name]; unit != "" {
			properties = append(properties, object{"id": "unit", "value": unit})
		}
		if name == "time" {
			continue // Grafana's own axis
		}
		if countColumns[name] {
			properties = append(properties, object{"id": "decimals", "value": 0})
		}
		if p.heat && name != "local_hour" {
			properties = append(properties, object{"id": "custom.cellOptions", "value": object{"type": "color-background", "mode": "gradient"}},
				object{"id": "color", "value": object{"mode": "continuous-GrYlRd"}})
		}
		list = append(list, object{"matcher": object{"id": "byName", "options": name}, "properties": properties})
	}
	return list
}

// countColumns are whole numbers.
var countColumns = map[string]bool{"tickets": true, "refunds": true, "voids": true, "approved": true, "declined": true, "unknown": true, "reversed": true, "open_breaks": true, "doubts": true,
	"differences": true, "silent_days": true, "missing": true, "quarantined": true, "terminals": true, "silent": true, "unfinished_files": true, "no_sales": true, "local_hour": true,
	"z_number": true, "position": true, "bytes": true, "from_number": true, "to_number": true, "lines": true, "p50": true, "p90": true}

// outputNames are the names of the columns of a statement's answer: what its first SELECT
// lists. A test holds them against the answers themselves.
func outputNames(sql string) []string {
	list, depth, from := strings.TrimPrefix(strings.TrimSpace(sql), "SELECT "), 0, 0
	var names []string
	take := func(item string) {
		item = strings.TrimSpace(item)
		names = append(names, lastWord.FindString(item))
	}
	for n := range list {
		switch {
		case list[n] == '(':
			depth++
		case list[n] == ')':
			depth--
		case list[n] == ',' && depth == 0:
			take(list[from:n])
			from = n + 1
		case depth == 0 && strings.HasPrefix(list[n:], "\nFROM"):
			take(list[from:n])
			return names
		}
	}
	take(list[from:])
	return names
}

var lastWord = regexp.MustCompile(`[a-z_0-9]+$`)

func panelOptions(kind string) object {
	calculation := object{"calcs": []string{"lastNotNull"}, "fields": "/.*/", "values": false}
	switch kind {
	case "stat":
		return object{"reduceOptions": calculation, "colorMode": "value", "graphMode": "none", "textMode": "value_and_name", "orientation": "auto", "justifyMode": "auto"}
	case "timeseries":
		return object{"legend": object{"displayMode": "list", "placement": "bottom", "showLegend": true}, "tooltip": object{"mode": "multi", "sort": "desc"}}
	case "barchart":
		return object{"orientation": "horizontal", "legend": object{"displayMode": "list", "placement": "bottom", "showLegend": false}, "tooltip": object{"mode": "single"}}
	case "piechart":
		return object{"pieType": "donut", "reduceOptions": object{"calcs": []string{"lastNotNull"}, "fields": "", "values": true},
			"legend": object{"displayMode": "table", "placement": "right", "showLegend": true, "values": []string{"value", "percent"}}}
	}
	return object{"showHeader": true, "cellHeight": "sm", "footer": object{"show": false}}
}
