package identity

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/google/uuid"

	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

// allLimits are those that askers of all kinds meet.
var allLimits = []AttemptLimit{signInHere, signInRange, signInAccount, signInKnown, signUpHere, signUpRange,
	signUpAddress, codeTries, resetHere, resetRange, resetAddress, resetKnown, emailHere, emailChanges, emailAddress,
	secondSteps, secondStepHere, secondStepKnown, wrongPasskeys, invitationsTo, invitationsOfTenant, ssoLogouts, ssoHere,
	ssoKnown, ssoRange, ssoTries}

// many tells a refusal for being too fast.
func many(err error) bool {
	_, ok := errors.AsType[*TooManyError](err)
	return ok
}

// flooded lets one network try forty passwords a second for six seconds, and counts of twenty others, each from a
// network of its own, those who are kept out meanwhile.
func (h *harness) flooded(t *testing.T) (out int) {
	t.Helper()
	flood, now := caller(), h.now()
	for n := range 20 {
		at := now.Add(time.Duration(n) * 300 * time.Millisecond)
		for range 12 {
			_, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, flood, address(), "Password2026", at)
			if err != ErrNoMatch && !limited(err) {
				t.Fatal(err)
			}
		}
		if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), address(), "wrong",
			at); limited(err) {
			out++
		}
	}
	return out
}

func TestA43TwentyOthersSignInWhileOneNetworkFloods(t *testing.T) {
	h := open(t)
	fresh := NewPasswords(nil, h.passwords.log)
	h.passwords.ranges, h.passwords.signIns = fresh.ranges, fresh.signIns
	if out := h.flooded(t); out > 0 {
		t.Errorf("%d of 20 others were kept out", out)
	}
	h.passwords.ranges = ratelimit.New(ratelimit.Unlimited, 1)
	h.passwords.signIns = ratelimit.New(signInsHere, 1)
	if out := h.flooded(t); out == 0 {
		t.Error("control: without a limit of the network's own nobody is kept out either")
	}
}

// flooding signs in to one account with its own password 6.7 times a second for forty seconds, from some networks in
// turn, and counts of twenty others who come in the last ten those who are kept out.
func (h *harness) flooding(t *testing.T, own Account, nets []tenancy.Caller) (out int) {
	t.Helper()
	now := h.now()
	signIn := func(by tenancy.Caller, email, word string, at time.Time) error {
		_, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, by, email, word, at)
		if err != nil && err != ErrNoMatch && !limited(err) {
			t.Fatal(err)
		}
		return err
	}
	for n := range 267 {
		at := now.Add(time.Duration(n) * 150 * time.Millisecond)
		_ = signIn(nets[n%len(nets)], own.Email, password, at)
		if n >= 227 && n%2 == 0 && limited(signIn(caller(), address(), "wrong", at)) {
			out++
		}
	}
	return out
}

func TestA43TwentyOthersSignInWhileOneAccountSignsInWithoutEnd(t *testing.T) {
	h := open(t)
	h.passwords.compare = func(word, _ string) (bool, *argon2id.Params, error) {
		return word == password, argon2id.DefaultParams, nil
	}
	own := h.person(t, "Charlie")
	four := []tenancy.Caller{caller(), caller(), caller(), caller()}
	home := netip.MustParseAddr("2001:db8:7::1").As16()
	ranges := make([]tenancy.Caller, 100) // of one site
	for n := range ranges {
		home[6] = byte(n)
		ranges[n].IP = netip.AddrFrom16(home)
	}
	fresh := func() {
		p := NewPasswords(nil, h.passwords.log)
		h.passwords.ranges, h.passwords.sites = p.ranges, p.sites
		h.passwords.accounts, h.passwords.signIns = p.accounts, p.signIns
	}
	unlimited := ratelimit.New(ratelimit.Unlimited, 1)
	if fresh(); h.flooding(t, own, four) > 0 {
		t.Error("four networks with one account keep others out")
	}
	fresh()
	if h.passwords.accounts = unlimited; h.flooding(t, own, four) == 0 {
		t.Error("control: without a limit of the account nobody is kept out either")
	}
	fresh()
	if h.passwords.accounts = unlimited; h.flooding(t, own, ranges) > 0 {
		t.Error("one site of IPv6 keeps others out")
	}
	fresh()
	h.passwords.accounts, h.passwords.sites = unlimited, unlimited
	if h.flooding(t, own, ranges) == 0 {
		t.Error("control: without a limit of the site nobody is kept out either")
	}
}

