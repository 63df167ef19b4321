// Package files imports nothing.
package files
