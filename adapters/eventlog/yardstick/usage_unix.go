//go:build unix

package yardstick

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// CPUTime is what this process has used so far. On a busy machine it says more about the
// cost of an event than the time by the clock.
func CPUTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// PeakMemory is the most memory this process has had resident, in bytes, since
// ForgetPeakMemory where that works.
func PeakMemory() uint64 {
	if status, err := os.ReadFile("/proc/self/status"); err == nil { // proc(5)
		if _, after, found := strings.Cut(string(status), "VmHWM:"); found {
			var kilobytes uint64
			if _, err := fmt.Sscan(after, &kilobytes); err == nil {
				return kilobytes << 10
			}
		}
	}
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return uint64(usage.Maxrss)
	}
	return uint64(usage.Maxrss) << 10
}

// ForgetPeakMemory has PeakMemory count from now on. It works on Linux.
func ForgetPeakMemory() {
	os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) // proc_pid_clear_refs(5); elsewhere there is none
}
