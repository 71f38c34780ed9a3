package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kindward/internal/keys"
)

// ErrForged means that a checkpoint was not signed with the deployment's key, or says something else than was signed.
var ErrForged = errors.New("the checkpoint is not signed by this deployment")

// Checkpoint is the head of the tree at one size.
type Checkpoint struct {
	Size  int64
	Root  tlog.Hash
	Epoch int // 1 is the first; 0 says the same
}

// text is what is signed: origin, size, root, and the epoch where it is not the first.
func (c Checkpoint) text(origin string) string {
	text := origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
	if c.Epoch > 1 {
		text += epochWord + strconv.Itoa(c.Epoch) + "\n"
	}
	return text
}

// Key signs checkpoints. Origin names the log: it follows from the key, so that a new address changes nothing.
type Key struct {
	Origin string
	Public string // the verifier key of golang.org/x/mod/sumdb/note: origin+hash+key
	signer note.Signer
}

// KeyOf derives the deployment's key. It comes from the secrets that no rotation drops.
func KeyOf(k keys.Key) (Key, error) {
	private := ed25519.NewKeyFromSeed(k.Derive("audit checkpoints", ed25519.SeedSize))
	public := private.Public().(ed25519.PublicKey)
	sum := sha256.Sum256(public)
	origin := "kindward/audit/" + hex.EncodeToString(sum[:6])
	verifier, err := note.NewEd25519VerifierKey(origin, public)
	if err != nil {
		return Key{}, err
	}
	// origin+hash+base64(1 || key) has the hash that goes with the private half too.
	rest := strings.TrimPrefix(verifier, origin+"+")
	hash, _, _ := strings.Cut(rest, "+")
	secret := append([]byte{1}, private.Seed()...)
	signer, err := note.NewSigner("PRIVATE+KEY+" + origin + "+" + hash + "+" + base64.StdEncoding.EncodeToString(secret))
	return Key{Origin: origin, Public: verifier, signer: signer}, err
}

// Sign writes the checkpoint as a signed note (C2SP tlog-checkpoint): origin, size, root, empty line, signature.
func (k Key) Sign(c Checkpoint) (string, error) {
	return k.sign(c.text(k.Origin))
}

func (k Key) sign(text string) (string, error) {
	signed, err := note.Sign(&note.Note{Text: text}, k.signer)
	return string(signed), err
}

// Verifier checks checkpoints with the public key alone.
type Verifier struct {
	verifier note.Verifier
	list     note.Verifiers
}

// NewVerifier reads a public key as `kindward audit key` prints it.
func NewVerifier(public string) (Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return Verifier{}, errors.New("the public key must look like kindward/audit/0123456789ab+01234567+AbCd…")
	}
	return Verifier{v, note.VerifierList(v)}, nil
}

// Open checks the signature and gives what was signed; ErrForged otherwise.
func (v Verifier) Open(text string) (Checkpoint, error) {
	c, _, err := v.open(text)
	return c, err
}

// open gives what was signed and the lines behind it.
func (v Verifier) open(text string) (c Checkpoint, more []string, err error) {
	n, err := note.Open([]byte(text), v.list)
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("%w: %w", ErrForged, err)
	}
	line := strings.Split(n.Text, "\n")
	if len(line) < 4 || line[0] != v.verifier.Name() {
		return Checkpoint{}, nil, fmt.Errorf("%w: another origin or form", ErrForged)
	}
	c.Epoch, more = 1, line[3:]
	if word, ok := strings.CutPrefix(line[3], epochWord); ok {
		if c.Epoch, err = strconv.Atoi(word); err != nil || c.Epoch < 2 {
			return Checkpoint{}, nil, fmt.Errorf("%w: epoch %q", ErrForged, word)
		}
		more = line[4:]
	}
	c.Size, err = strconv.ParseInt(line[1], 10, 64)
	if err != nil || c.Size < 0 || c.Size == 0 && c.Epoch == 1 || strconv.FormatInt(c.Size, 10) != line[1] {
		return Checkpoint{}, nil, fmt.Errorf("%w: size %q", ErrForged, line[1])
	}
	if c.Root, err = tlog.ParseHash(line[2]); err != nil {
		return Checkpoint{}, nil, fmt.Errorf("%w: root %q", ErrForged, line[2])
	}
	return c, more, nil
}
