package join_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kindward/handlers/webtest"
	"kindward/internal/document"
	"kindward/internal/document/simulator"
	"kindward/internal/storage"
)

// scans is the worker that looks for viruses, with a scanner of the test's own or none.
func (w world) scans(scanner bool) *document.Scans {
	w.t.Helper()
	s := &document.Scans{Files: document.Files{Store: w.Store, Gateway: w.Gateway}, Due: w.checks.Due, Now: w.Clock.Now,
		Log: slog.New(slog.DiscardHandler)}
	if !scanner {
		return s
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { _ = (&simulator.Clamd{}).Serve(ctx, l) }()
	w.t.Cleanup(func() { cancel(); _ = l.Close() })
	s.Scanner = &document.Scanner{Address: l.Addr().String(), Wait: time.Minute}
	return s
}

func send(who *webtest.Person, at, kind, name string, content []byte, more ...string) webtest.Answer {
	return who.Upload(at+"/documents", name, content,
		append([]string{"step", "documents", "kind", kind}, more...)...)
}

// attach sends every document that an application is asked for, and signs its contract.
func (w world) attach(who *webtest.Person, at string) {
	w.t.Helper()
	step := at + "/steps/documents"
	for _, kind := range who.Get(step).All("input", "name", "kind") {
		key := kind.Value("value")
		send(who, at, key, key+".pdf", document.Sample(key), "expires-"+key, w.Day(90)).Goes(step)
	}
	signs(who, at).Goes(at)
}

func Test35ADocumentIsSentScannedSeenByThoseWhoTakePartAndByNobodyElse(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya Okafor"), w.Person(t, "Leo Park")
	at, other := w.begin(maya, "clinic", "RI", "1234567893"), w.begin(leo, "clinic", "RI", "1234567893")
	step := at + "/steps/documents"
	maya.Get(step).Has(http.StatusOK, "Certificate of liability insurance", "Form W-9", "PDF, PNG or JPEG, 25 MB each")
	const canary = "canary of Maya"
	send(maya, at, "w9", "page.pdf", []byte("<!DOCTYPE html><html></html>")).Has(http.StatusUnprocessableEntity,
		"There is a problem", "This kind of file is not taken")
	send(maya, at, "insurance", "certificate.pdf", document.Sample("x"), "expires-insurance", "2001-01-01").Has(
		http.StatusUnprocessableEntity, "It has expired", `value="2001-01-01"`)
	send(maya, at, "w9", "w9.pdf", document.Sample(canary)).Goes(step)
	page := maya.Get(step)
	page.Has(http.StatusOK, "We have “Form W-9”.", "being scanned for viruses", "w9.pdf")
	if err := w.scans(true).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	page = maya.Get(step)
	page.Has(http.StatusOK, "Received")
	page.Lacks("being scanned")
	_, after, _ := strings.Cut(page.Body, `href="`+at+"/documents/")
	id, _, _ := strings.Cut(after, `"`)
	got := maya.Get(at + "/documents/" + id)
	if got.Has(http.StatusOK, canary); !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") ||
		!strings.HasPrefix(got.Header.Get("Content-Disposition"), "attachment") ||
		got.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("A28: %v", got.Header)
	}
	for _, path := range []string{at + "/documents/" + id, other + "/documents/" + id} {
		foreign := leo.Get(path)
		foreign.Has(http.StatusNotFound)
		foreign.Lacks(canary)
	}
	leo.Post(other + "/documents/" + id + "/removal").Has(http.StatusNotFound)
	send(leo, at, "w9", "w9.pdf", document.Sample("x")).Has(http.StatusNotFound)
	if n := w.Count(t, `select count(*) from audit.event where resource = 'ApplicationDocument' and action = 'read'
		and resource_id = $1 and actor = $2`, id, maya.ID); n != 1 {
		t.Errorf("%d looks are kept", n)
	}
	maya.Post(at + "/documents/" + id + "/removal").Goes(step)
	maya.Get(at + "/documents/" + id).Has(http.StatusNotFound)
}

