package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/chdb"
	"daybook/ledger"
)

// tokenVariable names the token of the endpoint, and tokenFile is where a made one is kept.
const (
	tokenVariable = "DAYBOOK_SERVE_TOKEN"
	tokenFile     = "serve.token"
)

// shortestToken is as much as cannot be guessed at the rate of a local connection.
const shortestToken = 16

func (g *globals) serveCommand() *cobra.Command {
	var how serveOptions
	w := &watcher{g: g, seen: map[string]look{}}
	var every time.Duration
	command := &cobra.Command{
		Use:   "serve",
		Short: "Serve the tables to clients of ClickHouse: Grafana, Metabase, DBeaver, Excel",
		Long: "Serve the views that \"daybook schema\" describes over ClickHouse's HTTP interface until interrupted, for\n" +
			"reading, on this machine only unless told otherwise. The user is daybook; the password is a token that\n" +
			"DAYBOOK_SERVE_TOKEN gives, or else is made once, shown once, and kept in the data directory. Nothing can be\n" +
			"written, no file or address reached and no other table seen; time, memory and rows are limited.\n" +
			"The data directory is in use meanwhile: with --watch, what arrives in a folder is taken in all the same.",
		Example: "  daybook serve\n" +
			"  daybook serve --watch /srv/deliveries\n" +
			"  daybook serve --listen 0.0.0.0:8443 --tls-cert node.crt --tls-key node.key\n" +
			"  curl -H \"X-ClickHouse-Key: $DAYBOOK_SERVE_TOKEN\" 'http://127.0.0.1:8123/?query=SHOW+TABLES'",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return g.serve(cmd.Context(), how, w, every) },
	}
	flags := command.Flags()
	flags.StringVar(&how.listen, "listen", "127.0.0.1:8123", "address to listen on, host:port")
	flags.StringVar(&how.cert, "tls-cert", "", "file with the certificate, PEM")
	flags.StringVar(&how.key, "tls-key", "", "file with the certificate's private key, PEM")
	flags.BoolVar(&how.insecure, "insecure", false, "let the token travel unencrypted beyond this machine")
	flags.StringVar(&w.dir, "watch", "", "folder of which files are taken in as they arrive")
	flags.DurationVar(&every, "every", 10*time.Second, "time between two looks")
	flags.DurationVar(&w.settle, "settle", 5*time.Second, "how long a file must not have changed")
	return command
}

func (g *globals) serve(ctx context.Context, how serveOptions, w *watcher, every time.Duration) (err error) {
	if g.clickhouse != "" {
		return ledger.Refuse(ledger.Say("the tables are in a ClickHouse server, which answers its clients itself"),
			ledger.Say("point them at the server, with a user who may only read; or leave --clickhouse out"))
	}
	certificate, err := how.tls()
	if err != nil {
		return err
	}
	if certificate == nil && !how.insecure && !onlyThisMachine(how.listen) {
		return ledger.Refuse(ledger.Say("%s can be reached from other machines, and the token would travel unencrypted", how.listen),
			ledger.Say("give a certificate with --tls-cert and --tls-key; or say --insecure"))
	}
	if w.dir != "" {
		if err := w.check(); err != nil {
			return err
		}
	}
	a, err := open(ctx, g)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.catchUp(ctx, g); err != nil {
		return err
	}
	token, fresh, err := g.serveToken()
	if err != nil {
		return err
	}
	endpoint, err := a.endpoint(ctx, token)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, endpoint.Close()) }()
	listener, err := net.Listen("tcp", how.listen)
	if err != nil {
		return ledger.Refuse(ledger.Say("cannot listen on %s: %s", how.listen, err.Error()), ledger.Say("name another address with --listen host:port"))
	}
	stop := g.serveTables(listener, endpoint, certificate)
	defer func() { err = errors.Join(err, stop()) }()
	if err := g.printServingTables(listener.Addr().String(), certificate != nil, token, fresh); err != nil {
		return err
	}
	return a.followWhileServing(ctx, g, w, every)
}

// endpoint shows the views that "daybook schema" describes, and nothing else.
func (a *app) endpoint(ctx context.Context, token string) (*chdb.Endpoint, error) {
	schema, err := a.views.Schema(ctx)
	if err != nil {
		return nil, err
	}
	options := chdb.EndpointOptions{Token: token}
	for _, view := range schema {
		options.Views = append(options.Views, view.Name)
	}
	return a.warehouse.(*chdb.Warehouse).Endpoint(ctx, options)
}

