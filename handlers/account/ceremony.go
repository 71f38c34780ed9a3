package account

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/identity"
)

// ceremony is a sign-in, or another exchange in several steps, that waits for its next one. It is kept on the server
// and gives no access.
type ceremony struct {
	Account  uuid.UUID       `json:"account,omitzero"` // whose password was right
	Epoch    int64           `json:"epoch,omitempty"`  // the account's SessionEpoch when its password was read
	How      string          `json:"how"`
	Until    time.Time       `json:"until"`
	Next     string          `json:"next,omitempty"`
	WebAuthn json.RawMessage `json:"webauthn,omitempty"`
	OIDC     json.RawMessage `json:"oidc,omitempty"`
}

// The ceremonies that may wait in a session: an answer to one is none to another.
const (
	secondStep     = "second-step"
	signInPasskey  = "passkey"
	confirmPasskey = "passkey-confirm"
	newPasskey     = "passkey-new"
	ssoSignIn      = "sso"
)

// Whoever has signed in waits for nothing: both are emptied by it.
var (
	ceremonySlot = web.NewSlot[ceremony]("ceremony", web.UntilSignIn)
	signUpSlot   = web.NewSlot[identity.SignUp]("sign_up", web.UntilSignIn)
)

// waiting is the ceremony that waits in this session, if its time is not over.
func waiting(c echo.Context) (ceremony, bool) {
	w, ok := ceremonySlot.Get(c)
	if !ok || !web.Now(c).Before(w.Until) {
		return ceremony{}, false
	}
	return w, true
}