func TestA43TwentyOthersAskForEmailsWhileOneNetworkFloods(t *testing.T) {
	h := open(t)
	home := &url.URL{Path: "/sign-in"}
	asked := map[string]func(by tenancy.Caller, to string) error{
		"a sign-up": func(by tenancy.Caller, to string) error {
			_, err := BeginSignUp(t.Context(), h.mail, h.passwords, h.limiter, by, NewAccount{"Maya", to, password, home},
				h.now())
			return err
		},
		"another code": func(by tenancy.Caller, to string) error {
			_, err := SendCodeAgain(t.Context(), h.mail, h.limiter, by, SignUp{Name: "Maya", Email: to}, home, h.now())
			return err
		},
		"a reset": func(by tenancy.Caller, to string) error {
			return AskReset(t.Context(), h.mail, h.limiter, by, to, "", h.now())
		},
	}
	for name, ask := range asked {
		flood, refused := caller(), 0
		named := address() // the flood names this one again and again, and then others
		for n := range 60 {
			to := named
			if n >= 20 {
				to = address()
			}
			if err := ask(flood, to); many(err) {
				refused++
			}
		}
		if refused == 0 {
			t.Errorf("%s: the flood was not refused", name)
		}
		for range 20 {
			if err := ask(caller(), address()); err != nil {
				t.Errorf("%s: another is refused: %v", name, err)
			}
		}
		_, before := h.read(named)
		if err := ask(caller(), named); err != nil {
			t.Errorf("%s: whose address was named is refused: %v", name, err)
		}
		if _, after := h.read(named); name != "a reset" && after != before+1 {
			t.Errorf("%s: whose address was named gets %d emails", name, after-before)
		}
	}
}

// named lets strangers try passwords for an address: one network 200 times, then sixty networks.
func (h *harness) named(t *testing.T, email string) {
	t.Helper()
	flood := caller()
	for n := range 260 {
		if n >= 200 {
			flood = caller()
		}
		_, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, flood, email, "guess after guess", h.now())
		if err != ErrNoMatch && !many(err) {
			t.Fatal(err)
		}
		if n == 199 {
			if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), email, password,
				h.now()); err != nil {
				t.Error("one network keeps the owner out:", err)
			}
		}
	}
}

func TestA44WhoeverNamesAnAddressKeepsItsOwnerOutOfNothing(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	phone := h.withPasskey(t, who)
	h.see(t, who, "Maya's laptop", firefox)
	h.named(t, who.Email)
	in := func(b Browser, password string) error {
		limiter := h.limiter
		limiter.Browser = b
		_, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, limiter, caller(), who.Email, password, h.now())
		return err
	}
	laptop := Browser{ID: []byte("Maya's laptop")}
	reset := Browser{ID: []byte("a library"), Reset: who.ID, ResetAt: h.limiter.Now()}
	for name, b := range map[string]Browser{"a known browser": laptop, "a fresh reset": reset} {
		if err := in(b, password); err != nil {
			t.Errorf("with %s: %v", name, err)
		}
	}
	ask := h.ask(t, who.ID)
	if _, err := ProvePasskey(t.Context(), h.mail, h.limiter, h.base, caller(),
		PasskeyAnswer{ask.State, phone.show(t, ask.Options, 1)}, "sign-in", h.now()); err != nil {
		t.Error("with a passkey:", err)
	}
	stale := reset
	stale.ResetAt = stale.ResetAt.Add(-ResetFresh)
	for name, b := range map[string]Browser{"no browser": {}, "another's browser": {ID: []byte("elsewhere")},
		"a reset long ago": stale, "another's reset": {ID: []byte("x"), Reset: h.person(t, "Leo").ID,
			ResetAt: h.limiter.Now()}} {
		if err := in(b, password); !many(err) {
			t.Errorf("control: %s: %v", name, err)
		}
	}
	guesses := 0
	for range 30 {
		if in(laptop, "guess after guess") == ErrNoMatch {
			guesses++
		}
	}
	if guesses != signInKnown.Attempts {
		t.Errorf("a known browser guesses %d times", guesses)
	}
}

