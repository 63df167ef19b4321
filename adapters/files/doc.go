// Package files opens what people drop into daybook: it unpacks, decodes, cuts into
// records, finds columns by name, reads cells, and collects what is wrong in a form
// that the sender of the file can act on. It is shared by every importer.
//
// It promises: a file is read or refused, never half read; every refusal names file,
// line, column, value and the next step; nothing it hands out or prints carries a full
// card number; memory is bounded by the size of the document, and the document by
// MaxUnpacked; no input makes it panic.
//
// It assumes that a file fits in memory, and that a text is UTF-8, UTF-16 with a byte
// order mark, a Latin code page where XML or SWIFT text shows one, or GB18030 (of which
// GBK and GB2312 are parts). Everything here is for use by one goroutine at a time; a
// Document may be read by many.
package files
