package join_test

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/document"
	"kindward/internal/keys"
	"kindward/internal/onboarding"
	"kindward/internal/storage"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

func Test35AGuestSendsTheDocumentsOfTheirStepAndSeesNoOthers(t *testing.T) {
	w := open(t)
	maya, rosa := w.Person(t, "Maya Okafor"), w.Visitor(t)
	at := w.begin(maya, "clinic", "RI", "1234567893")
	link, other := w.link(maya, at, "documents"), w.link(maya, at, "location")
	give := func(link string, more ...string) webtest.Answer {
		return rosa.Upload(link+"/documents", "w9.pdf", document.Sample("canary of Rosa"),
			append([]string{"step", "documents", "kind", "w9"}, more...)...)
	}
	give(other, "guest_name-w9", "Rosa Lima").Has(http.StatusNotFound) // the link of another step
	give(link).Has(http.StatusUnprocessableEntity, "Type your name")
	rosa.Post(link, "guest_name", "Rosa Lima").Has(http.StatusNotFound) // to confirm is not theirs
	give(link, "guest_name-w9", "Rosa Lima").Goes(link)
	send(maya, at, "insurance", "certificate of Maya.pdf", document.Sample("x"), "expires-insurance", w.Day(90)).Goes(
		at + "/steps/documents")
	page := rosa.Get(link)
	page.Has(http.StatusOK, "w9.pdf", "Sent by somebody else")
	page.Lacks("certificate of Maya.pdf", at+"/documents/")
	for range 58 {
		rosa.Upload(link+"/documents", "w9.pdf", nil, "step", "none")
	}
	give(link, "guest_name-w9", "Rosa Lima").Has(http.StatusTooManyRequests)
	send(maya, at, "w9", "w9.pdf", document.Sample("x")).Goes(at + "/steps/documents") // control: not the link's limit
	maya.Post(at + "/withdrawal").Goes(at)
	rosa.Get(link).Has(http.StatusGone)
}

func Test35FilesOfAnAccountAreLimitedAndDaysThatCannotBeAreRefused(t *testing.T) {
	w := open(t)
	maya, leo := w.Person(t, "Maya"), w.Person(t, "Leo")
	at, other := w.begin(maya, "clinic", "RI", "1234567893"), w.begin(leo, "clinic", "RI", "1234567893")
	insurance := func(day string) webtest.Answer {
		return send(maya, at, "insurance", "certificate.pdf", document.Sample("x"), "expires-insurance", day)
	}
	insurance(w.Day(21*366)).Has(http.StatusUnprocessableEntity, "Nothing is valid for so long")
	insurance("").Has(http.StatusUnprocessableEntity, "Say until when it is valid")
	for range 58 {
		maya.Upload(at+"/documents", "w9.pdf", nil, "step", "none")
	}
	insurance(w.Day(90)).Has(http.StatusTooManyRequests)
	send(leo, other, "w9", "w9.pdf", document.Sample("x")).Goes(other + "/steps/documents") // control: another's
}

// elsewhere is a store that gives something else than it was given.
type elsewhere struct {
	storage.Store
	get func() ([]byte, error)
}

func (e elsewhere) Get(context.Context, string) ([]byte, error) { return e.get() }

func Test35WhatIsNotWhatWasSentIsSaidAndWhatCannotBeOpenedNowWaits(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	step := at + "/steps/documents"
	waits := func() int {
		return w.Count(t, `select count(*) from onboarding.document where tenant_id = $1 and next_at is not null`,
			webtest.IDOf(at))
	}
	send(maya, at, "w9", "w9.pdf", document.Sample("first")).Goes(step)
	scans := w.scans(true)
	scans.Log = slog.New(slog.DiscardHandler)
	run := func(get func() ([]byte, error)) {
		t.Helper()
		scans.Store = elsewhere{w.Store, get}
		if err := scans.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	run(func() ([]byte, error) { return nil, keys.ErrKeyGone })
	maya.Get(step).Has(http.StatusOK, "being scanned for viruses")
	w.Clock.Forward(time.Minute)
	run(func() ([]byte, error) { return document.Sample("another"), nil })
	maya.Get(step).Has(http.StatusOK, "We cannot read it any more. Send it again.")
	w.Admin(t, `update onboarding.document set next_at = $2 where tenant_id = $1`, webtest.IDOf(at), w.Clock.Now())
	run(func() ([]byte, error) { return document.Sample("first"), nil }) // its row waits, and its log does not
	if n := waits(); n != 0 {
		t.Errorf("%d wait still", n)
	}
	maya.Get(step).Has(http.StatusOK, "We cannot read it any more. Send it again.")
	send(maya, at, "w9", "w9.pdf", document.Sample("first")).Goes(step)
	run(func() ([]byte, error) { return document.Sample("first"), nil })
	page := maya.Get(step) // the control
	page.Has(http.StatusOK, "Received")
	page.Lacks("Send it again")
}

func TestF08AScannerThatIsAwayIsAskedTwiceInARound(t *testing.T) {
	w := open(t)
	for _, name := range []string{"Maya", "Leo"} {
		who := w.Person(t, name)
		at := w.begin(who, "clinic", "RI", "1234567893")
		send(who, at, "w9", "w9.pdf", document.Sample("x")).Goes(at + "/steps/documents")
		send(who, at, "insurance", "i.pdf", document.Sample("x"), "expires-insurance", w.Day(90)).Goes(
			at + "/steps/documents")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var asked atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			_ = conn.Close()
		}
	}()
	scans := w.scans(false)
	scans.Scanner = &document.Scanner{Address: l.Addr().String(), Wait: time.Minute}
	if err := scans.Run(t.Context()); err != nil || asked.Load() != 2 {
		t.Errorf("it is asked %d times, %v", asked.Load(), err)
	}
	if err := w.scans(true).Run(t.Context()); err != nil { // for the tests after this one
		t.Fatal(err)
	}
}

