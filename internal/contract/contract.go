// Package contract has the agreement between an organization and Kindward: its text in versions, filled in for one
// organization, and the hash by which the exact text is told from any other.
package contract

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// Latest is the version that is signed from now on. A version that was signed is never changed.
const Latest = 1

// ErrNoText means that there is no such version, or that a text of it cannot be made.
var ErrNoText = errors.New("contract: there is no such text")

//go:embed texts
var files embed.FS

// Texts are the versions of the agreement with their gaps: {organization}, {kind} and {state}.
type Texts struct{ Files fs.FS }

// Published are those of the program.
func Published() Texts { return Texts{files} }

// toCome are texts beside those of the program, by version.
var toCome sync.Map

// AddToCome puts a text beside those of the program until it is taken back, for tests of texts that are still to come.
func AddToCome(version int, text string) (takeBack func()) {
	toCome.Store(version, text)
	return func() { toCome.Delete(version) }
}

func (t Texts) read(version int) (string, error) {
	if text, there := toCome.Load(version); there {
		return text.(string), nil
	}
	raw, err := fs.ReadFile(t.Files, fmt.Sprintf("texts/%d.md", version))
	return string(raw), err
}

// Party is the organization that an agreement is made with.
type Party struct{ Organization, Kind, State string }

var (
	kinds  = map[string]string{"clinic": "a clinic", "home_care": "a home-care agency", "laboratory": "a laboratory"}
	states = map[string]string{"CT": "Connecticut", "MA": "Massachusetts", "RI": "Rhode Island"}
)

// Fill is the exact text of a version for somebody: what they sign, to the byte.
func (t Texts) Fill(version int, with Party) (string, error) {
	raw, err := t.read(version)
	kind, state := kinds[with.Kind], states[with.State]
	if err != nil || kind == "" || state == "" {
		return "", fmt.Errorf("%w: version %d, %s in %s", ErrNoText, version, with.Kind, with.State)
	}
	name := strings.Join(strings.Fields(with.Organization), " ") // in the middle of a line
	return strings.NewReplacer("{organization}", name, "{kind}", kind, "{state}", state).Replace(raw), nil
}

// Hash is the SHA-256 of a text, hexadecimal.
func Hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// Block is a paragraph of a text, or a heading of a level from 1 on.
type Block struct {
	Level int // 0: a paragraph
	Text  string
}

// Blocks are the paragraphs and headings of a text.
func Blocks(text string) (all []Block) {
	for part := range strings.SplitSeq(text, "\n\n") {
		part = strings.TrimSpace(part)
		words := strings.TrimLeft(part, "#")
		if level := len(part) - len(words); level > 0 {
			all = append(all, Block{level, strings.TrimSpace(words)})
		} else if part != "" {
			all = append(all, Block{0, strings.Join(strings.Fields(part), " ")})
		}
	}
	return all
}
