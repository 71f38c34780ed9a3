package keys

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"io"
)

// MAC vouches for the facts of a row: whoever writes it without the secrets file cannot make one. purpose says which
// table's row it is. Equal facts have equal MACs, so it may also be what a row is found by. It outlives a rotation.
func (r *Keyring) MAC(purpose string, facts ...string) []byte { return mac(r.Vault(), purpose, facts) }

// Vouched tells whether MAC has made sum of these facts for this purpose.
func (r *Keyring) Vouched(sum []byte, purpose string, facts ...string) bool {
	for _, key := range r.vault() {
		if hmac.Equal(sum, mac(key, purpose, facts)) {
			return true
		}
	}
	return false
}

func mac(key Key, purpose string, facts []string) []byte {
	sum := hmac.New(sha256.New, key.Derive("mac "+purpose, 32))
	var length [8]byte
	for _, fact := range facts { // no two lists of facts read the same
		binary.BigEndian.PutUint64(length[:], uint64(len(fact)))
		sum.Write(length[:])
		io.WriteString(sum, fact)
	}
	return sum.Sum(nil)
}
