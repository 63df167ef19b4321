package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/esdbserver"
	"daybook/adapters/eventlog"
	"daybook/ledger"
)

// serveOptions are who may reach a served journal, and how.
type serveOptions struct {
	listen    string
	advertise string
	cert, key string
	users     string
	insecure  bool
}

func (g *globals) journalServeCommand() *cobra.Command {
	var how serveOptions
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the journal to clients of EventStoreDB and KurrentDB",
		Long: "Serve the journal over the EventStoreDB protocol until interrupted, on this machine only unless\n" +
			"told otherwise. Users come from a file of lines name:password, or from the environment:\n" +
			"DAYBOOK_SERVE_USER and DAYBOOK_SERVE_PASSWORD. With users, everybody else is turned away.",
		Example: "  daybook journal serve\n" +
			"  daybook journal serve --listen 0.0.0.0:2113 --tls-cert node.crt --tls-key node.key --users users.txt",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := g.refuseEventStore(); err != nil {
				return err
			}
			return g.damaged(using(g.journalDir(), func(log *eventlog.Log) error { return g.journalServe(cmd.Context(), log, how) }))
		},
	}
	flags := command.Flags()
	flags.StringVar(&how.listen, "listen", esdbserver.DefaultAddress, "address to listen on, host:port")
	flags.StringVar(&how.advertise, "advertise", "", "address that clients shall dial, host:port (default: where it listens)")
	flags.StringVar(&how.cert, "tls-cert", "", "file with the certificate, PEM")
	flags.StringVar(&how.key, "tls-key", "", "file with the certificate's private key, PEM")
	flags.StringVar(&how.users, "users", "", "file of lines name:password")
	flags.BoolVar(&how.insecure, "insecure", false, "let everybody who can reach an address beyond this machine read and append")
	return command
}

// stopWithin is how long clients have to finish their calls when the server is stopped.
const stopWithin = 10 * time.Second

func (g *globals) journalServe(ctx context.Context, log *eventlog.Log, how serveOptions) (err error) {
	options, err := how.server()
	if err != nil {
		return err
	}
	options.Logger = slog.New(slog.NewTextHandler(g.stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	server, err := esdbserver.New(log, options)
	if err != nil {
		return err
	}
	endControl, err := g.controlBackups(log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endControl()) }()
	listener, err := net.Listen("tcp", how.listen)
	if err != nil {
		return ledger.Refuse(ledger.Say("cannot listen on %s: %s", how.listen, err.Error()), ledger.Say("name another address with --listen host:port"))
	}
	if err := g.printServing(listener.Addr().String(), options); err != nil {
		listener.Close()
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err = <-served: // by itself: it cannot go on
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	server.Stop(stopping)
	return err
}

func (g *globals) printServing(address string, options esdbserver.Options) error {
	if g.output == "json" {
		return g.printJSON(struct {
			Address string `json:"address"`
			TLS     bool   `json:"tls"`
			Users   int    `json:"users"`
		}{address, options.TLS != nil, len(options.Users)})
	}
	connection := "esdb://" + address
	if options.TLS == nil {
		connection += "?tls=false"
	}
	_, err := fmt.Fprintln(g.stdout, g.say.text(ledger.Say("serving the journal at %s; stop with Ctrl-C", connection)))
	return err
}

// server turns what was asked for into a server's options, or refuses it.
func (how serveOptions) server() (esdbserver.Options, error) {
	options := esdbserver.Options{Advertise: how.advertise}
	var err error
	if options.TLS, err = how.tls(); err != nil {
		return options, err
	}
	if options.Users, err = how.userList(); err != nil {
		return options, err
	}
	if len(options.Users) > 0 && options.TLS == nil {
		return options, ledger.Refuse(ledger.Say("clients send no passwords over a connection that is not encrypted"),
			ledger.Say("give a certificate with --tls-cert and --tls-key, or no users"))
	}
	if !how.insecure && len(options.Users) == 0 && !onlyThisMachine(how.listen) {
		return options, ledger.Refuse(ledger.Say("%s can be reached from other machines, and everybody there could append to the journal", how.listen),
			ledger.Say("give users with --users, and a certificate with --tls-cert and --tls-key; or say --insecure"))
	}
	return options, nil
}

// onlyThisMachine reports whether an address to listen on cannot be reached from others.
func onlyThisMachine(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (how serveOptions) tls() (*tls.Config, error) {
	if how.cert == "" && how.key == "" {
		return nil, nil
	}
	if how.cert == "" || how.key == "" {
		return nil, ledger.Refuse(ledger.Say("a certificate and its key go together"), ledger.Say("give both --tls-cert and --tls-key"))
	}
	pair, err := tls.LoadX509KeyPair(how.cert, how.key)
	if err != nil {
		return nil, ledger.Refuse(ledger.Say("the certificate %s and its key %s cannot be used: %s", how.cert, how.key, err.Error()),
			ledger.Say("give both as PEM files"))
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// userList is the users of the file and that of the environment.
func (how serveOptions) userList() (map[string]string, error) {
	users := map[string]string{}
	if how.users != "" {
		text, err := os.ReadFile(how.users)
		if err != nil {
			return nil, ledger.Problem("the users cannot be read: %s", err.Error())
		}
		lines := bufio.NewScanner(bytes.NewReader(text))
		for row := 1; lines.Scan(); row++ {
			line := strings.TrimRight(lines.Text(), "\r")
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			// The line may be a password alone, so it is not shown.
			name, password, found := strings.Cut(line, ":")
			if !found || name == "" || password == "" {
				return nil, ledger.Refuse(ledger.Say("%s: line %d is not of the form name:password", how.users, row), ledger.Say("write one user a line"))
			}
			if _, twice := users[name]; twice {
				return nil, ledger.Problem("%s: line %d names the user %q again", how.users, row, name)
			}
			users[name] = password
		}
		if err := lines.Err(); err != nil {
			return nil, ledger.Problem("the users cannot be read: %s", err.Error())
		}
		if len(users) == 0 {
			return nil, ledger.Refuse(ledger.Say("%s names no users", how.users), ledger.Say("write one user a line, as name:password"))
		}
	}
	name, password := os.Getenv("DAYBOOK_SERVE_USER"), os.Getenv("DAYBOOK_SERVE_PASSWORD")
	if (name == "") != (password == "") {
		return nil, ledger.Problem("DAYBOOK_SERVE_USER and DAYBOOK_SERVE_PASSWORD go together, and only one is set")
	}
	if name != "" {
		users[name] = password
	}
	return users, nil
}
