package keys

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
)

// What a key is for.
const (
	Sign = "sign" // tickets, scopes, cookies: rotated
	Seal = "seal" // what is kept for long, and the audit's signature: never dropped
)

// Known is a key as a database remembers it: by a fingerprint that tells nothing of it.
type Known struct {
	ID, Purpose string
	Fingerprint []byte
	Retired     bool // no longer needed
}

// ErrNewer means that the secrets are ahead of the database, as after its restore or a rotation that was cut off.
// Migrating brings it up.
var ErrNewer = errors.New("the secrets file has a newer key than the database knows, as after a restore of the database: run kindward migrate")

// Known lists the ring's keys as a database remembers them, the signing one first.
func (r *Keyring) Known() (all []Known) {
	for _, k := range r.All() {
		all = append(all, k.known(Sign))
	}
	for _, k := range r.vault() {
		all = append(all, k.known(Seal))
	}
	return all
}

func (k Key) known(purpose string) Known {
	return Known{ID: k.ID, Purpose: purpose, Fingerprint: k.Derive("fingerprint "+purpose, 16)}
}

// Check refuses a ring that is not the one of a database which remembers these keys, the newest first. Its error is one
// line that says what to do; ErrNewer is mended by migrating. A database that remembers none takes any.
func (r *Keyring) Check(known []Known) error {
	own := r.Known()
	for _, k := range known {
		mine := slices.IndexFunc(own, func(o Known) bool { return o.ID == k.ID && o.Purpose == k.Purpose })
		switch {
		case mine >= 0 && subtle.ConstantTimeCompare(own[mine].Fingerprint, k.Fingerprint) == 0:
			return fmt.Errorf("%s has another secret for key %s than this database was used with: put the right file back",
				r.path, k.ID)
		case mine < 0 && k.Purpose == Seal && !k.Retired:
			return r.lost(k.ID)
		}
	}
	return r.checkSigning(own[0], known)
}

// lost is the refusal of a ring without a key that rows are sealed with.
func (r *Keyring) lost(id string) error {
	what := r.path + " has not the key " + id + " with which this database was sealed: it is another deployment's, or an older one"
	if r.fresh {
		what = r.path + " is missing, and this database was sealed with its key " + id
	}
	return fmt.Errorf("%s. Put it back from its copy; if there is none, kindward keys abandon %s tells what going on without it costs",
		what, id)
}

// checkSigning compares the key that signs with the newest that the database knows.
func (r *Keyring) checkSigning(current Known, known []Known) error {
	newest := slices.IndexFunc(known, func(k Known) bool { return k.Purpose == Sign && !k.Retired })
	seen := slices.ContainsFunc(known, func(k Known) bool { return k.Purpose == Sign && k.ID == current.ID })
	switch {
	case newest < 0 || known[newest].ID == current.ID:
		return nil
	case seen:
		return fmt.Errorf("%s is older than the database, which signs with key %s since: put the newest copy of it back",
			r.path, known[newest].ID)
	}
	return ErrNewer
}

// replaceable refuses a file that cannot follow the one in use: no key that seals is ever dropped, and no key gets
// another secret. So another deployment's file is not taken up by a process that runs; whether a file is the
// database's, Check tells when a process starts.
func (r *Keyring) replaceable(next content) error {
	for _, k := range r.content.Vault {
		if !slices.ContainsFunc(next.Vault, func(n Key) bool { return n.ID == k.ID && sameSecret(n, k) }) {
			return fmt.Errorf("%s has not the key %s that is in use: it is another deployment's, or an older one; "+
				"put the right file back", r.path, k.ID)
		}
	}
	for _, k := range r.content.Keys {
		if slices.ContainsFunc(next.Keys, func(n Key) bool { return n.ID == k.ID && !sameSecret(n, k) }) {
			return fmt.Errorf("%s has another secret for key %s than the one in use: put the right file back", r.path, k.ID)
		}
	}
	return nil
}

func sameSecret(a, b Key) bool { return subtle.ConstantTimeCompare(a.Secret, b.Secret) == 1 }

// exposed tells whether others than a file's owner may read or write it. Windows keeps that elsewhere.
func exposed(mode fs.FileMode) bool { return runtime.GOOS != "windows" && mode.Perm()&0o077 != 0 }
