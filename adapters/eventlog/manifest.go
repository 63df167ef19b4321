package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"

	pebblerecord "github.com/cockroachdb/pebble/v2/record"
	"github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/atomicfs"
)

// checkManifest looks for damage in the middle of the engine's list of files. The engine takes
// the first entry that it cannot read for the end of the list, opens the state of
// then, and removes the files that came later as unknown. A torn last entry is what a
// power cut leaves and does no harm; an unreadable entry with others behind it is damage.
func checkManifest(files vfs.FS, dir string) error {
	name, err := atomicfs.ReadMarker(files, dir, "manifest")
	if err != nil {
		return err
	}
	if name == "" {
		return nil // a new log
	}
	file, err := files.Open(files.PathJoin(dir, name))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: %w", name, ErrCorrupt)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	entries := pebblerecord.NewReader(file, 0)
	for {
		good := entries.Offset()
		entry, err := entries.Next()
		if err == nil {
			_, err = io.Copy(io.Discard, entry)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if pebblerecord.IsInvalidRecord(err) {
			return checkTorn(file, name, good)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
}

// The engine's list is in blocks of chunks: CRC (4, masked), length (2), type (1), payload.
const (
	chunkHead  = 4 + 2 + 1
	chunkBlock = 32 << 10
)

// checkTorn refuses a list in which a whole chunk follows the one at offset.
func checkTorn(file vfs.File, name string, offset int64) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	rest := make([]byte, info.Size()-offset)
	if _, err := file.ReadAt(rest, offset); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for at := 1; at+chunkHead < len(rest); at++ {
		sum, length, kind := binary.LittleEndian.Uint32(rest[at:]), int(binary.LittleEndian.Uint16(rest[at+4:])), rest[at+6]
		room := chunkBlock - int((offset+int64(at))%chunkBlock)
		if kind < 1 || kind > 4 || length == 0 || chunkHead+length > min(room, len(rest)-at) {
			continue
		}
		c := crc32.Checksum(rest[at+6:at+chunkHead+length], castagnoli)
		if sum == (c>>15|c<<17)+0xa282ead8 {
			return fmt.Errorf("%s is damaged at byte %d: %w", name, offset, ErrCorrupt)
		}
	}
	return nil
}
