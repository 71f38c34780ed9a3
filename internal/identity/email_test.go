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
func (h *house) asks(t *testing.T, who Account, email string) (token string) {
	t.Helper()
	if err := h.AskEmailChange(t.Context(), caller(), who.ID, email); err != nil {
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
	if err := h.AskReset(t.Context(), caller(), who.Email, ""); err != nil {
		t.Fatal(err)
	}
	old, _ := h.read(who.Email)
	first, token := h.asks(t, who, address()), h.asks(t, who, next)
	if email, err := h.EmailChangePending(t.Context(), caller(), who.ID, token); err != nil || email != next {
		t.Fatal(email, err)
	}
	if _, err := h.SignIn(t.Context(), caller(), next, password); !errors.Is(err, ErrNoMatch) {
		t.Error("asking is enough:", err)
	}
	if email, err := h.UseEmailChange(t.Context(), caller(), who.ID, token); err != nil || email != next {
		t.Fatal(email, err)
	}
	if _, err := h.SignIn(t.Context(), caller(), next, password); err != nil {
		t.Error("the new address:", err)
	}
	if _, err := h.SignIn(t.Context(), caller(), who.Email, password); !errors.Is(err, ErrNoMatch) {
		t.Error("the old address opens still:", err)
	}
	for name, spent := range map[string]string{"again": token, "another of before": first} {
		if _, err := h.UseEmailChange(t.Context(), caller(), who.ID, spent); !errors.Is(err, ErrRunOut) {
			t.Error(name, err)
		}
	}
	if _, err := h.UseReset(t.Context(), caller(), path.Base(old.Link), "nine blue umbrellas"); !errors.Is(err, ErrRunOut) {
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
	if _, err := h.EmailChangePending(t.Context(), caller(), charlie.ID, token); !errors.Is(err, ErrRunOut) {
		t.Error("Charlie sees it:", err)
	}
	if _, err := h.UseEmailChange(t.Context(), caller(), charlie.ID, token); !errors.Is(err, ErrRunOut) {
		t.Error("Charlie takes the address:", err)
	}
	for _, wrong := range []string{"", "x", token + "A", strings.Repeat("A", 43)} {
		if _, err := h.UseEmailChange(t.Context(), caller(), who.ID, wrong); !errors.Is(err, ErrRunOut) {
			t.Error(wrong, err)
		}
	}
	h.forward(EmailChangeLife + time.Second)
	if _, err := h.UseEmailChange(t.Context(), caller(), who.ID, token); !errors.Is(err, ErrRunOut) {
		t.Error("after its time:", err)
	}
}

func TestA40AnAddressThatIsTakenIsToldToItsMailboxOnly(t *testing.T) {
	h := open(t)
	who, other := h.person(t, "Maya Okafor"), h.person(t, "Theo")
	if err := h.AskEmailChange(t.Context(), caller(), who.ID, other.Email); err != nil {
		t.Error("the answer is another one:", err)
	}
	if l, _ := h.read(other.Email); l.Kind != notify.KindEmailTaken || l.Link != "" || strings.Contains(l.Text, "Hello") {
		t.Error(l)
	}
	next := address()
	mine, theirs := h.asks(t, who, next), h.asks(t, other, next)
	if _, err := h.UseEmailChange(t.Context(), caller(), other.ID, theirs); err != nil {
		t.Fatal(err)
	}
	if _, err := h.UseEmailChange(t.Context(), caller(), who.ID, mine); !errors.Is(err, ErrRunOut) {
		t.Error("two accounts of one address:", err)
	}
	if _, err := h.SignIn(t.Context(), caller(), who.Email, password); err != nil {
		t.Error("what was refused changed something:", err)
	}
}

func TestAnAccountAsksForFiveAddressesAnHour(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	for range 5 {
		if err := h.AskEmailChange(t.Context(), caller(), who.ID, address()); err != nil {
			t.Fatal(err)
		}
	}
	var wait *TooManyError
	if err := h.AskEmailChange(t.Context(), caller(), who.ID, address()); !errors.As(err, &wait) {
		t.Error(err)
	}
}
