package join_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/document"
	"kindward/internal/storage"
)

// large is a PDF of two and a half parts.
func large(mark string) string {
	return string(document.Sample(mark + strings.Repeat(" and so on", document.PartSize/4)))
}

// sends is somebody who sends a file to where documents are sent.
type sends struct {
	*webtest.Person
	documents, file string
}

// announce begins an upload, or goes on with one.
func (s sends) announce(kind, name string, size int) webtest.Answer {
	sum := sha256.Sum256([]byte(s.file))
	said := ""
	for _, pair := range [][2]string{{"filename", name}, {"step", "documents"}, {"kind", kind},
		{"sha256", hex.EncodeToString(sum[:])}} {
		said += "," + pair[0] + " " + base64.StdEncoding.EncodeToString([]byte(pair[1]))
	}
	return s.Do(http.MethodPost, s.documents+"/uploads", nil, "Tus-Resumable", "1.0.0", "Upload-Length",
		strconv.Itoa(size), "Upload-Metadata", said[1:])
}

// begin is the address of a new upload.
func (s sends) begin(kind, name string) string {
	s.T.Helper()
	a := s.announce(kind, name, len(s.file))
	if a.Status != http.StatusCreated || !strings.HasPrefix(a.Location, s.documents+"/uploads/") {
		s.T.Fatalf("begun: %d %q %s", a.Status, a.Location, a.Body)
	}
	return a.Location
}

func offset(a webtest.Answer) int {
	n, err := strconv.Atoi(a.Header.Get("Upload-Offset"))
	if err != nil {
		return -1
	}
	return n
}

func partHeaders(from int, part string) []string {
	sum := sha256.Sum256([]byte(part))
	return []string{"Tus-Resumable", "1.0.0", "Content-Type", "application/offset+octet-stream", "Upload-Offset",
		strconv.Itoa(from), "Upload-Checksum", "sha256 " + base64.StdEncoding.EncodeToString(sum[:])}
}

// part sends the part of the file that begins somewhere.
func (s sends) part(at string, from int) webtest.Answer {
	s.T.Helper()
	part := s.file[from:min(from+document.PartSize, len(s.file))]
	return s.DoBody(http.MethodPatch, at, part, partHeaders(from, part)...)
}

// rest sends all parts from somewhere on.
func (s sends) rest(at string, from int) {
	s.T.Helper()
	for from < len(s.file) {
		a := s.part(at, from)
		if a.Status != http.StatusNoContent || offset(a) <= from {
			s.T.Fatalf("the part behind %d: %d %s", from, a.Status, a.Body)
		}
		from = offset(a)
	}
}

// finish sends the form of a document with an upload in place of a file.
func (s sends) finish(at, kind string, more ...string) webtest.Answer {
	return s.Upload(s.documents, "", nil, append([]string{"step", "documents", "kind", kind, "upload",
		at[strings.LastIndex(at, "/")+1:]}, more...)...)
}

