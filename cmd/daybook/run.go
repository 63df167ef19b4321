package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/projections"
)

// Exit codes. They are part of the program's interface.
const (
	exitFine         = 0
	exitInternal     = 1 // something of ours went wrong
	exitRefused      = 2 // bad input, or a request that may not be
	exitOpen         = 3 // there are open differences
	exitVerification = 4 // a check did not come out as it must
)

// exitError ends the program with a code and says nothing: what there was to say has
// been printed.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit %d", int(e)) }

// globals are the flags every command has, and where it prints.
type globals struct {
	data       string
	config     string
	output     string
	lang       string
	journal    string
	clickhouse string
	quiet      bool

	stdout, stderr io.Writer
	say            language
}

// run is the program. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	g := &globals{stdout: stdout, stderr: stderr, say: languageOf(args)}
	root := g.rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.SetFlagErrorFunc(refuseFlag)
	refuseArguments(root)
	root.SetUsageTemplate(g.say.usage(root.UsageTemplate()))
	g.say.help(root)
	err := root.ExecuteContext(ctx)
	var exit exitError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &exit):
		return int(exit)
	}
	return g.report(err)
}

func (g *globals) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "daybook",
		Short: "The ledger of a retailer's payment terminals, reconciled with what was settled",
		Long: "daybook keeps everything that happens on a retailer's payment terminals, and reconciles it\n" +
			"with what acquirers, wallets and banks settled.",
		Example: "  daybook demo                      a made-up day, from files to differences\n" +
			"  daybook init                      write a configuration to fill in\n" +
			"  daybook import yesterday/*        take in till journals, bills and bank files\n" +
			"  daybook status                    the control sheet\n" +
			"  daybook breaks                    what does not tie, and why",
		SilenceUsage: true, SilenceErrors: true,
		Args:              cobra.NoArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return g.settle() },
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	flags := root.PersistentFlags()
	flags.StringVar(&g.data, "data", os.Getenv("DAYBOOK_DATA"), "data directory (DAYBOOK_DATA; default: the user's data directory)")
	flags.StringVar(&g.config, "config", os.Getenv("DAYBOOK_CONFIG"), "configuration file (DAYBOOK_CONFIG; default: daybook.yaml in the data directory)")
	flags.StringVarP(&g.output, "output", "o", "table", "table, json or csv")
	flags.StringVar(&g.lang, "lang", os.Getenv("DAYBOOK_LANG"), "en or zh (DAYBOOK_LANG; default: the system's)")
	flags.StringVar(&g.journal, "journal", os.Getenv("DAYBOOK_JOURNAL"),
		"event store to keep the journal in, e.g. esdb://user@host:2113; the password comes from DAYBOOK_JOURNAL_PASSWORD\n(DAYBOOK_JOURNAL; default: the journal in the data directory)")
	flags.StringVar(&g.clickhouse, "clickhouse", os.Getenv("DAYBOOK_CLICKHOUSE"),
		"ClickHouse server, e.g. clickhouse://user@host:9000/daybook, of a cluster with ?cluster=NAME; the password comes from DAYBOOK_CLICKHOUSE_PASSWORD\n(DAYBOOK_CLICKHOUSE; default: the engine inside this program)")
	flags.BoolVarP(&g.quiet, "quiet", "q", false, "no progress")
	root.AddCommand(g.initCommand(), g.importCommand(), g.watchCommand(), g.statusCommand(), g.breaksCommand(), g.matchesCommand(), g.bookCommand(), g.closeCommand(), g.feesCommand(), g.statementCommand(), g.filesCommand(), g.customersCommand(), g.formatsCommand(), g.explainCommand(), g.rulesCommand(),
		g.queryCommand(), g.schemaCommand(), g.projectionsCommand(), g.serveCommand(), g.grafanaCommand(), g.demoCommand(), g.peopleCommand(), g.generateCommand(), g.stockCommand(), g.productsCommand(), g.reorderCommand(), g.journalCommand(), g.followersCommand(), g.benchCommand(), g.versionCommand())
	return root
}

// settle checks the global flags and fills in their defaults. A command may have forms of
// output beside those that all have.
func (g *globals) settle(more ...string) error {
	if g.lang == "" {
		g.lang = systemLanguage()
	}
	say, known := languages[g.lang]
	if !known {
		return ledger.Problem("--lang %q is neither en nor zh", g.lang)
	}
	g.say = say
	if forms := append([]string{"table", "json", "csv"}, more...); !slices.Contains(forms, g.output) {
		return ledger.Problem("--output %q is none of %s", g.output, strings.Join(forms, ", "))
	}
	if g.data == "" {
		g.data = filepath.Join(xdg.DataHome, "daybook")
	}
	return nil
}

func (g *globals) configPath() string {
	if g.config != "" {
		return g.config
	}
	return filepath.Join(g.data, "daybook.yaml")
}

