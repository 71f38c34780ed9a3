// Package document takes files that people upload: what they really are, what of them is kept, what a virus scanner
// says, and where they lie.
package document

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/gabriel-vasile/mimetype"
	"github.com/google/uuid"

	"kindward/internal/textutil"
)

// What a file may have.
const (
	MaxSize   = 25 << 20   // bytes
	MaxPixels = 24_000_000 // of a picture
	MaxPages  = 200        // of a PDF
	longName  = 120        // characters
)

// File is one that may be kept. Pictures are drawn anew: they have no place, camera or hidden part any more.
type File struct {
	ID      uuid.UUID // of the upload as which it arrived, if it did
	Name    string
	Type    string // application/pdf, image/png or image/jpeg
	Content []byte
	Pages   int // of a PDF
}

// Hash is the file's SHA-256.
func (f File) Hash() string {
	sum := sha256.Sum256(f.Content)
	return hex.EncodeToString(sum[:])
}

// RefusedError says why a file is not taken, as whoever sent it reads it.
type RefusedError struct{ Words string }

func (e *RefusedError) Error() string { return "document: " + e.Words }

func refused(words string) error { return &RefusedError{words} }

// kinds are what is taken, with the endings of their names.
var kinds = []struct {
	mime    string
	endings []string
	clean   func([]byte) (content []byte, pages int, err error)
}{
	{"application/pdf", []string{".pdf"}, checkPDF},
	{"image/png", []string{".png"}, redrawPNG},
	{"image/jpeg", []string{".jpg", ".jpeg"}, redrawJPEG},
}

const (
	wanted       = "Choose a PDF, PNG or JPEG file"
	notTaken     = "This kind of file is not taken. " + wanted
	secondEnding = "The name of the file has a second ending of a program. Give it another name"
)

// Read takes a file as it was sent: what it is has to agree with what its name says.
func Read(name string, content []byte) (f File, err error) {
	f.Name = plainName(name)
	if err := checkSize(int64(len(content))); err != nil {
		return f, err
	}
	ending := strings.ToLower(filepath.Ext(f.Name))
	if runs(f.Name) {
		return f, refused(secondEnding)
	}
	is := mimetype.Detect(content)
	for _, k := range kinds {
		if !is.Is(k.mime) {
			continue
		}
		for _, e := range k.endings {
			if e == ending {
				f.Type = k.mime
				f.Content, f.Pages, err = k.clean(content)
				return f, err
			}
		}
		return f, refused("The file is not what its name says. " + wanted)
	}
	return f, refused(notTaken)
}

func checkSize(size int64) error {
	switch {
	case size <= 0:
		return refused("The file is empty. Choose another one")
	case size > MaxSize:
		return refused("The file has more than 25 MB. Choose a smaller one")
	}
	return nil
}

// checkBefore is what can be said of a file before it is there.
func checkBefore(name string, size int64) error {
	if err := checkSize(size); err != nil {
		return err
	}
	if runs(name) {
		return refused(secondEnding)
	}
	ending := strings.ToLower(filepath.Ext(name))
	for _, k := range kinds {
		if slices.Contains(k.endings, ending) {
			return nil
		}
	}
	return refused(notTaken)
}

// plainName is the last part of a name, of characters that every system has.
func plainName(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf) || strings.ContainsRune(`<>:"|?*;`, r) ||
			r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(name, ""))
	name = strings.TrimSpace(name)
	if ending := filepath.Ext(name); len(name) > longName {
		return textutil.Cut(strings.TrimSuffix(name, ending), longName-len(ending)) + ending
	}
	return name
}

// programs are endings that a system would run.
var programs = []string{"exe", "js", "mjs", "vbs", "bat", "cmd", "com", "scr", "ps1", "msi", "jar", "sh", "hta", "html",
	"htm", "xhtml", "svg", "php", "lnk", "dll", "app", "apk", "docm", "xlsm"}

// runs tells whether another ending in a name is a program's.
func runs(name string) bool {
	parts := strings.Split(strings.ToLower(name), ".")
	for i := 1; i < len(parts)-1; i++ {
		for _, p := range programs {
			if strings.TrimSpace(parts[i]) == p {
				return true
			}
		}
	}
	return false
}

// Size is a number of bytes in words.
func Size(bytes int64) string {
	if bytes >= 1_000_000 {
		return fmt.Sprintf("%.1f MB", float64(bytes)/1e6)
	}
	return fmt.Sprintf("%d kB", max(1, bytes/1000))
}
