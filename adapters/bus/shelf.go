package bus

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// A FileShelf keeps what a follower knows in the files of a directory, one for each piece.
type FileShelf string

func (s FileShelf) path(name string) string {
	return filepath.Join(string(s), url.PathEscape(name)+".json")
}

// Load returns a piece as it was saved last, or nil when there is none.
func (s FileShelf) Load(name string) ([]byte, error) {
	data, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return data, err
}

// Save replaces a piece. When it returns nil, the new content survives any crash; until then,
// and after an error, it is either the old content or the new.
func (s FileShelf) Save(name string, data []byte) error {
	err := os.MkdirAll(string(s), 0o700)
	if err == nil {
		err = writeBeside(s.path(name), data)
	}
	if err == nil {
		err = syncDirectory(string(s))
	}
	if err != nil {
		return fmt.Errorf("save %s: %w", name, err)
	}
	return nil
}
