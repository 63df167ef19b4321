package bus

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"pgregory.net/rapid"
)

// claims are the features that doc.go names.
var claims = tests.Features{
	ConsumerGroups:                   true,
	GuaranteedOrder:                  true,
	Persistent:                       true,
	NewSubscriberReceivesOldMessages: true,
}

// TestPubSub is Watermill's universal suite.
func TestPubSub(t *testing.T) {
	journal := ledger.NewMemory(nil)
	inGroup := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
		return NewPublisher(journal), newSubscriber(t, journal, group)
	}
	tests.TestPubSub(t, claims, func(t *testing.T) (message.Publisher, message.Subscriber) { return inGroup(t, "") }, inGroup)
}

func newSubscriber(t *testing.T, journal ledger.Journal, group string) *Subscriber {
	t.Helper()
	s, err := NewSubscriber(journal, group)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// take acknowledges n messages and returns their payloads.
func take(t *testing.T, s *Subscriber, topic string, n int) (payloads []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	messages, err := s.Subscribe(ctx, topic)
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		msg := <-messages
		payloads = append(payloads, string(msg.Payload))
		msg.Ack()
		<-msg.Context().Done() // the subscriber has seen it
	}
	cancel()
	for msg := range messages { // one may have been on its way; nobody has acknowledged it, and it comes again
		if last := msg.Context(); last.Err() == nil {
			<-last.Done()
		}
	}
	return payloads
}

