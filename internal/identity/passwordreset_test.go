package identity

import (
	"log/slog"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
	"kindward/internal/notify/notifytest"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

var errBusy = tenancy.ErrBusy

// link asks for a new password and gives the token of the email.
func (h *harness) link(t *testing.T, who Account, next string) (token string, email notifytest.Email) {
	t.Helper()
	if err := AskReset(t.Context(), h.mail, h.limiter, caller(), who.Email, next, h.now()); err != nil {
		t.Fatal(err)
	}
	email, _ = h.read(who.Email)
	u, err := url.Parse(email.Link)
	if err != nil || email.Kind != notify.KindPasswordReset {
		t.Fatal(email, err)
	}
	return strings.TrimPrefix(u.Path, "/password-reset/"), email
}

// signedIn writes a session row, as the web does.
func (h *harness) signedIn(t *testing.T, who Account) (alive func() bool) {
	t.Helper()
	store := &SessionStore{Gateway: h.Gateway, Keys: h.Keys, Now: h.now, Log: slog.New(slog.DiscardHandler)}
	token := uuid.NewString()
	if err := store.CommitCtx(t.Context(), token, []byte(`{"account":"`+who.ID.String()+`","agent":"Firefox"}`),
		time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return func() bool {
		var got LoadedSession
		_, found, err := store.FindCtx(Carry(t.Context(), &got), token)
		if err != nil || found && got.Account.ID != who.ID {
			t.Error(got, err)
		}
		return found
	}
}

func TestALinkChangesThePasswordOnceAndSignsOutEveryDevice(t *testing.T) {
	h := open(t)
	who, other := h.person(t, "Maya Okafor"), h.person(t, "Leo")
	one, two, others := h.signedIn(t, who), h.signedIn(t, who), h.signedIn(t, other)
	older, _ := h.link(t, who, "")
	token, _ := h.link(t, who, "/account")
	if got, err := ResetPending(t.Context(), h.mail, token, h.now()); err != nil || got.Email != who.Email {
		t.Fatal(got, err)
	}
	if _, err := UseReset(t.Context(), h.mail, h.passwords, caller(), token, "nine blue umbrellas", h.now()); err != nil {
		t.Fatal(err)
	}
	if one() || two() || !others() {
		t.Error("the wrong devices were signed out")
	}
	for _, spent := range []string{token, older} {
		if _, err := UseReset(t.Context(), h.mail, h.passwords, caller(), spent, "a third password",
			h.now()); err != ErrRunOut {
			t.Error("a link works twice:", err)
		}
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); err != ErrNoMatch {
		t.Error("the old password:", err)
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, "nine blue umbrellas",
		h.now()); err != nil {
		t.Error("the new password:", err)
	}
	if email, _ := h.read(who.Email); email.Kind != notify.KindPasswordChanged {
		t.Error("the owner was not told:", email)
	}
	if h.audited(t, who.ID, "reset-asked", "success") != 2 || h.audited(t, who.ID, "reset", "success") != 1 {
		t.Error("the audit does not know")
	}
}

func TestALinkUsedTwiceAtOnceWorksOnce(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya")
	token, _ := h.link(t, who, "")
	results := make(chan error, 8)
	var all sync.WaitGroup
	for range cap(results) {
		all.Go(func() {
			_, err := UseReset(t.Context(), h.mail, h.passwords, caller(), token, "nine blue umbrellas", h.now())
			results <- err
		})
	}
	all.Wait()
	close(results)
	worked := 0
	for err := range results {
		if err == nil {
			worked++
		} else if err != ErrRunOut {
			t.Error(err)
		}
	}
	if worked != 1 {
		t.Errorf("it worked %d times", worked)
	}
}

func TestALinkRunsOutAndAMadeUpOneIsNothing(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya")
	token, _ := h.link(t, who, "")
	for _, bad := range []string{"", "x", token[:42], token + "A", strings.Repeat("A", 43), token[:42] + "!"} {
		if _, err := ResetPending(t.Context(), h.mail, bad, h.now()); err != ErrRunOut {
			t.Errorf("%q: %v", bad, err)
		}
	}
	h.forward(ResetLife + time.Second)
	if _, err := UseReset(t.Context(), h.mail, h.passwords, caller(), token, "nine blue umbrellas",
		h.now()); err != ErrRunOut {
		t.Error(err)
	}
}

func TestA20TheLinkNamesTheConfiguredHostAndKeepsTheWayBack(t *testing.T) {
	h := open(t)
	_, email := h.link(t, h.person(t, "Maya"), "/places/fox-point-family-clinic/holds/1")
	u, err := url.Parse(email.Link)
	if err != nil || u.Scheme != "https" || u.Host != "kindward.example" ||
		u.Query().Get("next") != "/places/fox-point-family-clinic/holds/1" {
		t.Error(email.Link, err)
	}
}

func TestA40AnAddressWithoutAnAccountGetsTheSameAnswerAndNoEmail(t *testing.T) {
	h := open(t)
	email := address()
	if err := AskReset(t.Context(), h.mail, h.limiter, caller(), email, "", h.now()); err != nil {
		t.Error(err)
	}
	if _, n := h.read(email); n != 0 {
		t.Error(n, "emails")
	}
	who := h.person(t, "Maya")
	_, before := h.read(who.Email)
	for range resetAddress.Attempts + 5 {
		if err := AskReset(t.Context(), h.mail, h.limiter, caller(), who.Email, "", h.now()); err != nil {
			t.Error("the answer tells how often:", err)
		}
	}
	if _, after := h.read(who.Email); after-before != resetAddress.Attempts {
		t.Errorf("%d emails", after-before)
	}
}

func TestOnlyTheHashOfALinkIsKept(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya")
	token, _ := h.link(t, who, "")
	var n int
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(),
		"select count(*) from directory.password_reset where position($1 in encode(token_hash, 'escape')) > 0 or encode(token_hash, 'base64') like $1 || '%'", token).Scan(&n); err != nil || n != 0 {
		t.Error(n, err)
	}
}

func TestSignOutEverywhereEndsEverySessionOfOneAccount(t *testing.T) {
	h := open(t)
	who, other := h.person(t, "Maya"), h.person(t, "Leo")
	one, two, others := h.signedIn(t, who), h.signedIn(t, who), h.signedIn(t, other)
	if all, err := h.Gateway.Anonymous().Sessions(t.Context(), shareddb.SessionsParams{AccountID: who.ID,
		Now: h.now(), IdleSince: h.now().Add(-SessionIdle)}); err != nil ||
		len(all) != 2 || all[0].UserAgent != "Firefox" {
		t.Error(all, err)
	}
	if err := h.own(caller(), who.ID).EndSessions(t.Context(), who.ID); err != nil {
		t.Fatal(err)
	}
	if one() || two() || !others() {
		t.Error("the wrong sessions ended")
	}
	if h.audited(t, who.ID, "sign-out-everywhere", "success") != 1 {
		t.Error("the audit does not know")
	}
}

func TestWhatHasRunOutIsSweptAndTombstonesStayUntilThen(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya")
	alive := h.signedIn(t, who)
	if err := h.own(caller(), who.ID).EndSessions(t.Context(), who.ID); err != nil {
		t.Fatal(err)
	}
	rows := func() (n int) {
		if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(),
			"select count(*) from directory.session where account_id = $1", who.ID).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := Sweep(t.Context(), h.Gateway.Anonymous(), h.now()); err != nil || rows() != 1 {
		t.Error("a tombstone was swept too early", err)
	}
	h.forward(2 * time.Hour)
	if err := Sweep(t.Context(), h.Gateway.Anonymous(), h.now()); err != nil || rows() != 0 || alive() {
		t.Error("a tombstone stays for ever", err)
	}
}

func TestDetailsAreRememberedWithTheirAuditEvent(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya")
	born := time.Date(1988, 3, 27, 0, 0, 0, 0, time.UTC)
	for _, phone := range []string{"+14015550134", "+14015550199"} { // the second is known by then
		details := shareddb.KeepDetailsParams{ID: who.ID, Phone: phone, Born: born}
		if err := h.own(caller(), who.ID).KeepDetails(t.Context(), details); err != nil {
			t.Fatal(err)
		}
	}
	got, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password, h.now())
	if err != nil || got.Phone != "+14015550134" || got.Born == nil || !got.Born.Equal(born) {
		t.Error(got, err)
	}
	var fields string
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), `select string_agg(fields::text, ' ') from audit.event
		where patient = $1 and action = 'update'`, who.ID).Scan(&fields); err != nil || fields != "{phone,born}" {
		t.Errorf("the audit says that %q changed, %v", fields, err)
	}
}
