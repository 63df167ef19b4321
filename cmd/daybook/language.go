package main

import (
	"fmt"

	"daybook/ledger"
)

// language turns Texts into sentences. The English format is the key; facts are put in
// as they are. A general message catalogue would format numbers by locale, and a row
// number 1,204 or a merchant id with separators is no longer the fact it was.
type language map[string]string

var english = language{}

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
