// Package keys keeps the secrets of one deployment in one file and derives a key for each purpose from them.
package keys

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Key is one secret; ID names it wherever something signed or encrypted with it is kept.
type Key struct {
	ID     string `json:"id"`
	Secret []byte `json:"secret"` // 32 bytes

	derived *sync.Map // purpose and secret -> bytes; every request derives the same few
}

// Derive gives n bytes for one purpose, not to be changed; the same purpose always gives the same bytes.
func (k Key) Derive(purpose string, n int) []byte {
	if k.derived != nil {
		if out, ok := k.derived.Load(purpose + string(k.Secret)); ok && len(out.([]byte)) == n {
			return out.([]byte)
		}
	}
	out, err := hkdf.Key(sha256.New, k.Secret, nil, "kindward "+purpose, n)
	if err != nil {
		panic(err) // only for absurd lengths, a mistake of the program
	}
	if k.derived != nil {
		k.derived.Store(purpose+string(k.Secret), out)
	}
	return out
}

type content struct {
	Keys      []Key             `json:"keys"`  // the first signs; all verify
	Vault     []Key             `json:"vault"` // the first seals; all open, and none is ever dropped
	Passwords map[string]string `json:"passwords"`
}

// Keyring is the deployment's secrets, read again when the file changes, so that a rotation reaches running processes.
type Keyring struct {
	Log *slog.Logger // nil = slog.Default; set it before others use the ring

	path    string
	mu      sync.Mutex
	content content
	read    time.Time // of the file's last change that was read
	looked  time.Time
	failure error // why the file was not taken up when it was last looked at
	warned  bool  // that others may read the file
	fresh   bool  // no file has these secrets yet
	added   bool  // a password that the file does not name follows from what it has
}

// Open reads the file at path, or makes it with fresh secrets if it does not exist.
func Open(path string) (*Keyring, error) {
	r, err := Prepare(path)
	if err != nil || !r.fresh {
		return r, err
	}
	return r, r.Keep()
}

// ErrMissing means that there is no secrets file.
var ErrMissing = errors.New("there is no secrets file")

// Read reads the file at path and makes none: ErrMissing.
func Read(path string) (*Keyring, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s: put it back from its copy; where nothing was ever kept, kindward migrate makes it",
			ErrMissing, path)
	}
	return Open(path)
}

// Prepare is Open, but what it makes is written by Keep alone: once it is known that no other secrets were lost.
func Prepare(path string) (*Keyring, error) {
	r := &Keyring{path: path}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		r.fresh = true
		r.take(content{Keys: []Key{newKey()}, Vault: []Key{newKey()},
			Passwords: map[string]string{"kindward_app": randomHex(24), "kindward_identity": randomHex(24),
				"kindward_relay": randomHex(24)}})
		return r, nil
	}
	if err := r.reload(); err != nil || len(r.content.Vault) > 0 {
		return r, err
	}
	older := r.content // a file from before there was a vault
	older.Vault = []Key{newKey()}
	r.fresh = true
	r.take(older)
	return r, nil
}

// Keep writes what Prepare has made or added, if there is anything.
func (r *Keyring) Keep() error {
	if !r.fresh && !r.added {
		return nil
	}
	if err := write(r.path, r.content); err != nil {
		return fmt.Errorf("cannot keep secrets: %w", err)
	}
	r.fresh = false
	return r.reload()
}

// Current is the key that signs now.
func (r *Keyring) Current() Key { return r.All()[0] }

// All lists the keys that verify, the signing one first. It looks at the file at most once a second.
func (r *Keyring) All() []Key {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now := time.Now(); !r.fresh && now.Sub(r.looked) > time.Second {
		r.looked = now
		r.look()
	}
	return r.content.Keys
}

// Stale is why the file is not taken up, or nil: it cannot be read, or is another deployment's. The keys stay those
// that were read last: they are good until the second rotation that this process does not see.
func (r *Keyring) Stale() error {
	r.All()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failure
}

