package contract

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gomono"
)

// Document is a contract as it is printed: the exact text, who signed it, and what proves that they did.
type Document struct {
	Number     string // of the application
	Text, Hash string
	Changed    bool // the kept text is not the one that was signed
	Signatures []Line
	Checkpoint string // the signed head of the audit's tree; empty: nothing is sealed yet
	Extract    []byte // the events of the signatures with their proofs, for `kindward audit verify --file`
	At         time.Time
}

// Line is one signature as it is printed.
type Line struct {
	Side, Name, Title, When, Proof string
	Event                          string // of the audit; empty: none is found
	Leaf                           int64  // under which it is sealed; -1: not yet
	Sealed                         string // the event's hash
}

// Sizes in points, of US letter paper.
const (
	margin   = 60
	body     = 10
	leading  = 15
	mono     = 8
	grouping = 8 // characters of a hash that stand together
)

// Write prints it: once to count the pages, and with their number.
func (d Document) Write(w io.Writer) error {
	return d.print(d.print(0).PageNo()).Output(w)
}

func (d Document) print(pages int) *page {
	p := &page{Fpdf: fpdf.New("P", "pt", "Letter", "")}
	p.SetCatalogSort(true)
	p.SetCreationDate(d.At)
	p.SetModificationDate(d.At)
	p.SetTitle("Provider agreement "+d.Number, true)
	p.SetLang("en-US")
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, margin)
	p.AddUTF8FontFromBytes("sans", "", regular)
	p.AddUTF8FontFromBytes("sans", "B", bold)
	p.AddUTF8FontFromBytes("gomono", "", gomono.TTF)
	p.SetFooterFunc(func() {
		p.SetY(-margin / 2)
		p.SetFont("sans", "", mono)
		p.MultiCell(0, leading, fmt.Sprintf("Application %s, page %d of %d", d.Number, p.PageNo(), pages), "", "C", false)
	})
	if len(d.Extract) > 0 {
		p.SetAttachments([]fpdf.Attachment{{Content: d.Extract, Filename: "audit.jsonl",
			Description: "The audit's events of the signatures, with their proofs"}})
	}
	p.AddPage()
	p.text(d)
	p.signatures(d)
	return p
}

// Bytes is what Write writes.
func (d Document) Bytes() ([]byte, error) {
	var out bytes.Buffer
	err := d.Write(&out)
	return out.Bytes(), err
}

type page struct {
	*fpdf.Fpdf
	codePoints bool // letters were written as their code points
}

// say writes a paragraph.
func (p *page) say(style string, size float64, text string) {
	text, all := printed(text)
	p.codePoints = p.codePoints || !all
	p.SetFont("sans", style, size)
	p.MultiCell(0, size*1.5, text, "", "L", false)
}

// code writes what is copied or compared.
func (p *page) code(text string) {
	p.SetFont("gomono", "", mono)
	p.MultiCell(0, mono*1.5, text, "", "L", false)
}

func (p *page) text(d Document) {
	if d.Changed {
		p.say("B", body, "Attention: the text that is kept is not the text that was signed. Nothing rests on it.")
		p.Ln(leading)
	}
	for _, b := range Blocks(d.Text) {
		switch b.Level {
		case 0:
			p.say("", body, b.Text)
		case 1:
			p.say("B", 2*body, b.Text)
		default:
			p.Ln(leading / 2)
			p.say("B", 1.2*body, b.Text)
		}
		p.Ln(leading / 3)
	}
}

func (p *page) signatures(d Document) {
	p.Ln(leading)
	p.say("B", 1.2*body, "Signatures")
	p.say("", body, "SHA-256 of the exact text above:")
	p.code(grouped(d.Hash))
	if len(d.Signatures) == 0 {
		p.say("", body, "Nobody has signed it.")
	}
	for _, s := range d.Signatures {
		p.Ln(leading / 2)
		p.say("B", 1.2*body, s.Name)
		p.say("", body, s.Title)
		p.say("", body, s.Side+". Signed "+s.When+". "+s.Proof)
		switch {
		case s.Event == "":
			p.say("", body, "The audit has no event of this signature.")
		case s.Leaf < 0:
			p.say("", body, "Event "+s.Event+" of the audit, not sealed yet.")
		default:
			p.say("", body, fmt.Sprintf("Event %s of the audit, sealed as leaf %d. Its hash:", s.Event, s.Leaf))
			p.code(s.Sealed)
		}
	}
	if p.codePoints {
		p.Ln(leading / 2)
		p.say("", body, "Letters that this file cannot print stand as their code points in Unicode, in square brackets. "+
			"The kept text and signature, which the hashes are of, have them as they were typed.")
	}
	if d.Checkpoint == "" {
		return
	}
	p.Ln(leading)
	p.say("B", 1.2*body, "Proof")
	p.say("", body, "Both events, each with its path to the head of the audit's tree, are attached to this file as "+
		"audit.jsonl. “kindward audit verify --file audit.jsonl” checks them with the public key alone. The head:")
	p.code(d.Checkpoint)
}

// grouped is a hash in groups, so that a line can end between them.
func grouped(hash string) (out string) {
	for i, c := range hash {
		if i > 0 && i%grouping == 0 {
			out += " "
		}
		out += string(c)
	}
	return out
}
