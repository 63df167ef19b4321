package eventlog

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	markName = "ACKNOWLEDGED"
	slotSize = 16
	slotStep = 512 // a slot lies in one sector and shares it with nothing
)

// mark is the file that says how far the log was acknowledged. It is not synced with
// every group: after a power cut it may be behind, but it is never ahead.
type mark struct {
	file    vfs.File
	highest ledger.Position // as found at opening
	damaged int             // slots that were not readable at opening
	turn    int64
}

func openMark(fs vfs.FS, dir string) (*mark, error) {
	file, err := fs.OpenReadWrite(fs.PathJoin(dir, markName), vfs.WriteCategoryUnspecified)
	if err != nil {
		return nil, err
	}
	m := &mark{file: file}
	for slot := range int64(2) {
		var b [slotSize]byte
		if n, err := file.ReadAt(b[:], slot*slotStep); n < slotSize {
			if errors.Is(err, io.EOF) {
				continue
			}
			return nil, errors.Join(err, file.Close())
		}
		if b == [slotSize]byte{} {
			continue
		}
		position, intact := readSlot(b)
		if !intact {
			m.damaged++
		} else if position >= m.highest {
			m.highest, m.turn = position, 1-slot
		}
	}
	return m, nil
}

func readSlot(b [slotSize]byte) (position ledger.Position, intact bool) {
	intact = crc32.Checksum(b[:8], castagnoli) == binary.BigEndian.Uint32(b[8:12]) && binary.BigEndian.Uint32(b[12:]) == 0
	return ledger.Position(binary.BigEndian.Uint64(b[:8])), intact
}

// set notes that everything up to position was acknowledged. It overwrites the older
// of the two slots, so that a torn write leaves the newer one.
func (m *mark) set(position ledger.Position) error {
	var b [slotSize]byte
	binary.BigEndian.PutUint64(b[:8], uint64(position))
	binary.BigEndian.PutUint32(b[8:], crc32.Checksum(b[:8], castagnoli))
	_, err := m.file.WriteAt(b[:], m.turn*slotStep)
	m.turn = 1 - m.turn
	return err
}

func (m *mark) close(sync bool) error {
	var err error
	if sync {
		err = m.file.Sync()
	}
	return errors.Join(err, m.file.Close())
}
