package esdb_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/adapters/esdb"
	"daybook/adapters/esdbserver"
	"daybook/ledger"

	client "github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
)

// impatient is for servers that are gone.
var impatient = esdb.Options{Timeout: 2 * time.Second, Patience: 3 * time.Second}

func event(i int) ledger.Event {
	return ledger.Event{ID: ledger.DeriveID("trouble", fmt.Sprint(i)), Type: "sale-recorded.v1", Data: fmt.Appendf(nil, `{"n":%d}`, i)}
}

// listenAgain listens on an address that was in use a moment ago.
func listenAgain(t *testing.T, address string) net.Listener {
	t.Helper()
	for range 100 {
		if listener, err := net.Listen("tcp", address); err == nil {
			return listener
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("cannot listen on %s again", address)
	return nil
}

// Restarting the server loses nothing and doubles nothing, for a follower and for
// writers that are at work meanwhile.
func TestServerRestarts(t *testing.T) {
	memory := ledger.NewMemory(nil)
	address, stop := serve(t, memory, esdbserver.Options{})
	journal := open(t, "esdb://"+address+"?tls=false", esdb.Options{})
	const events = 400
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()

	var got []ledger.Recorded
	followed := make(chan error, 1)
	go func() {
		for page, err := range journal.Follow(ctx, 0, ledger.Filter{}) {
			if got = append(got, page.Events...); err != nil || len(got) >= events {
				followed <- err
				return
			}
		}
	}()
	written := make(chan error, 1)
	go func() {
		for i := range events {
			if _, err := journal.Append(ctx, "sale-1", ledger.Revision(i)-1+toNoStream(i), event(i)); err != nil {
				written <- fmt.Errorf("event %d: %w", i, err)
				return
			}
		}
		written <- nil
	}()
	for range 3 {
		time.Sleep(30 * time.Millisecond)
		stop()
		stop = serveOn(t, listenAgain(t, address), memory, esdbserver.Options{})
	}
	if err := <-written; err != nil {
		t.Fatal(err)
	}
	if err := <-followed; err != nil {
		t.Fatal(err)
	}
	for i, event := range got {
		if event.Revision != ledger.Revision(i) {
			t.Fatalf("revision %d was followed as number %d", event.Revision, i)
		}
	}
}

// Nothing has happened for longer than Follow is patient when the server goes.
func TestServerRestartsAfterSilence(t *testing.T) {
	memory := ledger.NewMemory(nil)
	address, stop := serve(t, memory, esdbserver.Options{})
	journal := open(t, "esdb://"+address+"?tls=false", esdb.Options{Patience: 500 * time.Millisecond})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	restarted := make(chan struct{})
	caughtUp := false
	for page, err := range journal.Follow(ctx, 0, ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if page.CaughtUp && !caughtUp {
			caughtUp = true
			go func() {
				defer close(restarted)
				time.Sleep(time.Second)
				stop()
				stop = serveOn(t, listenAgain(t, address), memory, esdbserver.Options{})
				if _, err := memory.Append(ctx, "sale-1", ledger.Any, event(1)); err != nil {
					t.Error(err)
				}
			}()
		}
		if len(page.Events) > 0 {
			break
		}
	}
	<-restarted
}

// toNoStream turns revision -1 into the expectation that there is no stream.
func toNoStream(i int) ledger.Revision {
	if i == 0 {
		return ledger.NoStream + 1
	}
	return 0
}

// Every call ends when the server is gone, however many there are.
func TestServerGone(t *testing.T) {
	if _, err := esdb.Open(t.Context(), "esdb://127.0.0.1:1?tls=false", impatient); err == nil {
		t.Fatal("opened an event store that is not there")
	}
	before := runtime.NumGoroutine()
	address, stop := serve(t, ledger.NewMemory(nil), esdbserver.Options{})
	journal := open(t, "esdb://"+address+"?tls=false", impatient)
	stop()
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if _, err := journal.Append(t.Context(), "sale-1", ledger.Any, event(i)); err == nil {
				t.Error("appended to nothing")
			}
		})
		wg.Go(func() {
			if _, err := ledger.Head(t.Context(), journal); err == nil {
				t.Error("read from nothing")
			}
		})
		wg.Go(func() {
			for _, err := range journal.Follow(t.Context(), 0, ledger.Filter{}) {
				if err == nil {
					t.Error("followed nothing")
				}
			}
		})
	}
	wg.Wait()
	journal.Close()
	// What other tests left behind comes and goes; a kind of call that leaves one behind
	// leaves twenty.
	for range 100 {
		if runtime.NumGoroutine() < before+20 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left, there were %d", runtime.NumGoroutine(), before)
}

func TestClosed(t *testing.T) {
	address, _ := serve(t, ledger.NewMemory(nil), esdbserver.Options{})
	journal := open(t, "esdb://"+address+"?tls=false", impatient)
	following := make(chan error, 1)
	go func() {
		for page, err := range journal.Follow(context.Background(), 0, ledger.Filter{}) {
			if err != nil {
				following <- err
			} else if page.CaughtUp {
				journal.Close()
			}
		}
	}()
	if err := <-following; err == nil {
		t.Error("following a closed journal ended well")
	}
	if _, err := journal.Append(t.Context(), "sale-1", ledger.Any, event(1)); err == nil {
		t.Error("appended to a closed journal")
	}
}

