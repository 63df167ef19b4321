//go:build !unix

package yardstick

import "time"

// CPUTime is not known here.
func CPUTime() time.Duration { return 0 }

// PeakMemory is not known here.
func PeakMemory() uint64 { return 0 }

// ForgetPeakMemory does nothing here.
func ForgetPeakMemory() {}
