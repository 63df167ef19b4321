package bus

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"daybook/ledger"
)

// ErrDamagedCursor: a cursor's file does not hold what was written to it. The
// follower starts again from the beginning.
var ErrDamagedCursor = errors.New("the cursor's file is damaged")

// A FileCursor keeps a position, and a tag that says what the position belongs to, in
// a small text file:
//
//	daybook-cursor 1 <position> <tag, quoted> <CRC-32C of what comes before, in hex>
//
// The tag is the follower's: for example the generation of its tables, so that a
// cursor is not taken for that of other tables. A FileCursor is used by one goroutine
// at a time.
type FileCursor string

const (
	cursorHead     = "daybook-cursor 1 "
	maxCursorBytes = 64 << 10
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Load returns what was saved last. A file that is not there is position 0. A damaged
// one is position 0 too, with an error wrapping ErrDamagedCursor that says what is
// wrong with it; every other error means that the file could not be read.
func (c FileCursor) Load() (ledger.Position, string, error) {
	content, err := os.ReadFile(string(c))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("load cursor: %w", err)
	}
	position, tag, reason := parseCursor(content)
	if reason != "" {
		return 0, "", fmt.Errorf("load cursor %s: %s: %w", string(c), reason, ErrDamagedCursor)
	}
	return position, tag, nil
}

func parseCursor(content []byte) (position ledger.Position, tag, reason string) {
	line, whole := strings.CutSuffix(string(content), "\n")
	if !whole || len(content) > maxCursorBytes {
		return 0, "", fmt.Sprintf("%d bytes do not end in a line break", len(content))
	}
	if !strings.HasPrefix(line, cursorHead) {
		return 0, "", "it does not begin with " + strconv.Quote(cursorHead)
	}
	at := strings.LastIndexByte(line, ' ')
	if at < len(cursorHead) {
		return 0, "", "it has no checksum"
	}
	if sum := fmt.Sprintf("%08x", crc32.Checksum([]byte(line[:at]), castagnoli)); line[at+1:] != sum {
		return 0, "", fmt.Sprintf("its checksum is %s, not %q", sum, line[at+1:])
	}
	digits, quoted, _ := strings.Cut(line[len(cursorHead):at], " ")
	number, err := strconv.ParseUint(digits, 10, 64)
	if err != nil {
		return 0, "", fmt.Sprintf("%q is not a position", digits)
	}
	if tag, err = strconv.Unquote(quoted); err != nil {
		return 0, "", fmt.Sprintf("%s is not a quoted tag", quoted)
	}
	return ledger.Position(number), tag, ""
}

// Save replaces the file. When it returns nil, the new content survives any crash;
// until then, and after an error, it is either the old content or the new.
func (c FileCursor) Save(position ledger.Position, tag string) error {
	var line bytes.Buffer
	fmt.Fprintf(&line, "%s%d %s", cursorHead, uint64(position), strconv.QuoteToASCII(tag))
	fmt.Fprintf(&line, " %08x\n", crc32.Checksum(line.Bytes(), castagnoli))
	if line.Len() > maxCursorBytes {
		return fmt.Errorf("save cursor: a tag of %d bytes is too long", len(tag))
	}
	err := writeBeside(string(c), line.Bytes())
	if err == nil {
		err = syncDirectory(filepath.Dir(string(c)))
	}
	if err != nil {
		return fmt.Errorf("save cursor: %w", err)
	}
	return nil
}

// writeBeside writes the content durably under a temporary name and renames it.
// Without the sync before the rename a crash can leave an empty file under the name. The
// temporary name is this save's own, since two processes on one event store may save at a
// time; a crash before the rename leaves it behind.
func writeBeside(name string, content []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), name)
	}
	if err != nil {
		err = errors.Join(err, os.Remove(temp.Name()))
	}
	return err
}

// syncDirectory makes the rename itself survive a crash.
func syncDirectory(dir string) error {
	opened, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(opened.Sync(), opened.Close())
}
