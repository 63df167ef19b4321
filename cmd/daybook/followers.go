package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/spf13/cobra"

	"daybook/adapters/bus"
	"daybook/ledger"
	"daybook/ledger/customer"
)

// follower is how far one of them is, for programs.
type follower struct {
	Name        string          `json:"name"`
	Position    ledger.Position `json:"position"`
	CaughtUp    bool            `json:"caught_up"`
	LagSeconds  float64         `json:"lag_seconds"`
	Events      uint64          `json:"events"`
	PerSecond   float64         `json:"events_per_second"` // of the time spent applying
	Failures    uint64          `json:"failures"`
	Parked      string          `json:"parked,omitempty"`
	ParkedSince time.Time       `json:"parked_since,omitzero"`
	NextTry     time.Time       `json:"next_try,omitzero"`
}

func (g *globals) followersCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "followers",
		Short: "How far matching and tables are behind an event store; run keeps them there",
		Long: "Show how far the followers are that a \"daybook followers run\" of this data directory keeps at the end of\n" +
			"an event store. The exit code is 4 when one of them is parked: it stands before an event that it cannot\n" +
			"apply, and the reason is shown.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var list []follower
			if err := g.askFollowers(cmd.Context(), "list", url.Values{}, &list); err != nil {
				return err
			}
			return g.printFollowers(list)
		},
	}
	command.AddCommand(g.followersRunCommand(), &cobra.Command{
		Use:   "retry NAME",
		Short: "Have a parked follower try again at once",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var told follower
			if err := g.askFollowers(cmd.Context(), "retry", url.Values{"name": {args[0]}}, &told); err != nil {
				return err
			}
			if g.output != "table" {
				return g.printFollowers([]follower{told})
			}
			_, err := fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s tries again from position %d; see how it goes: daybook followers", told.Name, uint64(told.Position))))
			return err
		},
	})
	return command
}

func (g *globals) askFollowers(ctx context.Context, action string, form url.Values, done any) error {
	err := g.ask(ctx, followersSocket, action, form, done)
	if errors.Is(err, errNobody) {
		return ledger.Refuse(ledger.Say("no daybook keeps followers running in the data directory %s", g.data),
			ledger.Say("start one: daybook --journal esdb://host:2113 followers run; without an event store every command does their work itself"))
	}
	return err
}

// followOptions are where the metrics are served.
type followOptions struct {
	metrics  string
	insecure bool
}

func (g *globals) followersRunCommand() *cobra.Command {
	var how followOptions
	command := &cobra.Command{
		Use:   "run",
		Short: "Keep matching and tables at the end of an event store",
		Long: "Follow an event store until interrupted: what others append is matched and stands in the tables at once.\n" +
			"The keys of customers whom others erase are destroyed in this data directory as well.\n" +
			"A follower whose page fails is given it again after growing pauses, and is parked, with the reason, when\n" +
			"that does not help; the others go on. Metrics for Prometheus are served on this machine only unless told\n" +
			"otherwise. Other commands may be used meanwhile, in this data directory too when the tables are in a\n" +
			"ClickHouse server. The embedded journal needs none of this: whoever writes it follows it.",
		Example: "  daybook --journal esdb://host:2113 --clickhouse clickhouse://host:9000/daybook followers run",
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return g.followersRun(cmd.Context(), how) },
	}
	command.Flags().StringVar(&how.metrics, "metrics", "127.0.0.1:9464", "address at which to serve metrics, host:port")
	command.Flags().BoolVar(&how.insecure, "insecure", false, "let everybody who can reach an address beyond this machine read the metrics")
	return command
}

func (g *globals) followersRun(ctx context.Context, how followOptions) (err error) {
	switch {
	case !isEventStore(g.journal):
		return ledger.Refuse(ledger.Say("only an event store is followed: the embedded journal is written by one daybook at a time, which follows it itself"),
			ledger.Say("name the event store with --journal; to share the embedded one: daybook journal serve"))
	case !how.insecure && !onlyThisMachine(how.metrics):
		return ledger.Refuse(ledger.Say("%s can be reached from other machines, and everybody there could read the metrics", how.metrics),
			ledger.Say("listen on %s, or say --insecure", "127.0.0.1:9464"))
	}
	a, err := open(ctx, g)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	b, err := bus.New(a.journal, g.tellOf, a.matcher, a.planner, a.projector, &stayingShredder{Shredder: a.shredder, app: a})
	if err != nil {
		return err
	}
	stopControl, err := g.control(followersSocket, map[string]action{
		"list":  func(request) (any, error) { return followersOf(b), nil },
		"retry": func(r request) (any, error) { return retry(b, r.Get("name")) },
	})
	if err != nil {
		return a.refuseInUse(g, err)
	}
	defer func() { err = errors.Join(err, stopControl()) }()
	listener, err := net.Listen("tcp", how.metrics)
	if err != nil {
		return ledger.Refuse(ledger.Say("cannot listen on %s: %s", how.metrics, err.Error()), ledger.Say("name another address with --metrics host:port"))
	}
	stopMetrics := serveUntil(listener, metricsOf(b), func() error { return nil })
	defer func() { err = errors.Join(err, stopMetrics()) }()
	if err := g.printFollowing("http://" + listener.Addr().String() + "/metrics"); err != nil {
		return err
	}
	marking, stopMarking := context.WithCancel(ctx)
	marked := make(chan struct{})
	go func() {
		defer close(marked)
		a.keepLineage(marking, g, b)
	}()
	err = b.Run(ctx)
	stopMarking()
	<-marked
	return errors.Join(err, a.markLineage(context.WithoutCancel(ctx), appliedByAll(b)))
}

