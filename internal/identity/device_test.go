package identity

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

const firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"

func (h *harness) see(t *testing.T, who Account, id, agent string) {
	t.Helper()
	if err := SeeBrowser(t.Context(), h.mail, caller(), who, Browser{ID: []byte(id), Agent: agent}, h.now()); err != nil {
		t.Fatal(err)
	}
}

// told counts the emails of a kind to somebody.
func (h *harness) told(who Account, kind notify.Kind) (n int) {
	h.t.Helper()
	for _, e := range h.mailbox.To(h.t, who.Email) {
		if e.Kind == kind {
			n++
		}
	}
	return n
}

func TestASignInFromANewBrowserIsToldToItsOwnerOnce(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	h.see(t, who, "the phone's cookie", firefox)
	if n := h.told(who, notify.KindNewDevice); n != 0 {
		t.Error("the browser that made the account is news:", n)
	}
	h.forward(2 * time.Hour)
	h.see(t, who, "the phone's cookie", firefox)
	if n := h.told(who, notify.KindNewDevice); n != 0 {
		t.Error("the same browser again is news:", n)
	}
	h.see(t, who, "another cookie", firefox)
	h.see(t, who, "another cookie", firefox)
	if n := h.told(who, notify.KindNewDevice); n != 1 {
		t.Error("emails about a new browser:", n)
	}
	l, _ := h.read(who.Email)
	if text := l.Text; !strings.Contains(text, "Firefox on Windows") ||
		!strings.Contains(text, "https://kindward.example/account") || l.Subject != "New sign-in to your account" {
		t.Error(l.Subject, text)
	}
	if h.audited(t, who.ID, "new-browser", "success") != 2 {
		t.Error("not in the audit")
	}
	known, err := h.own(caller(), who.ID).Devices(t.Context())
	if err != nil || len(known) != 2 || known[0].Agent != firefox || !known[1].LastSeenAt.After(known[1].FirstSeenAt) {
		t.Error(known, err)
	}
	charlie := h.person(t, "Charlie")
	if known, err := h.own(caller(), charlie.ID).Devices(t.Context()); err != nil || len(known) != 0 {
		t.Error("Charlie sees them:", known, err)
	}
}

func TestTheFirstBrowserOfAnOldAccountIsNews(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	h.forward(2 * time.Hour)
	h.see(t, who, "whose?", firefox)
	if n := h.told(who, notify.KindNewDevice); n != 1 {
		t.Error("emails:", n)
	}
}

func TestManyNewBrowsersAreToldFiveTimesAnHourAndAHundredAreKept(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	h.forward(2 * time.Hour)
	h.see(t, who, "hers", firefox)
	h.forward(time.Minute)
	for n := range 120 {
		h.see(t, who, fmt.Sprint("cookie ", n), firefox)
	}
	if n := h.told(who, notify.KindNewDevice); n != 5 {
		t.Error("emails in one hour:", n)
	}
	h.forward(2 * time.Hour)
	h.see(t, who, "the next day's", firefox)
	if n := h.told(who, notify.KindNewDevice); n != 6 {
		t.Error("emails, an hour later:", n)
	}
	if n := pgtest.One[int](t, h.DB, "select count(*) from directory.device where account_id = $1", who.ID); n > 101 {
		t.Error("browsers kept:", n)
	}
}

// A33, A34: whoever controls an organization's provider could make known browsers without end.
func TestABrowserForWhichOnlyAnOrganizationVouchedIsKnownForNothing(t *testing.T) {
	h := open(t)
	who := h.person(t, "Noor")
	known := func(b Browser) bool {
		t.Helper()
		yes, err := b.knows(t.Context(), h.limiter, caller(), who.ID)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	for _, vouched := range []bool{true, false} {
		b := Browser{ID: []byte("one"), Agent: firefox, Vouched: vouched}
		if err := SeeBrowser(t.Context(), h.mail, caller(), who, b, h.now()); err != nil {
			t.Fatal(err)
		}
		if b.Vouched = false; known(b) == vouched {
			t.Errorf("vouched %v: known %v", vouched, !vouched)
		}
	}
}

func TestABrowserOfTwoPeopleDoesNotTellThatTheyShareIt(t *testing.T) {
	h := open(t)
	a, b, one := h.person(t, "Maya Okafor"), h.person(t, "Theo"), Browser{ID: []byte("one")}
	if string(browserHash(h.Keys, a.ID, one)) == string(browserHash(h.Keys, b.ID, one)) {
		t.Error("the rows of both say the same")
	}
}

func TestABrowserNotSeenForLongIsForgotten(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	h.see(t, who, "old", firefox)
	h.forward(401 * 24 * time.Hour)
	h.see(t, who, "old", firefox) // the row that it would forget is the one that it writes
	h.see(t, who, "new", firefox)
	h.forward(401 * 24 * time.Hour)
	h.see(t, who, "new", firefox)
	if known, err := h.own(caller(), who.ID).Devices(t.Context()); err != nil || len(known) != 1 {
		t.Error(known, err)
	}
}

func TestOneSessionIsEndedByItsOwnerOnly(t *testing.T) {
	h := open(t)
	maya, charlie := h.person(t, "Maya Okafor"), h.person(t, "Charlie")
	store := &SessionStore{Gateway: h.Gateway, Keys: h.Keys, Now: h.now}
	ids := map[string]uuid.UUID{}
	for _, token := range []string{"maya one", "maya two"} {
		if err := store.CommitCtx(t.Context(), token, []byte(`{"account":"`+maya.ID.String()+`"}`),
			h.now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		var loaded LoadedSession
		if _, _, err := store.FindCtx(Carry(t.Context(), &loaded), token); err != nil {
			t.Fatal(err)
		}
		ids[token] = loaded.ID
	}
	if _, err := h.own(caller(), charlie.ID).EndSession(t.Context(), h.now(), ids["maya one"]); !errors.Is(err,
		pgx.ErrNoRows) {
		t.Error("Charlie ends it:", err)
	}
	for _, wrong := range []uuid.UUID{uuid.Nil, uuid.New(), maya.ID} {
		if _, err := h.own(caller(), maya.ID).EndSession(t.Context(), h.now(), wrong); !errors.Is(err, pgx.ErrNoRows) {
			t.Errorf("%q names a session: %v", wrong, err)
		}
	}
	living := func(token string) bool {
		_, found, err := store.FindCtx(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	if !living("maya one") || !living("maya two") {
		t.Fatal("a session ended by itself")
	}
	if _, err := h.own(caller(), maya.ID).EndSession(t.Context(), h.now(), ids["maya one"]); err != nil {
		t.Fatal(err)
	}
	if living("maya one") || !living("maya two") {
		t.Error("not the one that was named is over")
	}
	if _, err := h.own(caller(), maya.ID).EndSession(t.Context(), h.now(), ids["maya one"]); !errors.Is(err,
		pgx.ErrNoRows) {
		t.Error("it ends twice:", err)
	}
	if h.audited(t, maya.ID, "session-ended", "success") != 1 ||
		h.audited(t, charlie.ID, "session-ended", "success") != 0 {
		t.Error("not in the audit, or of the wrong one")
	}
	if _, err := h.own(tenancy.Caller{}, maya.ID).EndSession(t.Context(), h.now(), ids["maya two"]); err != nil {
		t.Error(err)
	}
}
