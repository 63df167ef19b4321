package esdbserver

import (
	"regexp"
	"strings"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// A filter selects events of all streams by the name of the stream or by type.
type filter struct {
	filters  bool // without, all events pass and there are no checkpoints
	byType   bool
	prefixes []string
	regex    *regexp.Regexp

	// interval is the number of events looked at from checkpoint to checkpoint.
	interval int
}

// defaultWindow is the number of events that a server looks at in one go when the
// client does not say.
const defaultWindow = 32

func filterOf(options *streams.ReadReq_Options_FilterOptions) (filter, error) {
	if options == nil {
		return filter{}, nil
	}
	f := filter{filters: true}
	expression := options.GetStreamIdentifier()
	if options.GetEventType() != nil {
		f.byType, expression = true, options.GetEventType()
	}
	if f.prefixes = expression.GetPrefix(); len(f.prefixes) == 0 {
		var err error
		if f.regex, err = regexp.Compile(expression.GetRegex()); err != nil {
			return f, badRequest("the filter cannot be used: " + err.Error())
		}
	}
	window := int(options.GetMax())
	if window == 0 {
		window = defaultWindow
	}
	f.interval = window * max(1, int(options.GetCheckpointIntervalMultiplier()))
	return f, nil
}

func (f filter) admits(event ledger.Recorded) bool {
	name := string(event.Stream)
	if f.byType {
		name = event.Type
	}
	if f.regex != nil {
		return f.regex.MatchString(name)
	}
	for _, prefix := range f.prefixes {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return !f.filters
}
