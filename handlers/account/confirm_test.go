package account_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"kindward/internal/pgtest"
)

// half is one kind of half session: what the account has besides its password, and what was shown of it.
type half struct {
	name         string
	app, passkey bool
	ownSignIn    bool // it came by an organization's, else by the password
}

var halves = []half{
	{name: "password"}, {name: "password, has an app", app: true}, {name: "password, has a passkey", passkey: true},
	{name: "password, has both", app: true, passkey: true},
	{name: "single sign-on", ownSignIn: true}, {name: "single sign-on, has an app", app: true, ownSignIn: true},
	{name: "single sign-on, has a passkey", passkey: true, ownSignIn: true},
	{name: "single sign-on, has both", app: true, passkey: true, ownSignIn: true},
}

// typed are what can be typed into a form: not at all, wrong, or right, a code of the app or of those for recovery.
var typed = struct{ passwords, codes []string }{
	[]string{"", "wrong", "right"}, []string{"", "wrong", "app", "recovery"},
}

// shows is what must become of a half session in which a password and a code are typed: whether it is the person's
// own, and whether it has shown all that the account has.
func (h half) shows(pw, code string) (own, all bool) {
	right := code == "app" || code == "recovery"
	switch {
	case !h.app: // the password is asked for; a passkey is shown in another way
		return !h.ownSignIn || pw == "right", !h.passkey && (!h.ownSignIn || pw == "right")
	case h.ownSignIn:
		return pw == "right" && right, pw == "right" && right
	}
	return true, right
}

// becomes types both into the form that asks once more, and looks at what the session opens then.
func (h half) becomes(s *endedSite, pw, code string) (own, all bool) {
	s.t.Helper()
	s.Clock.Forward(time.Minute) // another code of the app
	maya := s.holder(h.app, h.passkey)
	fields := []string{"password", map[string]string{"wrong": "not it", "right": password}[pw], "code", ""}
	b := s.Visitor(s.t)
	switch code {
	case "wrong":
		fields[3] = "000000"
	case "app":
		fields[3] = shown(b, appSecret)
	case "recovery":
		fields[3] = "2345-6789"
		if h.app {
			codes := s.browserOf(maya, true).Post("/account/second-factor/recovery-codes")
			fields[3] = recovery.FindStringSubmatch(codes.Body)[1]
		}
	}
	var by []string
	if h.ownSignIn {
		by = []string{"organization", s.Clinic().ID.String()}
	}
	b.SignInAs(maya, 1, by...)
	b.Post("/account/confirm", fields...)
	own = b.Get("/bookings").Status == http.StatusOK
	all = !strings.HasPrefix(b.Post("/account/sign-out-everywhere").Location, "/account/confirm")
	return own, all && own
}

func TestA41NoHalfSessionBecomesAWholeOneByLessThanTheSignInPageAsks(t *testing.T) {
	s := openEndedAt(t, pgtest.Open(t), "localhost")
	whole, refused := 0, 0
	for _, h := range halves {
		for _, pw := range typed.passwords {
			for _, code := range typed.codes {
				own, all := h.becomes(s, pw, code)
				if wantOwn, wantAll := h.shows(pw, code); own != wantOwn || all != wantAll {
					t.Errorf("%s, password %q, code %q: own %v, all %v, not %v and %v", h.name, pw, code, own, all, wantOwn,
						wantAll)
				}
				if all {
					whole++
				} else {
					refused++
				}
			}
		}
	}
	if whole == 0 || refused == 0 {
		t.Errorf("%d become whole, %d do not: the test sees nothing", whole, refused)
	}
}

func TestWhoeverCameByAnOrganizationsSignInIsAskedForPasswordAndCode(t *testing.T) {
	s := openEnded(t, pgtest.Open(t))
	maya := s.holder(true, false)
	b := s.Visitor(t)
	b.SignInAs(maya, 1, "organization", s.Clinic().ID.String())
	b.Get("/account/confirm?next=/bookings").Has(http.StatusOK, "opens your work there only", `name="password"`,
		`name="code"`)
	b.Post("/account/confirm", "code", shown(b, appSecret)).Has(http.StatusUnprocessableEntity, "Enter your password")
	b.Post("/account/confirm", "password", password).Has(http.StatusUnprocessableEntity, "Enter the six digits")
	b.Post("/account/confirm", "password", password, "code", shown(b, appSecret), "next", "/bookings").Goes("/bookings")
	page := s.browserOf(maya, true).Get("/account/confirm")
	page.Has(http.StatusOK, `name="code"`)
	page.Lacks(`name="password"`)
}
