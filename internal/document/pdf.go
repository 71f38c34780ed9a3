package document

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"io"
	"regexp"
)

// How much of a PDF's compressed parts is looked at: a part that unpacks to more, or all of them together, is refused.
const (
	mostUnpacked = 8 << 20
	mostInAll    = 64 << 20
)

var (
	pageObject = regexp.MustCompile(`/Type\s*/Page[^a-zA-Z]`)
	// what acts when the file is opened, or brings another file along
	active = regexp.MustCompile(
		`/(JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE)[^a-zA-Z]`)
	encrypted = regexp.MustCompile(`/Encrypt[^a-zA-Z]`)
	packed    = regexp.MustCompile(`/ObjStm[^a-zA-Z]`)
	escaped   = regexp.MustCompile(`#[0-9a-fA-F]{2}`)
	beginning = regexp.MustCompile(`[^d]stream\r?\n`)
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
	parts, err := unpacked(content)
	if err != nil {
		return nil, 0, err
	}
	pages := 0
	for _, part := range append([][]byte{withoutStreams(content)}, parts...) {
		part = unescaped(part)
		switch {
		case encrypted.Match(part):
			return nil, 0, refused("The PDF is protected by a password. Save it without one")
		case active.Match(part):
			return nil, 0, refused("The PDF has a script, a form or another file in it. Print it to a new PDF")
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

// unpacked are the parts of a PDF in which objects are kept compressed.
func unpacked(content []byte) (parts [][]byte, err error) {
	left := mostInAll
	for _, at := range beginning.FindAllIndex(content, -1) {
		head := content[max(0, at[0]-600):at[0]]
		if obj := bytes.LastIndex(head, []byte(" obj")); obj >= 0 {
			head = head[obj:]
		}
		if !packed.Match(unescaped(head)) {
			continue
		}
		part := content[at[1]:]
		if bytes.Contains(unescaped(head), []byte("/Filter")) {
			if part, err = inflate(part, min(left, mostUnpacked)); err != nil {
				return nil, err
			}
		} else if end := bytes.Index(part, []byte("endstream")); end >= 0 {
			part = part[:end]
		}
		if left -= len(part); left <= 0 {
			return nil, tooPacked
		}
		parts = append(parts, part)
	}
	return parts, nil
}

var tooPacked = refused("The PDF is packed so tightly that we cannot look into it. Print it to a new PDF")

// inflate unpacks what FlateDecode has packed, as far as it goes.
func inflate(part []byte, most int) ([]byte, error) {
	r, err := zlib.NewReader(bytes.NewReader(part))
	if err != nil {
		return nil, tooPacked // packed in a way that hides what it is
	}
	defer r.Close()
	out, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if len(out) > most || err != nil && len(out) == 0 {
		return nil, tooPacked
	}
	return out, nil
}

// withoutStreams is a PDF without what stands in its streams, where letters mean nothing.
func withoutStreams(content []byte) []byte {
	var out []byte
	for {
		at := beginning.FindIndex(content)
		if at == nil {
			return append(out, content...)
		}
		out = append(append(out, content[:at[0]]...), ' ')
		end := bytes.Index(content[at[1]:], []byte("endstream"))
		if end < 0 {
			return out
		}
		content = content[at[1]+end+len("endstream"):]
	}
}

// unescaped writes names out in which letters are given by their numbers, as #4A for J.
func unescaped(part []byte) []byte {
	return escaped.ReplaceAllFunc(part, func(code []byte) []byte {
		letter, err := hex.DecodeString(string(code[1:]))
		if err != nil {
			return code
		}
		return letter
	})
}