func publish(t *testing.T, journal ledger.Journal, topic string, payloads ...string) {
	t.Helper()
	for _, payload := range payloads {
		if err := NewPublisher(journal).Publish(topic, message.NewMessage(watermill.NewUUID(), []byte(payload))); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTopicIsStreamOrNoun(t *testing.T) {
	journal := ledger.NewMemory(nil)
	publish(t, journal, "notice-1", "a")
	publish(t, journal, "notice-12", "b")
	publish(t, journal, "notices-1", "c")
	publish(t, journal, "notice-1", "d")
	s := newSubscriber(t, journal, "")
	if got := take(t, s, "notice-1", 2); fmt.Sprint(got) != "[a d]" {
		t.Errorf("the stream has %v", got)
	}
	if got := take(t, s, "notice", 3); fmt.Sprint(got) != "[a b d]" {
		t.Errorf("the noun has %v", got)
	}
	var refusal *ledger.Refusal
	if err := NewPublisher(journal).Publish("notice", message.NewMessage("", nil)); !errors.As(err, &refusal) {
		t.Errorf("publishing to a noun: %v", err)
	}
}

func TestGroupGoesOn(t *testing.T) {
	journal := ledger.NewMemory(nil)
	for i := range 1200 { // more than a page
		publish(t, journal, "notice-1", fmt.Sprint(i))
	}
	next := 0
	for _, n := range []int{1, 3, 600, 0, 500, 96} {
		for _, got := range take(t, newSubscriber(t, journal, "mail"), "notice", n) {
			if got != fmt.Sprint(next) {
				t.Fatalf("got %s, want %d", got, next)
			}
			next++
		}
	}
	if got := take(t, newSubscriber(t, journal, "chat"), "notice", 1); got[0] != "0" {
		t.Fatalf("another group begins at %v", got)
	}
	// Its cursor moved by pages, not by messages.
	moves := 0
	for range journal.Read(t.Context(), ledger.Query{Stream: "cursor-mail.notice"}) {
		moves++
	}
	if moves < 5 || moves > 10 {
		t.Errorf("the cursor moved %d times", moves)
	}
	if _, err := NewSubscriber(journal, "a.b"); err == nil {
		t.Error("a group with a dot was accepted")
	}
}

// Two subscriptions of a group may both be given a message, but none is lost and the
// cursor never goes back.
func TestGroupTogether(t *testing.T) {
	journal := ledger.NewMemory(nil)
	one, two := newSubscriber(t, journal, "mail"), newSubscriber(t, journal, "mail")
	a, err := one.Subscribe(t.Context(), "notice")
	if err != nil {
		t.Fatal(err)
	}
	b, err := two.Subscribe(t.Context(), "notice")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range 300 {
		publish(t, journal, "notice-1", fmt.Sprint(i))
		for !seen[fmt.Sprint(i)] {
			var msg *message.Message
			select {
			case msg = <-a:
			case msg = <-b:
			}
			seen[string(msg.Payload)] = true
			msg.Ack()
		}
	}
	one.Close()
	two.Close()
	last := ledger.Position(0)
	for event, err := range journal.Read(t.Context(), ledger.Query{Stream: "cursor-mail.notice"}) {
		position := ledger.Position(0)
		if _, scan := fmt.Sscanf(string(event.Data), `{"position":%d}`, &position); scan != nil || err != nil || position <= last {
			t.Fatalf("the cursor went from %d to %s (%v)", last, event.Data, err)
		}
		last = position
	}
	publish(t, journal, "notice-1", "after")
	if got := take(t, newSubscriber(t, journal, "mail"), "notice", 1); got[0] != "after" {
		t.Fatalf("the group goes on with %v", got)
	}
}

func TestMessageRoundTrip(t *testing.T) {
	journal := ledger.NewMemory(nil)
	publisher, subscriber := NewPublisher(journal), newSubscriber(t, journal, "")
	messages, err := subscriber.Subscribe(t.Context(), "notice-1")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(r *rapid.T) {
		id := rapid.OneOf(rapid.Just(watermill.NewUUID()), rapid.Just(strings.ToUpper(watermill.NewUUID())), rapid.Just(watermill.NewULID())).Draw(r, "id")
		payload := rapid.OneOf(rapid.SliceOf(rapid.Byte()), rapid.SampledFrom([][]byte{[]byte(`{"a":1}`), []byte(`"x"`), []byte(` 1 `), nil})).Draw(r, "payload")
		sent := message.NewMessage(id, payload)
		for key, value := range rapid.MapOf(rapid.String(), rapid.String()).Draw(r, "metadata") {
			sent.Metadata.Set("x"+key, value)
		}
		for _, key := range []string{TypeKey, ActorKey, CorrelationKey, CausationKey} {
			sent.Metadata.Set(key, rapid.StringN(1, 20, 100).Draw(r, key))
		}
		if err := publisher.Publish("notice-1", sent.Copy()); err != nil {
			r.Fatal(err)
		}
		got := <-messages
		got.Ack()
		if got.UUID != sent.UUID || string(got.Payload) != string(sent.Payload) {
			r.Fatalf("sent %s %q, got %s %q", sent.UUID, sent.Payload, got.UUID, got.Payload)
		}
		for key, value := range sent.Metadata {
			if got.Metadata.Get(key) != value {
				r.Fatalf("%s is %q, was %q", key, got.Metadata.Get(key), value)
			}
		}
	})
	if err := subscriber.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := subscriber.Subscribe(t.Context(), "notice-1"); !errors.Is(err, ErrClosed) {
		t.Errorf("subscribed to a closed subscriber: %v", err)
	}
	publisher.Close()
	if err := publisher.Publish("notice-1"); !errors.Is(err, ErrClosed) {
		t.Errorf("published with a closed publisher: %v", err)
	}
}

func TestPublishLargeAndTwice(t *testing.T) {
	journal := ledger.NewMemory(nil)
	var messages []*message.Message
	for range 30 {
		messages = append(messages, message.NewMessage(watermill.NewUUID(), []byte(strings.Repeat("x", 100_000))))
	}
	for range 2 {
		if err := NewPublisher(journal).Publish("notice-1", messages...); err != nil {
			t.Fatal(err)
		}
	}
	if head, err := ledger.Head(t.Context(), journal); head != 30 || err != nil {
		t.Fatalf("the journal ends at %d (%v), want 30", head, err)
	}
}

// An event of the ledger's own, with metadata of its own form.
func TestMessageOfLedgerEvent(t *testing.T) {
	msg := messageOf(ledger.Recorded{
		Event: ledger.Event{ID: ledger.DeriveID("x"), Type: "break-opened.v1", Data: []byte(`{"kind":"x"}`),
			Meta: []byte(`{"actor":"matcher","correlation":"c","business_date":"2026-01-05"}`)},
		Stream: "outcome-1", Revision: 3, Position: 9, RecordedAt: time.Unix(0, 5).UTC(),
	})
	for key, want := range map[string]string{TypeKey: "break-opened.v1", ActorKey: "matcher", CorrelationKey: "c", BusinessDayKey: "2026-01-05",
		StreamKey: "outcome-1", RevisionKey: "3", PositionKey: "9", RecordedKey: "1970-01-01T00:00:00.000000005Z"} {
		if got := msg.Metadata.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if string(msg.Payload) != `{"kind":"x"}` || msg.UUID != ledger.DeriveID("x").String() {
		t.Errorf("message %s is %s", msg.UUID, msg.Payload)
	}
	if msg := messageOf(ledger.Recorded{Event: ledger.Event{Meta: []byte("not JSON")}}); msg.Metadata.Get(ActorKey) != "" {
		t.Error("an actor was made up")
	}
}

// failing is a journal whose Follow breaks off after every page.
type failing struct{ ledger.Journal }

func (f failing) Follow(ctx context.Context, after ledger.Position, filter ledger.Filter) iter.Seq2[ledger.Page, error] {
	return func(yield func(ledger.Page, error) bool) {
		for page, err := range f.Journal.Follow(ctx, after, filter) {
			if err == nil && yield(page, nil) {
				yield(ledger.Page{}, errors.New("connection reset"))
			}
			return
		}
	}
}

func TestSubscriberOutlivesTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		s := newSubscriber(t, failing{journal}, "")
		messages, err := s.Subscribe(t.Context(), "notice-1")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 20 {
			publish(t, journal, "notice-1", fmt.Sprint(i))
			msg := <-messages
			if string(msg.Payload) != fmt.Sprint(i) {
				t.Fatalf("got %s, want %d", msg.Payload, i)
			}
			msg.Ack()
		}
		s.Close()
	})
}

// Watermill's own poison queue works over the journal, for handlers of messages.
func TestPoisonQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		publish(t, journal, "notice-1", "good", "bad", "better")
		router := message.NewDefaultRouter(watermill.NopLogger{})
		poison, err := middleware.PoisonQueue(NewPublisher(journal), "poison-mail")
		if err != nil {
			t.Fatal(err)
		}
		router.AddMiddleware(poison)
		var got []string
		router.AddConsumerHandler("mail", "notice", newSubscriber(t, journal, "mail"), func(msg *message.Message) error {
			if got = append(got, string(msg.Payload)); string(msg.Payload) == "bad" {
				return errors.New("no such address")
			}
			return nil
		})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- router.Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got) != "[good bad better]" {
			t.Fatalf("handled %v", got)
		}
		messages, err := newSubscriber(t, journal, "").Subscribe(t.Context(), "poison-mail")
		if err != nil {
			t.Fatal(err)
		}
		msg := <-messages
		if msg.Metadata.Get(middleware.ReasonForPoisonedKey) != "no such address" || string(msg.Payload) != "bad" {
			t.Fatalf("parked %s because %v", msg.Payload, msg.Metadata)
		}
		msg.Ack()
	})
}
