package bus

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill/message"
)

// ErrClosed: the Publisher or Subscriber was closed.
var ErrClosed = errors.New("it was closed")

// A Publisher is a Watermill publisher whose topics are streams of a journal. Its
// methods may be called from many goroutines.
type Publisher struct {
	journal ledger.Journal
	closed  atomic.Bool
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher makes a publisher. The journal stays the caller's to close.
func NewPublisher(journal ledger.Journal) *Publisher { return &Publisher{journal: journal} }

// Publish appends messages to the stream that topic names, in order. When it returns
// nil, they survive any crash. As many as one append may carry are written together;
// of more than that, an error can leave the first in place. Publishing a message again
// writes nothing, but only together with those it was published with: a mixture of old
// and new messages is a ledger.ErrConflict.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if p.closed.Load() {
		return fmt.Errorf("publish to %s: %w", topic, ErrClosed)
	}
	if !isStream(topic) {
		return ledger.Refuse(ledger.Say("the topic %q is not the name of one stream", topic),
			ledger.Say("publish to a stream, noun-id; subscribe to a noun for all of them"))
	}
	events := make([]ledger.Event, len(messages))
	for i, msg := range messages {
		var err error
		if events[i], err = eventOf(msg); err != nil {
			return fmt.Errorf("publish to %s: message %s: %w", topic, msg.UUID, err)
		}
	}
	for len(events) > 0 {
		part := fitting(events)
		if _, err := p.journal.Append(messages[0].Context(), ledger.StreamID(topic), ledger.Any, part...); err != nil {
			return fmt.Errorf("publish to %s: %w", topic, err)
		}
		events = events[len(part):]
	}
	return nil
}

// isStream tells the name of a stream, noun-id, from a noun.
func isStream(topic string) bool { return strings.Contains(topic, "-") }

// fitting returns the first events, as many as one append may carry, but at least one.
func fitting(events []ledger.Event) []ledger.Event {
	size := 0
	for i := range events {
		size += len(events[i].Data) + len(events[i].Meta)
		if size > ledger.MaxAppendBytes && i > 0 {
			return events[:i]
		}
	}
	return events
}

// Close makes further calls of Publish fail. Those going on are not disturbed.
func (p *Publisher) Close() error {
	p.closed.Store(true)
	return nil
}
