package identity

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Browser is where somebody signs in from: a random id that it keeps in an encrypted cookie, and how it calls itself.
// It proves nothing, but lets its people try a password or ask for an email where strangers have done so too often.
type Browser struct {
	ID    []byte // nil: it was never here
	Agent string

	// By is who first signed in from it by a proof of their own, as a keyed hash; empty: nobody. All browsers of one
	// person count together: they could make as many as they like.
	By string

	// Vouched: only an organization's provider said who signed in. That makes the browser known for nothing: whoever has
	// the provider could make as many as they like, and guess with each.
	Vouched bool

	Reset   uuid.UUID // whose password was changed from it last, by a link of an email
	ResetAt time.Time
}

// ResetFresh is how long a browser is known for its new password.
const ResetFresh = time.Hour

// knows tells whether an account has signed in from this browser in full, or has just taken a new password there.
// uuid.Nil, nobody's account, costs the same.
func (b Browser) knows(ctx context.Context, limiter AttemptLimiter, caller tenancy.Caller, account uuid.UUID) (bool,
	error) {
	if len(b.ID) == 0 {
		return false, nil
	}
	known, err := ownQueries(limiter.Gateway, caller, account).KnowsDevice(ctx, browserHash(limiter.Keys, account,
		Browser{ID: b.ID}))
	age := limiter.Now().Sub(b.ResetAt)
	return known || account != uuid.Nil && account == b.Reset && age >= 0 && age < ResetFresh, err
}

// youth is how long after its making an account's first browser is no news to its owner.
const youth = time.Hour

// SeeBrowser notes from where somebody signed in, and tells them by email when it is the first time from there.
func SeeBrowser(ctx context.Context, mail Mail, caller tenancy.Caller, who Account, b Browser, now time.Time) error {
	return mail.commit(ctx, ownScope(mail.Gateway, caller, who.ID), now, func(q *shareddb.Queries) (notify.Entry, error) {
		tell, err := q.SeeDevice(ctx, shareddb.SeeDeviceParams{Device: browserHash(mail.Keys, who.ID, b), Agent: b.Agent,
			Now: now, Fresh: now.Add(-youth)})
		if err != nil || !tell {
			return nil, err
		}
		return notify.NewDevice{Recipient: recipient(who), Browser: BrowserName(b.Agent), At: now}, nil
	})
}

// browserHash is another one for each account, so that the table does not tell who shares a computer with whom, and
// another one where an organization vouched.
func browserHash(ring *keys.Keyring, account uuid.UUID, b Browser) []byte {
	purpose := "browser"
	if b.Vouched {
		purpose = "vouched browser"
	}
	mac := hmac.New(sha256.New, ring.Vault().Derive(purpose, 32))
	mac.Write(account[:])
	mac.Write(b.ID)
	return mac.Sum(nil)
}

// Order matters: many browsers call themselves by the names of others too.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"},
		{"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}}
	systems = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"},
		{"CrOS", "Chromebook"},
		{"Mac OS X", "Mac"}, {"Linux", "Linux"}}
)

// BrowserName is a browser's long name for itself in words: "Firefox on Windows".
func BrowserName(agent string) string {
	browser, system := named(agent, browsers), named(agent, systems)
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "":
		return browser
	case system != "":
		return "A program on " + system
	}
	return "A device without a name"
}

func named(agent string, names [][2]string) string {
	for _, n := range names {
		if strings.Contains(agent, n[0]) {
			return n[1]
		}
	}
	return ""
}
