package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"daybook/ledger"
)

// checkTarget refuses a path to which no answer should be written.
func checkTarget(path string, force bool) error {
	there, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if dir, err := os.Stat(filepath.Dir(path)); err != nil || !dir.IsDir() {
			return ledger.Refuse(ledger.Say("there is no directory %s", filepath.Dir(path)), ledger.Say("make it first, or name another with --to"))
		}
		return nil
	case err != nil:
		return err
	case !there.Mode().IsRegular():
		return ledger.Refuse(ledger.Say("%s is not a file", path), ledger.Say("name a file with --to"))
	case !force:
		return ledger.Refuse(ledger.Say("%s is there already", path), ledger.Say("name another file with --to, or add --force to replace it"))
	}
	return nil
}

// writeBeside writes a file under another name and renames it when it is complete: under
// its own name there is never half of it, and what was there before stays until then.
func writeBeside(path string, write func(io.Writer) error) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(file.Name()))
		}
	}()
	err = write(file)
	if err == nil {
		err = file.Sync() // or a crash could leave the name with nothing under it
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	return os.Rename(file.Name(), path)
}
