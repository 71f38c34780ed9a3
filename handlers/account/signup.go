package account

import (
	"errors"
	"net/url"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ShowSignUp asks for name, address and password.
func (h Handlers) ShowSignUp(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if done, err := passOn(c, f); done {
		return err
	}
	return h.showSignUp(c, 200, f)
}

// CreateSignUp sends an email and asks for its code. The answer is the same for an address that has an account.
func (h Handlers) CreateSignUp(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	name, email, password := f.Text("name", 120, "Enter your full name"), f.Email("email"), f.Raw("password")
	if problem := h.Passwords.Problem(c.Request().Context(), password, email, name); problem != "" {
		f.Wrong("password", problem)
	}
	if !f.OK() {
		return h.showSignUp(c, 422, f)
	}
	s, err := identity.BeginSignUp(c.Request().Context(), h.Mail, h.Passwords, web.AttemptLimiter(c), web.Caller(c),
		identity.NewAccount{Name: name, Email: email, Password: password, SignIn: signInURL(f)}, web.Now(c))
	if said, ok := tooMany(c, err); ok {
		f.Wrong("email", said)
		return h.showSignUp(c, 429, f)
	}
	if err != nil {
		return err
	}
	if err := signUpSlot.Set(c, s); err != nil {
		return err
	}
	return web.Redirect(c, codePath(f))
}

// ShowCode asks for the code of the email.
func (h Handlers) ShowCode(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if done, err := passOn(c, f); done {
		return err
	}
	s, ok := signUpSlot.Get(c)
	if !ok {
		return noCode(c, f)
	}
	return h.showCode(c, 200, f, s)
}

// CreateAccount makes the account when the code is right, signs in and goes on. The button "Send another code" asks
// for a new email instead.
func (h Handlers) CreateAccount(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	s, ok := signUpSlot.Get(c)
	if !ok {
		return noCode(c, f)
	}
	if f.Ticked("again") {
		return h.sendAgain(c, f, s)
	}
	code := f.Digits("code")
	if len(code) != 6 {
		f.Wrong("code", "Enter the six digits from our email")
		return h.showCode(c, 422, f, s)
	}
	who, err := identity.FinishSignUp(c.Request().Context(), own(c, uuid.Nil), web.AttemptLimiter(c),
		web.SiteOf(c).Keys, s, code,
		web.Now(c))
	if said, ok := codeProblem(err); ok {
		f.Wrong("code", said)
		return h.showCode(c, 422, f, s)
	}
	if errors.Is(err, identity.ErrExists) {
		return h.haveAccount(c, f)
	}
	if err != nil {
		return err
	}
	if err := h.signIn(c, who, web.Proof{Factors: 1, How: "password"}); err != nil {
		return err
	}
	next := f.Next(home)
	ready := ui.Notice{Text: "Your account is ready.", Done: true}
	if identity.PasskeysWork(web.SiteOf(c).BaseURL) {
		ready.Text += " Next time your phone or computer can sign you in without the password."
		ready.Link, ready.Href = "Add a passkey", web.NewPasskeyPath(next)
	}
	web.Flash(c, ready)
	return web.Redirect(c, next)
}

func (h Handlers) sendAgain(c echo.Context, f *web.Form, s identity.SignUp) error {
	s, err := identity.SendCodeAgain(c.Request().Context(), h.Mail, web.AttemptLimiter(c), web.Caller(c), s,
		signInURL(f), web.Now(c))
	if said, ok := tooMany(c, err); ok {
		f.Wrong("code", said)
		return h.showCode(c, 429, f, s)
	}
	if err != nil {
		return err
	}
	if err := signUpSlot.Set(c, s); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "Another email is on its way. The code before it no longer works."})
	return web.Redirect(c, codePath(f))
}

// noCode is for a browser that waits for no code: perhaps the account was made and the answer that said so was lost.
func noCode(c echo.Context, f *web.Form) error {
	web.Flash(c, ui.Notice{Text: "We are no longer waiting for a code here. " +
		"If your code was right before, you have an account: " +
		"sign in with its password. Otherwise begin again."})
	return web.Redirect(c, web.SignUpPath(f.Next("")))
}

// haveAccount is for somebody who proved the address to be theirs while another window was faster.
func (h Handlers) haveAccount(c echo.Context, f *web.Form) error {
	if err := signUpSlot.Clear(c); err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "This address has an account already. Sign in with its password."})
	return web.Redirect(c, web.SignInPath(f.Next("")))
}

// codeProblem says what is wrong with a code; all three end with a new email at the latest.
func codeProblem(err error) (string, bool) {
	if _, ok := errors.AsType[*identity.TooManyError](err); ok {
		return "This code was tried five times. Ask for another code", true
	}
	switch {
	case errors.Is(err, identity.ErrCode):
		return "This is not the code in our last email. Look again", true
	case errors.Is(err, identity.ErrRunOut):
		return "The time of this code is over. Ask for another code", true
	}
	return "", false
}

func codePath(f *web.Form) string {
	if next := f.Next(""); next != "" {
		return "/sign-up/code?next=" + url.QueryEscape(next)
	}
	return "/sign-up/code"
}

// signInURL is the way on for somebody who has an account, for the email.
func signInURL(f *web.Form) *url.URL {
	u := &url.URL{Path: "/sign-in"}
	if next := f.Next(""); next != "" {
		u.RawQuery = url.Values{"next": {next}}.Encode()
	}
	return u
}

func (h Handlers) showSignUp(c echo.Context, status int, f *web.Form) error {
	next := f.Next("")
	p := view.SignUpPage{Page: page(c, "Create an account", f.Problems), Problems: f.Problems, Name: f.Raw("name"),
		Email: f.Raw("email"), Again: f.SecretAgain("password", "That password is good."), Next: next,
		SignIn: web.SignInPath(next)}
	p.Held = h.held(c, &p.Page, next)
	return web.Render(c, status, view.SignUp(p), view.SignUpForm)
}

func (h Handlers) showCode(c echo.Context, status int, f *web.Form, s identity.SignUp) error {
	next := f.Next("")
	p := view.CodePage{
		Page: page(c, "Your code", f.Problems), Problems: f.Problems, Email: s.Email, Code: f.Raw("code"),
		Minutes: int(identity.CodeLife.Minutes()),
		Next:    next, SignIn: web.SignInPath(next), SignUp: web.SignUpPath(next),
	}
	p.Held = h.held(c, &p.Page, next)
	if web.SiteOf(c).Demo {
		p.Mail = "/demo/mail"
	}
	return web.Render(c, status, view.Code(p), view.CodeForm)
}