func Test35A56WhoseSessionEndsWhileTheirFileArrivesIsRefused(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya Okafor")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	kept := func() int {
		return w.Count(t, `select count(*) from onboarding.document where tenant_id = $1`, strings.TrimPrefix(at, "/join/"))
	}
	held := func() *webtest.Held {
		return maya.HoldBackUpload(at+"/documents", "w9.pdf", document.Sample("x"), "step", "documents", "kind", "w9")
	}
	late := held()
	w.Admin(t, `update directory.account set session_epoch = session_epoch + 1 where id = $1`, maya.ID)
	if a := late.Send(); !strings.HasPrefix(a.Location, "/sign-in") || kept() != 0 {
		t.Errorf("%d %s, %d kept", a.Status, a.Location, kept())
	}
	maya.SignIn(1)
	if a := held().Send(); a.Location != at+"/steps/documents" || kept() != 1 {
		t.Errorf("the control, a session that lives: %d %s, %d kept", a.Status, a.Location, kept())
	}
}

func Test35AVirusIsToldAndTheFileIsReplaced(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya Okafor")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	send(maya, at, "w9", "w9.pdf", document.Sample(simulator.MarkFound)).Goes(at + "/steps/documents")
	scans := w.scans(true)
	if err := scans.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	maya.Get(at+"/steps/documents").Has(http.StatusOK, "A virus was found in it (Eicar-Test-Signature)")
	send(maya, at, "w9", "w9.pdf", document.Sample("x")).Goes(at + "/steps/documents")
	if err := w.scans(false).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	maya.Get(at+"/steps/documents").Has(http.StatusOK, "not scanned for viruses")
}

func TestF10AFullStoreKeepsNothingHalfAndNothingRefersToWhatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	w := openWith(t, webtest.Options{Store: storage.Local{Dir: dir, Limit: 1500}})
	maya := w.Person(t, "Maya Okafor")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	send(maya, at, "w9", "w9.pdf", document.Sample("first")).Goes(at + "/steps/documents")
	send(maya, at, "insurance", "certificate.pdf", document.Sample(strings.Repeat("second ", 100)), "expires-insurance",
		w.Day(90)).Has(http.StatusServiceUnavailable, "We could not keep the file just now")
	if n := w.Count(t, `select count(*) from onboarding.document where tenant_id = $1`,
		strings.TrimPrefix(at, "/join/")); n != 1 {
		t.Errorf("%d rows", n)
	}
	files, err := filepath.Glob(filepath.Join(dir, "documents", "*", "*"))
	if err != nil || len(files) != 1 {
		t.Errorf("%v, %v", files, err)
	}
	if raw, err := os.ReadFile(files[0]); err != nil || !bytes.Contains(raw, []byte("first")) {
		t.Errorf("%v", err)
	}
}

// TestA43FilesOfOneSenderAreInMemoryAFewAtATime holds files back: each is in memory until its last byte has come.
func TestA43FilesOfOneSenderAreInMemoryAFewAtATime(t *testing.T) {
	w := open(t)
	maya, leo, ana, far := w.Person(t, "Maya"), w.Person(t, "Leo"), w.Person(t, "Ana"), w.Person(t, "Far")
	leo.IP, ana.IP = maya.IP, maya.IP
	var held []*webtest.Held
	at := map[*webtest.Person]string{}
	hold := func(who *webtest.Person, files int) {
		at[who] = w.begin(who, "clinic", "RI", "1234567893")
		for range files {
			held = append(held, who.HoldBackUpload(at[who]+"/documents", "w9.pdf", document.Sample("x"), "step", "documents",
				"kind", "w9"))
		}
	}
	w9 := func(who *webtest.Person) webtest.Answer {
		return send(who, at[who], "w9", "w9.pdf", document.Sample("x"))
	}
	hold(maya, 3)
	refused := w9(maya)
	if refused.Has(http.StatusTooManyRequests); refused.Header.Get("Retry-After") == "" {
		t.Error("nobody says when to go on")
	}
	hold(leo, 3)
	hold(ana, 2)
	w9(ana).Has(http.StatusTooManyRequests) // of their network
	hold(far, 0)
	w9(far).Goes(at[far] + "/steps/documents") // control: another network
	for _, one := range held {
		one.Send()
	}
	w9(maya).Goes(at[maya] + "/steps/documents") // control: when they have arrived
}
