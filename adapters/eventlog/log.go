package eventlog

import (
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"daybook/adapters/eventlog/internal/engine"
	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"
)

var (
	// ErrClosed: the log was closed.
	ErrClosed = errors.New("the journal is closed")
	// ErrStopped: a write or a sync has failed, and nothing more is written.
	ErrStopped = errors.New("the journal takes no more events until it is opened again")
	// ErrFull: there is not enough room on the disk.
	ErrFull = errors.New("the disk is full")
)

// Options are what a Log can be told. The zero value is good for production.
type Options struct {
	// Now is the clock for RecordedAt; nil is time.Now.
	Now func() time.Time
	// CacheBytes is the memory for blocks read from disk; 0 is 16 MiB.
	CacheBytes int64
	// ReserveBytes is the size of the reserve file, and the room on the disk below
	// which appends are refused; 0 is 64 MiB, negative is none.
	ReserveBytes int64
	// MaxAppendBytes bounds the data and metadata of one append; 0 is
	// ledger.MaxAppendBytes.
	MaxAppendBytes int
	// Logger hears of trouble in the background; nil is silence.
	Logger *slog.Logger
	// FS is the file system; nil is the operating system's.
	FS vfs.FS
}

const (
	defaultCacheBytes   = 16 << 20
	defaultReserveBytes = 64 << 20
)

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.CacheBytes == 0 {
		o.CacheBytes = defaultCacheBytes
	}
	if o.ReserveBytes == 0 {
		o.ReserveBytes = defaultReserveBytes
	}
	if o.MaxAppendBytes == 0 {
		o.MaxAppendBytes = ledger.MaxAppendBytes
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.FS == nil {
		o.FS = vfs.Default
	}
	return o
}

// Log is a ledger.Journal in a directory. All methods may be called from many goroutines.
type Log struct {
	dir     string
	options Options
	guard   *guard
	lock    *pebble.Lock
	mark    *mark
	db      *pebble.DB

	requests  chan *request
	closing   chan struct{} // closed by Close
	committed chan struct{} // closed when the committer has ended
	head      atomic.Uint64 // the last position on disk
	appended  atomic.Uint64 // events since Open
	groups    atomic.Uint64 // syncs since Open

	wake struct {
		sync.Mutex
		grown chan struct{} // closed, and replaced, when head rises
	}
	// inUse is held for reading while the engine is read, and for writing to close it.
	inUse  sync.RWMutex
	closed bool // under inUse
}

var _ ledger.Journal = (*Log)(nil)

// Open opens the log in a directory, which it makes if need be. One process at a time
// may have it open: otherwise the error wraps ledger.ErrInUse.
//
// A log in which damage is found at opening, or that does not hold all that it has
// acknowledged, takes no events (appending says why), but can be read and verified. When not
// even that is possible the error wraps ErrCorrupt.
func Open(dir string, options Options) (*Log, error) {
	l, err := open(dir, options.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("open journal %s: %w", dir, err)
	}
	return l, nil
}

func open(dir string, options Options) (_ *Log, err error) {
	if options.FS == vfs.Default {
		// Two spellings of a directory would have two locks.
		if dir, err = canonical(dir); err != nil {
			return nil, err
		}
	}
	dir = options.FS.PathDir(options.FS.PathJoin(dir, "LOCK")) // as the names of its files begin
	l := &Log{
		dir: dir, options: options, guard: newGuard(options.FS, dir),
		requests: make(chan *request), closing: make(chan struct{}), committed: make(chan struct{}),
	}
	l.wake.grown = make(chan struct{})
	if err := checkDirectory(options.FS, dir); err != nil {
		return nil, err
	}
	if l.lock, err = lock(options.FS, dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			l.release()
		}
	}()
	if err := l.guard.releaseReserve(options.ReserveBytes); err != nil {
		return nil, err
	}
	if err := checkManifest(options.FS, dir); err != nil {
		return nil, err
	}
	if l.db, err = l.openEngine(); err != nil {
		return nil, err
	}
	if err := l.checkFormat(); err != nil {
		return nil, err
	}
	if l.mark, err = openMark(options.FS, dir); err != nil {
		return nil, err
	}
	c, err := newCommitter(l)
	if errors.Is(err, ErrCorrupt) {
		// What is left can still be read, and verified.
		l.guard.stop(err)
	} else if err != nil {
		return nil, err
	}
	if head, marked := ledger.Position(l.head.Load()), l.mark.highest; head < marked {
		l.guard.stop(fmt.Errorf("the journal ends at event %d, but %d were acknowledged: %w", head, marked, ErrCorrupt))
		l.head.Store(uint64(marked)) // so that reading reports what is missing
	}
	if err := l.guard.keepReserve(options.ReserveBytes); err != nil {
		return nil, err
	}
	if err := l.guard.failure(); err != nil && !errors.Is(err, ErrCorrupt) {
		return nil, err
	}
	go c.run()
	return l, nil
}

// canonical makes the directory and returns the one name it has.
func canonical(dir string) (string, error) {
	if err := vfs.Default.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	return filepath.Abs(real)
}

// checkDirectory refuses a directory in which somebody else keeps files.
func checkDirectory(fs vfs.FS, dir string) error {
	if err := fs.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	names, err := fs.List(dir)
	if err != nil {
		return err
	}
	foreign := ""
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, "marker.format-version."):
			return nil
		case name != "LOCK" && name != markName && name != reserveName:
			foreign = name
		}
	}
	if foreign != "" {
		return ledger.Refuse(ledger.Say("the directory %s is no journal, and holds other files such as %s", dir, foreign),
			ledger.Say("give the journal a directory of its own"))
	}
	return nil
}