func Test35WhatNoDocumentRefersToIsSweptAfterAnHourAndNothingElse(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	scans := w.scans(false)
	lie := func() (all []string) {
		t.Helper()
		err := w.Store.List(t.Context(), "", func(o storage.Object) error { all = append(all, o.Key); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	sweep := func(after time.Duration) []string {
		t.Helper()
		scans.Now = func() time.Time { return time.Now().Add(after) } // an object's time is its store's
		if err := scans.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		return lie()
	}
	send(maya, at, "w9", "w9.pdf", document.Sample("x")).Goes(at + "/steps/documents")
	kept := lie()
	orphan, foreign := "documents/"+webtest.IDOf(at).String()+"/"+uuid.NewString(), "elsewhere/of-somebody-else"
	for _, key := range []string{orphan, foreign} {
		if err := w.Store.Put(t.Context(), key, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if left := sweep(document.Orphan - time.Minute); !slices.Contains(left, orphan) {
		t.Errorf("what may be being written is swept: %v", left)
	}
	if left := sweep(document.Orphan + time.Minute); len(left) != 2 || !slices.Contains(left, foreign) ||
		!slices.Contains(left, kept[0]) {
		t.Errorf("left are %v", left)
	}
	maya.Post(at + "/withdrawal").Goes(at)
	send(maya, at, "w9", "w9.pdf", document.Sample("x")).Has(http.StatusConflict)
	if left := lie(); len(left) != 2 {
		t.Errorf("what was refused lies there: %v", left)
	}
	maya.Post(at + "/reopening").Goes(at)
	_, id, _ := strings.Cut(strings.TrimPrefix(kept[0], "documents/"), "/")
	maya.Post(at + "/documents/" + id + "/removal").Goes(at + "/steps/documents")
	if left := sweep(document.Orphan + time.Minute); !slices.Equal(left, []string{foreign}) {
		t.Errorf("removed, left are %v", left)
	}
}

// A60: a ticket for an application, which no page gives to whoever takes no part in it, lets nobody in.
func TestA60WhoeverTakesNoPartLetsNobodyInEvenWithATicket(t *testing.T) {
	w := open(t)
	maya, charlie := w.Person(t, "Maya"), w.Person(t, "Charlie")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	id, now := webtest.IDOf(at), w.Clock.Now()
	link := w.link(maya, at, "location")
	invitation := w.invite(maya, at, "leo-"+id.String()+"@example.test")
	ids := map[string]uuid.UUID{}
	for _, table := range []string{"guest_link", "invitation"} {
		ids[table] = uuid.MustParse(pgOne(w, `select id::text from onboarding.`+table+` where tenant_id = $1`, id))
	}
	try := func(who *webtest.Person) (made, ended, revoked error) {
		s := w.Gateway.AdmitApplicant(id, tenancy.Caller{Subject: who.ID})
		links := onboarding.GuestLinks{Gateway: w.Gateway, Keys: w.Keys, Log: slog.New(slog.DiscardHandler)}
		_, made = links.Create(t.Context(), s, id, "location", "", uuid.New(), now)
		_, ended = w.Gateway.Identity(s).EndGuestLink(t.Context(), now, ids["guest_link"])
		_, revoked = w.Gateway.Identity(s).RevokeApplicantInvitation(t.Context(), now, ids["invitation"])
		return made, ended, revoked
	}
	if made, ended, revoked := try(charlie); made == nil || ended == nil || revoked == nil {
		t.Errorf("a link made: %v, ended: %v; an invitation revoked: %v", made, ended, revoked)
	}
	w.Visitor(t).Get(link).Has(http.StatusOK)
	w.Visitor(t).Get(invitation).Has(http.StatusOK, "Sign in to accept")
	charlie.Get("/join").Lacks(at)
	if made, ended, revoked := try(maya); made != nil || ended != nil || revoked != nil {
		t.Errorf("control: %v, %v, %v", made, ended, revoked)
	}
}

func TestA64AMadeLinkToTheStepThatSendsOpensNothing(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	id := webtest.IDOf(at)
	s := w.Gateway.AdmitApplicant(id, tenancy.Caller{Subject: maya.ID})
	for range 2 { // some registers are asked when all is answered
		now, pass := w.Clock.Now(), onboarding.Checked{Result: onboarding.Pass}
		_, err := onboarding.Hear(t.Context(), w.Gateway, id, now, pass)
		if err == nil {
			_, err = onboarding.Fill(t.Context(), w.Gateway, s, maya.ID, now, map[string]string{"name": "Harbor", "zip": "02906",
				"tests": "no"})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	maya.Post(at + "/withdrawal").Goes(at)
	maya.Post(at + "/reopening").Goes(at)
	maya.Get(at+"/steps/agreement").Has(http.StatusOK, "Send the application")
	maya.Get(at + "/steps/registry").Has(http.StatusNotFound) // a register's, whatever its state
	links := onboarding.GuestLinks{Gateway: w.Gateway, Keys: w.Keys, Log: slog.New(slog.DiscardHandler)}
	for step, status := range map[string]int{"agreement": http.StatusNotFound, "registry": http.StatusNotFound,
		"location": http.StatusOK} { // the last is the control
		secret, err := links.Create(t.Context(), s, id, step, "", uuid.New(), w.Clock.Now())
		if err != nil {
			t.Fatal(err)
		}
		w.Visitor(t).Get(at + "/guest/" + secret).Has(status)
	}
}

func Test35WhoseLinkEndsWhileTheirFileArrivesIsRefused(t *testing.T) {
	w := open(t)
	maya, rosa := w.Person(t, "Maya"), w.Visitor(t)
	at := w.begin(maya, "clinic", "RI", "1234567893")
	link := w.link(maya, at, "documents")
	held := func() *webtest.Held {
		return rosa.HoldBackUpload(link+"/documents", "w9.pdf", document.Sample("x"), "step", "documents", "kind", "w9",
			"guest_name-w9", "Rosa")
	}
	if a := held().Send(); a.Location != link {
		t.Errorf("the control, a link that opens: %d %s", a.Status, a.Location)
	}
	late := held()
	maya.Post(at + "/guest-links/" + pgOne(w, `select id::text from onboarding.guest_link where tenant_id = $1`,
		webtest.IDOf(at)) + "/end").Goes(at + "/guest-links")
	if a := late.Send(); a.Status != http.StatusGone {
		t.Errorf("%d %s", a.Status, a.Location)
	}
}

var errTakenBack = errors.New("taken back")

func Test35AnApplicationHasSoManyDocumentsAndBytesAndNoMore(t *testing.T) {
	w := open(t)
	maya := w.Person(t, "Maya")
	at := w.begin(maya, "clinic", "RI", "1234567893")
	id := webtest.IDOf(at)
	send(maya, at, "w9", "w9.pdf", document.Sample("x")).Goes(at + "/steps/documents")
	size := int64(len(document.Sample("x")))
	add := func(documents int32, bytes int64) string {
		s := w.Gateway.AdmitApplicant(id, tenancy.Caller{Subject: maya.ID})
		err := w.Gateway.WithinShared(t.Context(), s, func(q *shareddb.Queries) error {
			return cmp.Or(q.AddDocument(t.Context(), shareddb.AddDocumentParams{ID: uuid.New(), Step: "documents",
				Kind: "w9", Name: "w9.pdf", Type: "application/pdf", Size: 10, Hash: strings.Repeat("a", 64),
				At: w.Clock.Now(), MostDocuments: documents, MostBytes: bytes}), errTakenBack)
		})
		return cmp.Or(tenancy.Code(err), err.Error())
	}
	const refused = "KW447"
	if many, large, fits := add(1, 1<<20), add(2, size+9), add(2, size+10); many != refused || large != refused ||
		fits != errTakenBack.Error() {
		t.Errorf("one more: %s, a byte more: %s, the control: %s", many, large, fits)
	}
	maya.Post(at + "/documents/" + pgOne(w, `select id::text from onboarding.document where tenant_id = $1`, id) +
		"/removal").Goes(at + "/steps/documents")
	if got := add(1, 10); got != errTakenBack.Error() {
		t.Errorf("what is taken out counts still: %s", got)
	}
}
