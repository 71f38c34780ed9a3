package document

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
)

// How much of a PDF's compressed parts is looked at: what unpacks to more, by itself or with all others, is refused,
// and so are more of them.
const (
	mostUnpacked = 8 << 20
	mostInAll    = 64 << 20
	mostPacked   = 5000
)

var (
	// What acts when the file is opened, or brings another file along. A reader finds an object by its place in the file,
	// so it may stand anywhere, in a comment or a stream too. These names are too long to be there by chance.
	active = []string{"JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "Rendition", "XFA",
		"SubmitForm", "ImportData", "GoToE", "FileAttachment"}
	// The same, too short to look for where letters mean nothing.
	activeWords = []string{"JS", "EF"}
	// A stream with one of these names before it has objects in it, whatever its type is said to be.
	packed = []string{"ObjStm", "First"}

	pageObject = regexp.MustCompile(`/Type\s*/Page[^a-zA-Z]`)
	filtered   = regexp.MustCompile(`/(Filter|DecodeParms|DP)[^a-zA-Z]`)
	flate      = regexp.MustCompile(`/Filter\s*(/FlateDecode\b|\[\s*/FlateDecode\s*\])`)
)

// checkPDF takes a PDF as it is, if all of it is one, nothing in it acts, and its pages can be counted.
func checkPDF(content []byte) ([]byte, int, error) {
	end := bytes.LastIndex(content, []byte("%%EOF"))
	switch {
	case !bytes.HasPrefix(content, []byte("%PDF-")) || end < 0:
		return nil, 0, refused("The PDF cannot be read to its end. Save it again")
	case len(bytes.TrimSpace(bytes.Trim(content[end+len("%%EOF"):], "\x00"))) > 0:
		return nil, 0, refused("Something else stands behind the PDF. Save it again as a PDF")
	}
	judged, err := withoutOwn(content)
	if err != nil {
		return nil, 0, err
	}
	switch names := unescaped(judged); {
	case has(names, "Encrypt"):
		return nil, 0, refused("The PDF is protected by a password. Save it without one")
	case has(names, active...):
		return nil, 0, tooActive
	}
	parts, err := unpacked(judged)
	if err != nil {
		return nil, 0, err
	}
	pages := 0
	for _, part := range append([][]byte{withoutStreams(judged)}, parts...) {
		if part = unescaped(part); has(part, active...) || has(part, activeWords...) {
			return nil, 0, tooActive
		}
		pages += len(pageObject.FindAll(part, -1))
	}
	switch {
	case pages == 0:
		return nil, 0, refused("The PDF has no page. Save it again")
	case pages > MaxPages:
		return nil, 0, refused("The PDF has more than 200 pages. Send the ones that are asked for")
	}
	return content, pages, nil
}

var (
	tooActive = refused("The PDF has a script, a form or another file in it. Print it to a new PDF")
	tooPacked = refused("The PDF is packed so tightly that we cannot look into it. Print it to a new PDF")
)

// unpacked are the parts of a PDF in which objects are kept compressed. What could be read in two ways is refused.
func unpacked(content []byte) (parts [][]byte, err error) {
	left, steps := mostInAll, 10*len(content)
	for rest := content; ; {
		at := bytes.Index(rest, []byte("obj"))
		if at < 0 {
			return parts, nil
		}
		within := at > 0 && letter(rest[at-1]) // endobj
		if rest = rest[at+len("obj"):]; within {
			continue
		}
		begins, length := streamOf(rest)
		if steps -= length; steps < 0 || len(parts) == mostPacked {
			return nil, tooPacked // objects within objects, or too many
		}
		if begins < 0 {
			continue
		}
		head, part := unescaped(rest[:begins]), rest[length:]
		if !has(head, packed...) {
			continue
		}
		if part, err = plainObjects(head, part, min(left, mostUnpacked)); err != nil {
			return nil, err
		}
		if left -= len(part); left <= 0 {
			return nil, tooPacked
		}
		parts = append(parts, part)
	}
}