// hostile is a server that answers every read with the same messages, and then, when
// it is silent, with nothing more.
type hostile struct {
	streams.UnimplementedStreamsServer
	serverfeatures.UnimplementedServerFeaturesServer
	version string
	answers []*streams.ReadResp
	silent  bool
}

func (h *hostile) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	return &serverfeatures.SupportedMethods{EventStoreServerVersion: h.version}, nil
}

func (h *hostile) Read(_ *streams.ReadReq, call streams.Streams_ReadServer) error {
	for _, answer := range h.answers {
		if err := call.Send(answer); err != nil {
			return err
		}
	}
	if h.silent {
		<-call.Context().Done()
	}
	return nil
}

func (h *hostile) serve(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if h.version == "" {
		h.version = "24.10.0"
	}
	server := grpc.NewServer()
	streams.RegisterStreamsServer(server, h)
	serverfeatures.RegisterServerFeaturesServer(server, h)
	go server.Serve(listener)
	t.Cleanup(server.Stop)
	return "esdb://" + listener.Addr().String() + "?tls=false"
}

// answer is a good event, changed.
func answer(change func(*streams.ReadResp_ReadEvent_RecordedEvent)) *streams.ReadResp {
	recorded := &streams.ReadResp_ReadEvent_RecordedEvent{
		Id:               &shared.UUID{Value: &shared.UUID_String_{String_: ledger.DeriveID("x").String()}},
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("sale-1")},
		CommitPosition:   7, PreparePosition: 7,
		Metadata: map[string]string{"type": "sale-recorded.v1", "content-type": "application/json", "created": "17670000000000000"},
	}
	change(recorded)
	return &streams.ReadResp{Content: &streams.ReadResp_Event{Event: &streams.ReadResp_ReadEvent{Event: recorded}}}
}

// The client's own reader would end the process, or panic.
func TestHostileServer(t *testing.T) {
	type event = streams.ReadResp_ReadEvent_RecordedEvent
	for _, test := range []struct {
		name, want string
		answer     *streams.ReadResp
	}{
		{"no time", "created", answer(func(e *event) { delete(e.Metadata, "created") })},
		{"a time that is none", "created", answer(func(e *event) { e.Metadata["created"] = "yesterday" })},
		{"a time beyond time", "created", answer(func(e *event) { e.Metadata["created"] = "9223372036854775807" })},
		{"an id that is none", "UUID", answer(func(e *event) { e.Id = &shared.UUID{Value: &shared.UUID_String_{String_: "x"}} })},
		{"no id", "UUID", answer(func(e *event) { e.Id = nil })},
		{"a revision beyond the last", "revision", answer(func(e *event) { e.StreamRevision = 1 << 63 })},
	} {
		t.Run(test.name, func(t *testing.T) {
			journal := open(t, (&hostile{answers: []*streams.ReadResp{test.answer}}).serve(t), impatient)
			for _, err := range journal.Read(t.Context(), ledger.Query{}) {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("read: got %v", err)
				}
			}
		})
	}
	t.Run("messages nobody asked for", func(t *testing.T) {
		journal := open(t, (&hostile{answers: []*streams.ReadResp{
			{}, {Content: &streams.ReadResp_FirstStreamPosition{FirstStreamPosition: 1}},
			{Content: &streams.ReadResp_CaughtUp_{}}, {Content: &streams.ReadResp_Event{}}, answer(func(*event) {}),
		}}).serve(t), impatient)
		count := 0
		for event, err := range journal.Read(t.Context(), ledger.Query{}) {
			if count++; err != nil || event.Position != 7 {
				t.Errorf("read: got %d (%v)", event.Position, err)
			}
		}
		if count != 1 {
			t.Errorf("read %d events", count)
		}
	})
	t.Run("silence", func(t *testing.T) {
		for _, said := range [][]*streams.ReadResp{nil, {answer(func(*event) {})}} {
			journal := open(t, (&hostile{answers: said, silent: true}).serve(t), esdb.Options{Timeout: 300 * time.Millisecond})
			last := error(nil)
			for _, err := range journal.Read(t.Context(), ledger.Query{}) {
				last = err
			}
			if last == nil || !strings.Contains(last.Error(), "in time") {
				t.Errorf("read: got %v", last)
			}
		}
	})
	t.Run("too old", func(t *testing.T) {
		var refusal *ledger.Refusal
		if _, err := esdb.Open(t.Context(), (&hostile{version: "22.10.1"}).serve(t), impatient); !errors.As(err, &refusal) {
			t.Errorf("open: got %v", err)
		}
	})
}

