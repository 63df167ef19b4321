package customer

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"fmt"

	"daybook/ledger"
)

// Vault keeps what goes when a person goes: a data key of their own, and the values by which
// they are found. It is no part of the journal, and of no backup of the journal.
type Vault interface {
	// Find returns whom each look-up value stands for; an empty ID where that is nobody.
	Find(lookups ...Lookup) ([]ID, error)
	// Hold keeps people, on disk when it returns: each gets a random data key unless there is
	// one, and is found by the look-ups given, in place of the earlier ones when Whole. A
	// look-up value that stands for somebody else is a ledger.Refusal.
	Hold(people ...Person) error
	// Key is the data key of a person; ledger.ErrNotFound when there is none, or no more.
	Key(id ID) ([]byte, error)
	// Erase destroys keys and look-up values. When it returns, no file of the vault holds a
	// byte of them. People who are not there are passed over.
	Erase(ids ...ID) error
}

// Person is whom a Vault holds.
type Person struct {
	ID      ID
	Lookups []Lookup
	Whole   bool // the look-ups are all there are
}

// seal encrypts for one person. What was sealed for one customer cannot be passed off as
// another's.
func seal(key []byte, id ID, plain []byte) (Sealed, error) {
	gcm, err := gcmOf(key)
	if err != nil {
		return "", err
	}
	return Sealed(base64.StdEncoding.EncodeToString(gcm.Seal(nil, nil, plain, []byte("profile of "+id)))), nil
}

// open decrypts what seal made.
func open(key []byte, id ID, sealed Sealed) ([]byte, error) {
	gcm, err := gcmOf(key)
	if err != nil {
		return nil, err
	}
	data, err := base64.StdEncoding.DecodeString(string(sealed))
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nil, data, []byte("profile of "+id))
	if err != nil {
		return nil, fmt.Errorf("the personal data of %s cannot be decrypted with its key: %w", id, ledger.ErrCorrupt)
	}
	return plain, nil
}

// gcmOf draws a nonce of 96 bits at random for each message, which is safe for four billion
// messages under one key (SP 800-38D §8.3); a person's profile is not changed that often.
func gcmOf(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
