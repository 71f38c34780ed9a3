package provider

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/contract"
	"kindward/internal/onboarding"
	"kindward/internal/policy"
	"kindward/queries/shareddb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

const contractTab = "/contract"

// ShowContract shows an owner the contract of their organization with Kindward: its text, and who signed when. Another
// text that is to be signed stands in its place, with the form that signs it.
func (h *Handlers) ShowContract(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showContract(c, http.StatusOK, f)
}

func (h *Handlers) showContract(c echo.Context, status int, f *web.Form) error {
	organization, ctx := web.Organization(c), c.Request().Context()
	scope, zone := web.Scope(c, organization), civil.ZoneOrUTC(organization.Zone)
	d, a, err := h.signedApplication(c)
	if errors.Is(err, web.ErrNotFound) {
		return h.showNoContract(c)
	}
	if err != nil {
		return err
	}
	rows, err := h.Gateway.Shared(scope).Signatures(ctx)
	if err != nil {
		return err
	}
	p := view.ContractPage{Heading: "Signed by both", Lead: "The contract of " + organization.Name + " with Kindward.",
		Print: home(organization) + contractTab + ".pdf", Problems: f.Problems, Text: web.Paragraphs(signedText(rows)),
		Hash: a.Signature.Hash}
	for _, row := range slices.Backward(rows) {
		if !a.Kept(row) || len(rows) != len(a.Signatures) {
			p.Wrong = "What is kept is not what was signed. Nothing rests on it. Write to us."
		}
		p.Signatures = append(p.Signatures, signature(row, zone))
	}
	if a.Countersignature.Hash != a.Signature.Hash {
		p.Heading = "Signed. We countersign it within minutes"
	}
	if due, asked := d.ToSignAgain(a); asked {
		text, _, _ := d.Contract(a)
		p.Heading = "A new text is to be signed by " + day(due.In(zone))
		p.Lead = "An owner reads it to its end and signs below. Until then the earlier text holds, which you can download."
		p.Text, p.Hash, p.Sign = web.Paragraphs(text), contract.Hash(text), home(organization)+contractTab+"/signature"
		p.Signing = web.SigningOf(f, text, a.Name())
	}
	if p.Page, p.Work, err = h.frame(c, "Contract with Kindward", contractTab, f.Problems); err != nil {
		return err
	}
	return web.Render(c, status, view.Contract(p), view.SignatureForm)
}

func (h *Handlers) showNoContract(c echo.Context) (err error) {
	p := view.ContractPage{Heading: "No contract is kept here",
		Lead: web.Organization(c).Name + " joined before contracts were signed on Kindward. Write to us for yours."}
	if p.Page, p.Work, err = h.frame(c, "Contract with Kindward", contractTab, nil); err != nil {
		return err
	}
	return web.Render(c, http.StatusOK, view.Contract(p), view.SignatureForm)
}

// signedApplication is what an organization has joined by, if there is a contract with it.
func (h *Handlers) signedApplication(c echo.Context) (*onboarding.Definition, onboarding.Application, error) {
	d, a, err := onboarding.Load(c.Request().Context(), h.Gateway, web.Scope(c, web.Organization(c)))
	if errors.Is(err, pgx.ErrNoRows) || err == nil && a.Countersignature.Name == "" {
		err = fmt.Errorf("it joined without a contract: %w", web.ErrNotFound)
	}
	return d, a, err
}

// signedText is the text under the organization's last signature.
func signedText(rows []shareddb.SignaturesRow) string {
	for _, row := range slices.Backward(rows) {
		if row.Side == onboarding.SideOrganization {
			return row.Text
		}
	}
	return ""
}

func signature(row shareddb.SignaturesRow, zone *time.Location) view.Signature {
	s := view.Signature{Side: "Your organization", Who: row.Name, Proof: web.ProofWords[row.Proof],
		When: civil.Stamp(row.At.In(zone)), Hash: row.Hash[:8] + "…"}
	if row.Title != "" {
		s.Who += ", " + row.Title
	}
	if row.Side == onboarding.SidePlatform {
		s.Side = "Kindward"
	}
	return s
}

// SignContract signs another text of the contract for the organization, by an owner who has just shown who they are.
func (h *Handlers) SignContract(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	organization := web.Organization(c)
	status, err := h.sign(c, f)
	if err != nil {
		return err
	}
	if status != 0 {
		return h.showContract(c, status, f)
	}
	web.Flash(c, ui.Notice{Text: "The contract is signed. We countersign it within minutes.", Done: true})
	return web.Redirect(c, home(organization)+contractTab)
}

// sign lets a signature happen. A status is that with which its form is shown again, which says why.
func (h *Handlers) sign(c echo.Context, f *web.Form) (status int, err error) {
	d, a, err := h.signedApplication(c)
	if err != nil {
		return 0, err
	}
	given := web.ReadSignature(f)
	if !f.OK() {
		return http.StatusUnprocessableEntity, nil
	}
	who, _ := web.Actor(c)
	proof, _ := web.ProofOf(c)
	_, given.Version, _ = d.Contract(a)
	given.Proof = proof.How
	_, _, err = onboarding.Act(c.Request().Context(), h.Gateway, web.Scope(c, web.Organization(c)), onboarding.Event{
		Kind: onboarding.SignedAgain, Step: d.ContractStep(), By: who.ID, At: web.Now(c),
		Data: onboarding.Data{Signature: given}})
	return web.Unsigned(f, err)
}

// SendContract gives the contract with its signatures and their proof, as a file to print.
func (h *Handlers) SendContract(c echo.Context) error {
	organization := web.Organization(c)
	if _, _, err := h.signedApplication(c); errors.Is(err, web.ErrNotFound) {
		return web.Redirect(c, home(organization)+contractTab) // which says so
	}
	return web.SendContract(c, h.Gateway, web.Scope(c, organization), civil.ZoneOrUTC(organization.Zone))
}

// contractStanding adds the way to the contract, for whoever may read it where there is one, and says until when
// another text of it is to be signed.
func (h *Handlers) contractStanding(c echo.Context, p *view.HomePage) error {
	if !web.May(c, policy.ReadContract) {
		return nil
	}
	organization := web.Organization(c)
	standing, err := h.Gateway.Shared(web.Scope(c, organization)).ContractStanding(c.Request().Context())
	if err != nil || !standing.Signed {
		return err
	}
	p.Contract = home(organization) + contractTab
	p.Ways = append(p.Ways, ui.Way{Text: "Read the contract with Kindward, and who signed it", Href: p.Contract})
	if standing.AskedAt.Unix() > 0 {
		due := standing.AskedAt.Add(onboarding.SignWithin)
		p.ToSign = "A new text of the contract with Kindward is to be signed by " +
			day(due.In(civil.ZoneOrUTC(organization.Zone))) + "."
	}
	return nil
}
