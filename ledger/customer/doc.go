// Package customer keeps who a retailer's customers are, what they have agreed to and what
// they were offered, in a journal that never forgets, so that a person can be forgotten.
//
//	till: M00042 ──▶ Book.Identify ──▶ sale-recorded {customer: C7K…}
//	                      │
//	              Vault: the person's data key, keyed look-up values ──▶ erased with the person
//	                      │
//	clerk: register ─▶ Book ──▶ customer-described {sealed: …} ──▶ followers
//
// What it promises:
//
//   - The journal holds of a person a customer id, ciphertext, and words out of short lists.
//     A customer id says nothing: it is made from the number of the first action that named
//     the customer, or drawn at random. There is no free text and no digest over personal data.
//   - What a till calls a customer (a member number, a telephone number) becomes a customer id
//     before it is recorded, and the same one every time, whether the person is registered
//     before or after.
//   - The ciphertext is AES-256-GCM (NIST SP 800-38D) under a random key of the person's own,
//     bound to the customer id and padded, so that its length tells little.
//   - Erasing is an event; what follows it destroys the person's key and look-up values. The
//     journal's bytes, and every proof over them, stay as they were. An erasure that was cut
//     off is finished by the next command, and one that a restored copy of the keys does not
//     know of is carried out again.
//   - Nobody is offered anything without consent to marketing, nor while restricted. Who is
//     held out is decided by the campaign and the customer id alone.
//
// What it assumes: one Vault for one journal, and that whoever may decide about customers was
// checked before.
package customer
