package account

import (
	"errors"
	"image/color"
	"strconv"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/keys"
	"kindward/queries/shareddb"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ShowSecondFactor is where an authenticator app is set up, and where one that is in use can be turned off. Whoever
// came here on the way to something, with a factor that this session has not shown yet, is asked for it.
func (h Handlers) ShowSecondFactor(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	factors, err := own(c, who.ID).Factors(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	if proof, _ := web.ProofOf(c); (factors.TOTP || factors.Passkeys > 0) && proof.Factors < 2 && f.Next("") != "" {
		return web.Redirect(c, web.ConfirmPath(f.Next("")))
	}
	return h.showSecondFactor(c, 200, who, factors, f)
}

// CreateSecondFactor makes a secret for an app to read.
func (h Handlers) CreateSecondFactor(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	if err := identity.BeginTOTP(c.Request().Context(), own(c, who.ID), web.SiteOf(c).Keys, who.ID,
		web.ThisSession(c)); err != nil && !errors.Is(err, identity.ErrTOTPOn) {
		return err
	}
	return web.Redirect(c, web.SecondFactorPath(f.Next("")))
}

// ConfirmSecondFactor takes the app into use when it shows the right code, and shows the recovery codes, once.
func (h Handlers) ConfirmSecondFactor(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	codes, epoch, err := identity.ConfirmTOTP(c.Request().Context(), h.Mail, web.AttemptLimiter(c), web.Caller(c), who,
		web.ThisSession(c), f.Code("code"), web.Now(c))
	said, often := tooMany(c, err)
	switch {
	case errors.Is(err, identity.ErrCode):
		f.Wrong("code", "This is not the code that your app shows now. Is the time of your phone right?")
		return h.showSecondFactor(c, 422, who, shareddb.FactorsRow{}, f)
	case often:
		f.Wrong("code", said)
		return h.showSecondFactor(c, 429, who, shareddb.FactorsRow{}, f)
	case errors.Is(err, identity.ErrNotFound), errors.Is(err, identity.ErrTOTPOn):
		return web.Redirect(c, web.SecondFactorPath(f.Next("")))
	case err != nil:
		return err
	}
	if err := web.KeepSignedIn(c, epoch); err != nil {
		return err
	}
	if err := web.Confirm(c, web.Proof{Factors: 2, How: "totp"}); err != nil {
		return err
	}
	return showRecovery(c, codes, f, true)
}

// CreateRecoveryCodes replaces the recovery codes of an app and shows the new ones, once.
func (h Handlers) CreateRecoveryCodes(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	codes, epoch, err := identity.NewRecoveryCodes(c.Request().Context(), h.Mail, web.Caller(c), who, web.Now(c))
	if errors.Is(err, identity.ErrNotFound) {
		return web.Redirect(c, "/account/second-factor")
	}
	if err != nil {
		return err
	}
	if err := web.KeepSignedIn(c, epoch); err != nil {
		return err
	}
	return showRecovery(c, codes, f, false)
}

// DeleteSecondFactor turns the app off.
func (h Handlers) DeleteSecondFactor(c echo.Context) error {
	who, _, err := asked(c)
	if err != nil {
		return err
	}
	epoch, err := identity.RemoveTOTP(c.Request().Context(), h.Mail, web.Caller(c), who, web.Now(c))
	if errors.Is(err, identity.ErrNotFound) {
		return web.Redirect(c, "/account/second-factor")
	}
	if err != nil {
		return err
	}
	if err := web.KeepSignedIn(c, epoch); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "Your password alone signs you in now. Everywhere else you are signed out.", Done: true})
	return web.Redirect(c, "/account")
}

// asked is who sent a form, and what.
func asked(c echo.Context) (identity.Account, *web.Form, error) {
	who, err := web.RequireAccount(c)
	if err != nil {
		return who, nil, err
	}
	f, err := web.ReadForm(c)
	return who, f, err
}

func (h Handlers) showSecondFactor(c echo.Context, status int, who identity.Account, factors shareddb.FactorsRow,
	f *web.Form) error {
	p := view.SecondFactorPage{Page: page(c, "The second step", f.Problems), Problems: f.Problems, On: factors.TOTP,
		Left: int(factors.RecoveryLeft), Code: f.Raw("code"), Next: f.Next("")}
	if !p.On {
		key, err := identity.PendingTOTP(c.Request().Context(), own(c, who.ID), web.SiteOf(c).Keys, who,
			web.ThisSession(c))
		if errors.Is(err, keys.ErrKeyGone) { // begun anew it is replaced
			web.SiteOf(c).Log.Error("web: a sealed value cannot be opened", "error", err)
			err = identity.ErrNotFound
		}
		if err != nil && !errors.Is(err, identity.ErrNotFound) {
			return err
		}
		if err == nil {
			p.Secret, p.Link = grouped(key.Secret()), key.URL()
			if p.QR, p.QRSize, err = squares(key.URL()); err != nil {
				return err
			}
		}
	}
	return web.Render(c, status, view.SecondFactor(p), view.SecondFactorForm)
}

func showRecovery(c echo.Context, codes []string, f *web.Form, turnedOn bool) error {
	return web.Render(c, 200, view.Recovery(view.RecoveryPage{Page: page(c, "Your recovery codes", nil),
		TurnedOn: turnedOn, Codes: codes, Next: f.Next("/account")}), view.SecondFactorForm)
}

// grouped is a secret as people copy it: four letters at a time.
func grouped(secret string) string {
	var b strings.Builder
	for i, r := range secret {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// squares is the QR code of a text as the path of an SVG, and how many modules it is wide, with four of rest round it.
func squares(text string) (path string, size int, err error) {
	const rest = 4
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return "", 0, err
	}
	var b strings.Builder
	box := code.Bounds()
	for y := box.Min.Y; y < box.Max.Y; y++ {
		for x := box.Min.X; x < box.Max.X; x++ {
			if g := color.GrayModel.Convert(code.At(x, y)).(color.Gray); g.Y < 128 {
				b.WriteString("M" + strconv.Itoa(x-box.Min.X+rest) + " " + strconv.Itoa(y-box.Min.Y+rest) + "h1v1h-1z")
			}
		}
	}
	return b.String(), box.Dx() + 2*rest, nil
}
