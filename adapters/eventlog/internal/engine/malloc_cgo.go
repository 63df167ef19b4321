//go:build cgo && linux

package engine

// #include <malloc.h>
//
// #ifdef __GLIBC__
// __attribute__((constructor)) static void one_arena(void) { mallopt(M_ARENA_MAX, 1); }
// #endif
import "C"

// Where there is a C compiler the engine takes the memory of its caches and tables from C.
// glibc keeps an arena for each thread, and what one thread frees another cannot use: at
// 10 million events two fifths of the resident memory were such holes. With one arena there
// are none, and the allocations are too large and too few to wait for each other. It must be
// said before the first threads have their arenas, that is, before Go begins.
