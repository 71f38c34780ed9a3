package identity

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"

	"kindward/internal/ratelimit"
)

func TestTheRightPasswordSignsInAndTheWrongOneSaysNothing(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	got, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password, h.now())
	if err != nil || got.ID != who.ID || got.Name != "Maya Okafor" {
		t.Error(got, err)
	}
	for _, wrong := range []string{"", "wrong", strings.ToUpper(password), password + " "} {
		if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, wrong,
			h.now()); err != ErrNoMatch {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), address(), password,
		h.now()); err != ErrNoMatch {
		t.Error("nobody's address:", err)
	}
	if in, out := h.audited(t, who.ID, "sign-in", "success"),
		h.audited(t, who.ID, "sign-in", "denied"); in != 1 || out != 4 {
		t.Errorf("the audit knows of %d sign-ins and %d refused ones", in, out)
	}
	h.Admin(t, "update directory.account set disabled_at = now() where id = $1", who.ID)
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); err != ErrNoMatch {
		t.Error("disabled:", err)
	}
}

func TestAPasswordIsTheSameOnEveryKeyboard(t *testing.T) {
	hash, err := HashPassword("caf\u00e9 au lait \ufb01ve")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := NewPasswords(nil, nil).Verify(t.Context(), "cafe\u0301 au lait five", hash); !ok || err != nil {
		t.Error(ok, err)
	}
}

func TestA33OneAddressAndManyPasswords(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	attacker := caller()
	tried := 0
	var limit *TooManyError
	for range 30 {
		_, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, attacker, who.Email, "guess after guess",
			h.now())
		if errors.As(err, &limit) {
			break
		}
		tried++
	}
	if tried != signInHere.Attempts || limit == nil || limit.After <= 0 ||
		limit.After > signInHere.Window+signInHere.step() {
		t.Errorf("%d passwords were tried, then %v", tried, limit)
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); err != nil {
		t.Error("the owner, at home, is locked out:", err)
	}
	h.forward(limit.After)
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, attacker, who.Email, "guess after guess",
		h.now()); err != ErrNoMatch {
		t.Error("after the window:", err)
	}
}

func TestA33OneAddressFromManyPlaces(t *testing.T) {
	h := open(t)
	email := address()
	refused := 0
	for range signInAccount.Attempts + 10 {
		if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), email, "guess after guess",
			h.now()); err != ErrNoMatch {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d tries beyond the limit were refused, not 10", refused)
	}
}

func TestA33ManyAddressesAndOnePassword(t *testing.T) {
	h := open(t)
	attacker := caller()
	refused := 0
	for range signInRange.Attempts + 10 {
		if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, attacker, address(), "Password2026",
			h.now()); err != ErrNoMatch {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d tries beyond the limit were refused, not 10", refused)
	}
}

func TestA33ManyAddressesFromManyPlaces(t *testing.T) {
	h := open(t)
	h.passwords.signIns = ratelimit.New(ratelimit.Limit{Burst: 20, Every: 1000 * time.Second}, 1)
	passed := 0
	for range 40 {
		switch _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), address(), "Password2026",
			h.now()); err {
		case ErrNoMatch:
			passed++
		case ErrBusy:
		default:
			t.Fatal(err)
		}
	}
	if passed != 20 {
		t.Errorf("%d tries passed", passed)
	}
}

func TestAnAttackersOwnSignInsDoNotClearTheirCount(t *testing.T) {
	h := open(t)
	own := h.person(t, "Mallory")
	attacker := caller()
	victim := address()
	for range signInHere.Attempts {
		_, _ = SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, attacker, victim, "guess after guess", h.now())
		if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, attacker, own.Email, password,
			h.now()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, attacker, victim, "guess after guess",
		h.now()); err == ErrNoMatch {
		t.Error("one more try")
	}
}

func TestA33PasswordsAreCheckedAFewAtATimeAndTheQueueIsShort(t *testing.T) {
	k := newHashLimiter()
	if c := cap(k.slots); c < 1 || c > 2 {
		t.Fatal("at once:", c)
	}
	var leave []func()
	for range cap(k.slots) {
		l, err := k.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	for range queueLimit {
		waiting.Go(func() {
			if _, err := k.enter(ctx); !errors.Is(err, context.Canceled) {
				t.Error("the queue:", err)
			}
		})
	}
	for int(k.queue.Load()) < cap(k.slots)+queueLimit {
		time.Sleep(time.Millisecond)
	}
	if _, err := k.enter(t.Context()); err != ErrBusy {
		t.Error("one more:", err)
	}
	cancel()
	waiting.Wait()
	for _, l := range leave {
		l()
	}
	if n := k.queue.Load(); n != 0 {
		t.Error("left behind:", n)
	}
}

func TestTheHashCostsAtLeastWhatOWASPAsksFor(t *testing.T) {
	if real.Memory < 46*1024 || real.Iterations < 1 || real.Parallelism != 1 || real.SaltLength < 16 ||
		real.KeyLength < 32 {
		t.Errorf("%+v", real)
	}
}

func TestAnOldHashIsRenewedOnTheNextSignIn(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	ours := hashParams
	hashParams.Memory = 1024
	old, err := HashPassword(password)
	hashParams = ours
	if err != nil {
		t.Fatal(err)
	}
	h.Admin(t, "update directory.password set hash = $2 where account_id = $1", who.ID, old)
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); err != nil {
		t.Fatal(err)
	}
	row, err := h.Gateway.Anonymous().AccountForSignIn(t.Context(), who.Email)
	if err != nil || row.Hash == old || !strings.Contains(row.Hash, "m=8192,t=1,p=1") {
		t.Error(row.Hash, err)
	}
	if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), who.Email, password,
		h.now()); err != nil {
		t.Error(err)
	}
}

func BenchmarkHashPassword(b *testing.B) {
	defer func(r argon2id.Params) { hashParams = r }(hashParams)
	hashParams = real
	for b.Loop() {
		if _, err := HashPassword(password); err != nil {
			b.Fatal(err)
		}
	}
}
