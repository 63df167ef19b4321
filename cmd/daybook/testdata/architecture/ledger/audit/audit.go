// Package audit says here what belongs into doc.go.
package audit
