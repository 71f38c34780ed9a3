package join

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/contract"
	"kindward/internal/onboarding"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// showContract is the text that is to be signed, and the form that signs it; once it is signed, who did.
func (h *Handlers) showContract(c echo.Context, status int, o opened, s *onboarding.Step, f *web.Form) error {
	p, err := h.contractPage(c, o, s, f)
	if err != nil {
		return err
	}
	return web.Render(c, status, view.Contract(p), view.SignatureForm)
}

func (h *Handlers) contractPage(c echo.Context, o opened, s *onboarding.Step, f *web.Form) (p view.ContractPage,
	err error) {
	text, _, asked := o.definition.Contract(o.Application)
	if !asked {
		return p, web.ErrNotFound
	}
	p = view.ContractPage{Page: web.Page(c, s.Name+" – "+nameOf(o.Application)), Name: s.Name, Back: o.path(),
		Problems: f.Problems, Sign: o.path() + "/signature", Why: o.Asked[s.Key], Closed: o.Status != onboarding.Open,
		Over: o.Status == onboarding.Rejected || o.Status == onboarding.Withdrawn,
		Text: web.Paragraphs(text), Hash: contract.Hash(text), Signing: web.SigningOf(f, text, nameOf(o.Application))}
	switch signed := o.Signature; {
	case signed.Name == "":
	case o.Steps[s.Key].State == onboarding.StepDone:
		p.Signed = signed.Name + ", " + signed.Title + ", " + h.moment(c, signed.At)
	default:
		p.Before = signed.Name + " signed another text " + h.moment(c, signed.At) + "."
	}
	if ours := o.Countersignature; ours.Name != "" {
		p.Countersigned = ours.Name + ", " + h.moment(c, ours.At)
	}
	if o.Signature.Name != "" {
		p.Print = o.path() + "/contract.pdf"
	}
	p.Frame, p.Wrong = layout.Column, len(f.Problems) > 0
	return p, nil
}

// CreateSignature signs the contract for the organization, by somebody who has just shown who they are.
func (h *Handlers) CreateSignature(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	o, err := h.open(c)
	if err != nil {
		return err
	}
	s, err := o.contractStep()
	if err != nil {
		return err
	}
	e := signing(f, s)
	proof, _ := web.ProofOf(c)
	e.Data.Signature.Proof = proof.How
	status, err := h.sign(c, o, f, e)
	if err != nil {
		return err
	}
	if status == 0 {
		web.Flash(c, ui.Notice{Text: "The contract is signed. We countersign it when we approve your application.", Done: true})
		return web.Redirect(c, o.path())
	}
	if o, err = h.open(c); err != nil { // it may have changed meanwhile
		return err
	}
	return h.showContract(c, status, o, s, f)
}

// signing reads the form that signs.
func signing(f *web.Form, s *onboarding.Step) onboarding.Event {
	return onboarding.Event{Kind: onboarding.Signed, Step: s.Key, Data: onboarding.Data{Signature: web.ReadSignature(f)}}
}

// sign lets a signature happen. A status is that with which its form is shown again, which says why.
func (h *Handlers) sign(c echo.Context, o opened, f *web.Form, e onboarding.Event) (status int, err error) {
	if !f.OK() {
		return http.StatusUnprocessableEntity, nil
	}
	_, e.Data.Signature.Version, _ = o.definition.Contract(o.Application)
	_, err = h.act(c, o, e)
	if errors.Is(err, onboarding.ErrTooOften) {
		f.Wrong("agree", "This application was changed so often that it takes no more. Write to us: we go on with you")
		return http.StatusUnprocessableEntity, nil
	}
	return web.Unsigned(f, err)
}

// ShowContract gives what was signed, as a file to print, to whoever takes part.
func (h *Handlers) ShowContract(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	return web.SendContract(c, h.Gateway, o.scope, h.zone())
}

// contractStep is the step at which the contract is signed, once it can be.
func (o opened) contractStep() (*onboarding.Step, error) {
	for _, s := range o.definition.Turns(o.Application) {
		if s.Contract > 0 {
			return o.step(s.Key)
		}
	}
	return nil, web.ErrNotFound
}
