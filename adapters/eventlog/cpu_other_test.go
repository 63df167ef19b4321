//go:build !unix

package eventlog

import "time"

// cpuTime is not known here.
func cpuTime() time.Duration { return 0 }
