package document

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"runtime"
	"strings"
	"testing"
)

// picture is a small one whose left half is red.
func picture(w, h int) image.Image {
	p := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			p.Set(x, y, color.NRGBA{R: map[bool]uint8{true: 255}[x < w/2], B: 90, A: 255})
		}
	}
	return p
}

func pngOf(t testing.TB, p image.Image) []byte {
	var out bytes.Buffer
	if err := png.Encode(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func jpegOf(t testing.TB, p image.Image) []byte {
	var out bytes.Buffer
	if err := jpeg.Encode(&out, p, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// chunked puts a chunk behind the header of a PNG.
func chunked(content []byte, kind, data string) []byte {
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	chunk = append(append(chunk, kind...), data...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE([]byte(kind+data)))
	return append(append(append([]byte{}, content[:33]...), chunk...), content[33:]...)
}

// sized is a PNG whose header says another size.
func sized(content []byte, w, h uint32) []byte {
	out := bytes.Clone(content)
	binary.BigEndian.PutUint32(out[16:], w)
	binary.BigEndian.PutUint32(out[20:], h)
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	return out
}

// held is a JPEG whose EXIF says how its camera was held and where it was.
func held(content []byte, orientation uint16) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08\x00\x02")
	tiff = binary.BigEndian.AppendUint16(tiff, orientationTag)
	tiff = append(tiff, 0, 3, 0, 0, 0, 1)
	tiff = append(binary.BigEndian.AppendUint16(tiff, orientation), 0, 0)
	tiff = append(tiff, 0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	part := append([]byte("Exif\x00\x00"), append(tiff, "GPS 41.8268N 71.4025W"...)...)
	out := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(part)+2))
	return append(append(out, part...), content[2:]...)
}

// pdf is one with further objects.
func pdf(objects ...string) []byte {
	return bytes.Replace(Sample("A page"), []byte("xref\n"), []byte(strings.Join(objects, "\n")+"\nxref\n"), 1)
}

func deflated(s string) string {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = w.Write([]byte(s))
	_ = w.Close()
	return out.String()
}

func zipped(t testing.TB) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	if _, err := w.Create("word/document.xml"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func gifOf(t testing.TB) []byte {
	var out bytes.Buffer
	if err := gif.Encode(&out, picture(8, 8), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const (
	none    = ""
	another = "not what its name says"
	unknown = "This kind of file is not taken"
)

// fortyFiles are those of A28: each with its name and why it is refused, or none.
func fortyFiles(t testing.TB) []struct {
	name    string
	content []byte
	why     string
} {
	small, photo := pngOf(t, picture(40, 20)), jpegOf(t, picture(40, 20))
	html := []byte("<!DOCTYPE html><html><script>alert(1)</script></html>")
	svg := []byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
	exe := append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff"), make([]byte, 400)...)
	object := func(s string) []byte { return pdf("9 0 obj\n<< " + s + " >>\nendobj") }
	packed := func(s string) []byte {
		return pdf("9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n" + deflated(s) + "\nendstream\nendobj")
	}
	return []struct {
		name    string
		content []byte
		why     string
	}{
		{"license.pdf", Sample("A license"), none},
		{"LICENSE.PDF", Sample("A license"), none},
		{"license.png", small, none},
		{"license.jpg", photo, none},
		{"license.jpeg", photo, none},
		{"with place.jpg", held(photo, 6), none},
		{"with text.png", chunked(small, "tEXt", "Comment\x00GPS 41.8268N"), none},
		{"with a page behind.png", append(bytes.Clone(small), html...), none},
		{"with a program behind.jpg", append(bytes.Clone(photo), exe...), none},
		{"packed pages.pdf", packed("1 0 << /Type /Page /Parent 2 0 R >>"), none},
		{"../../etc/passwd.pdf", Sample("x"), none},
		{`C:\temp\w9.pdf`, Sample("x"), none},
		{"empty.pdf", nil, "empty"},
		{"page.pdf", html, unknown},
		{"drawing.pdf", svg, unknown},
		{"drawing.png", svg, unknown},
		{"program.pdf", exe, unknown},
		{"program.exe", exe, unknown},
		{"script.pdf", []byte("#!/bin/sh\nrm -rf /\n"), unknown},
		{"text.pdf", []byte("Just words."), unknown},
		{"archive.pdf", zipped(t), unknown},
		{"moving.png", gifOf(t), unknown},
		{"license.png", photo, another},
		{"license.jpg", small, another},
		{"license.pdf", small, another},
		{"license.png", Sample("x"), another},
		{"license.html", Sample("x"), another},
		{"license", Sample("x"), another},
		{"license.pdf.exe", Sample("x"), another},
		{"license.exe.pdf", Sample("x"), "second ending"},
		{"license.html.png", small, "second ending"},
		{"page and PDF.pdf", append(bytes.Clone(html), Sample("x")...), "cannot be read"},
		{"PDF and page.pdf", append(Sample("x"), html...), "Something else stands behind"},
		{"PDF and archive.pdf", append(Sample("x"), zipped(t)...), "Something else stands behind"},
		{"cut off.pdf", Sample("x")[:300], "cannot be read to its end"},
		{"script.pdf", object("/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "a script"},
		{"hidden script.pdf", object("/S /J#61vaScript"), "a script"},
		{"packed script.pdf", packed("<< /S /JavaScript /JS (1) >>"), "a script"},
		{"with a file.pdf", object("/EmbeddedFiles 3 0 R"), "a script"},
		{"launches.pdf", object("/S /Launch"), "a script"},
		{"locked.pdf", object("/Encrypt 8 0 R"), "password"},
		{"without a page.pdf", []byte("%PDF-1.4\n1 0 obj\n<< >>\nendobj\n%%EOF"), "no page"},
		{"many pages.pdf", pdf(strings.Repeat("7 0 obj\n<< /Type /Page >>\nendobj\n", 200)), "more than 200 pages"},
		{"bomb.pdf", packed(strings.Repeat(" ", mostUnpacked+1)), "packed so tightly"},
		{"bomb.png", sized(small, 10_000, 5_000), "24 million pixels"},
		{"no width.png", sized(small, 0, 5), "cannot be read"},
		{"cut off.png", small[:len(small)-30], "cannot be read"},
		{"cut off.jpg", photo[:len(photo)/2], "cannot be read"},
		{"large.pdf", make([]byte, MaxSize+1), "25 MB"},
	}
}

func TestA28FortyFilesEachEndAsDocumented(t *testing.T) {
	all := fortyFiles(t)
	if len(all) < 40 {
		t.Fatalf("only %d files", len(all))
	}
	for i, c := range all {
		t.Run(fmt.Sprintf("%02d %s", i, strings.ReplaceAll(c.name, "/", "-")), func(t *testing.T) {
			f, err := Read(c.name, c.content)
			if wrong := judged(f, err, c.why); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}

// judged says what is wrong with what became of a file, or "".
func judged(f File, err error, why string) string {
	var no *RefusedError
	has := func(hidden string) bool { return bytes.Contains(f.Content, []byte(hidden)) }
	switch {
	case why != none && (!errors.As(err, &no) || !strings.Contains(no.Words, why)):
		return fmt.Sprintf("%v, not %q", err, why)
	case why != none:
		return ""
	case err != nil:
		return "refused: " + err.Error()
	case strings.ContainsAny(f.Name, `/\`):
		return "its name leads somewhere: " + f.Name
	case has("GPS") || has("<script") || has("MZ\x90"):
		return "something hidden is kept"
	}
	return ""
}

// The control of A28: whoever takes files for what their names say is wrong about most of them.
func TestA28WhoeverBelievesNamesIsFoundOut(t *testing.T) {
	found, all := 0, fortyFiles(t)
	for _, c := range all {
		if judged(File{Name: c.name, Content: c.content}, nil, c.why) != "" {
			found++
		}
	}
	if found < 40 {
		t.Errorf("of %d files only %d are found out", len(all), found)
	}
}

func TestA28APictureStandsAsItsCameraWasHeldWithoutSayingSo(t *testing.T) {
	p := picture(40, 20)
	for o := uint16(1); o <= 8; o++ {
		f, err := Read("photo.jpg", held(jpegOf(t, p), o))
		if err != nil {
			t.Fatal(err)
		}
		got, err := jpeg.Decode(bytes.NewReader(f.Content))
		if err != nil || orientation(f.Content) != 0 {
			t.Fatalf("%d: %v, and it still says %d", o, err, orientation(f.Content))
		}
		b := got.Bounds()
		if lies := b.Dx() > b.Dy(); lies != (o <= 4) {
			t.Errorf("%d: %v", o, b)
		}
		// where the red half is now: left, right, right, left, top, top, bottom, bottom
		at := [][2]int{{2, 10}, {37, 10}, {37, 10}, {2, 10}, {10, 2}, {10, 2}, {10, 37}, {10, 37}}[o-1]
		if r, _, _, _ := got.At(at[0], at[1]).RGBA(); r < 0x8000 {
			t.Errorf("%d: %v is not red", o, at)
		}
	}
}

func TestA28APictureThatIsTooLargeDrawnAnewIsRefused(t *testing.T) {
	for size, taken := range map[int]bool{MaxSize: true, MaxSize + 1: false} {
		if err := kept(bytes.NewBuffer(make([]byte, size)), nil); (err == nil) != taken {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestA28AHugePictureIsRefusedWithoutDrawingIt(t *testing.T) {
	bomb := sized(pngOf(t, picture(40, 20)), 10_000, 5_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Read("bomb.png", bomb)
	runtime.ReadMemStats(&after)
	var no *RefusedError
	if used := after.TotalAlloc - before.TotalAlloc; !errors.As(err, &no) || used > 4<<20 {
		t.Errorf("%v, with %d bytes", err, used)
	}
}

func FuzzRead(f *testing.F) {
	for _, c := range fortyFiles(f) {
		if len(c.content) < 1<<20 {
			f.Add(c.name, c.content)
		}
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		got, err := Read(name, content)
		var no *RefusedError
		if err != nil && !errors.As(err, &no) {
			t.Errorf("a fault: %v", err)
		}
		if err == nil && (got.Type == "" || len(got.Content) == 0) {
			t.Errorf("%q is taken, and nothing is known of it", name)
		}
	})
}
