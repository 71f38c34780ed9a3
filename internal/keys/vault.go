package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"strings"
)

// ErrSealed means that sealed bytes are of another purpose or row, of a key that is gone, or changed.
var ErrSealed = errors.New("sealed bytes cannot be opened")

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

// Open decrypts what Seal made, with the same purpose and context: otherwise ErrSealed.
func (r *Keyring) Open(purpose string, sealed, context []byte) ([]byte, error) {
	id, rest, found := strings.Cut(string(sealed), ".")
	if !found {
		return nil, ErrSealed
	}
	for _, key := range r.vault() {
		box := sealer(key, purpose)
		if key.ID != id || len(rest) < box.NonceSize() {
			continue
		}
		plain, err := box.Open(nil, []byte(rest[:box.NonceSize()]), []byte(rest[box.NonceSize():]), context)
		if err != nil {
			return nil, ErrSealed
		}
		return plain, nil
	}
	return nil, ErrSealed
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
