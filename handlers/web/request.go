package web

import (
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
)

// requestState is what is known about one request; it lies in the echo context.
type requestState struct {
	site      *Site
	requestID string
	account   identity.Account // whose account the request uses; zero for a visitor

	loaded        identity.LoadedSession
	begun         bool // a visitor's session is begun with the answer
	visitor       VisitorKind
	typed         uuid.UUID // whose session ended in this request
	keptTyped     bool      // what was sent with it is kept: see keepTyped
	sessionLoaded bool      // a session was loaded or may be begun
	sessionErr    error     // the session could not be read: nobody is signed in, nothing may be written
	committed     bool      // cookies and session have been written
	cookies       *clientCookies

	noStore bool
	tenant  uuid.UUID
	cause   error // of a failed answer, for the log
	options RouteOptions

	actor       identity.Account // whose session it is
	asOther     bool             // account is somebody else than the actor: staff see the site as them
	staffAccess StaffAccess

	asked        policy.Question // what Permit decided, and by which policies
	through      bool            // the organization answers for whoever asks, by its own sign-in
	overBySSO    bool            // it did, and nothing else does
	ssoUntil     time.Time       // when it does no more, if nothing else does; zero: something else does
	policy       string
	staff        bool
	organization tenancy.Tenant
	key          policy.KeyScopes
}

// forgetAccount makes the rest of the request nobody's.
func (state *requestState) forgetAccount() {
	state.account, state.actor = identity.Account{}, identity.Account{}
	state.asOther, state.staffAccess = false, StaffAccess{}
}

const stateKey = "kindward.request"

func stateOf(c echo.Context) *requestState { return c.Get(stateKey).(*requestState) }

// SiteOf is the deployment that a request came to.
func SiteOf(c echo.Context) *Site { return stateOf(c).site }

// Now is the site's clock.
func Now(c echo.Context) time.Time { return stateOf(c).site.Now() }

// AttemptLimiter counts attempts across all processes.
func AttemptLimiter(c echo.Context) identity.AttemptLimiter {
	s := stateOf(c).site
	return identity.AttemptLimiter{Gateway: s.Gateway, Keys: s.Keys, Now: s.Now, Browser: askingBrowser(c),
		Log: s.Log}
}
