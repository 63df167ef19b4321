package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"daybook/ledger"
)

// language turns Texts into sentences. The English format is the key; facts are put in
// as they are. A general message catalogue would format numbers by locale, and a row
// number 1,204 or a merchant id with separators is no longer the fact it was.
type language map[string]string

var english = language{}

// joined is one list of several. A sentence stands in one of them.
func joined(lists ...language) language {
	all := language{}
	for _, list := range lists {
		for english, translated := range list {
			if _, twice := all[english]; twice {
				panic("translated twice: " + english)
			}
			all[english] = translated
		}
	}
	return all
}

var languages = map[string]language{"en": english, "zh": chinese}

// text prints a Text; arguments that are Texts are translated too.
func (l language) text(t ledger.Text) string {
	if t.Format == "" {
		return ""
	}
	format, translated := l[t.Format]
	if !translated {
		format = t.Format
	}
	args := make([]any, len(t.Args))
	for n, arg := range t.Args {
		switch arg := arg.(type) {
		case ledger.Text:
			args[n] = l.text(arg)
		case *ledger.Refusal:
			args[n] = l.text(arg.Text)
		default:
			args[n] = arg
		}
	}
	return fmt.Sprintf(format, args...)
}

// languageOf finds the language before flags are parsed: what is wrong with them, and
// the help about them, is said in it too.
func languageOf(args []string) language {
	name := cmp.Or(os.Getenv("DAYBOOK_LANG"), systemLanguage())
	for n, arg := range args {
		if arg == "--" {
			break
		}
		if value, found := strings.CutPrefix(arg, "--lang="); found {
			name = value
		} else if arg == "--lang" && n+1 < len(args) {
			name = args[n+1]
		}
	}
	return languages[name]
}

func systemLanguage() string {
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if value := os.Getenv(name); value != "" {
			if strings.HasPrefix(value, "zh") {
				return "zh"
			}
			return "en"
		}
	}
	return "en"
}

// phrase translates text that is no format.
func (l language) phrase(text string) string { return cmp.Or(l[text], text) }

// help translates what a command and those below it say of themselves.
func (l language) help(command *cobra.Command) {
	command.InitDefaultHelpFlag()
	command.Flags().Lookup("help").Usage = "show this help"
	command.Short, command.Long, command.Example = l.phrase(command.Short), l.phrase(command.Long), l.phrase(command.Example)
	for _, flags := range []*pflag.FlagSet{command.PersistentFlags(), command.LocalNonPersistentFlags()} {
		flags.VisitAll(func(flag *pflag.Flag) { flag.Usage = l.phrase(flag.Usage) })
	}
	for _, below := range command.Commands() {
		l.help(below)
	}
}

// usage translates the headings between which cobra puts flags and commands.
func (l language) usage(template string) string {
	for _, heading := range []string{
		"Usage:", "Aliases:", "Examples:", "Available Commands:", "Additional Commands:", "Additional help topics:", "Global Flags:", "Flags:",
		`Use "{{.CommandPath}} [command] --help" for more information about a command.`,
	} {
		template = strings.ReplaceAll(template, heading, l.phrase(heading))
	}
	return template
}
