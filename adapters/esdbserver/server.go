package esdbserver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/peer"
)

// DefaultAddress is where a server listens unless told otherwise: EventStoreDB's port,
// for programs on the same machine only.
const DefaultAddress = "127.0.0.1:2113"

// version is what the server says it is. Clients take from it what they may expect:
// caught-up messages from 23 on, positions in stream reads from 22.6 on.
const version = "24.10.0"

const (
	// maxMessageBytes is above what any client sends in one message.
	maxMessageBytes = 32 << 20
	// pingEvery is how often clients may ping, also without a call going on; they do
	// so every 10 s, and a connection that pings too often is cut.
	pingEvery = 5 * time.Second
)

// Options are what a Server can be told. The zero value serves everybody in the clear.
type Options struct {
	// TLS encrypts; nil is in the clear.
	TLS *tls.Config
	// Users are names and passwords. With none, everybody may do everything; with
	// some, everybody who gives one of them. They need TLS: clients do not send
	// passwords without it.
	Users map[string]string
	// Advertise is the address, host:port, that clients shall dial; empty is the one
	// at which each of them has found the server.
	Advertise string
	// MaxAppendBytes bounds the data and metadata of one append; 0 is
	// ledger.MaxAppendBytes. The journal must take as much.
	MaxAppendBytes int
	// Now is the clock for the age of events; nil is time.Now.
	Now func() time.Time
	// Logger hears of calls that ended in an unexpected error; nil is silence.
	Logger *slog.Logger
}

// A Server serves one journal.
type Server struct {
	grpc    *grpc.Server
	streams *streamsServer
}

// New makes a server. The journal stays the caller's to close, after Stop.
func New(journal ledger.Journal, o Options) (*Server, error) {
	if len(o.Users) > 0 && o.TLS == nil {
		return nil, ledger.Refuse(ledger.Say("users and passwords need an encrypted connection"),
			ledger.Say("give the server a certificate, or no users"))
	}
	if o.MaxAppendBytes == 0 {
		o.MaxAppendBytes = ledger.MaxAppendBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		streams: &streamsServer{
			journal: journal, maxAppendBytes: o.MaxAppendBytes, now: o.Now,
			stripes: stripes{seed: maphash.MakeSeed()}, stopping: make(chan struct{}),
		},
	}
	door := door{users: o.Users, logger: o.Logger}
	settings := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.WaitForHandlers(true),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: pingEvery, PermitWithoutStream: true}),
		grpc.UnaryInterceptor(door.unary),
		grpc.StreamInterceptor(door.stream),
	}
	if o.TLS != nil {
		settings = append(settings, grpc.Creds(credentials.NewTLS(o.TLS)))
	}
	s.grpc = grpc.NewServer(settings...)
	streams.RegisterStreamsServer(s.grpc, s.streams)
	gossip.RegisterGossipServer(s.grpc, &gossipServer{advertise: o.Advertise})
	serverfeatures.RegisterServerFeaturesServer(s.grpc, featuresServer{})
	return s, nil
}

// Serve answers connections until Stop, and returns nil then. It closes the listener.
func (s *Server) Serve(listener net.Listener) error {
	if err := s.grpc.Serve(listener); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve %s: %w", listener.Addr(), err)
	}
	return nil
}

// Stop ends subscriptions, waits for the other calls until ctx ends, and then ends them
// too. When it returns, no call uses the journal any more.
func (s *Server) Stop(ctx context.Context) {
	s.streams.stop()
	stopped := context.AfterFunc(ctx, s.grpc.Stop)
	defer stopped()
	s.grpc.GracefulStop()
}

// gossipServer tells clients of the only member there is.
type gossipServer struct {
	gossip.UnimplementedGossipServer
	advertise string // empty for the address at which the client has found us
}

// Read implements gossip.GossipServer.
func (g *gossipServer) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	address := g.advertise
	if caller, is := peer.FromContext(ctx); address == "" && is && caller.LocalAddr != nil {
		address = caller.LocalAddr.String()
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, unexpected(fmt.Errorf("the address %q is not host:port: %w", address, err))
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]" // clients put the port behind it as it is
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, unexpected(fmt.Errorf("the port of %q is not a number: %w", address, err))
	}
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   &shared.UUID{Value: &shared.UUID_String_{String_: instanceID}},
		TimeStamp:    time.Now().UnixNano() / 100,
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: &gossip.EndPoint{Address: host, Port: uint32(number)},
	}}}, nil
}

// featuresServer announces what is served, in lower case as clients compare it.
type featuresServer struct {
	serverfeatures.UnimplementedServerFeaturesServer
}

// GetSupportedMethods implements serverfeatures.ServerFeaturesServer.
func (featuresServer) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	methods := &serverfeatures.SupportedMethods{EventStoreServerVersion: version}
	for _, method := range []string{"read", "append", "batchappend", "delete", "tombstone"} {
		methods.Methods = append(methods.Methods, &serverfeatures.SupportedMethod{
			ServiceName: "event_store.client.streams.streams", MethodName: method,
		})
	}
	return methods, nil
}