// plainObjects are the objects in a stream, which is plain or has been packed once, in the usual way.
func plainObjects(head, part []byte, most int) ([]byte, error) {
	part, lf := bytes.CutPrefix(bytes.TrimPrefix(part, []byte("\r")), []byte("\n"))
	switch n := len(filtered.FindAll(head, -1)); {
	case !lf:
		return nil, tooPacked // readers do not agree where it begins
	case n == 0:
		part, _, _ = bytes.Cut(part, []byte("endstream"))
		return part, nil
	case n > 1 || !flate.Match(head):
		return nil, tooPacked
	}
	return inflate(part, most)
}

// inflate unpacks what FlateDecode has packed. What it cannot read to its end another reader may.
func inflate(part []byte, most int) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(part))
	if err != nil {
		return nil, tooPacked
	}
	defer r.Close()
	out, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if len(out) > most || err != nil && !errors.Is(err, zlib.ErrChecksum) {
		return nil, tooPacked
	}
	return out, nil
}

// streamOf goes through an object from its beginning: where its stream is announced, or -1, and how far it went.
func streamOf(b []byte) (begins, length int) {
	for i := 0; i < len(b); {
		switch c := b[i]; {
		case c == '%':
			i = behind(b, i, "\r\n")
		case c == '(':
			i = behindString(b, i)
		case c == '<' && i+1 < len(b) && b[i+1] == '<':
			i += 2
		case c == '<':
			i = behind(b, i, ">")
		case c == '/' || c >= '0' && c <= '9' || c == '+' || c == '-' || c == '.':
			i = behindWord(b, i+1)
		case !regular(c):
			i++
		default:
			word := b[i:behindWord(b, i)]
			if bytes.HasPrefix(word, []byte("stream")) {
				return i, i + len("stream")
			}
			if i += len(word); !slices.Contains([]string{"R", "true", "false", "null"}, string(word)) {
				return -1, i
			}
		}
	}
	return -1, len(b)
}

func behind(b []byte, i int, any string) int {
	n := bytes.IndexAny(b[i:], any)
	if n < 0 {
		return len(b)
	}
	return i + n + 1
}

// behindString is where a string in round brackets ends, which may have others in it.
func behindString(b []byte, i int) int {
	for depth := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(b)
}

func behindWord(b []byte, i int) int {
	for i < len(b) && regular(b[i]) {
		i++
	}
	return i
}

// regular are the bytes of which names, numbers and words consist.
func regular(c byte) bool { return c > ' ' && strings.IndexByte("()<>[]{}/%", c) < 0 }

// withoutStreams is a PDF without what stands in its streams, where letters mean nothing.
func withoutStreams(content []byte) []byte {
	var out []byte
	for {
		at := bytes.Index(content, []byte("stream"))
		if at < 0 {
			return append(out, content...)
		}
		at += len("stream")
		out, content = append(append(out, content[:at]...), ' '), content[at:]
		if bytes.HasSuffix(out, []byte("endstream ")) || len(content) > 0 && content[0] != '\r' && content[0] != '\n' {
			continue
		}
		end := bytes.Index(content, []byte("endstream"))
		if end < 0 {
			return out
		}
		content = content[end:]
	}
}

// has tells whether one of some names is there.
func has(part []byte, names ...string) bool {
	for {
		at := bytes.IndexByte(part, '/')
		if at < 0 {
			return false
		}
		part = part[at+1:]
		for _, name := range names {
			if bytes.HasPrefix(part, []byte(name)) && len(part) > len(name) && !letter(part[len(name)]) {
				return true
			}
		}
	}
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// unescaped writes names out in which letters are given by their numbers, as #4A for J.
func unescaped(part []byte) []byte {
	if bytes.IndexByte(part, '#') < 0 {
		return part
	}
	out := make([]byte, 0, len(part))
	for i := 0; i < len(part); i++ {
		var letter [1]byte
		if part[i] == '#' && i+2 < len(part) {
			if _, err := hex.Decode(letter[:], part[i+1:i+3]); err == nil {
				out = append(out, letter[0])
				i += 2
				continue
			}
		}
		out = append(out, part[i])
	}
	return out
}