// followWhileServing takes in what arrives until told to end. A folder that cannot be
// looked into for a while does not end the serving.
func (a *app) followWhileServing(ctx context.Context, g *globals, w *watcher, every time.Duration) error {
	for failed := ""; ; {
		select {
		case <-ctx.Done():
			return nil // Ctrl-C is how it ends
		case <-time.After(every):
		}
		err := a.follow(ctx, g, w)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			failed = ""
		} else if err.Error() != failed {
			failed = err.Error()
			g.notice(ledger.Say("what arrives could not be taken in, and is tried again: %s", failed))
		}
	}
}

// follow takes in the files that are ready, and what others appended to an event store.
func (a *app) follow(ctx context.Context, g *globals, w *watcher) error {
	if w.dir != "" {
		ready, err := w.ready(time.Now(), false)
		if err != nil {
			return err
		}
		if len(ready) > 0 {
			_, err := w.takeAll(ctx, a, ready)
			return err
		}
	}
	if isEventStore(g.journal) {
		return a.catchUp(ctx, g)
	}
	return nil
}

// serveTables serves until stop is called, which gives clients a while to finish.
func (g *globals) serveTables(listener net.Listener, handler http.Handler, certificate *tls.Config) (stop func() error) {
	logger := slog.NewLogLogger(slog.NewTextHandler(g.stderr, nil), slog.LevelWarn)
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 512 << 10, ErrorLog: logger}
	if certificate != nil {
		listener = tls.NewListener(listener, certificate)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), stopWithin)
		defer cancel()
		err := server.Shutdown(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			err = server.Close()
		}
		if ended := <-ended; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	}
}

// serveToken is the token of the environment, or the one that was made for this data
// directory. fresh is one that was made just now, and has to be shown.
func (g *globals) serveToken() (token string, fresh bool, err error) {
	if token := os.Getenv(tokenVariable); token != "" {
		if len(token) < shortestToken {
			return "", false, ledger.Refuse(ledger.Say("the token in %s is too short: %d characters", tokenVariable, len(token)),
				ledger.Say("use %d or more, or unset it: one is made", shortestToken))
		}
		return token, false, nil
	}
	path := g.tokenPath()
	text, err := os.ReadFile(path)
	token = strings.TrimSpace(string(text))
	switch {
	case err == nil && len(token) >= shortestToken:
		if info, err := os.Stat(path); err != nil || info.Mode().Perm()&0o077 != 0 {
			return "", false, ledger.Refuse(ledger.Say("the token in %s can be read by others", path),
				ledger.Say("delete the file: another token is made; or take the others' rights with chmod 600"))
		}
		return token, false, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", false, fmt.Errorf("read the token: %w", err)
	}
	token = rand.Text()
	if err := os.WriteFile(path, []byte(token+"\n"), 0o600); err != nil {
		return "", false, fmt.Errorf("keep the token: %w", err)
	}
	return token, true, os.Chmod(path, 0o600)
}

func (g *globals) tokenPath() string { return filepath.Join(g.data, tokenFile) }

func (g *globals) printServingTables(address string, encrypted bool, token string, fresh bool) error {
	scheme := "http://"
	if encrypted {
		scheme = "https://"
	}
	file := g.tokenPath()
	if os.Getenv(tokenVariable) != "" {
		file = ""
	}
	if g.output == "json" {
		return g.printJSON(struct {
			Address   string `json:"address"`
			Database  string `json:"database"`
			User      string `json:"user"`
			TokenFile string `json:"token_file"`
		}{scheme + address, "daybook", "daybook", file})
	}
	lines := []ledger.Text{ledger.Say("serving the tables at %s, database daybook, user daybook; stop with Ctrl-C", scheme+address)}
	switch {
	case fresh:
		lines = append(lines, ledger.Say("the password is %s; it is shown this once, and kept in %s", token, file))
	case file != "":
		lines = append(lines, ledger.Say("the password is in %s", file))
	default:
		lines = append(lines, ledger.Say("the password is what %s says", tokenVariable))
	}
	for _, line := range lines {
		if _, err := fmt.Fprintln(g.stdout, g.say.text(line)); err != nil {
			return err
		}
	}
	return nil
}
