package identity

import (
	"context"
	"net/url"

	"kindward/internal/tenancy"
)

// SSOLinked says that the provider of Place opens the account there from now on. URL is the account's page.
const SSOLinked LetterKind = "sso-linked"

func (a *Accounts) tellOfLink(ctx context.Context, who Account, place tenancy.Tenant) {
	a.later(ctx, "single sign-on", func(ctx context.Context) error {
		return a.mail(ctx, Letter{Kind: SSOLinked, To: who.Email, Name: who.Name, Organization: place.Name, URL: a.link(&url.URL{Path: "/account"})})
	})
}

// ssoSubject is the subject of this letter, or "".
func (l Letter) ssoSubject() string {
	if l.Kind == SSOLinked {
		return "Your account was connected to your organization's sign-in"
	}
	return ""
}

// ssoText is what this letter says, or "".
func (l Letter) ssoText() string {
	if l.Kind == SSOLinked {
		return "From now on you can sign in to your work at " + l.Organization + " with its own sign-in. It opens that work and nothing else of your account.\n\n" +
			"See how you sign in:\n" + l.URL + "\n\nIf it was not you, choose a new password and answer this e-mail.\n"
	}
	return ""
}
