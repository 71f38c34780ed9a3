package document

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"kindward/internal/contract"
)

// attached is a PDF of the program that prints our contracts, with files in it.
func attached(t *testing.T, all ...fpdf.Attachment) []byte {
	t.Helper()
	p := fpdf.New("P", "pt", "Letter", "")
	p.AddPage()
	p.SetAttachments(all)
	var out bytes.Buffer
	if err := p.Output(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestA28OurOwnContractIsTakenAndNoOtherFileInAPDF(t *testing.T) {
	proof := []byte(`{"end":true}` + "\n")
	signed := contract.Document{Number: "1", Text: "# Agreement\n", Hash: contract.Hash("# Agreement\n"),
		At: time.Unix(1_800_000_000, 0).UTC(), Signatures: []contract.Line{{Name: "Maya Okafor", Leaf: -1}}}
	plain, err := signed.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	signed.Extract = proof
	sealed, err := signed.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"not sealed": plain, "sealed": sealed, "another's": attached(t)} {
		if f, err := Read("contract.pdf", content); err != nil || f.Pages != 1 {
			t.Errorf("%s: %d pages, %v", name, f.Pages, err)
		}
	}
	own := fpdf.Attachment{Content: proof, Filename: "audit.jsonl"}
	more := func(content []byte, object string) []byte {
		return bytes.Replace(content, []byte("\nxref\n"), []byte("\n"+object+"\nxref\n"), 1)
	}
	in := func(object string) string {
		return "99 0 obj\n<< /Length 9 >>\nstream\n" + object + "\nendstream\nendobj"
	}
	const another = "7 0 obj\n<< /Type /Filespec /F (run.exe) /EF << /F 8 0 R >> >>\nendobj"
	for name, content := range map[string][]byte{
		"another name":           attached(t, fpdf.Attachment{Content: proof, Filename: "audit.exe"}),
		"a longer name":          attached(t, fpdf.Attachment{Content: proof, Filename: "audit.jsonl.exe"}),
		"a second one":           attached(t, own, fpdf.Attachment{Content: proof, Filename: "run.exe"}),
		"twice":                  attached(t, own, own),
		"beside it":              more(sealed, another),
		"beside it, in a stream": more(sealed, in(another)),
		"beside it, in a string": more(sealed, "99 0 obj\n("+another+")\nendobj"),
		"beside it, by numbers":  more(sealed, "7 0 obj\n<< /#45F << /F 8 0 R >> >>\nendobj"),
		"beside it, packed": more(sealed, "99 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode >>\nstream\n"+
			deflated(another)+"\nendstream\nendobj"),
		"without the tree":     more(plain, another),
		"as a note on a page":  more(plain, "7 0 obj\n<< /Type /Annot /Subtype /FileAttachment /FS 8 0 R >>\nendobj"),
		"a tree with children": more(plain, "7 0 obj\n<< /EmbeddedFiles << /Names [ ] /Kids [ 8 0 R ] >> >>\nendobj"),
		"another tree":         more(sealed, "7 0 obj\n<< /EmbeddedFiles << /Names [ (Attachement1) 8 0 R ] >> >>\nendobj"),
		"a tree elsewhere":     more(plain, "7 0 obj\n<< /EmbeddedFiles 8 0 R >>\nendobj"),
	} {
		_, err := Read("contract.pdf", content)
		if _, ok := errors.AsType[*RefusedError](err); !ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
