package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/files"
	"daybook/ledger"
)

// watcher takes in what arrives in a folder, each file whole and once. A file is moved
// after it was taken or refused; a crash in between leaves it where it is, and taking it
// again changes nothing.
type watcher struct {
	g      *globals
	dir    string
	settle time.Duration
	seen   map[string]look
}

// look is what a file was like when it was last looked at.
type look struct {
	size    int64
	changed time.Time
	since   time.Time // when it was first seen like this
}

func (g *globals) watchCommand() *cobra.Command {
	w := &watcher{g: g, seen: map[string]look{}}
	var every time.Duration
	once := false
	command := &cobra.Command{
		Use:   "watch DIR",
		Short: "Take in what arrives in a folder, whole and once, and reconcile",
		Long: "Look into a folder again and again, take in the files that have stopped growing, and reconcile. Taken\n" +
			"files are moved to DIR/taken, refused ones to DIR/refused, beside a text that says why. Names that\n" +
			"begin with a dot or ~, or end in .part, .tmp or .filepart, are left alone; so is what is no plain\n" +
			"file. Between two looks other daybook commands can use the data directory. Ctrl-C ends it.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			w.dir = args[0]
			if err := w.check(); err != nil {
				return err
			}
			refused, err := w.pass(cmd.Context(), once)
			if once {
				if err == nil && refused > 0 {
					return exitError(exitRefused)
				}
				return err
			}
			for {
				switch {
				case errors.Is(err, ledger.ErrInUse):
					g.notice(ledger.Say("another daybook is using the data directory; the files wait"))
				case cmd.Context().Err() != nil:
					return nil // Ctrl-C is how it ends
				case err != nil:
					return err
				}
				select {
				case <-cmd.Context().Done():
					return nil
				case <-time.After(every):
				}
				_, err = w.pass(cmd.Context(), false)
			}
		},
	}
	command.Flags().BoolVar(&once, "once", false, "look once, without waiting, and end; with exit code 2 when a file was refused")
	command.Flags().DurationVar(&every, "every", 10*time.Second, "time between two looks")
	command.Flags().DurationVar(&w.settle, "settle", 5*time.Second, "how long a file must not have changed")
	return command
}

// check refuses to watch what is no folder.
func (w *watcher) check() error {
	if info, err := os.Stat(w.dir); err != nil || !info.IsDir() {
		return ledger.Refuse(ledger.Say("%s is no directory", w.dir), ledger.Say("name the folder into which files are delivered"))
	}
	return nil
}

// pass takes in the files that are ready. It opens the data directory only when there are
// any.
func (w *watcher) pass(ctx context.Context, once bool) (refused int, err error) {
	ready, err := w.ready(time.Now(), once)
	if err != nil || len(ready) == 0 {
		return 0, err
	}
	a, err := open(ctx, w.g)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return w.takeAll(ctx, a, ready)
}

// takeAll takes files in and reconciles.
func (w *watcher) takeAll(ctx context.Context, a *app, names []string) (refused int, err error) {
	var list []taken
	for _, name := range names {
		took, why, err := w.take(ctx, a, name)
		if err != nil {
			return refused, err
		}
		list = append(list, took...)
		if why != "" {
			refused++
		}
	}
	if err := a.catchUp(ctx, w.g); err != nil {
		return refused, err
	}
	if err := w.g.printTaken(list); err != nil || len(list) == 0 {
		return refused, err
	}
	return refused, a.printOpen(ctx, w.g)
}

// ready names the files that have stopped growing, oldest name first.
func (w *watcher) ready(now time.Time, once bool) ([]string, error) {
	entries, err := os.ReadDir(w.dir)
	if err != nil {
		return nil, fmt.Errorf("look into %s: %w", w.dir, err)
	}
	var ready []string
	seen := map[string]look{}
	for _, entry := range entries {
		name := entry.Name()
		if temporary(name) || !entry.Type().IsRegular() {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // somebody else took it
		}
		if err != nil {
			return nil, err
		}
		l := look{info.Size(), info.ModTime(), now}
		if last, known := w.seen[name]; known && last.size == l.size && last.changed.Equal(l.changed) {
			l.since = last.since
		}
		seen[name] = l
		if once || now.Sub(l.since) >= w.settle {
			ready = append(ready, name)
		}
	}
	w.seen = seen
	return ready, nil
}

// temporary tells the names under which files arrive before they are whole.
func temporary(name string) bool {
	ending := strings.ToLower(filepath.Ext(name))
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "~") || slices.Contains([]string{".part", ".tmp", ".filepart"}, ending)
}

// take takes one file in and moves it. why is empty when it was taken.
func (w *watcher) take(ctx context.Context, a *app, name string) (took []taken, why string, err error) {
	path := filepath.Join(w.dir, name)
	took, err = a.read(path, importOptions{}).take(ctx, w.g)
	var refusal *ledger.Refusal
	var wrong files.ErrorList
	switch {
	case errors.As(err, &refusal), errors.As(err, &wrong):
		w.g.report(err)
		var text bytes.Buffer
		apart := *w.g
		apart.stderr = &text
		apart.report(err)
		why = text.String()
	case err != nil:
		return took, "", err
	}
	where := "taken"
	if why != "" {
		where = "refused"
	}
	moved, err := move(path, filepath.Join(w.dir, where), name)
	if err != nil || why == "" {
		return took, why, err
	}
	return took, why, os.WriteFile(moved+".txt", []byte(why), 0o600)
}

// move puts a file into a folder without replacing another: the second of a name gets a
// number.
func move(path, dir, name string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		target := filepath.Join(dir, name)
		if n > 1 {
			ending := filepath.Ext(name)
			target = filepath.Join(dir, fmt.Sprintf("%s.%d%s", strings.TrimSuffix(name, ending), n, ending))
		}
		err := os.Link(path, target) // fails when the name is taken, where a rename would replace
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("move %s: %w", path, err)
		}
		return target, os.Remove(path)
	}
}
