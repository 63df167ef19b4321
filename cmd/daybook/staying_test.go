package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"daybook/adapters/chdb"
)

// As a user's commands run: go test ./cmd/daybook -timeout 1h -processes
var processes = flag.Bool("processes", false, "give each command a process of its own, engine and all")

// staying is the program in a process of its own that runs one command after another on one
// data directory. Each command opens and closes everything, as it does in a process of its
// own, but the engine goes on in between: it takes longer to start than most commands do.
type staying struct {
	child       *exec.Cmd
	environment []string
	errands     *os.File
	answers     *os.File
	answer      *json.Decoder
}

// errand is a command, or the name of a look to be taken inside, for a process that stays.
type errand struct {
	Data, Config, Journal string
	Look                  string   `json:",omitempty"`
	Args                  []string `json:",omitempty"`
}

type reply struct {
	Code           int
	Stdout, Stderr string
}

// asStaying is asProgram's value for a process that stays.
const asStaying = "staying"

// looks are what no command shows or does.
var looks = map[string]func(ctx context.Context, a *app, g *globals) error{
	"tables": func(ctx context.Context, a *app, g *globals) error { return a.views.Dump(ctx, g.stdout) },
	"stored": everyRow,
	"cells":  func(ctx context.Context, a *app, g *globals) error { return everyCell(ctx, a, g, "engine != 'View'") },
	// What everyone reads, and so what it is made of.
	"views": func(ctx context.Context, a *app, g *globals) error {
		return everyCell(ctx, a, g, "engine = 'View' AND match(name, '^(fct|agg|dim)_')")
	},
	"refill": func(ctx context.Context, a *app, g *globals) error {
		if err := a.projector.Reset(ctx); err != nil {
			return err
		}
		return a.catchUp(ctx, g)
	},
}

// ask passes an errand to the program's process that stays, starting it if there is none.
func (p *program) ask(r errand) result {
	p.t.Helper()
	if p.staying != nil && !slices.Equal(p.staying.environment, os.Environ()) {
		p.leave()
	}
	if p.staying == nil {
		var err error
		if p.staying, err = stayIn(); err != nil {
			p.t.Fatal(err)
		}
		p.t.Cleanup(p.leave)
	}
	r.Data, r.Config, r.Journal = p.data, p.config, p.journal
	a, err := p.staying.ask(r)
	if err != nil {
		p.t.Fatalf("%s %v: the process ended: %v", r.Look, r.Args, err)
	}
	return result{a.Code, a.Stdout, a.Stderr}
}

// leave ends the process that stays, before somebody else uses the directory.
func (p *program) leave() {
	if p.staying == nil {
		return
	}
	p.staying.errands.Close()
	p.staying.answers.Close()
	if err := p.staying.child.Wait(); err != nil {
		p.t.Errorf("a process that stayed: %v", err)
	}
	p.staying = nil
}

func stayIn() (_ *staying, err error) {
	s := &staying{environment: os.Environ(), child: exec.Command(os.Args[0])}
	s.child.Env = append(os.Environ(), asProgram+"="+asStaying)
	s.child.Stdout, s.child.Stderr = os.Stderr, os.Stderr
	theirErrands, ours, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirErrands.Close()
	answers, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	s.child.ExtraFiles = []*os.File{theirErrands, theirs}
	s.errands, s.answers, s.answer = ours, answers, json.NewDecoder(answers)
	return s, s.child.Start()
}

func (s *staying) ask(r errand) (a reply, err error) {
	if err := json.NewEncoder(s.errands).Encode(r); err != nil {
		return a, err
	}
	return a, s.answer.Decode(&a)
}

// stay is the process that stays: it answers until there are no more errands.
func stay() {
	errands, answers := json.NewDecoder(os.NewFile(3, "errands")), json.NewEncoder(os.NewFile(4, "answers"))
	var engine io.Closer
	for {
		var r errand
		if errands.Decode(&r) != nil {
			break
		}
		if engine == nil {
			engine = keepEngine(r.Data)
		}
		var stdout, stderr bytes.Buffer
		a := reply{}
		if r.Look != "" {
			a.Code = r.look(&stdout, &stderr)
		} else {
			a.Code = run(context.Background(), r.Args, &stdout, &stderr)
		}
		a.Stdout, a.Stderr = stdout.String(), stderr.String()
		if err := answers.Encode(a); err != nil {
			panic(err)
		}
	}
	if engine != nil {
		engine.Close()
	}
	os.Exit(0)
}

// keepEngine starts the engine where there are tables and nobody else has them.
func keepEngine(data string) io.Closer {
	dir := filepath.Join(data, "warehouse")
	if _, err := os.Stat(dir); err != nil {
		return nil
	}
	warehouse, err := chdb.Open(context.Background(), chdb.Options{Dir: dir, Database: "daybook"})
	if err != nil {
		return nil
	}
	return warehouse
}

// look opens the application as a command does.
func (r errand) look(stdout, stderr io.Writer) int {
	ctx := context.Background()
	g := &globals{data: r.Data, config: r.Config, journal: r.Journal, output: "table", say: english, stdout: stdout, stderr: stderr, quiet: true}
	a, err := open(ctx, g)
	if err == nil {
		err = errors.Join(looks[r.Look](ctx, a, g), a.Close())
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitInternal
	}
	return exitFine
}

// A process that stays does what a process for each command does.
func TestStaying(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	for _, args := range [][]string{{"import", scenarioFiles()[0]}, {"status"}, {"nix"}} {
		args := p.words(args)
		stayed := p.ask(errand{Args: args})
		p.leave()
		if apart := command(args...); stayed.code != apart.code || slices.Contains(args, "status") && stayed != apart {
			t.Errorf("%v: %+v, and in a process of its own %+v", args, stayed, apart)
		}
	}
}
