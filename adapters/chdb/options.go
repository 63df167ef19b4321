package chdb

import "time"

// Options say where tables live and which library runs them.
type Options struct {
	// Dir holds the tables. It is made if need be. One process at a time can use it.
	Dir string
	// Database is where statements look for tables without a database in their name. It
	// is made if need be. Empty means daybook. (ClickHouse's own, called default, is in
	// this engine a view of the file system as well.)
	Database string
	// Library is the path of libchdb.so. Empty means: found, or fetched once (Library).
	Library string
	// Progress is told how many bytes of the library have arrived while it is fetched.
	Progress func(done, total int64)
	// MaxMemory is what one statement may use, in bytes; 0 means 4 GiB. Whatever it
	// says, the engine as a whole keeps to half of the machine's memory.
	MaxMemory int64
	// Threads is what one statement may use; 0 means one per processor, 8 at most.
	Threads int
}

const (
	defaultDatabase   = "daybook"
	defaultMaxMemory  = 4 << 30
	defaultMaxThreads = 8
)

// EndpointOptions say who may ask an Endpoint and what it shows.
type EndpointOptions struct {
	Token  string   // the password of every user
	Views  []string // of the Warehouse's database; nothing else can be seen
	Limits Limits
}

// Limits hold for every statement, whatever its client asks for. Zero is a default.
type Limits struct {
	Time           time.Duration // 30 seconds, waiting for others included
	Rows           int64         // of a result: 5,000,000
	ResultBytes    int64         // of a result: 256 MiB
	Memory         int64         // 1 GiB
	Queries        int           // side by side: 4
	StatementBytes int           // 256 KiB
}