// markEvery is how often the last event that all followers have seen is remembered.
const markEvery = 10 * time.Second

// keepLineage remembers again and again how far all followers are, in case the process is
// killed.
func (a *app) keepLineage(ctx context.Context, g *globals, b *bus.Bus) {
	failed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(markEvery):
		}
		err := a.markLineage(ctx, appliedByAll(b))
		if err != nil && !failed && ctx.Err() == nil { // an event store that is away is the followers' to report
			g.notice(ledger.Say("how far the followers are could not be remembered: %s", err.Error()))
		}
		failed = err != nil
	}
}

// appliedByAll is the position up to which the followers have applied the journal. The shredder,
// which passes over nearly everything, is behind it for long; it starts anew with the others
// where the journal turns out to be another one.
func appliedByAll(b *bus.Bus) ledger.Position {
	position := ledger.LatestPosition
	for _, s := range b.States() {
		if s.Name != new(customer.Shredder).Name() {
			position = min(position, s.Position)
		}
	}
	return position
}

// metricsOf serves what a Prometheus server asks for, and nothing else.
func metricsOf(b *bus.Bus) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(b, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

func retry(b *bus.Bus, name string) (any, error) {
	err := b.Retry(name)
	if errors.Is(err, ledger.ErrNotFound) {
		return nil, ledger.Refuse(ledger.Say("there is no follower %q", name), ledger.Say("daybook followers shows the ones there are"))
	}
	if err != nil {
		return nil, err
	}
	for _, f := range followersOf(b) {
		if f.Name == name {
			return f, nil
		}
	}
	return nil, fmt.Errorf("follower %s: %w", name, ledger.ErrNotFound)
}

func followersOf(b *bus.Bus) []follower {
	var list []follower
	for _, s := range b.States() {
		f := follower{
			Name: s.Name, Position: s.Position, CaughtUp: s.CaughtUp, LagSeconds: s.Lag.Seconds(),
			Events: s.Events, Failures: s.Failures, ParkedSince: s.ParkedSince, NextTry: s.NextTry,
		}
		if s.Applying > 0 {
			f.PerSecond = float64(s.Events) / s.Applying.Seconds()
		}
		if s.Parked != nil {
			f.Parked = s.Parked.Error()
		}
		list = append(list, f)
	}
	return list
}

// tellOf says that a follower was parked, or goes on.
func (g *globals) tellOf(s bus.State) {
	switch {
	case s.Parked == nil:
		g.notice(ledger.Say("%s goes on, from position %d", s.Name, uint64(s.Position)))
		return
	case s.NextTry.IsZero():
		g.notice(ledger.Say("%s stands still after position %d: %s", s.Name, uint64(s.Position), s.Parked.Error()))
	default:
		g.notice(ledger.Say("%s stands still after position %d and tries again at %s: %s",
			s.Name, uint64(s.Position), s.NextTry.Format(time.TimeOnly), s.Parked.Error()))
	}
	g.hint(ledger.Say("when the reason is gone: daybook followers retry %s", s.Name))
}

func (g *globals) printFollowing(metrics string) error {
	if g.output == "json" {
		return g.printJSON(struct {
			Journal string `json:"journal"`
			Metrics string `json:"metrics"`
		}{hostsOf(g.journal), metrics})
	}
	_, err := fmt.Fprintln(g.stdout, g.say.text(ledger.Say("following %s; metrics at %s; stop with Ctrl-C", hostsOf(g.journal), metrics)))
	return err
}

func (g *globals) printFollowers(list []follower) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("follower")), "name", false}, {t(ledger.Say("state")), "state", false}, {t(ledger.Say("position")), "position", true},
		{t(ledger.Say("behind")), "lag_seconds", true}, {t(ledger.Say("events")), "events", true}, {t(ledger.Say("events a second")), "events_per_second", true},
		{t(ledger.Say("failed tries")), "failures", true}, {t(ledger.Say("why")), "parked", false}}
	parked := false
	var rows [][]string
	for _, f := range list {
		state, behind := "behind", strconv.FormatFloat(f.LagSeconds, 'f', 0, 64)
		switch {
		case f.Parked != "":
			state, parked = "parked", true
		case f.CaughtUp:
			state = "caught_up"
		}
		if g.output == "table" {
			state = t(stateOf(state))
			behind = (time.Duration(f.LagSeconds) * time.Second).String()
		}
		rows = append(rows, []string{f.Name, state, strconv.FormatUint(uint64(f.Position), 10), behind, strconv.FormatUint(f.Events, 10),
			strconv.FormatFloat(f.PerSecond, 'f', 0, 64), strconv.FormatUint(f.Failures, 10), f.Parked})
	}
	if err := g.printList(columns, rows, list); err != nil {
		return err
	}
	if parked {
		return exitError(exitVerification)
	}
	return nil
}

func stateOf(state string) ledger.Text {
	switch state {
	case "parked":
		return ledger.Say("parked")
	case "caught_up":
		return ledger.Say("at the end")
	}
	return ledger.Say("catching up")
}
