package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"daybook/adapters/esdb"
	"daybook/adapters/eventlog"
	"daybook/ledger"
)

// openJournal opens the journal: the embedded one, or the event store that --journal
// names.
func (g *globals) openJournal(ctx context.Context) (ledger.Journal, func() error, error) {
	if g.journal == "" {
		log, err := eventlog.Open(g.journalDir(), eventlog.Options{})
		if err != nil {
			return nil, nil, err
		}
		stop, err := g.controlBackups(log)
		if err != nil {
			return nil, nil, errors.Join(err, log.Close())
		}
		return log, func() error { return errors.Join(stop(), log.Close()) }, nil
	}
	return openEventStore(ctx, g.journal)
}

func openEventStore(ctx context.Context, connection string) (ledger.Journal, func() error, error) {
	connection, err := withPassword(connection)
	if err != nil {
		return nil, nil, err
	}
	journal, err := esdb.Open(ctx, connection, esdb.Options{})
	if err != nil {
		return nil, nil, err
	}
	return journal, journal.Close, nil
}

// isEventStore reports whether an address is a connection string rather than a directory.
func isEventStore(address string) bool { return strings.Contains(address, "://") }

// connectionParts cuts a connection string, scheme://user@hosts?options. Hosts may be a
// list, which is why it is no URL.
func connectionParts(connection string) (scheme, user, rest string) {
	scheme, rest, _ = strings.Cut(connection, "://")
	authority := rest
	if n := strings.IndexAny(rest, "/?"); n >= 0 {
		authority = rest[:n]
	}
	if n := strings.LastIndex(authority, "@"); n >= 0 {
		return scheme, rest[:n], rest[n+1:]
	}
	return scheme, "", rest
}

// hostsOf is a connection string without user, password and options.
func hostsOf(connection string) string {
	scheme, _, rest := connectionParts(connection)
	if n := strings.IndexAny(rest, "/?"); n >= 0 {
		rest = rest[:n]
	}
	return scheme + "://" + rest
}

// withPassword adds the password, which has no place on a command line, where every user
// of the machine can read it.
func withPassword(connection string) (string, error) {
	password := os.Getenv("DAYBOOK_JOURNAL_PASSWORD")
	scheme, user, rest := connectionParts(connection)
	if password == "" || strings.Contains(user, ":") || strings.Contains(strings.ToLower(rest), "tls=false") {
		return connection, nil // without TLS no password is sent
	}
	if user == "" {
		return "", ledger.Refuse(ledger.Say("there is a password for %s in DAYBOOK_JOURNAL_PASSWORD, and no user", hostsOf(connection)),
			ledger.Say("write the user in front of the host, as in %s", "esdb://daybook@host:2113"))
	}
	return scheme + "://" + user + ":" + percentEncoded(password) + "@" + rest, nil
}

// percentEncoded writes every byte but letters and digits as a percent sign with two
// digits (RFC 3986, 2.1): the client takes commas and slashes for ends of hosts.
func percentEncoded(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		if c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

// openEnd opens one end of a copy. A directory that is read from must hold a journal; one
// that is written to is made.
func openEnd(ctx context.Context, address string, read bool) (ledger.Journal, func() error, error) {
	if isEventStore(address) {
		return openEventStore(ctx, address)
	}
	if read {
		if err := refuseEmpty(address); err != nil {
			return nil, nil, err
		}
	}
	log, err := openLog(address)
	if err != nil {
		return nil, nil, err
	}
	return log, log.Close, nil
}
