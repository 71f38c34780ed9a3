package document

import (
	"bytes"
	"regexp"
)

// filesTree is where a PDF names the files that it has in it, written by a program that always does: none, or one.
var filesTree = regexp.MustCompile(`/EmbeddedFiles\s*<<\s*/Names\s*\[\s*(\(Attachement1\)\s*\d+ 0 R\s*)?\]\s*>>`)

// embedding is the name behind which a file is, wherever it stands.
var embedding = regexp.MustCompile(`/EF[\x00\t\n\f\r <%]`)

// What our own contracts have in them beside their pages: the proof of their signatures, lines of JSON in a file that
// no machine runs, by its name. Exactly so and once: another file that looks like it has another name or place.
var (
	ownFile = []byte("<< /Type /Filespec /F () /UF (\xfe\xff\x00a\x00u\x00d\x00i\x00t\x00.\x00j\x00s\x00o\x00n\x00l)" +
		" /EF << /F ")
	ownContent = []byte("<< /Type /EmbeddedFile /Length ")
)

// withoutOwn is a PDF as it is judged: without names that say that there is no other file in it, or only the one of our
// contracts. Where that is in it nothing else may be that could be another, wherever it hides.
func withoutOwn(content []byte) (judged []byte, err error) {
	trees := filesTree.FindAll(content, -1)
	judged = filesTree.ReplaceAll(content, []byte(" "))
	if len(trees) != 1 || bytes.Count(content, ownFile) != 1 || bytes.Count(content, ownContent) != 1 {
		return judged, nil
	}
	judged = bytes.Replace(bytes.Replace(judged, ownFile, []byte("<< "), 1), ownContent, []byte("<< "), 1)
	if names := unescaped(judged); embedding.Match(names) || has(names, packed...) {
		return nil, tooActive
	}
	return judged, nil
}
