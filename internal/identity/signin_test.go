package identity

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/time/rate"
)

func TestTheRightPasswordSignsInAndTheWrongOneSaysNothing(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	got, err := h.SignIn(t.Context(), caller(), who.Email, password)
	if err != nil || got.ID != who.ID || got.Name != "Maya Okafor" {
		t.Error(got, err)
	}
	for _, wrong := range []string{"", "wrong", strings.ToUpper(password), password + " "} {
		if _, err := h.SignIn(t.Context(), caller(), who.Email, wrong); err != ErrNoMatch {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if _, err := h.SignIn(t.Context(), caller(), address(), password); err != ErrNoMatch {
		t.Error("nobody's address:", err)
	}
	if in, out := h.audited(t, who.ID, "sign-in", "success"), h.audited(t, who.ID, "sign-in", "denied"); in != 1 || out != 4 {
		t.Errorf("the audit knows of %d sign-ins and %d refused ones", in, out)
	}
	h.Admin(t, "update directory.account set disabled_at = now() where id = $1", who.ID)
	if _, err := h.SignIn(t.Context(), caller(), who.Email, password); err != ErrNoMatch {
		t.Error("disabled:", err)
	}
}

func TestAPasswordIsTheSameOnEveryKeyboard(t *testing.T) {
	hash, err := HashPassword("caf\u00e9 au lait \ufb01ve")
	if err != nil {
		t.Fatal(err)
	}
	if ok, _, err := newKiln().verify(t.Context(), "cafe\u0301 au lait five", hash); !ok || err != nil {
		t.Error(ok, err)
	}
}

// Interleaved, so that the machine's own ups and downs meet both alike.
func TestA19AnUnknownAddressTakesAsLongAsAKnownOne(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	known, unknown := sample(t, h, 200, who.Email)
	difference := (known - unknown).Abs()
	t.Logf("median known %s, unknown %s, difference %s", known, unknown, difference)
	if difference > known/10 {
		t.Errorf("known %s, unknown %s", known, unknown)
	}
}

func TestA19NegativeControlWithoutTheIdleHashTheDifferenceShows(t *testing.T) {
	h := open(t)
	h.idle = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" // next to no work
	who := h.person(t, "Maya Okafor")
	if known, unknown := sample(t, h, 20, who.Email); (known - unknown).Abs() < known/10 {
		t.Errorf("known %s, unknown %s: the test could not tell", known, unknown)
	}
}

// sample gives the medians of refused sign-ins. Every try comes from elsewhere and the counts are cleared, so that no rate limit
// answers instead.
func sample(t *testing.T, h *house, n int, email string) (known, unknown time.Duration) {
	t.Helper()
	times := map[bool][]time.Duration{}
	stranger := address()
	for i := range n {
		if i%40 == 0 {
			h.Admin(t, "delete from directory.throttle")
		}
		order := []bool{true, false}
		if rand.IntN(2) == 0 {
			slices.Reverse(order)
		}
		for _, is := range order {
			who := stranger
			if is {
				who = email
			}
			from := caller()
			began := time.Now()
			if _, err := h.SignIn(t.Context(), from, who, "not this one"); err != ErrNoMatch {
				t.Fatal(err)
			}
			times[is] = append(times[is], time.Since(began))
		}
	}
	for _, all := range times {
		slices.Sort(all)
	}
	return times[true][n/2], times[false][n/2]
}

func TestA33OneAddressAndManyPasswords(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	attacker := caller()
	tried := 0
	var limit *TooManyError
	for range 30 {
		_, err := h.SignIn(t.Context(), attacker, who.Email, "guess after guess")
		if errors.As(err, &limit) {
			break
		}
		tried++
	}
	if tried != signInHere.Attempts || limit == nil || limit.After <= 0 || limit.After > signInHere.Window {
		t.Errorf("%d passwords were tried, then %v", tried, limit)
	}
	if _, err := h.SignIn(t.Context(), caller(), who.Email, password); err != nil {
		t.Error("the owner, at home, is locked out:", err)
	}
	h.forward(signInHere.Window)
	if _, err := h.SignIn(t.Context(), attacker, who.Email, "guess after guess"); err != ErrNoMatch {
		t.Error("after the window:", err)
	}
}

func TestA33OneAddressFromManyPlaces(t *testing.T) {
	h := open(t)
	email := address()
	refused := 0
	for range signInAccount.Attempts + 10 {
		if _, err := h.SignIn(t.Context(), caller(), email, "guess after guess"); err != ErrNoMatch {
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
		if _, err := h.SignIn(t.Context(), attacker, address(), "Password2026"); err != ErrNoMatch {
			refused++
		}
	}
	if refused != 10 {
		t.Errorf("%d tries beyond the limit were refused, not 10", refused)
	}
}

func TestA33ManyAddressesFromManyPlaces(t *testing.T) {
	h := open(t)
	h.pace = rate.NewLimiter(0.001, 20)
	passed := 0
	for range 40 {
		switch _, err := h.SignIn(t.Context(), caller(), address(), "Password2026"); err {
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
		_, _ = h.SignIn(t.Context(), attacker, victim, "guess after guess")
		if _, err := h.SignIn(t.Context(), attacker, own.Email, password); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.SignIn(t.Context(), attacker, victim, "guess after guess"); err == ErrNoMatch {
		t.Error("one more try")
	}
}

func TestA33PasswordsAreCheckedAFewAtATimeAndTheQueueIsShort(t *testing.T) {
	k := newKiln()
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

func TestTheRecipeIsAtLeastWhatOWASPAsksFor(t *testing.T) {
	if real.Memory < 46*1024 || real.Iterations < 1 || real.Parallelism != 1 || real.SaltLength < 16 || real.KeyLength < 32 {
		t.Errorf("%+v", real)
	}
}

func TestAnOldHashIsRenewedOnTheNextSignIn(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	ours := recipe
	recipe.Memory = 1024
	old, err := HashPassword(password)
	recipe = ours
	if err != nil {
		t.Fatal(err)
	}
	h.Admin(t, "update directory.password set hash = $2 where account_id = $1", who.ID, old)
	if _, err := h.SignIn(t.Context(), caller(), who.Email, password); err != nil {
		t.Fatal(err)
	}
	row, err := h.Gateway.Public().AccountForSignIn(t.Context(), who.Email)
	if err != nil || row.Hash == old || !strings.Contains(row.Hash, "m=8192,t=1,p=1") {
		t.Error(row.Hash, err)
	}
	if _, err := h.SignIn(t.Context(), caller(), who.Email, password); err != nil {
		t.Error(err)
	}
}

func BenchmarkHashPassword(b *testing.B) {
	defer func(r argon2id.Params) { recipe = r }(recipe)
	recipe = real
	for b.Loop() {
		if _, err := HashPassword(password); err != nil {
			b.Fatal(err)
		}
	}
}
