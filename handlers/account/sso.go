package account

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/tenancy"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ShowSSO is the gateway of an organization's own sign-in.
func (h Handlers) ShowSSO(c echo.Context) error {
	organization, err := h.ssoOrganization(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showSSO(c, http.StatusOK, organization, f)
}

// CreateSSO begins the journey to the organization's provider: to sign in, or to show once more who is signed in.
func (h Handlers) CreateSSO(c echo.Context) error { return h.travel(c, identity.SSOSignIn) }

// CreateSSOLink begins the journey that connects the account that is signed in.
func (h Handlers) CreateSSOLink(c echo.Context) error { return h.travel(c, identity.SSOLink) }

// TestSSO begins the journey on which an owner tries the provider. It signs nobody in: the page of single sign-on says
// what came of it.
func (h Handlers) TestSSO(c echo.Context) error { return h.travel(c, identity.SSOTest) }

// ssoHome is the page of an organization's single sign-on.
func ssoHome(organization tenancy.Tenant) string {
	return "/organizations/" + organization.Slug + "/single-sign-on"
}

func (h Handlers) travel(c echo.Context, purpose identity.SSOPurpose) error {
	organization, err := h.ssoOrganization(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	if err := web.BeginFor(c, web.VisitorOfSSO); err != nil {
		return err
	}
	journey, who, err := h.beginSSO(c, organization, purpose)
	if errors.Is(err, identity.ErrNotAnswer) && purpose == identity.SSOTest {
		return web.Redirect(c, ssoHome(organization))
	}
	if errors.Is(err, identity.ErrNotAnswer) {
		f.Wrong("", "The sign-in of "+organization.Name+
			" does not answer. Try again in a minute, or tell whoever looks after it there")
		return h.showSSO(c, http.StatusServiceUnavailable, organization, f)
	}
	if err != nil {
		return err
	}
	wait := ceremony{Account: who, How: ssoSignIn, OIDC: journey.State,
		Next:  f.Next("/organizations/" + organization.Slug),
		Until: web.Now(c).Add(identity.SSOLife)}
	if err := ceremonySlot.Set(c, wait); err != nil {
		return err
	}
	// A redirect would be held to this page's form-action, the provider's own redirects after it as well; a header
	// that refreshes is not.
	c.Response().Header().Set("Refresh", "0; url="+journey.URL)
	return web.Render(c, http.StatusOK,
		view.SSOLeave(view.SSOLeavePage{Page: page(c, organization.Name, nil), Host: journey.Host, URL: journey.URL}), "")
}

// beginSSO begins the journey, for whoever is signed in if it is about their account.
func (h Handlers) beginSSO(c echo.Context, organization tenancy.Tenant, purpose identity.SSOPurpose) (
	identity.SSOJourney, uuid.UUID, error) {
	who := uuid.Nil
	proof, _ := web.ProofOf(c)
	if account, ok := web.Account(c); ok && purpose != identity.SSOSignIn {
		who = account.ID
	} else if ok && proof.Organization == organization.ID && !proof.Own() {
		purpose, who = identity.SSOConfirm, account.ID
	}
	asker, gateway := web.Caller(c), web.SiteOf(c).Gateway
	if purpose != identity.SSOTest { // what an owner tried is kept in their name
		asker.Subject = uuid.Nil
	}
	q := gateway.Identity(gateway.Admit(organization, asker))
	client := h.SSO
	client.Limiter = web.AttemptLimiter(c)
	journey, err := identity.BeginSSO(c.Request().Context(), q, client,
		identity.SSOAsker{IP: asker.IP, Session: web.ThisSession(c)}, organization, purpose, who, web.Now(c))
	return journey, who, err
}

// FinishSSO is where the provider sends people back to. What waits in the session is spent by the first answer,
// whatever it is.
func (h Handlers) FinishSSO(c echo.Context) error {
	organization, err := h.ssoOrganization(c)
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	wait, ok := waiting(c)
	if !ok || wait.How != ssoSignIn {
		wait = ceremony{}
	} else if err := ceremonySlot.Clear(c); err != nil {
		return err
	}
	arrival, err := identity.FinishSSO(c.Request().Context(), h.Mail, h.SSO, h.Passwords, web.Caller(c),
		organization, wait.OIDC,
		identity.SSOAnswer{State: f.Raw("state"), Code: f.Raw("code"), Issuer: f.Raw("iss"), Problem: f.Raw("error")},
		web.Now(c))
	if why := identity.SSORefusal(err); why != "" {
		if failed := web.DenySignIn(c, organization, wait.Account, why); failed != nil {
			return failed
		}
	}
	if err != nil {
		return h.ssoRefused(c, organization, wait, err)
	}
	if arrival.Purpose == identity.SSOTest {
		return web.Redirect(c, ssoHome(organization))
	}
	if err := h.enterBySSO(c, organization, arrival); err != nil {
		return err
	}
	if _, invited := invitedBy(organization, wait.Next); invited { // and the invitation is accepted
		wait.Next = "/organizations/" + organization.Slug
	}
	return web.Redirect(c, wait.Next)
}

// invitedBy is the token of the invitation to an organization from whose page somebody went, if they did.
func invitedBy(organization tenancy.Tenant, next string) (token string, ok bool) {
	return strings.CutPrefix(next, "/invitations/"+organization.Slug+"/")
}

// invitedAddress is whom the invitation is for from whose page somebody went, as anybody may see it; or "".
func invitedAddress(c echo.Context, organization tenancy.Tenant, next string) (string, error) {
	token, ok := invitedBy(organization, next)
	if !ok {
		return "", nil
	}
	offer, err := identity.InvitationPending(c.Request().Context(),
		web.SiteOf(c).Gateway.Identity(web.Scope(c, organization)), token, web.Now(c))
	if errors.Is(err, identity.ErrRunOut) {
		return "", nil
	}
	return identity.Masked(offer.Email), err
}

// enterBySSO opens the organization to whom its provider means. Who has shown us already who they are stays who they
// are.
func (h Handlers) enterBySSO(c echo.Context, organization tenancy.Tenant, arrival identity.SSOArrival) error {
	if arrival.Purpose == identity.SSOLink {
		web.Flash(c, ui.Notice{Text: "Your account is connected. The sign-in of " + organization.Name +
			" opens your work there from now on.", Done: true})
	}
	proof, _ := web.ProofOf(c)
	if now, ok := web.Account(c); ok && now.ID == arrival.Who.ID && proof.Own() {
		return web.AddOrganizationProof(c, organization.ID, arrival.SignIn)
	}
	if err := web.SignIn(c, arrival.Who, web.Proof{Factors: 1, How: "sso", Organization: organization.ID,
		SSO: arrival.SignIn, At: arrival.At}); err != nil {
		return err
	}
	if h.EnterWorkplace == nil {
		return nil
	}
	return h.EnterWorkplace(c, organization.Slug)
}

// ssoOrganization is the organization that the address names, if it has a sign-in of its own.
func (h Handlers) ssoOrganization(c echo.Context) (tenancy.Tenant, error) {
	web.NoStore(c)
	organization, err := web.FindOrganization(c)
	if err != nil {
		return organization, err
	}
	_, err = identity.SSOOf(c.Request().Context(), web.SiteOf(c).Gateway.Identity(web.Scope(c, organization)))
	if errors.Is(err, identity.ErrNoSSO) {
		return organization, fmt.Errorf("%w: %w", err, web.ErrNotFound)
	}
	return organization, err
}

func (h Handlers) showSSO(c echo.Context, status int, organization tenancy.Tenant, f *web.Form) error {
	next := f.Next("")
	p := view.SSOPage{Page: page(c, organization.Name, f.Problems), Problems: f.Problems, Place: organization.Name,
		Action: "/sso/" + organization.Slug, Next: next, SignIn: web.SignInPath(web.SingleSignOnPath(organization.Slug,
			next))}
	who, known := web.Account(c)
	proof, _ := web.ProofOf(c)
	if known && proof.Organization != organization.ID {
		linked, err := web.SiteOf(c).Gateway.Identity(web.Scope(c, organization)).SSOLinked(c.Request().Context())
		if err != nil {
			return err
		}
		if !linked {
			p.Link = who.Email
		}
	}
	p.Again = known && proof.Organization == organization.ID
	return web.Render(c, status, view.SSO(p), "")
}

// ssoRefused says why somebody did not come in, in words that tell nobody whether an address has an account but its
// owner: the provider has vouched for it.
func (h Handlers) ssoRefused(c echo.Context, organization tenancy.Tenant, wait ceremony, err error) error {
	p := view.SSORefusedPage{Page: page(c, organization.Name, ui.Problems{{}}), Again: "/sso/" + organization.Slug,
		Heading: "The sign-in of " + organization.Name + " did not work"}
	status := http.StatusForbidden
	invited, failed := invitedAddress(c, organization, wait.Next)
	if failed != nil {
		return failed
	}
	switch {
	case invited != "" && errors.Is(err, identity.ErrUninvited):
		p.Heading, p.Line = "The invitation is for "+invited, "At "+organization.Name+
			" you are signed in with another address. Sign out there, then open the link in the email again."
		p.Again = wait.Next
	case invited != "" && errors.Is(err, identity.ErrExists):
		p.Heading, p.Line = "You have an account already",
			"Sign in as usual, and accept the invitation for "+invited+". Then connect your account with the sign-in of "+
				organization.Name+"."
		p.SignIn = web.SignInPath(wait.Next)
	case errors.Is(err, identity.ErrNotAnswer):
		status, p.Line = http.StatusServiceUnavailable,
			"It does not answer as it should. Nobody was signed in. Try again in a minute, or tell whoever looks after it there."
	case errors.Is(err, identity.ErrNoAuthTime):
		p.Heading, p.Line = "We cannot tell that it is you now", "The sign-in of "+organization.Name+
			" does not say when you signed in there. Whoever looks after it can turn that on: it is called auth_time."
		if known, ok := web.Account(c); ok && known.ID == wait.Account {
			p.Own = web.ConfirmPath(wait.Next)
		}
	case errors.Is(err, identity.ErrSSO):
		p.Line = "What came back was not an answer to this visit, or came too late. Nobody was signed in. Begin once more."
	case errors.Is(err, identity.ErrExists):
		p.Heading, p.Line = "You have an account already",
			"Sign in once as usual. Then connect your account with the sign-in of "+organization.Name+"."
		p.SignIn = web.SignInPath(p.Again)
	case errors.Is(err, identity.ErrUninvited):
		p.Heading, p.Line = "You are not on the team yet",
			"Ask an owner or manager of "+organization.Name+" to invite your work address, then come back."
	case errors.Is(err, identity.ErrNoVerified):
		p.Heading, p.Line = "We cannot tell that your address is yours", "The sign-in of "+organization.Name+
			" does not say that your email address is verified. Whoever looks after it can turn that on: it is called "+
			"email_verified. If you have an account, sign in once as usual and connect it."
		p.SignIn = web.SignInPath(p.Again)
	case errors.Is(err, identity.ErrNotVouched):
		p.Heading, p.Line = "We do not know you yet", "If you work at "+organization.Name+
			", sign in once as usual and connect your account."
		p.SignIn = web.SignInPath(p.Again)
	case errors.Is(err, identity.ErrSSOEnded):
		p.Heading, p.Line = "You do not work at "+organization.Name,
			"If that is wrong, ask an owner or manager there to invite you."
	case errors.Is(err, identity.ErrSSOTaken), errors.Is(err, identity.ErrSSOSecond),
		errors.Is(err, identity.ErrSSOStranger):
		p.Heading, p.Line = "That sign-in belongs to somebody else here",
			"At "+organization.Name+" you are signed in as another person than on Kindward. "+
				"Sign out there, and begin once more."
	default:
		return err
	}
	return web.Render(c, status, view.SSORefused(p), "")
}
