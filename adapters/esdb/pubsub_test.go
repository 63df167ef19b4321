package esdb_test

import (
	"testing"

	"daybook/adapters/bus"
	"daybook/adapters/esdb"
	"daybook/adapters/esdbserver"
	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
)

// Watermill's universal suite, its short form, with the messages on an event store.
func TestPubSubOverServer(t *testing.T) {
	address, _ := serve(t, ledger.NewMemory(nil), esdbserver.Options{})
	journal := open(t, "esdb://"+address+"?tls=false", esdb.Options{})
	inGroup := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
		subscriber, err := bus.NewSubscriber(journal, group)
		if err != nil {
			t.Fatal(err)
		}
		return bus.NewPublisher(journal), subscriber
	}
	features := tests.Features{
		ConsumerGroups: true, GuaranteedOrder: true, Persistent: true, NewSubscriberReceivesOldMessages: true, ForceShort: true,
	}
	tests.TestPubSub(t, features, func(t *testing.T) (message.Publisher, message.Subscriber) { return inGroup(t, "") }, inGroup)
}