func TestA44WhoeverHasThePasswordKeepsNobodyFromTheSecondStep(t *testing.T) {
	h := open(t)
	who, secret, _ := h.secured(t)
	h.forward(16 * time.Minute)
	h.see(t, who, "Maya's laptop", firefox)
	step := func(by tenancy.Caller, b Browser, code string) error {
		limiter := h.limiter
		limiter.Browser = b
		return UseTOTP(t.Context(), limiter, h.Keys, by, who.ID, code, h.now())
	}
	thief, guesses := caller(), 0
	for range 20 {
		if errors.Is(step(thief, Browser{}, "000000"), ErrCode) {
			guesses++
		}
	}
	if guesses != secondStepHere.Attempts {
		t.Errorf("one network guesses %d times", guesses)
	}
	if err := step(caller(), Browser{}, h.shown(t, secret, 0)); err != nil {
		t.Error("from a new browser elsewhere:", err)
	}
	for range 20 {
		if errors.Is(step(caller(), Browser{}, "000000"), ErrCode) {
			guesses++
		}
	}
	if guesses != secondSteps.Attempts {
		t.Errorf("all networks together guess %d times", guesses)
	}
	h.forward(30 * time.Second)
	reset := Browser{ID: []byte("a library"), Reset: who.ID, ResetAt: h.limiter.Now()}
	for name, b := range map[string]Browser{"no browser": {}, "another's": {ID: []byte("elsewhere")}, "a reset": reset} {
		if err := step(caller(), b, h.shown(t, secret, 0)); !many(err) {
			t.Errorf("control: %s: %v", name, err)
		}
	}
	laptop := Browser{ID: []byte("Maya's laptop")}
	if err := step(caller(), laptop, h.shown(t, secret, 0)); err != nil {
		t.Error("from a browser that the account knows:", err)
	}
	guesses = 0
	for range 20 {
		if errors.Is(step(caller(), laptop, "000000"), ErrCode) {
			guesses++
		}
	}
	if guesses != secondStepKnown.Attempts {
		t.Errorf("a known browser guesses %d times", guesses)
	}
}

func TestA44AResetReachesItsOwnerHoweverOftenOthersAsk(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	h.see(t, who, "Maya's laptop", firefox)
	for range resetAddress.Attempts + 5 {
		if err := AskReset(t.Context(), h.mail, h.limiter, caller(), who.Email, "", h.now()); err != nil {
			t.Fatal(err)
		}
	}
	for id, more := range map[string]int{"Maya's laptop": 1, "elsewhere": 0} {
		limiter := h.limiter
		limiter.Browser = Browser{ID: []byte(id)}
		_, before := h.read(who.Email)
		if err := AskReset(t.Context(), h.mail, limiter, caller(), who.Email, "", h.now()); err != nil {
			t.Error(err)
		}
		if _, after := h.read(who.Email); after-before != more {
			t.Errorf("from %s: %d emails, not %d", id, after-before, more)
		}
	}
}

