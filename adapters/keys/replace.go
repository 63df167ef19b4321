package keys

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// beside ends the name of a file that is about to take another's place, gone that of one that
// has lost it.
const (
	beside = ".new"
	gone   = ".gone"
)

// replace gives a file another content. When it returns, the new one survives any crash; until
// then the file is the old one or the new one. With shredding, the bytes of the old one are gone
// from the disk too: it keeps a second name while the new one takes the first, so that also
// after a crash somebody can overwrite it.
func replace(path string, content []byte, shredding bool) error {
	if err := write(path+beside, content); err != nil {
		return err
	}
	if shredding {
		if err := os.Link(path, path+gone); errors.Is(err, fs.ErrNotExist) {
			shredding = false // there was none
		} else if err != nil {
			return err
		}
	}
	if err := os.Rename(path+beside, path); err != nil {
		return err
	}
	if err := syncFolder(filepath.Dir(path)); err != nil || !shredding {
		return err
	}
	return shred(path+gone, path)
}

// shred overwrites a file with zeros and removes it; its name alone when the file still stands
// under the other name.
func shred(path, other string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil {
		if kept, missing := os.Stat(other); missing != nil || !os.SameFile(info, kept) {
			if _, err = file.WriteAt(make([]byte, info.Size()), 0); err == nil {
				err = file.Sync()
			}
		}
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

func write(path string, content []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func syncFolder(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}
