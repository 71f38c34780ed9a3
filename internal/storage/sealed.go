package storage

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"kindward/internal/keys"
)

// Sealed encrypts what it gives to another store, so that whoever has the folder or the bucket reads nothing. Each
// object has a key of its own, which is sealed for the object's key with the vault of the secrets file and stands in
// front of it. The content is encrypted chunk by chunk with AES-256-GCM; the number of a chunk and whether it is the
// last one are its nonce, so none can be left out, moved or put at another object.
type Sealed struct {
	Store
	Keys *keys.Keyring
}

const (
	magic   = "KWO1"
	purpose = "object"
	chunk   = 64 << 10
)

// Put encrypts an object and keeps it.
func (s Sealed) Put(ctx context.Context, key string, content []byte) error {
	secret := make([]byte, 32)
	rand.Read(secret)
	wrapped := s.Keys.Seal(purpose, secret, []byte("object|"+key))
	out := binary.BigEndian.AppendUint16([]byte(magic), uint16(len(wrapped)))
	out = append(out, wrapped...)
	box := cipherOf(secret)
	for n := uint32(0); ; n++ {
		size := min(chunk, len(content))
		last := size == len(content)
		out = box.Seal(out, nonce(n, last), content[:size], nil)
		if content = content[size:]; last {
			return s.Store.Put(ctx, key, out)
		}
	}
}

// Get is an object as it was given: keys.ErrKeyGone without the secrets file that has its key, keys.ErrSealed if it was
// changed or is another's.
func (s Sealed) Get(ctx context.Context, key string) ([]byte, error) {
	raw, err := s.Store.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	rest, found := bytes.CutPrefix(raw, []byte(magic))
	if !found || len(rest) < 2 || len(rest) < 2+int(binary.BigEndian.Uint16(rest)) {
		return nil, fmt.Errorf("storage: %s: %w", key, keys.ErrSealed)
	}
	wrapped := rest[2 : 2+binary.BigEndian.Uint16(rest)]
	secret, err := s.Keys.Open(purpose, wrapped, []byte("object|"+key))
	if err != nil {
		return nil, fmt.Errorf("storage: %s: %w", key, err)
	}
	plain, ok := opened(cipherOf(secret), rest[2+len(wrapped):])
	if !ok {
		return nil, fmt.Errorf("storage: %s: %w", key, keys.ErrSealed)
	}
	return plain, nil
}

func opened(box cipher.AEAD, sealed []byte) (plain []byte, ok bool) {
	plain = make([]byte, 0, len(sealed))
	for n := uint32(0); ; n++ {
		size := min(chunk+box.Overhead(), len(sealed))
		last := size == len(sealed)
		var err error
		if plain, err = box.Open(plain, nonce(n, last), sealed[:size], nil); err != nil {
			return nil, false
		}
		if sealed = sealed[size:]; last {
			return plain, true
		}
	}
}

func nonce(n uint32, last bool) []byte {
	out := binary.BigEndian.AppendUint32(make([]byte, 7, 12), n)
	if last {
		return append(out, 1)
	}
	return append(out, 0)
}

func cipherOf(secret []byte) cipher.AEAD {
	block, err := aes.NewCipher(secret)
	if err != nil {
		panic(err) // the length is right
	}
	box, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return box
}
