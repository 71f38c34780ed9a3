package account

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	view "kindward/views/account"
	"kindward/views/ui"
)

// pendingLife is how long a right password waits for its second step.
const pendingLife = 10 * time.Minute

// enter signs somebody in whose password was right, or asks for the second step if the account has one.
func (h Handlers) enter(c echo.Context, who identity.Account, next string) error {
	if next == "" {
		var err error
		if next, err = landing(c, who.ID); err != nil {
			return err
		}
	}
	factors, err := own(c, who.ID).Factors(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	if !factors.TOTP {
		if err := h.signIn(c, who, web.Proof{Factors: 1, How: "password"}); err != nil {
			return err
		}
		return web.Redirect(c, next)
	}
	if err := web.BeginFor(c, web.VisitorOfPassword); err != nil {
		return err
	}
	if err := ceremonySlot.Set(c, ceremony{Account: who.ID, Epoch: who.SessionEpoch, How: secondStep,
		Until: web.Now(c).Add(pendingLife), Next: next}); err != nil {
		return err
	}
	return web.Redirect(c, "/sign-in/second-step")
}

// pending is whose second step this session waits for.
func pending(c echo.Context) (ceremony, bool) {
	p, ok := waiting(c)
	return p, ok && p.How == secondStep
}

// ShowSecondStep asks for a code after the password.
func (h Handlers) ShowSecondStep(c echo.Context) error {
	p, ok := pending(c)
	if !ok {
		return web.Redirect(c, "/sign-in")
	}
	return h.showSecondStep(c, 200, p, &web.Form{})
}

// CreateSecondStep signs in with a code of the app or a recovery code, as people type them.
func (h Handlers) CreateSecondStep(c echo.Context) error {
	p, ok := pending(c)
	if !ok {
		web.Flash(c, ui.Notice{Text: "We are no longer waiting for a second step here: " +
			"it is done, or that took longer than " +
			civil.Duration(pendingLife) + ". Sign in once more."})
		return web.Redirect(c, "/sign-in")
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	who, err := identity.ActiveAccount(c.Request().Context(), web.SiteOf(c).Gateway.Anonymous(), p.Account)
	if err != nil {
		return err
	}
	if who.SessionEpoch != p.Epoch {
		return signInAgain(c)
	}
	proof, done, err := h.prove(c, f, who)
	if err != nil || done != 0 {
		return errors.Join(err, h.refusedStep(c, done, p, f))
	}
	if err := h.signIn(c, who, proof); err != nil {
		return err
	}
	return web.Redirect(c, p.Next)
}

// signInAgain is for a password that was right and then all sessions of its account ended, this half of one as well.
func signInAgain(c echo.Context) error {
	if err := ceremonySlot.Clear(c); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "Your account was signed out everywhere meanwhile. Sign in once more."})
	return web.Redirect(c, "/sign-in")
}

func (h Handlers) refusedStep(c echo.Context, status int, p ceremony, f *web.Form) error {
	if status == 0 {
		return nil
	}
	return h.showSecondStep(c, status, p, f)
}

// prove checks the field "code". A status other than 0 says that the form has the words for why not.
func (h Handlers) prove(c echo.Context, f *web.Form, who identity.Account) (p web.Proof, status int, err error) {
	typed := f.Code("code")
	ctx, caller := c.Request().Context(), web.Caller(c)
	caller.Subject = who.ID
	left, wrong := -1, "This is not the code that your app shows now, or it was used before. Wait for the next one"
	switch {
	case len(typed) == 6 && strings.Trim(typed, "0123456789") == "":
		p = web.Proof{Factors: 2, How: "totp"}
		err = identity.UseTOTP(ctx, web.AttemptLimiter(c), web.SiteOf(c).Keys, caller, who.ID, typed, web.Now(c))
	case len(typed) == 8:
		p = web.Proof{Factors: 2, How: "recovery"}
		wrong = "This is not one of your recovery codes, or it was used before. Take another one"
		left, err = identity.UseRecovery(ctx, h.Mail, web.AttemptLimiter(c), caller, who, typed, web.Now(c))
	default:
		f.Wrong("code", "Enter the six digits from your app, or a recovery code like 7QK4-M92B")
		return p, 422, nil
	}
	if errors.Is(err, identity.ErrCode) {
		f.Wrong("code", wrong)
		return p, 422, nil
	}
	if said, ok := tooMany(c, err); ok {
		f.Wrong("code", said)
		return p, 429, nil
	}
	if err == nil && left >= 0 {
		web.Flash(c, ui.Notice{Text: fmt.Sprintf("You used a recovery code. %s", leftWords(left))})
	}
	return p, 0, err
}

func leftWords(left int) string {
	switch left {
	case 0:
		return "It was the last one: make new ones now, on your account's page."
	case 1:
		return "One is left: make new ones on your account's page."
	}
	return fmt.Sprintf("%d are left.", left)
}

func (h Handlers) showSecondStep(c echo.Context, status int, p ceremony, f *web.Form) error {
	factors, err := own(c, p.Account).Factors(c.Request().Context(), p.Account)
	if err != nil {
		return err
	}
	page := view.SecondStepPage{Page: page(c, "The second step", f.Problems), Problems: f.Problems, Code: f.Raw("code"),
		Passkeys: factors.Passkeys > 0 && identity.PasskeysWork(web.SiteOf(c).BaseURL)}
	page.Held = h.held(c, &page.Page, p.Next)
	return web.Render(c, status, view.SecondStep(page), view.SecondStepForm)
}
