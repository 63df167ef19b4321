package yardstick

import (
	"math/bits"
	"time"
)

// Latency counts durations in classes that are at most 1/32 wide of what they hold, so that
// ten million of them take no more room than ten. The zero value is empty.
type Latency struct {
	counts [64 * perDoubling]uint32
	total  uint64
}

const perDoubling = 32

func (l *Latency) add(d time.Duration) {
	l.counts[class(uint64(max(d, 0)))]++
	l.total++
}

// class numbers the classes: below perDoubling each number is one; beyond, each doubling is
// cut into perDoubling equal parts.
func class(n uint64) int {
	if n < perDoubling {
		return int(n)
	}
	shift := bits.Len64(n) - bits.Len64(perDoubling)
	return shift*perDoubling + int(n>>shift)
}

// upper is the largest number in a class.
func upper(class int) uint64 {
	if class < 2*perDoubling {
		return uint64(class)
	}
	shift := class/perDoubling - 1
	return uint64(class-shift*perDoubling+1)<<shift - 1
}

// Merge adds what another has counted.
func (l *Latency) Merge(other Latency) {
	for i, count := range other.counts {
		l.counts[i] += count
	}
	l.total += other.total
}

// Quantile is a duration that so many in a hundred do not exceed; at most 1/32 too long. Of
// nothing it is 0.
func (l *Latency) Quantile(percent int) time.Duration {
	if l.total == 0 {
		return 0
	}
	rank, seen := l.total*uint64(percent)/100, uint64(0)
	for i, count := range l.counts {
		if seen += uint64(count); seen > min(rank, l.total-1) {
			return time.Duration(upper(i))
		}
	}
	return 0
}
