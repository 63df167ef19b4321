package esdb

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
)

// oldest is the first version that says when a subscription has caught up.
const oldest = 23

// maxMessageBytes is above what a server sends in one message.
const maxMessageBytes = 17 << 20

// A link is the connection to one node: a client for appends, a bare connection for
// reads.
type link struct {
	address string
	conn    *grpc.ClientConn
	streams streams.StreamsClient
	client  *esdb.Client

	mu    sync.Mutex
	lost  bool // not to be used for anything new
	using int  // calls that are going on
}

// enter begins a call; it is false when the link is lost.
func (l *link) enter() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lost {
		return false
	}
	l.using++
	return true
}

// leave ends a call. The last one on a lost link closes it.
func (l *link) leave() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.using--
	l.closeUnused()
}

// lose gives the link up. What goes on over it ends in its own time.
func (l *link) lose() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.lost {
		l.lost = true
		l.closeUnused()
	}
}

func (l *link) closeUnused() {
	if l.lost && l.using == 0 {
		l.client.Close()
		l.conn.Close()
	}
}

func (l *link) isLost() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lost
}

// nodes are the addresses to begin with, and whether they are asked for the leader.
func nodes(config *esdb.Configuration) (addresses []string, cluster bool) {
	for _, seed := range config.GossipSeeds {
		addresses = append(addresses, seed.String())
	}
	if len(addresses) == 0 {
		return []string{config.Address}, config.DnsDiscover
	}
	rand.Shuffle(len(addresses), func(i, j int) { addresses[i], addresses[j] = addresses[j], addresses[i] })
	return addresses, true
}

// dial finds the leader and connects to it.
func dial(ctx context.Context, config *esdb.Configuration) (*link, error) {
	addresses, cluster := nodes(config)
	var all error
	for _, address := range addresses {
		l, err := dialVia(ctx, config, address, cluster)
		if err == nil {
			return l, nil
		}
		all = errors.Join(all, fmt.Errorf("%s: %w", address, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, all
}

func dialVia(ctx context.Context, config *esdb.Configuration, address string, cluster bool) (*link, error) {
	conn, err := connect(config, address)
	if err != nil {
		return nil, err
	}
	if cluster {
		leader, err := leaderOf(ctx, conn)
		conn.Close()
		if err != nil {
			return nil, err
		}
		if conn, err = connect(config, leader); err != nil {
			return nil, err
		}
		address = leader
	}
	return open(ctx, config, address, conn)
}

// open makes a link of a connection, which it closes when it cannot.
func open(ctx context.Context, config *esdb.Configuration, address string, conn *grpc.ClientConn) (*link, error) {
	if err := checkVersion(ctx, conn); err != nil {
		conn.Close()
		return nil, err
	}
	one := *config
	one.Address, one.GossipSeeds, one.DnsDiscover = address, nil, false
	client, err := esdb.NewClient(&one)
	if err != nil {
		conn.Close()
		return nil, err
	}
	l := &link{address: address, conn: conn, streams: streams.NewStreamsClient(conn), client: client}
	// The client connects at the first call, and leaves those that come meanwhile
	// hanging if it cannot; so the first comes alone.
	if err := l.guard(ctx, func() error { _, err := client.GetServerVersion(); return err }); err != nil {
		l.lose()
		return nil, err
	}
	return l, nil
}

// guard makes a call of the client that ends with ctx even when the client does not
// return, and in an error even when it panics.
func (l *link) guard(ctx context.Context, call func() error) error {
	if !l.enter() {
		return errLost
	}
	done := make(chan error, 1)
	go func() {
		defer l.leave()
		defer func() {
			if reason := recover(); reason != nil {
				done <- fmt.Errorf("the client panicked: %v", reason)
			}
		}()
		done <- call()
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// connect prepares a connection; grpc connects when it is used.
func connect(config *esdb.Configuration, address string) (*grpc.ClientConn, error) {
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessageBytes)),
	}
	if !config.DisableTLS {
		settings := &tls.Config{InsecureSkipVerify: config.SkipCertificateVerification, RootCAs: config.RootCAs}
		if config.UserCertFile != "" {
			certificate, err := tls.LoadX509KeyPair(config.UserCertFile, config.UserKeyFile)
			if err != nil {
				return nil, fmt.Errorf("load the user's certificate: %w", err)
			}
			settings.Certificates = []tls.Certificate{certificate}
		}
		options = append(options, grpc.WithTransportCredentials(credentials.NewTLS(settings)))
		if config.Username != "" {
			options = append(options, grpc.WithPerRPCCredentials(basic(config.Username+":"+config.Password)))
		}
	}
	if config.KeepAliveInterval >= 0 {
		// Pings find out that a server is gone, which an idle subscription would not.
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: max(config.KeepAliveInterval, 10*time.Second), Timeout: config.KeepAliveTimeout, PermitWithoutStream: true,
		}))
	}
	return grpc.NewClient(address, options...)
}

// basic is the name and password of RFC 7617, sent over encrypted connections only.
type basic string

// GetRequestMetadata implements credentials.PerRPCCredentials.
func (b basic) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(b))}, nil
}

// RequireTransportSecurity implements credentials.PerRPCCredentials.
func (basic) RequireTransportSecurity() bool { return true }

// leaderOf asks a node who leads the cluster.
func leaderOf(ctx context.Context, conn *grpc.ClientConn) (string, error) {
	info, err := gossip.NewGossipClient(conn).Read(ctx, &shared.Empty{})
	if err != nil {
		return "", fmt.Errorf("ask for the leader: %w", err)
	}
	for _, member := range info.GetMembers() {
		if member.GetIsAlive() && member.GetState() == gossip.MemberInfo_Leader {
			at := member.GetHttpEndPoint()
			return net.JoinHostPort(strings.Trim(at.GetAddress(), "[]"), strconv.FormatUint(uint64(at.GetPort()), 10)), nil
		}
	}
	return "", errors.New("ask for the leader: the cluster has none at the moment")
}

func checkVersion(ctx context.Context, conn *grpc.ClientConn) error {
	features, err := serverfeatures.NewServerFeaturesClient(conn).GetSupportedMethods(ctx, &shared.Empty{})
	if err != nil {
		return fmt.Errorf("ask for the version: %w", err)
	}
	version := features.GetEventStoreServerVersion()
	major, _, _ := strings.Cut(version, ".")
	number, err := strconv.Atoi(major)
	if err != nil {
		return fmt.Errorf("ask for the version: %q is none", version)
	}
	if number < oldest {
		return ledger.Refuse(ledger.Say("the event store has version %s, which is too old", version),
			ledger.Say("use version %d.10 or newer", oldest))
	}
	return nil
}
