package identity

import (
	"errors"
	"net/url"
	"path"
	"strings"
	"testing"
	"time"

	"kindward/internal/notify"
)

// asks asks for an address and gives the token that its mailbox got.
func (h *harness) asks(t *testing.T, who Account, email string) (token string) {
	t.Helper()
	if err := AskEmailChange(t.Context(), h.mail, h.limiter, caller(), who.ID, email, h.now()); err != nil {
		t.Fatal(err)
	}
	l, _ := h.read(email)
	if l.Kind != notify.KindEmailChange {
		t.Fatal(l.Kind)
	}
	u, err := url.Parse(l.Link)
	if err != nil || u.Host != "kindward.example" {
		t.Fatal(l.Link, err)
	}
	return path.Base(u.Path)
}

func TestAnAddressChangesWhenItsOwnMailboxAnswers(t *testing.T) {
	h := open(t)
	who, next := h.person(t, "Maya Okafor"), address()
	if err := AskReset(t.Context(), h.mail, h.limiter, caller(), who.Email, "", h.now()); err != nil {
		t.Fatal(err)
	}
	old, _ := h.read(who.Email)
	first, token := h.asks(t, who, address()), h.asks(t, who, next)
	if email, err := EmailChangePending(t.Context(), h.mail, h.own(caller(), who.ID), token, h.now()); err != nil ||
		email != next {
		t.Fatal(email, err)
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), next, password,
		h.now()); !errors.Is(err, ErrNoMatch) {
		t.Error("asking is enough:", err)
	}
	if email, _, err := UseEmailChange(t.Context(), h.mail, caller(), who, token, h.now()); err != nil || email != next {
		t.Fatal(email, err)
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), next, password,
		h.now()); err != nil {
		t.Error("the new address:", err)
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); !errors.Is(err, ErrNoMatch) {
		t.Error("the old address opens still:", err)
	}
	for name, spent := range map[string]string{"again": token, "another of before": first} {
		if _, _, err := UseEmailChange(t.Context(), h.mail, caller(), who, spent, h.now()); !errors.Is(err, ErrRunOut) {
			t.Error(name, err)
		}
	}
	if _, err := UseReset(t.Context(), h.mail, h.passwords, caller(), path.Base(old.Link), "nine blue umbrellas",
		h.now()); !errors.Is(err, ErrRunOut) {
		t.Error("a link in the old mailbox changes the password:", err)
	}
	l, _ := h.read(who.Email)
	if l.Kind != notify.KindEmailChanged || strings.Contains(l.Text, next) {
		t.Error("the old address was not told, or told the new one:", l.Kind, l.Text)
	}
	if h.audited(t, who.ID, "email-asked", "success") != 2 || h.audited(t, who.ID, "email", "success") != 1 {
		t.Error("not in the audit")
	}
}

func TestALinkForAnAddressIsGoodForItsOwnerForHalfAnHour(t *testing.T) {
	h := open(t)
	who, charlie, next := h.person(t, "Maya Okafor"), h.person(t, "Charlie"), address()
	token := h.asks(t, who, next)
	if _, err := EmailChangePending(t.Context(), h.mail, h.own(caller(), charlie.ID), token, h.now()); !errors.Is(err,
		ErrRunOut) {
		t.Error("Charlie sees it:", err)
	}
	if _, _, err := UseEmailChange(t.Context(), h.mail, caller(), charlie, token, h.now()); !errors.Is(err, ErrRunOut) {
		t.Error("Charlie takes the address:", err)
	}
	for _, wrong := range []string{"", "x", token + "A", strings.Repeat("A", 43)} {
		if _, _, err := UseEmailChange(t.Context(), h.mail, caller(), who, wrong, h.now()); !errors.Is(err, ErrRunOut) {
			t.Error(wrong, err)
		}
	}
	h.forward(EmailChangeLife + time.Second)
	if _, _, err := UseEmailChange(t.Context(), h.mail, caller(), who, token, h.now()); !errors.Is(err, ErrRunOut) {
		t.Error("after its time:", err)
	}
}

func TestA40AnAddressThatIsTakenIsToldToItsMailboxOnly(t *testing.T) {
	h := open(t)
	who, other := h.person(t, "Maya Okafor"), h.person(t, "Theo")
	if err := AskEmailChange(t.Context(), h.mail, h.limiter, caller(), who.ID, other.Email, h.now()); err != nil {
		t.Error("the answer is another one:", err)
	}
	if l, _ := h.read(other.Email); l.Kind != notify.KindEmailTaken || l.Link != "" || strings.Contains(l.Text, "Hello") {
		t.Error(l)
	}
	next := address()
	mine, theirs := h.asks(t, who, next), h.asks(t, other, next)
	if _, _, err := UseEmailChange(t.Context(), h.mail, caller(), other, theirs, h.now()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := UseEmailChange(t.Context(), h.mail, caller(), who, mine, h.now()); !errors.Is(err, ErrRunOut) {
		t.Error("two accounts of one address:", err)
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); err != nil {
		t.Error("what was refused changed something:", err)
	}
}

func TestAnAccountAsksForFiveAddressesAnHour(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	for range 5 {
		if err := AskEmailChange(t.Context(), h.mail, h.limiter, caller(), who.ID, address(), h.now()); err != nil {
			t.Fatal(err)
		}
	}
	var wait *TooManyError
	if err := AskEmailChange(t.Context(), h.mail, h.limiter, caller(), who.ID, address(), h.now()); !errors.As(err,
		&wait) {
		t.Error(err)
	}
}
