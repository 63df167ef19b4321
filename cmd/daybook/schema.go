package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
)

func (g *globals) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "What the tables hold: every view and column, in Markdown",
		Long: "Describe every view that queries may rely on: what one of its rows is, and of each column the\n" +
			"type, the meaning with its unit, and the events of the journal that it comes from. ClickHouse\n" +
			"has the same words as comments. Comments are in English.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			a, err := open(cmd.Context(), g)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			schema, err := a.views.Schema(cmd.Context())
			if err != nil {
				return err
			}
			switch g.output {
			case "json":
				return g.printJSON(schema)
			case "csv":
				return printRecords(g, flat(schema))
			}
			return g.printSchema(schema)
		},
	}
}

// describedColumn is a column of a view as a row of a list.
type describedColumn struct {
	View    string `json:"view"`
	Column  string `json:"column"`
	Type    string `json:"type"`
	Comment string `json:"comment"`
	Events  string `json:"events"`
}

func flat(schema []projections.ViewSchema) (list []describedColumn) {
	for _, view := range schema {
		for _, c := range view.Columns {
			list = append(list, describedColumn{view.Name, c.Name, c.Type, c.Comment, strings.Join(c.Events, " ")})
		}
	}
	return list
}

func (g *globals) printSchema(schema []projections.ViewSchema) error {
	var b strings.Builder
	say := func(text ledger.Text) string { return g.say.text(text) }
	fmt.Fprintf(&b, "# %s\n\n%s\n%s\n", say(ledger.Say("Views of daybook")), say(ledger.Say("Version %d of the names. Views and columns may be added; one that is renamed, removed or means something else raises the version.", projections.ViewsVersion)),
		say(ledger.Say("Minor units are whole numbers of the smallest coin of a currency. A column without _minor shows the same amount as an exact decimal.")))
	for _, view := range schema {
		fmt.Fprintf(&b, "\n## %s\n\n%s.\n\n", view.Name, sentenceCase(view.Grain))
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n|---|---|---|---|\n",
			say(ledger.Say("column")), say(ledger.Say("type")), say(ledger.Say("meaning")), say(ledger.Say("comes from")))
		for _, c := range view.Columns {
			fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", c.Name, c.Type, strings.ReplaceAll(c.Comment, "|", `\|`), strings.Join(c.Events, ", "))
		}
	}
	_, err := fmt.Fprint(g.stdout, b.String())
	return err
}

// sentenceCase gives a description its capital. They are in English, and begin with a
// plain letter.
func sentenceCase(s string) string {
	return strings.ToUpper(s[:1]) + s[1:]
}
