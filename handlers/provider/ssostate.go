package provider

import (
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// describeSSO tells of the provider that is set, and how it does.
func (h *Handlers) describeSSO(c echo.Context, set identity.SSO, p *view.SSOPage) {
	organization := web.Organization(c)
	p.Provider = ui.Summary{{Name: "Provider", Value: set.Issuer}, {Name: "Client ID", Value: set.ClientID},
		{Name: "Client secret", Value: "Kept encrypted, and never shown"},
		{Name: "Address to come back to", Value: h.SSO.Redirect(organization),
			Small: "Enter it at your provider as redirect URI."},
		{Name: "Address for sign-outs", Value: h.SSO.Logout(organization),
			Small: "Enter it at your provider as back-channel logout URL, where it has one. Whoever signs out there is signed " +
				"out here."},
		{Name: "Last change", Value: day(set.UpdatedAt.In(civil.ZoneOrUTC(organization.Zone))), Small: by(set.UpdatedBy)}}
	p.State = ssoState(c, set)
	if set.SaysTime != nil && !*set.SaysTime {
		p.Missing = append(p.Missing, "Your provider does not say when somebody signed in there (auth_time). Nobody can "+
			"connect an account they have, and before sensitive changes your people show Kindward itself who they are.")
	}
	if set.Vouches != nil && !*set.Vouches {
		p.Missing = append(p.Missing, "Your provider does not say that an email address is verified (email_verified). "+
			"Whoever is invited cannot come in by it for the first time.")
	}
	for _, hours := range ssoHours {
		text := strconv.Itoa(hours) + " hours"
		if hours == 1 {
			text = "1 hour"
		}
		p.Lives = append(p.Lives, ui.Option{Value: strconv.Itoa(hours), Text: text})
	}
	p.Life = strconv.Itoa(int(set.Life / time.Hour))
}

// ssoState is whether the provider works, since when, and if not, why.
func ssoState(c echo.Context, set identity.SSO) view.SSOState {
	when := func(t time.Time) string {
		zone := civil.ZoneOrUTC(web.Organization(c).Zone)
		return civil.TimeFormat{Now: web.Now(c)}.Full(t.In(zone))
	}
	last := "Nobody has signed in by it yet."
	if set.LastSignIn != nil {
		last = "The last sign-in was on " + when(*set.LastSignIn) + "."
	}
	switch {
	case set.BrokenSince != nil:
		return view.SSOState{Tone: ui.Bad, Text: "Does not work since " + when(*set.BrokenSince),
			Why: ssoFaults[set.Fault], Last: last}
	case set.WorkingSince != nil:
		return view.SSOState{Tone: ui.Good, Text: "Works since " + when(*set.WorkingSince), Last: last}
	}
	return view.SSOState{Tone: ui.Warn, Text: "Not tested yet",
		Why: "Test the connection: you go to your provider and come back. You stay signed in here as you are."}
}

// ssoFaults say what is wrong, and where to look.
var ssoFaults = map[identity.SSOFault]string{
	identity.FaultDiscovery: "It does not answer, or does not describe itself. Check its address: we ask for what it says " +
		"of itself at /.well-known/openid-configuration.",
	identity.FaultSecret: "It refuses our client ID or client secret. The secret may have run out: make a new one there and " +
		"enter it here.",
	identity.FaultCode: "It sent you back with a code and gave no sign-in for it. Check that the address to come back to " +
		"stands there as it stands here.",
	identity.FaultRefused: "It sent you back with an error. Check that you may use the application there, and that it may " +
		"ask for openid, email and profile.",
	identity.FaultToken: "What it says is not signed by its own key, or not meant for this client ID. Check the address and " +
		"the client ID.",
	identity.FaultClock:  "Its clock and ours differ by minutes. Set the clock of your provider.",
	identity.FaultPerson: "It does not say who signed in there. Check that it gives a subject (sub), and your email address.",
}

// ssoHours are how long a sign-in by the provider may open the organization.
var ssoHours = []int{1, 2, 4, 8, 10, int(identity.SSOLongest / time.Hour)}

// UpdateSSOSession sets how long a sign-in by the provider opens the organization.
func (h *Handlers) UpdateSSOSession(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	hours, bad := strconv.Atoi(f.Raw("hours"))
	life := time.Duration(hours) * time.Hour
	if bad != nil || life < identity.SSOShortest || life > identity.SSOLongest {
		return h.showSSO(c, 422, ui.Problems{{Field: "hours", Message: "Choose between 1 and 12 hours"}})
	}
	organization := web.Organization(c)
	err = identity.SetSSOLife(c.Request().Context(), h.Gateway.Identity(web.Scope(c, organization)), life)
	if err != nil {
		return ssoGone(err)
	}
	web.Flash(c, ui.Notice{Text: "A sign-in by your provider opens this workplace for " + civil.Duration(life) +
		" from now on.", Done: true})
	return web.Redirect(c, ssoHome(organization))
}
