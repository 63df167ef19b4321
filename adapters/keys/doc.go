// Package keys keeps what makes a customer's data readable and a customer findable, in files
// that truly lose it when the customer is erased.
//
//	keys/master.key        32 random bytes in hex, or wherever the configuration says
//	keys/people-0 … f      one line a person: id, data key, look-up values
//	keys/shredder.cursor   how far erasures were read off the journal
//	keys/lock              held while any of it is read or written
//
// A data key is wrapped by AES-256-GCM under a key derived from the master key (HKDF, RFC 5869)
// and bound to the person's id. A look-up value is the first 128 bits of an HMAC-SHA-256 under
// another key derived from it: without the master key nobody can try out telephone numbers.
// Files and folder are for their owner alone, and a master key that others can read is refused.
//
// A file is replaced whole: written beside, synced, renamed, the folder synced. When something
// was taken out, the old file is then overwritten with zeros and synced before it is let go, so
// that its blocks hold nothing either, on file systems that write in place. What a crash leaves
// beside is overwritten and removed by whoever comes next. What snapshots, copy-on-write file
// systems and worn flash cells keep is out of a program's reach; there the master key belongs on
// another device, and the wrapped keys are worth nothing without it.
//
// # Backups
//
// A backup of the journal holds no key: it verifies, and every total and purchase line can be
// made from it again; whose they were, and what anybody is called, cannot be read. The keys are
// backed up apart from it, as a copy of the whole folder made while no command runs, kept no
// longer than the law lets an erasure wait. A copy that is put back brings its cursor with it:
// the next command reads all erasures behind that and carries them out again, so that nobody who
// was erased comes back. Whoever was registered since the copy was made has to be again.
//
// What it assumes: all processes that use a journal use one folder of keys; about a million
// people, whose lines are held in memory, by those who use them, at some 150 bytes each.
package keys
