package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
)

// ErrSealed means that sealed bytes are of another purpose or row, of a key that is gone, or changed.
var ErrSealed = errors.New("sealed bytes cannot be opened")

// ErrKeyGone is the ErrSealed of bytes whose key is not in the secrets file.
var ErrKeyGone = fmt.Errorf("%w: the secrets file has not their key", ErrSealed)

// Vault is the key of what is kept for long: it seals columns and is the root of signatures that outlive a rotation.
// Rotating the ring's other keys leaves it.
func (r *Keyring) Vault() Key {
	all := r.vault()
	return all[0]
}

func (r *Keyring) vault() []Key {
	r.All() // reads the file again when it has changed
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.content.Vault
}

// Seal encrypts with AES-256-GCM. context says which value of which row it is, as table|column|row: put anywhere else
// it does not open.
func (r *Keyring) Seal(purpose string, plain, context []byte) []byte {
	key := r.Vault()
	box := sealer(key, purpose)
	out := append([]byte(key.ID+"."), make([]byte, box.NonceSize())...)
	nonce := out[len(key.ID)+1:]
	rand.Read(nonce)
	return box.Seal(out, nonce, plain, context)
}

// Open decrypts what Seal made, with the same purpose and context: otherwise ErrSealed, and without their key
// ErrKeyGone.
func (r *Keyring) Open(purpose string, sealed, context []byte) ([]byte, error) {
	id, rest, found := strings.Cut(string(sealed), ".")
	if !found {
		return nil, ErrSealed
	}
	for _, key := range r.vault() {
		if key.ID != id {
			continue
		}
		box := sealer(key, purpose)
		if len(rest) < box.NonceSize() {
			return nil, ErrSealed
		}
		plain, err := box.Open(nil, []byte(rest[:box.NonceSize()]), []byte(rest[box.NonceSize():]), context)
		if err != nil {
			return nil, ErrSealed
		}
		return plain, nil
	}
	return nil, ErrKeyGone
}

func sealer(key Key, purpose string) cipher.AEAD {
	block, err := aes.NewCipher(key.Derive("vault "+purpose, 32))
	if err != nil {
		panic(err) // the length is right
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return box
}
