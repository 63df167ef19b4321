package esdb_test

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"daybook/adapters/esdb"
	"daybook/adapters/esdbserver"
	"daybook/adapters/eventlog"
	"daybook/ledger"
	"daybook/ledger/ledgertest"
)

// serve serves a journal on a free port of this machine and returns its address and
// how to stop it.
func serve(t *testing.T, journal ledger.Journal, options esdbserver.Options) (address string, stop func()) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener.Addr().String(), serveOn(t, listener, journal, options)
}

func serveOn(t *testing.T, listener net.Listener, journal ledger.Journal, options esdbserver.Options) (stop func()) {
	t.Helper()
	server, err := esdbserver.New(journal, options)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		server.Stop(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

func open(t *testing.T, connection string, options esdb.Options) *esdb.Journal {
	t.Helper()
	journal, err := esdb.Open(t.Context(), connection, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { journal.Close() })
	return journal
}

// The contract, through the client and our front, over TCP.
func TestJournalOverMemory(t *testing.T) {
	ledgertest.TestJournal(t, func(t *testing.T) ledger.Journal {
		address, _ := serve(t, ledger.NewMemory(nil), esdbserver.Options{})
		return open(t, "esdb://"+address+"?tls=false", esdb.Options{})
	})
}

func TestJournalOverEventlog(t *testing.T) {
	ledgertest.TestJournal(t, func(t *testing.T) ledger.Journal {
		log, err := eventlog.Open(t.TempDir(), eventlog.Options{ReserveBytes: -1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { log.Close() })
		address, _ := serve(t, log, esdbserver.Options{})
		return open(t, "esdb+discover://"+address+"?tls=false", esdb.Options{})
	})
}

// The contract on a server of EventStoreDB or KurrentDB, which may hold other events.
func TestJournalOverServer(t *testing.T) {
	connection := os.Getenv("DAYBOOK_TEST_ESDB")
	if connection == "" {
		t.Skip("set DAYBOOK_TEST_ESDB to the connection string of an event store to test with it")
	}
	ledgertest.TestJournal(t, func(t *testing.T) ledger.Journal { return open(t, connection, esdb.Options{}) })
}

// What is wrong with a connection string is said without the password in it.
func TestOpenKeepsPasswordsToItself(t *testing.T) {
	for _, connection := range []string{"esdb://ann:geheim/@host", "esdb://ann:geheim@host:x", "kurrentdb://ann:geheim@host", "esdb://ann:geheim@h1,h2:y"} {
		_, err := esdb.Open(t.Context(), connection, esdb.Options{})
		var refusal *ledger.Refusal
		if !errors.As(err, &refusal) || strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: %v", connection, err)
		}
	}
}
