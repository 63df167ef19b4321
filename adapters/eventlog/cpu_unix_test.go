//go:build unix

package eventlog

import (
	"syscall"
	"time"
)

// cpuTime is what this process has used so far. On a busy machine it says more about
// the cost of an event than the time by the clock.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
