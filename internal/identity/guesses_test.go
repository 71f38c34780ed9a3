package identity

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// atOnce makes 64 tries at one time and counts how many of them got a verdict, and how many of these were let in. One
// for which no connection is free is made again.
func atOnce(t *testing.T, try func(n int) error) (judged, let int64) {
	t.Helper()
	var group sync.WaitGroup
	var verdicts, ins atomic.Int64
	for n := range 64 {
		group.Go(func() {
			err := try(n)
			for errors.Is(err, errBusy) {
				err = try(n)
			}
			var many *TooManyError
			switch {
			case err == nil:
				ins.Add(1)
				verdicts.Add(1)
			case errors.Is(err, ErrCode), errors.Is(err, ErrRunOut):
				verdicts.Add(1)
			case !errors.As(err, &many):
				t.Error(err)
			}
		})
	}
	group.Wait()
	return verdicts.Load(), ins.Load()
}

// wrong are codes that are none of these.
func wrong(n int, but string) string {
	if code := fmt.Sprintf("%06d", n); code != but {
		return code
	}
	return "999999"
}

func TestA34OfSixtyFourGuessesAtOnceAtACodeFiveAreJudged(t *testing.T) {
	h := open(t)
	email := address()
	s := h.begin(t, "Maya", email)
	right := h.code(email)
	who, secret, recovery := h.secured(t)
	h.forward(time.Hour)
	shown := h.shown(t, secret, 0)
	for name, guess := range map[string]func(n int) error{
		"a sign-up": func(n int) error {
			_, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, s, wrong(n, right),
				h.now().Add(-time.Hour))
			return err
		},
		"an app, and the recovery codes with it": func(n int) error {
			if n%2 == 0 {
				_, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, "AAAA-AAAA", h.now())
				return err
			}
			return UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, wrong(n, shown), h.now())
		},
	} {
		if judged, let := atOnce(t, guess); judged == 0 || judged > 5 || let != 0 {
			t.Errorf("%s: %d were judged, %d let in", name, judged, let)
		}
	}
	var many *TooManyError
	if _, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, recovery[0],
		h.now()); !errors.As(err, &many) {
		t.Error("the right one afterward:", err)
	}
}

// edge gives a limiter whose clock jumps over the place where two windows of the clock meet.
func (h *harness) edge(window time.Duration) (before, after AttemptLimiter) {
	meet := h.limiter.Now().Truncate(window).Add(window)
	before, after = h.limiter, h.limiter
	before.Now = func() time.Time { return meet.Add(-time.Second) }
	after.Now = func() time.Time { return meet.Add(time.Second) }
	return before, after
}

func TestA34NoFiveMoreGuessesWhereTwoWindowsMeet(t *testing.T) {
	h := open(t)
	for _, limit := range []AttemptLimit{codeTries, secondSteps} {
		before, after := h.edge(limit.Window)
		passed := 0
		for _, limiter := range []AttemptLimiter{before, before, before, before, before, before, after, after, after} {
			if _, err := limiter.Reserve(t.Context(), limit.For(t.Name())); err == nil {
				passed++
			}
		}
		if passed != limit.Attempts {
			t.Errorf("%s: %d guesses in two seconds", limit.Name, passed)
		}
		later := h.limiter
		later.Now = func() time.Time { return before.Now().Add(limit.Window + time.Second) }
		if _, err := later.Reserve(t.Context(), limit.For(t.Name())); err != nil {
			t.Errorf("%s: a window later: %v", limit.Name, err)
		}
	}
}

func TestA34NegativeControlWithFixedWindowsThereAreTen(t *testing.T) {
	h := open(t)
	limit := codeTries
	limit.Windows = 1 // those of the clock
	before, after := h.edge(limit.Window)
	passed := 0
	for n := range 20 {
		limiter := before
		if n >= 10 {
			limiter = after
		}
		if _, err := limiter.Reserve(t.Context(), limit.For(t.Name())); err == nil {
			passed++
		}
	}
	if passed != 10 {
		t.Errorf("%d: the test of rolling windows proves nothing", passed)
	}
}

func TestARollingLimitSaysWhenToComeBackAndMeansIt(t *testing.T) {
	h := open(t)
	limit, start := AttemptLimit{"rolling", 2, time.Minute, Rolling}, h.limiter.Now()
	var at time.Duration
	limiter := h.limiter
	limiter.Now = func() time.Time { return start.Add(at) }
	var many *TooManyError
	for _, step := range []struct{ at, wait time.Duration }{
		{0, 0}, {50 * time.Second, 0}, {70 * time.Second, 40 * time.Second}, {100 * time.Second, 10 * time.Second},
		{111 * time.Second, 0},
	} {
		at = step.at
		_, err := limiter.Reserve(t.Context(), limit.For(t.Name()))
		if errors.As(err, &many) != (step.wait > 0) || step.wait > 0 && many.After != step.wait {
			t.Errorf("after %s: %v", step.at, err)
		}
	}
}

func TestOfSixtyFourWhoUseOneCodeOrLinkAtOnceOneDoes(t *testing.T) {
	h := open(t)
	who, secret, recovery := h.secured(t)
	h.forward(time.Hour)
	change := h.asks(t, who, address())
	clinic := h.Clinic(t)
	if err := Invite(t.Context(), h.mail, h.limiter, h.owner(t, clinic), clinic.Tenant, uuid.New(), who.Email, "manager",
		h.now()); err != nil {
		t.Fatal(err)
	}
	invitation, code := h.token(who.Email), h.shown(t, secret, 0)
	for _, use := range []struct {
		name string
		try  func(int) error
	}{
		{"a recovery code", func(int) error {
			_, err := UseRecovery(t.Context(), h.mail, h.limiter, caller(), who, recovery[0], h.now())
			return err
		}},
		{"a code of an app", func(int) error {
			return UseTOTP(t.Context(), h.limiter, h.Keys, caller(), who.ID, code, h.now())
		}},
		{"an invitation", func(int) error {
			_, err := AcceptInvitation(t.Context(), h.Gateway.Identity(clinic.Scope(who.ID)), invitation, h.now())
			return err
		}},
		{"a link for an address", func(int) error {
			_, _, err := UseEmailChange(t.Context(), h.mail, caller(), who, change, h.now())
			return err
		}},
	} {
		h.forward(time.Second)
		h.Admin(t, "delete from directory.throttle")
		if _, let := atOnce(t, use.try); let != 1 {
			t.Errorf("%s: %d", use.name, let)
		}
	}
}
