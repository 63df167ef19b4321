package clickhouse

import (
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"daybook/ledger"
)

const (
	dialTimeout    = 10 * time.Second
	maxConnections = 16
)

// clusterSetting is ours: in the client's URL other names are settings of ClickHouse, which has
// none of this one.
const clusterSetting = "cluster"

// parseAddress reads the URL of a server and the name of its cluster. Errors name the scheme
// at most: the rest may hold a password.
func parseAddress(address string) (*clickhouse.Options, string, error) {
	options, err := parseOptions(address)
	if err != nil {
		return nil, "", err
	}
	cluster, _ := options.Settings[clusterSetting].(string)
	delete(options.Settings, clusterSetting)
	if _, said := options.Settings[quorumSetting]; cluster != "" && !said {
		// The cursor must not outlive the rows before it on any replica that takes over.
		options.Settings[quorumSetting] = "auto"
	}
	return options, cluster, nil
}

// quorumSetting is how many replicas must have a block before an insert returns.
const quorumSetting = "insert_quorum"

func parseOptions(address string) (*clickhouse.Options, error) {
	scheme, rest, found := strings.Cut(address, "://")
	if !found || rest == "" {
		return nil, notAnAddress(ledger.Say("the ClickHouse address has no scheme or no host"))
	}
	var port string
	switch scheme {
	case "clickhouse", "tcp":
		port = "9000"
		if strings.Contains(rest, "secure=") {
			port = "9440"
		}
	case "http":
		port = "8123"
	case "https":
		port = "8443"
		if !strings.Contains(rest, "secure=") {
			address += separator(rest) + "secure=true" // what the client wants to hear
		}
	default:
		return nil, notAnAddress(ledger.Say("%q is not a way to reach ClickHouse", scheme))
	}
	options, err := clickhouse.ParseDSN(address)
	if err != nil {
		return nil, notAnAddress(ledger.Say("the ClickHouse address cannot be read"))
	}
	for i, host := range options.Addr {
		if _, _, err := net.SplitHostPort(host); err != nil {
			options.Addr[i] = net.JoinHostPort(strings.Trim(host, "[]"), port)
		}
	}
	if options.DialTimeout == 0 {
		options.DialTimeout = dialTimeout
	}
	if options.MaxOpenConns == 0 {
		options.MaxOpenConns, options.MaxIdleConns = maxConnections, maxConnections
	}
	options.Debug = false // it prints to standard output
	options.ClientInfo.Products = append(options.ClientInfo.Products, struct{ Name, Version string }{"daybook", "1"})
	return options, nil
}

func separator(rest string) string {
	if strings.Contains(rest, "?") {
		return "&"
	}
	return "?"
}

func notAnAddress(what ledger.Text) error {
	return fmt.Errorf("connect to ClickHouse: %w", ledger.Refuse(what,
		ledger.Say("write it as clickhouse://user:password@host:9000/database, or with http:// or https:// in front; in a password, write the characters @ : / ? # %% as percent signs with two digits")))
}

func hosts(options *clickhouse.Options) string { return strings.Join(options.Addr, ",") }
