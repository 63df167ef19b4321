package main

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"daybook/ledger"
)

// defaults is the configuration that daybook init writes, and the reference of its fields.
//
//go:embed defaults.yaml
var defaults []byte

func (g *globals) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init",
		Short: "Write a configuration to fill in",
		Long:  "Write a commented configuration: stores, ways to pay, providers with their contracts, banks.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			path := g.configPath()
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				return err
			}
			file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
			if errors.Is(err, fs.ErrExist) {
				return ledger.Refuse(ledger.Say("there is a configuration at %s already", path), ledger.Say("edit it, or name another with --config"))
			}
			if err != nil {
				return err
			}
			if _, err := file.Write(defaults); err != nil {
				return errors.Join(err, file.Close())
			}
			if err := file.Close(); err != nil {
				return err
			}
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("wrote %s: fill in your stores, merchant ids and contract rates, then: daybook import FILE…", path)))
			return nil
		},
	}
}