func TestConnectionStrings(t *testing.T) {
	for _, connection := range []string{"", "kurrentdb://x", "esdb://", "esdb://a:b@127.0.0.1:1?tls=false", "esdb://x?tls=perhaps"} {
		var refusal *ledger.Refusal
		if _, err := esdb.Open(t.Context(), connection, impatient); !errors.As(err, &refusal) || refusal.Hint.Format == "" {
			t.Errorf("%q: got %v", connection, err)
		}
	}
}

// certificate makes one for 127.0.0.1 and returns it with the file of its authority.
func certificate(t *testing.T) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, file
}

func TestEncryptedWithUsers(t *testing.T) {
	cert, ca := certificate(t)
	address, _ := serve(t, ledger.NewMemory(nil), esdbserver.Options{
		TLS: &tls.Config{Certificates: []tls.Certificate{cert}}, Users: map[string]string{"daybook": "s3cret"},
	})
	try := func(connection string) error {
		journal, err := esdb.Open(t.Context(), connection, impatient)
		if err != nil {
			return err
		}
		defer journal.Close()
		if _, err := journal.Append(t.Context(), "sale-1", ledger.Any, event(1)); err != nil {
			return err
		}
		_, err = ledger.Head(t.Context(), journal)
		return err
	}
	if err := try("esdb://daybook:s3cret@" + address + "?tlsCAFile=" + ca); err != nil {
		t.Error(err)
	}
	for _, connection := range []string{
		"esdb://daybook:wrong@" + address + "?tlsCAFile=" + ca,
		"esdb://nobody:s3cret@" + address + "?tlsCAFile=" + ca,
		"esdb://" + address + "?tlsCAFile=" + ca,
		"esdb://daybook:s3cret@" + address, // signed by an authority nobody knows
		"esdb://" + address + "?tls=false",
	} {
		if err := try(connection); err == nil {
			t.Errorf("%s was let in", connection)
		}
	}
}

// What the server keeps for itself is not part of the ledger.
func TestSystemEventsAreLeftOut(t *testing.T) {
	address, _ := serve(t, ledger.NewMemory(nil), esdbserver.Options{})
	journal := open(t, "esdb://"+address+"?tls=false", impatient)
	config, err := client.ParseConnectionString("esdb://" + address + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	other, err := client.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	for i := range 3 {
		if _, err := journal.Append(t.Context(), "sale-1", ledger.Any, event(i)); err != nil {
			t.Fatal(err)
		}
		if _, err := other.SetStreamMetadata(t.Context(), "sale-1", client.AppendToStreamOptions{}, client.StreamMetadata{}); err != nil {
			t.Fatal(err)
		}
	}
	if head, err := ledger.Head(t.Context(), journal); head != 5 || err != nil {
		t.Errorf("the last event is at %d (%v), want 5", head, err)
	}
	count := 0
	for page, err := range journal.Follow(t.Context(), 0, ledger.Filter{}) {
		if err != nil {
			t.Fatal(err)
		}
		count += len(page.Events)
		if page.CaughtUp {
			if page.Next != 6 {
				t.Errorf("the cursor is at %d, want 6", page.Next)
			}
			break
		}
	}
	if count != 3 {
		t.Errorf("followed %d events, want 3", count)
	}
	// A cursor after the last event of all is not beyond the end.
	for page, err := range journal.Follow(t.Context(), 6, ledger.Filter{}) {
		if err != nil || !page.CaughtUp {
			t.Errorf("following from the end: %v", err)
		}
		break
	}
	if _, err := journal.Append(t.Context(), "$$sale-1", ledger.Any, event(9)); err == nil {
		t.Error("appended to a system stream")
	}
}

// A limit counts what is handed out, however much of the server's own lies between.
func TestLimitAmongSystemEvents(t *testing.T) {
	memory := ledger.NewMemory(nil)
	address, _ := serve(t, memory, esdbserver.Options{})
	journal := open(t, "esdb://"+address+"?tls=false", impatient)
	const events = 12
	for i := range events {
		for j := range i {
			link := ledger.Event{ID: ledger.DeriveID("link", fmt.Sprint(i, j)), Type: "$>", Data: []byte("0@sale-2")}
			if _, err := memory.Append(t.Context(), "sale-1", ledger.Any, link); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := memory.Append(t.Context(), "sale-1", ledger.Any, event(i)); err != nil {
			t.Fatal(err)
		}
	}
	for limit := range events + 3 {
		for _, query := range []ledger.Query{
			{}, {After: ledger.LatestPosition, Backwards: true}, {Stream: "sale-1"}, {Stream: "sale-1", From: ledger.LatestRevision, Backwards: true},
		} {
			query.Limit = limit
			var got []ledger.EventID
			for event, err := range journal.Read(t.Context(), query) {
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, event.ID)
			}
			want := events
			if limit > 0 {
				want = min(limit, events)
			}
			if len(got) != want {
				t.Fatalf("%+v: got %d events, want %d", query, len(got), want)
			}
			for i, id := range got {
				n := i
				if query.Backwards {
					n = events - 1 - i
				}
				if id != event(n).ID {
					t.Fatalf("%+v: number %d is another event", query, i)
				}
			}
		}
	}
}