func TestA45OfManyAtOnceNoMorePassThanALimitAllows(t *testing.T) {
	h := open(t)
	for _, limit := range allLimits {
		limit.Attempts = min(limit.Attempts, 20) // 600 at once would show no more
		var passed atomic.Int64
		var group sync.WaitGroup
		for range limit.Attempts + 20 {
			group.Go(func() {
				_, err := h.limiter.Reserve(t.Context(), limit.For(t.Name()))
				for errors.Is(err, errBusy) {
					_, err = h.limiter.Reserve(t.Context(), limit.For(t.Name()))
				}
				if err == nil {
					passed.Add(1)
				} else if !many(err) {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if passed.Load() != int64(limit.Attempts) {
			t.Errorf("%s: %d passed, not %d", limit.Name, passed.Load(), limit.Attempts)
		}
	}
}

func TestNoStretchOfASlidingWindowLetsMoreThroughThanTheLimit(t *testing.T) {
	h := open(t)
	limit, start := AttemptLimit{"sliding", 6, time.Hour, Sliding}, h.limiter.Now()
	for seed := range 3 {
		random := rand.New(rand.NewPCG(uint64(seed), 7))
		var at time.Duration
		limiter := h.limiter
		limiter.Now = func() time.Time { return start.Add(at) }
		var passed []time.Duration
		for range 120 {
			at += time.Duration(random.IntN(12)) * time.Minute
			reserved, err := limiter.Reserve(t.Context(), limit.For(t.Name(), fmt.Sprint(seed)))
			refused, isRefused := errors.AsType[*TooManyError](err)
			switch {
			case isRefused && (refused.After <= 0 || refused.After > limit.Window+limit.step()):
				t.Fatalf("wait for %s", refused.After)
			case isRefused:
				at += refused.After
				if _, err := limiter.Reserve(t.Context(), limit.For(t.Name(), fmt.Sprint(seed))); err != nil {
					t.Fatal("after the wait that was told:", err)
				}
				passed = append(passed, at)
			case err != nil:
				t.Fatal(err)
			case random.IntN(4) == 0:
				if err := reserved.Cancel(t.Context()); err != nil {
					t.Fatal(err)
				}
			default:
				passed = append(passed, at)
			}
		}
		for i, from := range passed {
			n := 0
			for _, p := range passed[i:] {
				if p-from < limit.Window {
					n++
				}
			}
			if n > limit.Attempts {
				t.Fatalf("%d from %s on", n, from)
			}
		}
	}
}

func TestA43OneBrowserUsesUpNobodysWayToTheirOrganizationsSignIn(t *testing.T) {
	h := open(t)
	by := caller()
	flood := SSOAsker{by.IP, uuid.New()}
	passed := 0
	for range 3 * ssoHere.Attempts {
		if err := flood.reserve(t.Context(), h.limiter); err == nil {
			passed++
		} else if !many(err) {
			t.Fatal(err)
		}
	}
	rows, err := h.mail.Gateway.Anonymous().AttemptCounts(t.Context(),
		[]string{h.limiter.hash(ssoRange.For(Range(by.IP)))})
	if err != nil || len(rows) != 1 || int(rows[0].Hits) != ssoHere.Attempts || passed != ssoHere.Attempts {
		t.Errorf("%d passed, of the network's count %v %v", passed, rows, err)
	}
	for n := range ssoRange.Attempts - passed { // many browsers, each new
		if err := (SSOAsker{IP: by.IP}).reserve(t.Context(), h.limiter); err != nil {
			t.Fatal(n, err)
		}
	}
	if err := (SSOAsker{by.IP, uuid.New()}).reserve(t.Context(), h.limiter); !many(err) {
		t.Error("control: the network's count is not used up:", err)
	}
	known := h.limiter
	known.Browser = Browser{ID: []byte("the front desk's"), By: "somebody there"}
	if err := (SSOAsker{by.IP, uuid.New()}).reserve(t.Context(), known); err != nil {
		t.Error("a browser in which somebody has signed in is kept out:", err)
	}
	for n := range ssoKnown.Attempts {
		known.Browser.ID = []byte{byte(n)}
		err = (SSOAsker{caller().IP, uuid.New()}).reserve(t.Context(), known)
	}
	if !many(err) {
		t.Error("the browsers of one person go as often as they like:", err)
	}
}
