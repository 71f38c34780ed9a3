package identity

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify"
)

func TestACodeFromTheEmailMakesTheAccount(t *testing.T) {
	h := open(t)
	email := address()
	s := h.begin(t, "Maya Okafor", email)
	mail, n := h.read(email)
	if n != 1 || mail.Kind != notify.KindSignUpCode || !regexp.MustCompile(`^\d{6}$`).MatchString(mail.Code) ||
		!strings.Contains(mail.Text, mail.Code[:3]+" "+mail.Code[3:]) {
		t.Fatal(mail, n)
	}
	if strings.Contains(mail.Subject, mail.Code) {
		t.Error("the code stands in the subject")
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), email, password,
		h.now()); err != ErrNoMatch {
		t.Error("an account before its code:", err)
	}
	who, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, s, mail.Code, h.now())
	if err != nil || who.Name != "Maya Okafor" || who.Email != email {
		t.Fatal(who, err)
	}
	if h.audited(t, who.ID, "sign-up", "success") != 1 {
		t.Error("the audit does not know")
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), email, password,
		h.now()); err != nil {
		t.Error(err)
	}
	if _, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, s, mail.Code,
		h.now()); err != ErrExists {
		t.Error("the same code again:", err)
	}
}

func TestAWrongCodeIsForgivenFourTimes(t *testing.T) {
	h := open(t)
	email := address()
	s := h.begin(t, "Maya", email)
	right := h.code(email)
	wrong := "000000"
	if right == wrong {
		wrong = "000001"
	}
	for range codeTries.Attempts {
		if _, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, s, wrong,
			h.now()); err != ErrCode {
			t.Fatal(err)
		}
	}
	var limit *TooManyError
	if _, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, s, right,
		h.now()); !errors.As(err, &limit) {
		t.Error("a sixth try:", err)
	}
	again, err := SendCodeAgain(t.Context(), h.mail, h.limiter, caller(), s, &url.URL{Path: "/sign-in"}, h.now())
	if err != nil {
		t.Fatal(err)
	}
	next := h.code(email)
	if next != right {
		if _, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, again, right,
			h.now()); err != ErrCode {
			t.Error("the code of the email before:", err)
		}
	}
	if _, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, again, next,
		h.now()); err != nil {
		t.Error(err)
	}
}

func TestACodeRunsOut(t *testing.T) {
	h := open(t)
	email := address()
	s := h.begin(t, "Maya", email)
	code := h.code(email)
	h.forward(CodeLife + time.Second)
	if _, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, s, code,
		h.now()); err != ErrRunOut {
		t.Error(err)
	}
}

func TestA40OnlyTheEmailKnowsThatAnAddressHasAnAccount(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	s := h.begin(t, "Mallory", who.Email)
	if s.Email != who.Email || len(s.Code) == 0 || s.Until.IsZero() {
		t.Error("the sign-up looks different:", s)
	}
	mail, _ := h.read(who.Email)
	if mail.Kind != notify.KindHaveAccount || mail.Code != "" || mail.Link != "https://kindward.example/sign-in" ||
		strings.Contains(mail.Text, "Mallory") {
		t.Error(mail)
	}
	if _, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, s, "123456",
		h.now()); err != ErrCode {
		t.Error(err)
	}
	got, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password, h.now())
	if err != nil || got.Name != "Maya Okafor" {
		t.Error("the account changed:", got, err)
	}
}

func TestTwoWindowsMakeOneAccount(t *testing.T) {
	h := open(t)
	email := address()
	one := h.begin(t, "Maya", email)
	first := h.code(email)
	two := h.begin(t, "Maya", email)
	second := h.code(email)
	results := make(chan error, 2)
	var both sync.WaitGroup
	both.Go(func() {
		_, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, one, first, h.now())
		results <- err
	})
	both.Go(func() {
		_, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, two, second, h.now())
		results <- err
	})
	both.Wait()
	a, b := <-results, <-results
	if (a == nil) == (b == nil) || (a != nil && a != ErrExists) || (b != nil && b != ErrExists) {
		t.Error(a, b)
	}
}

func TestAnAddressIsNotFloodedWithEmails(t *testing.T) {
	h := open(t)
	email := address()
	for range signUpAddress.Attempts + 5 {
		_, _ = BeginSignUp(t.Context(), h.mail, h.passwords, h.limiter, caller(),
			NewAccount{"Maya", email, password, &url.URL{Path: "/sign-in"}}, h.now())
	}
	if _, n := h.read(email); n != signUpAddress.Attempts {
		t.Errorf("%d emails", n)
	}
}

func TestNewPasswords(t *testing.T) {
	for _, good := range []string{"seven green bicycles", "correct horse", "q8#Lm!2vTz", "мой пароль тут",
		"kindwardly yours"} {
		if said := PasswordProblem(good, "maya@example.test", "Maya Okafor"); said != "" {
			t.Errorf("%q: %s", good, said)
		}
	}
	for bad, want := range map[string]string{"": "Enter a password", "short": "10 characters",
		"123456789": "10 characters", strings.Repeat("x y ", 60): "200 characters",
		"Maya Okafor": "your name", "mayaokafor1": "your name", "maya@example.test": "your name",
		"MAYA@example.test1": "your name",
		"Password123":        "Many people", "password 2026!": "Many people", "qwertyuiop": "Many people",
		"1234567890": "Many people", "aaaaaaaaaa": "Many people", "abababababab": "Many people",
		"ILoveYou1234": "Many people", "abcdefghij": "Many people", "Summer2026!": "Many people",
		"Kindward2026": "Many people"} {
		if said := PasswordProblem(bad, "maya@example.test", "Maya Okafor"); !strings.Contains(said, want) {
			t.Errorf("%q: %q", bad, said)
		}
	}
}

func TestARangeIsWhatOneAskerHas(t *testing.T) {
	for ip, want := range map[string]string{"203.0.113.77": "203.0.113.0/24", "::ffff:203.0.113.77": "203.0.113.0/24",
		"2001:db8:1:2ff:3::4": "2001:db8:1:200::/56"} {
		if got := Range(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s: %s", ip, got)
		}
	}
	if Range(netip.Addr{}) != "unknown" {
		t.Error("no address")
	}
}

func TestKeysOfAttemptsNameNobody(t *testing.T) {
	h := open(t)
	email := address()
	_, _ = SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), email, "guess after guess", h.now())
	var n int
	if err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(),
		"select count(*) from directory.throttle where key !~ '^[0-9a-f]{32}$'").Scan(&n); err != nil || n > 0 {
		t.Error(n, err)
	}
}

func TestTriesAreCountedOneByOneHoweverManyComeAtOnce(t *testing.T) {
	h := open(t)
	b := AttemptLimit{"race", 10, time.Hour, Sliding}
	var all sync.WaitGroup
	passed := make(chan bool, 100)
	for range 64 {
		all.Go(func() {
			_, err := h.limiter.Reserve(t.Context(), b.For("two", "three"))
			for errors.Is(err, errBusy) {
				_, err = h.limiter.Reserve(t.Context(), b.For("two", "three"))
			}
			if err == nil {
				passed <- true
			}
		})
	}
	all.Wait()
	if len(passed) != 10 {
		t.Errorf("%d passed", len(passed))
	}
}