func lock(fs vfs.FS, dir string) (*pebble.Lock, error) {
	held, err := pebble.LockDirectory(dir, fs)
	if err == nil {
		return held, nil
	}
	if errors.Is(err, syscall.EAGAIN) || strings.Contains(err.Error(), "lock held by current process") {
		return nil, fmt.Errorf("%w: %w", ledger.Refuse(
			ledger.Say("the journal in %s is open in another daybook", dir),
			ledger.Say("stop that one, or choose another directory")), ledger.ErrInUse)
	}
	return nil, err
}

func (l *Log) openEngine() (*pebble.DB, error) {
	options := engineOptions(l.options)
	defer options.Cache.Unref()
	options.FS = l.guard
	options.Lock = l.lock
	options.Logger = &engineLogger{l}
	options.EventListener = &pebble.EventListener{
		BackgroundError: l.backgroundError,
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			l.guard.stop(fmt.Errorf("%s: %w: %w", info.Path, info.Details, ErrCorrupt))
		},
	}
	db, err := pebble.Open(l.dir, options)
	if err != nil {
		return nil, damage(err)
	}
	return db, nil
}

// engineOptions are those of the room, with the log's cache.
func engineOptions(o Options) *pebble.Options { return engine.Options(o.CacheBytes) }

// checkFormat writes the format version into an empty log and checks it in any other.
func (l *Log) checkFormat() error {
	value, closer, err := l.db.Get(formatKey)
	if errors.Is(err, pebble.ErrNotFound) {
		if empty, err := l.isEmpty(); err != nil {
			return err
		} else if !empty {
			return fmt.Errorf("it has no format version: %w", ErrCorrupt)
		}
		return l.db.Set(formatKey, binary.BigEndian.AppendUint32(nil, formatVersion), pebble.Sync)
	}
	if err != nil {
		return damage(err)
	}
	defer closer.Close()
	if len(value) != 4 {
		return fmt.Errorf("its format version has %d bytes: %w", len(value), ErrCorrupt)
	}
	if version := binary.BigEndian.Uint32(value); version != formatVersion {
		return ledger.Refuse(ledger.Say("the journal has format %d, this daybook knows format %d", int(version), formatVersion),
			ledger.Say("use the daybook that wrote it, or a newer one"))
	}
	return nil
}

func (l *Log) isEmpty() (bool, error) {
	iterator, err := l.db.NewIter(nil)
	if err != nil {
		return false, damage(err)
	}
	empty := !iterator.First()
	return empty, damage(iterator.Close())
}

// damage marks the engine's reports of damage as ErrCorrupt.
func damage(err error) error {
	if err != nil && pebble.IsCorruptionError(err) {
		return fmt.Errorf("%w: %w", err, ErrCorrupt)
	}
	return err
}

// Close waits for the appends and reads that are going on and closes the log. Reads
// and followers that are between two pages end with ErrClosed.
func (l *Log) Close() error {
	l.inUse.Lock()
	if l.closed {
		l.inUse.Unlock()
		return nil
	}
	l.closed = true
	l.inUse.Unlock()
	close(l.closing)
	<-l.committed

	failure := l.guard.failure()
	err := l.release()
	if failure != nil {
		// It has been reported to every writer; what else the engine says on the way
		// out follows from it.
		return nil
	}
	return err
}

// release gives back what Open took, also when it took only a part.
func (l *Log) release() (err error) {
	if l.db != nil {
		err = l.db.Close()
	}
	if l.mark != nil {
		err = errors.Join(err, l.mark.close(l.guard.failure() == nil))
	}
	return errors.Join(err, l.lock.Close())
}

// enter keeps the engine open until leave is called.
func (l *Log) enter() error {
	l.inUse.RLock()
	if l.closed {
		l.inUse.RUnlock()
		return ErrClosed
	}
	return nil
}

func (l *Log) leave() { l.inUse.RUnlock() }

// raise makes the events up to head visible and wakes the followers.
func (l *Log) raise(head ledger.Position) {
	l.wake.Lock()
	l.head.Store(uint64(head))
	close(l.wake.grown)
	l.wake.grown = make(chan struct{})
	l.wake.Unlock()
}

// visible returns the last position, and a channel that is closed when it has risen.
func (l *Log) visible() (ledger.Position, <-chan struct{}) {
	l.wake.Lock()
	defer l.wake.Unlock()
	return ledger.Position(l.head.Load()), l.wake.grown
}

// backgroundError slows the engine down when it cannot write: it tries again at once.
func (l *Log) backgroundError(err error) {
	l.options.Logger.Warn("journal: background work", "dir", l.dir, "error", err)
	time.Sleep(100 * time.Millisecond)
}

// engineLogger passes on the engine's words. What the engine calls fatal stops the
// log, not the process.
type engineLogger struct{ log *Log }

func (e *engineLogger) Infof(string, ...any) {}

func (e *engineLogger) Errorf(format string, args ...any) {
	e.log.options.Logger.Error("journal: " + fmt.Sprintf(format, args...))
}

func (e *engineLogger) Fatalf(format string, args ...any) {
	e.log.guard.stop(fmt.Errorf(format, args...))
	e.Errorf(format, args...)
}
