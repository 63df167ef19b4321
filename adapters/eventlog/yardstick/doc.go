// Package yardstick measures journals beside the bare storage engine.
//
// It is no part of keeping a journal. It is a package, rather than test code, because the
// program measures too (daybook bench journal): what a journal does on a desk says little
// about the disk it will live on, and a rate means something only beside what the same
// disk and the same engine do in the same run with nothing around them.
//
// # What it promises
//
// Bare does what the log does to the disk and nothing else: one goroutine takes the events
// that wait, writes them as one batch with one sync, and answers them together. It uses the
// engine's settings of the log.
//
// # What it assumes
//
// That the events are what a retailer's are: about 600 bytes of JSON that compress well.
package yardstick
