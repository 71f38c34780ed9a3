package join

import (
	"errors"
	"net/http"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/contract"
	"kindward/internal/identity"
	"kindward/internal/notify"
	"kindward/internal/onboarding"
	"kindward/queries/shareddb"
	view "kindward/views/join"
	"kindward/views/ui"
)

var (
	// codes sent by one link, and to one mailbox by all links
	guestCodes   = identity.AttemptLimit{Name: "guest codes", Attempts: 5, Window: time.Hour, Windows: identity.Sliding}
	guestCodesTo = identity.AttemptLimit{Name: "guest codes to", Attempts: 10, Window: 24 * time.Hour,
		Windows: identity.Sliding}
	// guesses at the code of one link
	guestCodeTries = identity.AttemptLimit{Name: "guest code tries", Attempts: 10, Window: time.Hour,
		Windows: identity.Rolling}
)

// proofByCode is how somebody without an account has shown who they are: they read the mailbox that whoever made their
// link has named.
const proofByCode = "email_code"

// showGuestContract is the contract for a guest, who signs it by a code besides.
func (h *Handlers) showGuestContract(c echo.Context, status int, g guest, f *web.Form) error {
	p, err := h.contractPage(c, g.opened, g.step, f)
	if err != nil {
		return err
	}
	path := guestPath(g.id, c.Param("token"))
	p.Back, p.Print, p.Sign, p.Send = "", "", path+"/signature", path+"/code"
	p.Code, p.Masked, p.Until = f.Raw("code"), identity.Masked(g.link.Email), h.moment(c, g.link.Until)
	return web.Render(c, status, view.Contract(p), view.SignatureForm)
}

// openGuestContract is the contract that a guest's link opens.
func (h *Handlers) openGuestContract(c echo.Context) (g guest, f *web.Form, err error) {
	if f, err = web.ReadForm(c); err != nil {
		return g, nil, err
	}
	if g, err = h.openGuest(c); err == nil && (g.step.Contract == 0 || g.link.Email == "") {
		err = web.ErrNotFound
	}
	return g, f, err
}

// CreateGuestCode sends a guest the code with which they sign, to the address that their link is for.
func (h *Handlers) CreateGuestCode(c echo.Context) error {
	g, f, err := h.openGuestContract(c)
	if err != nil {
		return err
	}
	ctx, now := c.Request().Context(), web.Now(c)
	_, err = web.AttemptLimiter(c).Reserve(ctx, guestCodes.For(g.link.ID.String()), guestCodesTo.For(g.link.Email))
	if _, often := errors.AsType[*identity.TooManyError](err); often {
		f.Wrong("code", "Many codes were sent already. Use the last one, or come back in an hour")
		return h.showGuestContract(c, http.StatusTooManyRequests, g, f)
	}
	if err != nil {
		return err
	}
	code := h.guestLinks().Code(g.id, g.link, g.toSign(), now)
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	err = h.Gateway.WithinIdentity(ctx, g.scope, func(q *shareddb.Queries) error {
		return notify.Enqueue(ctx, q, h.Mail.Keys, id, now, notify.SignatureCode{
			Recipient: notify.Recipient{To: g.link.Email}, Code: code, Valid: onboarding.GuestCodeLife})
	})
	if err != nil {
		return err
	}
	if h.Mail.Notify != nil {
		h.Mail.Notify()
	}
	web.Flash(c, ui.Notice{Text: "A code is on its way to " + identity.Masked(g.link.Email) + ".", Done: true})
	return web.Redirect(c, guestPath(g.id, c.Param("token"))+"#sign")
}

// CreateGuestSignature signs the contract for the organization by a guest's link and the code that their mailbox got.
func (h *Handlers) CreateGuestSignature(c echo.Context) error {
	g, f, err := h.openGuestContract(c)
	if err != nil {
		return err
	}
	e := signing(f, g.step)
	status, err := h.proveGuest(c, g, f)
	if err != nil {
		return err
	}
	if status == 0 {
		e.Data.Guest, e.Data.Signature.Email, e.Data.Signature.Proof = e.Data.Signature.Name, g.link.Email, proofByCode
		if status, err = h.sign(c, g.opened, f, e); err != nil {
			return err
		}
	}
	if status == 0 {
		web.Flash(c, ui.Notice{Text: "The contract is signed. Thank you.", Done: true})
		return web.Redirect(c, guestPath(g.id, c.Param("token")))
	}
	if g, err = h.openGuest(c); err != nil { // it may have changed meanwhile
		return err
	}
	return h.showGuestContract(c, status, g, f)
}

// toSign is what a guest's code is for: one signature under one text.
func (g guest) toSign() onboarding.ToSign {
	text, _, _ := g.definition.Contract(g.Application)
	return onboarding.ToSign{Hash: contract.Hash(text), Before: len(g.Signatures)}
}

// proveGuest checks the code. A status is that with which it is refused.
func (h *Handlers) proveGuest(c echo.Context, g guest, f *web.Form) (status int, err error) {
	if g.Steps[g.step.Key].State == onboarding.StepDone {
		return web.Unsigned(f, onboarding.ErrSigned)
	}
	typed := f.Text("code", 20, "Type the code that we sent")
	if !f.OK() {
		return http.StatusUnprocessableEntity, nil
	}
	_, err = web.AttemptLimiter(c).Reserve(c.Request().Context(), guestCodeTries.For(g.link.ID.String()))
	if _, often := errors.AsType[*identity.TooManyError](err); often {
		f.Wrong("code", "Many codes were tried. Come back in an hour")
		return http.StatusTooManyRequests, nil
	}
	if err == nil && !h.guestLinks().Proves(g.id, g.link, g.toSign(), typed, web.Now(c)) {
		f.Wrong("code", "This is not the code, or it is too old. Ask for another one")
		return http.StatusUnprocessableEntity, nil
	}
	return 0, err
}