// refuseFlag says what is wrong with a flag.
func refuseFlag(command *cobra.Command, err error) error {
	hint := ledger.Say("%s --help shows the flags there are", command.CommandPath())
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		return ledger.Refuse(ledger.Say("there is no flag %s", "-"+unknown.GetSpecifiedShortnames()), hint)
	case errors.As(err, &unknown):
		return ledger.Refuse(ledger.Say("there is no flag %s", "--"+unknown.GetSpecifiedName()), hint)
	case errors.As(err, &empty):
		return ledger.Refuse(ledger.Say("the flag --%s needs a value", empty.GetFlag().Name), hint)
	case errors.As(err, &invalid):
		return ledger.Refuse(ledger.Say("the flag --%s does not take %q", invalid.GetFlag().Name, invalid.GetValue()), hint)
	}
	return ledger.Refuse(ledger.Say("the flags cannot be read: %s", err.Error()), hint)
}

// refuseArguments says what is wrong with a command's arguments, for it and all below it.
func refuseArguments(command *cobra.Command) {
	if check := command.Args; check != nil {
		command.Args = func(command *cobra.Command, args []string) error {
			switch {
			case check(command, args) == nil:
				return nil
			case command.HasSubCommands():
				return ledger.Refuse(ledger.Say("there is no command %q", command.CommandPath()+" "+args[0]), otherCommand(command, args[0]))
			}
			return ledger.Refuse(ledger.Say("wrong number of arguments for %s: %d", command.CommandPath(), len(args)),
				ledger.Say("write it as: %s", command.UseLine()))
		}
	}
	for _, below := range command.Commands() {
		refuseArguments(below)
	}
}

func otherCommand(command *cobra.Command, name string) ledger.Text {
	command.SuggestionsMinimumDistance = 2
	if near := command.SuggestionsFor(name); len(near) > 0 {
		return ledger.Say("did you mean %q?", command.CommandPath()+" "+near[0])
	}
	return ledger.Say("%s --help shows the commands there are", command.CommandPath())
}

// clickhouseAddress adds the password, which has no place on a command line, where every
// user of the machine can read it.
func (g *globals) clickhouseAddress() string {
	address, err := url.Parse(g.clickhouse)
	password, set := os.LookupEnv("DAYBOOK_CLICKHOUSE_PASSWORD")
	if err != nil || !set {
		return g.clickhouse
	}
	address.User = url.UserPassword(address.User.Username(), password)
	return address.String()
}

// readOnlyCode is ClickHouse's READONLY: a statement that writes, or reads files or URLs.
const readOnlyCode = 164

// report prints an error for a person and returns the exit code.
func (g *globals) report(err error) int {
	var list files.ErrorList
	var refusal *ledger.Refusal
	var sql *projections.SQLError
	switch {
	case errors.As(err, &list):
		g.reportFile(list)
		return exitRefused
	case errors.As(err, &refusal):
		fmt.Fprintln(g.stderr, g.say.text(refusal.Text))
		g.hint(refusal.Hint)
		return exitRefused
	case errors.As(err, &sql):
		fmt.Fprintln(g.stderr, g.say.text(ledger.Say("ClickHouse does not accept the statement (code %d): %s", sql.Code, firstSentence(sql.Message))))
		if sql.Code == readOnlyCode {
			g.hint(ledger.Say("daybook query only reads what the tables hold"))
		} else {
			g.hint(ledger.Say("the tables and columns there are: daybook query 'SHOW TABLES', daybook query 'DESCRIBE fct_payments'"))
		}
		return exitRefused
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(g.stderr, g.say.text(ledger.Say("interrupted; what was finished is kept, and the same command again goes on from there")))
		return exitInternal
	}
	fmt.Fprintln(g.stderr, err)
	return exitInternal
}

// firstSentence leaves out the list of everything the grammar would have allowed.
func firstSentence(message string) string {
	head, _, _ := strings.Cut(message, " Expected one of: ")
	return head
}

// reportFile lists what is wrong with a file.
func (g *globals) reportFile(list files.ErrorList) {
	hints := map[string]bool{}
	for _, e := range list {
		place := e.File
		if e.Row > 0 {
			place += fmt.Sprintf(":%d", e.Row)
		}
		for _, part := range []string{e.Column, quoted(e.Value)} {
			if part != "" {
				place += ": " + part
			}
		}
		fmt.Fprintf(g.stderr, "%s: %s\n", place, g.say.text(e.Text))
		if hint := g.say.text(e.Hint); hint != "" {
			hints[hint] = true
		}
	}
	if more := list[len(list)-1].More; more > 0 {
		fmt.Fprintln(g.stderr, g.say.text(ledger.Say("%s: further errors, not listed: %d", list[0].File, more)))
	}
	for _, e := range list {
		if hint := g.say.text(e.Hint); hints[hint] {
			g.hint(e.Hint)
			delete(hints, hint)
		}
	}
}

func quoted(value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("%q", value)
}

// notice tells a person something beside the answer.
func (g *globals) notice(text ledger.Text) { fmt.Fprintln(g.stderr, g.say.text(text)) }

func (g *globals) hint(hint ledger.Text) {
	if hint.Format != "" {
		fmt.Fprintln(g.stderr, g.say.text(ledger.Say("next: %s", hint)))
	}
}
