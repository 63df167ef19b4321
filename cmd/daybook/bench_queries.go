package main

import (
	"context"
	"regexp"
	"strings"

	"daybook/ledger"
)

// asSent is a panel's statement as Grafana's data source sends it: its macros
// (grafana-clickhouse-datasource, pkg/macros: DateFilter; src/data/CHDatasource.ts:
// applyConditionalAll) and Grafana's variables put in. Both days are inclusive; no stores are
// all of them.
func asSent(sql, from, to string, stores []string, currency string) string {
	quoted := make([]string, len(stores))
	for n, store := range stores {
		quoted[n] = "'" + store + "'"
	}
	sql = conditionalAll.ReplaceAllStringFunc(sql, func(macro string) string {
		if len(stores) == 0 {
			return "1=1"
		}
		return conditionalAll.FindStringSubmatch(macro)[1]
	})
	sql = dateFilter.ReplaceAllString(sql, "$1 >= toDate('"+from+"') AND $1 <= toDate('"+to+"')")
	return strings.NewReplacer("${store:singlequote}", strings.Join(quoted, ","), "${currency}", currency).Replace(sql)
}

var (
	conditionalAll = regexp.MustCompile(`\$__conditionalAll\((.*?\)), \$store\)`)
	dateFilter     = regexp.MustCompile(`\$__dateFilter\(([a-z_]+)\)`)
)

// benchQuery is what one panel of a dashboard asks.
type benchQuery struct {
	board, panel ledger.Text
	sql          string
}

// benchQueries are what all dashboards ask when they are opened: of the last thirty days of
// which there are facts, of all stores, in the currency of the most tickets.
func (a *app) benchQueries(ctx context.Context) (list []benchQuery, err error) {
	newest, err := a.views.Newest(ctx)
	if err != nil {
		return nil, err
	}
	currency, err := oneOf[string](ctx, a, "SELECT toString(currency) FROM agg_sales_day GROUP BY currency ORDER BY sum(sales) DESC, currency LIMIT 1")
	for _, b := range boards() {
		for _, p := range b.panels {
			list = append(list, benchQuery{b.title, p.title, asSent(p.sql, newest.AddDays(-29).String(), newest.String(), nil, currency)})
		}
	}
	return list, err
}

// oneOf reads the one value that a statement answers with.
func oneOf[T any](ctx context.Context, a *app, sql string) (value T, err error) {
	rows, err := a.warehouse.Query(ctx, sql)
	if err != nil {
		return value, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			return value, err
		}
	}
	return value, rows.Err()
}
