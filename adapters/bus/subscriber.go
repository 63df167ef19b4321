package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill/message"
)

const (
	// resendAfter keeps a handler that always fails from spinning.
	resendAfter = 10 * time.Millisecond
	// firstPause and longestPause lie between tries to follow a journal that fails.
	firstPause, longestPause = 100 * time.Millisecond, 10 * time.Second
	// cursorPatience bounds the last saving of a group's cursor when a subscription ends.
	cursorPatience = 5 * time.Second
)

// A Subscriber is a Watermill subscriber to a journal. A topic is a stream, "noun-id",
// or a noun, for all streams of that noun in the order of the journal. Messages come in
// order, the next one when the one before was acknowledged; one that was handed back
// comes again. Its methods may be called from many goroutines.
//
// Without a group, every subscription begins at the first event. The subscriptions of a
// group share a cursor per topic, which is kept in the journal itself, in a stream
// cursor-<group>.<topic>, after every page of events and when a subscription ends. Of a
// group's subscriptions at one time each may be given the same messages: a group is for
// going on later, not for sharing the work.
type Subscriber struct {
	journal ledger.Journal
	group   string

	closing chan struct{}
	mu      sync.Mutex
	closed  bool
	running sync.WaitGroup
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber makes a subscriber of a group, or of none when group is empty. The
// journal stays the caller's to close.
func NewSubscriber(journal ledger.Journal, group string) (*Subscriber, error) {
	if strings.Contains(group, ".") {
		return nil, ledger.Problem("the name of a group has no dot, unlike %q", group)
	}
	return &Subscriber{journal: journal, group: group, closing: make(chan struct{})}, nil
}

// Subscribe implements message.Subscriber. The channel is closed when ctx ends or the
// subscriber is closed; what was not acknowledged by then comes to the next
// subscription. While the journal cannot be read it tries again, and logs why.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, fmt.Errorf("subscribe to %s: %w", topic, ErrClosed)
	}
	if topic == "" {
		return nil, ledger.Problem("a topic has a name")
	}
	sub := &subscription{journal: s.journal, topic: topic, out: make(chan *message.Message)}
	if s.group != "" {
		sub.cursorStream = ledger.Stream("cursor", s.group, topic)
	}
	ctx, cancel := context.WithCancel(ctx)
	s.running.Go(func() {
		defer cancel()
		defer close(sub.out)
		sub.run(ctx)
	})
	s.running.Go(func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	})
	return sub.out, nil
}

// Close ends all subscriptions and waits until their channels are closed. It does not
// wait for messages to be acknowledged.
func (s *Subscriber) Close() error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	s.running.Wait()
	return nil
}

// subscription is one call of Subscribe.
type subscription struct {
	journal ledger.Journal
	topic   string
	out     chan *message.Message

	acked ledger.Position // everything up to here is acknowledged

	cursorStream ledger.StreamID // where the group's cursor is; empty without a group
	saved        ledger.Position // the cursor in it
	savedAt      ledger.Revision // and its revision
}

func (s *subscription) run(ctx context.Context) {
	for pause := firstPause; ctx.Err() == nil; pause = min(2*pause, longestPause) {
		before := s.acked
		err := s.follow(ctx)
		if ctx.Err() != nil {
			break
		}
		slog.Warn("subscription: trying again", "topic", s.topic, "after", uint64(s.acked), "error", err)
		if s.acked > before {
			pause = firstPause
		}
		sleep(ctx, pause)
	}
	if s.cursorStream == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cursorPatience)
	defer cancel()
	if err := s.save(ctx); err != nil {
		slog.Warn("subscription: messages will come again", "topic", s.topic, "after", uint64(s.saved), "error", err)
	}
}

func sleep(ctx context.Context, pause time.Duration) {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// follow sends what comes after the last acknowledged message, until an error.
func (s *subscription) follow(ctx context.Context) error {
	if err := s.load(ctx); err != nil {
		return err
	}
	filter := ledger.Filter{Streams: []string{s.topic}}
	if !isStream(s.topic) {
		filter.Streams[0] += "-"
	}
	for page, err := range s.journal.Follow(ctx, s.acked, filter) {
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			if isStream(s.topic) && string(event.Stream) != s.topic {
				continue
			}
			// Another subscription of the group may have been here meanwhile.
			if event.Position <= s.acked {
				continue
			}
			if err := s.send(ctx, event); err != nil {
				return err
			}
			s.acked = event.Position
		}
		if err := s.save(ctx); err != nil {
			return err
		}
	}
	return errEnded
}

// send hands over a message until it is acknowledged.
func (s *subscription) send(ctx context.Context, event ledger.Recorded) error {
	for {
		acked, err := s.sendOnce(ctx, event)
		if acked || err != nil {
			return err
		}
		sleep(ctx, resendAfter)
	}
}

func (s *subscription) sendOnce(ctx context.Context, event ledger.Recorded) (acked bool, err error) {
	msg := messageOf(event)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	msg.SetContext(ctx)
	if ctx.Err() != nil {
		return false, ctx.Err() // of two that are ready, select takes either
	}
	select {
	case s.out <- msg:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	select {
	case <-msg.Acked():
		return true, nil
	case <-msg.Nacked():
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

const cursorMoved = "cursor-moved.v1"

// cursorData is the data of a cursorMoved event.
type cursorData struct {
	Position ledger.Position `json:"position"`
}

// load reads the group's cursor.
func (s *subscription) load(ctx context.Context) error {
	if s.cursorStream == "" {
		return nil
	}
	s.saved, s.savedAt = 0, ledger.NoStream
	last := ledger.Query{Stream: s.cursorStream, From: ledger.LatestRevision, Backwards: true, Limit: 1}
	for event, err := range s.journal.Read(ctx, last) {
		if err != nil {
			return fmt.Errorf("read cursor: %w", err)
		}
		var data cursorData
		if err := json.Unmarshal(event.Data, &data); err != nil || event.Type != cursorMoved {
			return fmt.Errorf("read cursor: revision %d of %s is no cursor: %w", event.Revision, s.cursorStream, err)
		}
		s.saved, s.savedAt = data.Position, event.Revision
	}
	s.acked = max(s.acked, s.saved)
	return nil
}

// save moves the group's cursor to where everything is acknowledged. When another
// subscription of the group has moved it, it is where the further of the two is.
func (s *subscription) save(ctx context.Context) error {
	for s.cursorStream != "" && s.acked > s.saved {
		data, err := json.Marshal(cursorData{s.acked})
		if err != nil {
			return err
		}
		event := ledger.Event{
			ID:   ledger.DeriveID(string(s.cursorStream), fmt.Sprint(s.savedAt), fmt.Sprint(s.acked)),
			Type: cursorMoved, Data: data, Meta: []byte(`{"actor":"bus"}`),
		}
		_, err = s.journal.Append(ctx, s.cursorStream, s.savedAt, event)
		if err == nil {
			s.saved, s.savedAt = s.acked, max(s.savedAt, -1)+1
			return nil
		}
		if !errors.Is(err, ledger.ErrConflict) {
			return fmt.Errorf("save cursor: %w", err)
		}
		if err := s.load(ctx); err != nil {
			return err
		}
	}
	return nil
}