// look takes up what has changed. What cannot be, leaves the keys as they are, and is said once.
func (r *Keyring) look() {
	info, err := os.Stat(r.path)
	if err == nil && (r.failure != nil || !info.ModTime().Equal(r.read)) {
		err = r.load()
	}
	log, before := r.Log, r.failure
	if log == nil {
		log = slog.Default()
	}
	if info != nil && !r.warned && exposed(info.Mode()) {
		r.warned = true
		log.Warn("keys: others than its owner may read or write the secrets file, chmod 600 it", "mode", info.Mode().String())
	}
	switch r.failure = err; {
	case err != nil && before == nil:
		log.Error("keys: the secrets file is not taken up, the keys from before stay in use", "error", err)
	case err == nil && before != nil:
		log.Info("keys: the secrets file is taken up again")
	}
}

// Find gives the key with this id.
func (r *Keyring) Find(id string) (Key, bool) {
	for _, k := range r.All() {
		if k.ID == id {
			return k, true
		}
	}
	return Key{}, false
}

// Password is the database password of one of Kindward's own roles.
func (r *Keyring) Password(role string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.content.Passwords[role]
}

// Rotate puts a fresh key first and keeps the one before it. prepare is called with the new key before anything is
// signed with it.
func (r *Keyring) Rotate(prepare func(Key) error) error {
	if err := r.reload(); err != nil {
		return err
	}
	fresh := newKey()
	if err := prepare(fresh); err != nil {
		return err
	}
	r.mu.Lock()
	next := content{Keys: []Key{fresh, r.content.Keys[0]}, Vault: r.content.Vault, Passwords: r.content.Passwords}
	r.mu.Unlock()
	if err := write(r.path, next); err != nil {
		return err
	}
	return r.reload()
}

func (r *Keyring) reload() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.load()
}

func (r *Keyring) load() error {
	info, err := os.Stat(r.path)
	if err != nil {
		return err
	}
	raw, err := os.ReadFile(r.path)
	if err != nil {
		return err
	}
	var c content
	if err := json.Unmarshal(raw, &c); err != nil || len(c.Keys) == 0 {
		return fmt.Errorf("%s is not a file of Kindward's secrets", r.path)
	}
	for _, k := range slices.Concat(c.Keys, c.Vault) {
		if len(k.Secret) != 32 || k.ID == "" {
			return fmt.Errorf("%s: key %q must have 32 bytes and an id", r.path, k.ID)
		}
	}
	if err := r.replaceable(c); err != nil {
		return err
	}
	r.take(c)
	r.read = info.ModTime()
	return nil
}

func (r *Keyring) take(c content) {
	for i := range c.Keys {
		c.Keys[i].derived = new(sync.Map)
	}
	for i := range c.Vault {
		c.Vault[i].derived = new(sync.Map)
	}
	r.added = c.addPassword("kindward_identity")
	r.content = c
}

// addPassword names the password of a role that is newer than the file. It follows from a key, so that all copies of
// the file have it, whether or not it is written there.
func (c *content) addPassword(role string) bool {
	if c.Passwords[role] != "" || len(c.Vault) == 0 {
		return false
	}
	passwords := map[string]string{role: hex.EncodeToString(c.Vault[0].Derive("password "+role, 24))}
	maps.Copy(passwords, c.Passwords)
	c.Passwords = passwords
	return true
}

func write(path string, c content) error {
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := writeSynced(path+".new", append(raw, '\n')); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// writeSynced is on the disk when it returns: a power cut must not leave an empty file of secrets under the old one's
// name.
func writeSynced(path string, raw []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(raw)
	return errors.Join(err, f.Sync(), f.Close())
}

func newKey() Key {
	secret := make([]byte, 32)
	rand.Read(secret)
	return Key{ID: "k" + randomHex(4), Secret: secret}
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}