func stored(t *testing.T, w world, prefix string) (all []string) {
	t.Helper()
	err := w.Store.List(t.Context(), prefix, func(o storage.Object) error { all = append(all, o.Key); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func Test35AFileArrivesPartByPartAndGoesOnWhereItStopped(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	step, s := at+"/steps/documents", sends{maya, at + "/documents", large("canary of Maya")}
	up := s.begin("insurance", "certificate.pdf")
	if a := s.Do(http.MethodHead, up, nil); a.Status != http.StatusNoContent || offset(a) != 0 {
		t.Errorf("nothing is there: %d %d", a.Status, offset(a))
	}
	wrong := partHeaders(0, "another part")
	if a := s.DoBody(http.MethodPatch, up, s.file[:document.PartSize], wrong...); a.Status != 460 {
		t.Errorf("a damaged part: %d", a.Status)
	}
	short := s.file[:100]
	s.DoBody(http.MethodPatch, up, short, partHeaders(0, short)...).Has(http.StatusUnprocessableEntity)
	s.part(up, document.PartSize).Has(http.StatusConflict)
	if a := s.part(up, 0); a.Status != http.StatusNoContent || offset(a) != document.PartSize {
		t.Errorf("a part: %d %d", a.Status, offset(a))
	}
	s.part(up, 0).Has(http.StatusConflict) // its answer was lost, and it is sent again
	maya.Get(step).Has(http.StatusOK, "Of “certificate.pdf” 1.0 MB of 2.6 MB have arrived", "Do not send certificate.pdf")
	s.finish(up, "insurance", "expires-insurance", w.Day(90)).Has(http.StatusUnprocessableEntity,
		"The file has not arrived whole", w.Day(90))
	if a := s.announce("insurance", "renamed.pdf", len(s.file)); a.Location != up || offset(a) != document.PartSize {
		t.Errorf("chosen again, it begins anew: %d %s", offset(a), a.Location)
	}
	s.rest(up, document.PartSize)
	s.finish(up, "insurance", "expires-insurance", "2001-01-01").Has(http.StatusUnprocessableEntity, "It has expired",
		"“renamed.pdf” (2.6 MB) has arrived")
	s.finish(up, "insurance", "expires-insurance", w.Day(90)).Goes(step)
	page := maya.Get(step)
	page.Has(http.StatusOK, "We have “", "renamed.pdf")
	page.Lacks("has arrived")
	_, after, _ := strings.Cut(page.Body, `href="`+at+"/documents/")
	id, _, _ := strings.Cut(after, `"`)
	if got := maya.Get(at + "/documents/" + id); got.Body != s.file {
		t.Errorf("%d bytes came of %d", len(got.Body), len(s.file))
	}
	s.finish(up, "insurance", "expires-insurance", w.Day(90)).Goes(step) // its form was sent twice
	s.Do(http.MethodHead, up, nil).Has(http.StatusNotFound)
	if left := stored(t, w, "uploads/"+webtest.IDOf(at).String()); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

func Test35AFileOnItsWayIsWhoseItIs(t *testing.T) {
	w := open(t)
	maya, leo, rosa := w.Person(t, "Maya"), w.Person(t, "Leo"), w.Visitor(t)
	at, other := w.begin(maya, "clinic", "RI", "1234567893"), w.begin(leo, "clinic", "RI", "1234567893")
	s := sends{maya, at + "/documents", string(document.Sample("canary"))}
	up := s.begin("w9", "w9.pdf")
	link := w.link(maya, at, "documents")
	id := up[strings.LastIndex(up, "/"):]
	for name, thief := range map[string]sends{"another's applicant": {leo, at + "/documents", s.file},
		"under one's own": {leo, other + "/documents", s.file}, "a guest": {rosa, link + "/documents", s.file},
		"nobody": {rosa, at + "/documents", s.file}} {
		path := thief.documents + "/uploads" + id
		for what, a := range map[string]webtest.Answer{"sees": thief.Get(path), "sends": thief.part(path, 0),
			"ends": thief.Post(path + "/removal")} {
			if a.Status != http.StatusNotFound && !strings.HasPrefix(a.Location, "/sign-in") {
				t.Errorf("%s %s it: %d %s", name, what, a.Status, a.Location)
			}
		}
	}
	leo.Get(other + "/steps/documents").Lacks("w9.pdf")
	mine := sends{leo, other + "/documents", s.file}
	mine.finish(up, "w9").Has(http.StatusUnprocessableEntity, "What had arrived of the file is gone")
	maya.Post(at + "/withdrawal").Goes(at)
	s.part(up, 0).Has(http.StatusConflict)
	maya.Post(at + "/reopening").Goes(at)
	s.rest(up, 0) // the control
	maya.Get(at+"/steps/documents").Has(http.StatusOK, "“w9.pdf” (", "has arrived and is not sent yet")
	maya.Post(up + "/removal").Goes(at + "/steps/documents")
	maya.Get(at + "/steps/documents").Lacks("has arrived")
	if left := stored(t, w, "uploads/"+webtest.IDOf(at).String()); len(left) != 0 {
		t.Errorf("left are %v", left)
	}
}

func Test35AGuestSendsAFileToTheStepOfTheirLinkAndToNoOther(t *testing.T) {
	w := open(t)
	maya, rosa, paul := w.Person(t, "Maya"), w.Visitor(t), w.Visitor(t)
	at := w.begin(maya, "clinic", "RI", "1234567893")
	link, location := w.link(maya, at, "documents"), w.link(maya, at, "location")
	file := []string{"step", "documents", "kind", "w9", "guest_name-w9", "Rosa Lima"}
	rosa.Get(link).Has(http.StatusOK, "Form W-9", "Your name")
	rosa.Upload(link+"/documents", "w9.pdf", document.Sample("first"), file[:4]...).Has(http.StatusUnprocessableEntity,
		"Type your name")
	rosa.Upload(link+"/documents", "w9.pdf", document.Sample("first"), file...).Goes(link)
	rosa.Get(link).Has(http.StatusOK, "We have “Form W-9”", "w9.pdf", `value="Rosa Lima"`)
	s := sends{rosa, link + "/documents", large("second")}
	up := s.begin("w9", "whole.pdf")
	s.rest(up, 0)
	s.finish(up, "w9", "guest_name-w9", "Rosa Lima").Goes(link)
	maya.Get(at+"/steps/documents").Has(http.StatusOK, "whole.pdf", "2.6 MB")
	for name, guest := range map[string]sends{"another step's link": {paul, location + "/documents", s.file},
		"no link": {paul, at + "/guest/" + uuid.NewString() + "/documents", s.file}} {
		for what, a := range map[string]webtest.Answer{"begins": guest.announce("w9", "w9.pdf", len(s.file)),
			"sends": guest.Upload(guest.documents, "w9.pdf", document.Sample("x"), file...)} {
			if a.Status != http.StatusNotFound && a.Status != http.StatusGone {
				t.Errorf("%s %s a file: %d %s", name, what, a.Status, a.Location)
			}
		}
	}
}

func Test35NothingIsBegunThatCannotBeTaken(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	s := sends{maya, at + "/documents", string(document.Sample("x"))}
	s.announce("w9", "w9.pdf", document.MaxSize+1).Has(http.StatusUnprocessableEntity, "more than 25 MB")
	s.announce("w9", "w9.pdf", 0).Has(http.StatusUnprocessableEntity, "The file is empty")
	s.announce("w9", "w9.docx", 10).Has(http.StatusUnprocessableEntity, "This kind of file is not taken")
	s.announce("w9", "w9.exe.pdf", 10).Has(http.StatusUnprocessableEntity, "second ending")
	s.announce("lease", "w9.pdf", 10).Has(http.StatusNotFound)
	s.Do(http.MethodPost, s.documents+"/uploads", nil).Has(http.StatusUnprocessableEntity)
	s.file = "<!DOCTYPE html><html></html>"
	up := s.begin("w9", "w9.pdf")
	s.rest(up, 0)
	s.finish(up, "w9").Has(http.StatusUnprocessableEntity, "This kind of file is not taken")
	s.Do(http.MethodHead, up, nil).Has(http.StatusNotFound)
	s.file = string(document.Sample("x"))
	up = s.begin("w9", "w9.pdf")
	s.rest(up, 0)
	for _, key := range stored(t, w, "uploads/"+webtest.IDOf(at).String()) {
		if err := w.Store.Put(t.Context(), key, []byte("another content of another length")); err != nil {
			t.Fatal(err)
		}
	}
	s.finish(up, "w9").Has(http.StatusUnprocessableEntity, "The file changed on its way")
	maya.Post(at + "/withdrawal").Goes(at)
	s.announce("w9", "w9.pdf", 10).Has(http.StatusConflict)
}

func Test35TwentyDocumentsOrAHundredMegabytesAndNoMoreWithWhatIsOnItsWay(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	id, step := webtest.IDOf(at), at+"/steps/documents"
	have := func(documents, bytes int) {
		w.Admin(t, `delete from onboarding.document where tenant_id = $1 and kind = 'test'`, id)
		w.Admin(t, `insert into onboarding.document (id, tenant_id, step, kind, name, type, size, hash, at)
			select gen_random_uuid(), $1, 'documents', 'test', 'x', 'image/png', $3::bigint / $2, repeat('0', 64), now()
			from generate_series(1, $2)`, id, documents, bytes)
	}
	s := sends{maya, at + "/documents", string(document.Sample("x"))}
	const words = "This application has as many documents as it may have"
	for name, full := range map[string][2]int{"twenty": {20, 2000}, "a hundred megabytes": {4, 100 << 20}} {
		have(full[0], full[1])
		s.announce("w9", "w9.pdf", 10).Has(http.StatusUnprocessableEntity, words)
		send(maya, at, "w9", "w9.pdf", document.Sample(name)).Has(http.StatusUnprocessableEntity, words)
	}
	have(19, 1900)
	up := s.begin("w9", "w9.pdf")
	s.announce("insurance", "i.pdf", 10).Has(http.StatusUnprocessableEntity, words)
	send(maya, at, "insurance", "i.pdf", document.Sample("x"), "expires-insurance", w.Day(90)).Has(
		http.StatusUnprocessableEntity, words)
	s.rest(up, 0)
	s.finish(up, "w9").Goes(step) // which counted already
}

func Test35AFileThatNobodyGoesOnWithIsSweptADayLater(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	s := sends{maya, at + "/documents", string(document.Sample("x"))}
	s.rest(s.begin("w9", "w9.pdf"), 0)
	scans, mine := w.scans(false), "uploads/"+webtest.IDOf(at).String()
	sweep := func(after time.Duration) int {
		t.Helper()
		scans.Now = func() time.Time { return time.Now().Add(after) } // an object's time is its store's
		if err := scans.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		return len(stored(t, w, mine))
	}
	if n := sweep(document.UploadLife - 2*time.Hour); n != 1 {
		t.Errorf("what may go on is swept: %d left", n)
	}
	if n := sweep(document.UploadLife + 2*time.Hour); n != 0 {
		t.Errorf("%d left", n)
	}
}

func Test35A56WhoseSessionEndsWhileAPartArrivesIsRefused(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	s := sends{maya, at + "/documents", large("x")}
	up := s.begin("w9", "w9.pdf")
	first, second := s.file[:document.PartSize], s.file[document.PartSize:2*document.PartSize]
	if a := maya.HoldBackPart(up, first, partHeaders(0, first)...).Send(); offset(a) != document.PartSize {
		t.Errorf("the control, a session that lives: %d %d", a.Status, offset(a))
	}
	late := maya.HoldBackPart(up, second, partHeaders(document.PartSize, second)...)
	w.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, maya.ID)
	if a := late.Send(); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("%d %s", a.Status, a.Location)
	}
	if n := w.Count(t, `select received from onboarding.upload where tenant_id = $1`, webtest.IDOf(at)); n !=
		document.PartSize {
		t.Errorf("%d bytes are there", n)
	}
}
