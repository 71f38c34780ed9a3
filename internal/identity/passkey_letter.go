package identity

import (
	"context"
	"net/url"
)

// The letters about passkeys. URL is the page that lists them.
const (
	PasskeyAdded   LetterKind = "passkey-added"
	PasskeyRemoved LetterKind = "passkey-removed"
	PasskeyCopied  LetterKind = "passkey-copied" // its counter did not go on: a copy may exist
)

func (a *Accounts) tellOfPasskey(ctx context.Context, who Account, kind LetterKind) {
	a.later(ctx, "passkey", func(ctx context.Context) error {
		return a.mail(ctx, Letter{Kind: kind, To: who.Email, Name: who.Name, URL: a.link(&url.URL{Path: "/account/passkeys"})})
	})
}

// passkeySubject is the subject of these letters, or "".
func (l Letter) passkeySubject() string {
	switch l.Kind {
	case PasskeyAdded:
		return "A passkey was added to your account"
	case PasskeyRemoved:
		return "A passkey was removed from your account"
	case PasskeyCopied:
		return "We refused a passkey of yours"
	}
	return ""
}

// passkeyText is what these letters say, or "".
func (l Letter) passkeyText() string {
	switch l.Kind {
	case PasskeyAdded:
		return "You can sign in to Kindward with a new passkey from now on.\n\nIf it was not you, remove it here and choose a new password:\n" + l.URL + "\n"
	case PasskeyRemoved:
		return "A passkey of yours no longer signs in to Kindward.\n\nIf it was not you, look at your passkeys and choose a new password:\n" + l.URL + "\n"
	case PasskeyCopied:
		return "Somebody wanted to sign in with a passkey of yours, and its counter was behind: there may be a copy of it. We refused it.\n\n" +
			"Remove it, and make a new one on the device that you have:\n" + l.URL + "\n"
	}
	return ""
}
