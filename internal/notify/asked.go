package notify

import (
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// Asker is what the audit keeps of the request behind an entry.
type Asker struct {
	Request string
	IP      netip.Addr
}

// SignUpAsked becomes SignUpCode, or HaveAccount when the address has an account.
type SignUpAsked struct {
	Recipient
	Code   string
	Valid  time.Duration
	SignIn Page
}

// Kind is stable for ever.
func (SignUpAsked) Kind() Kind { return KindSignUpAsked }

// Life ends with that of the code.
func (e SignUpAsked) Life() time.Duration { return e.Valid }

// PasswordResetAsked becomes PasswordReset when the address has an account, and nothing otherwise. The token is
// good for nothing before its hash is kept, which happens then.
type PasswordResetAsked struct {
	To    string
	Token []byte
	Next  string
	At    time.Time
	Valid time.Duration
	Asker Asker
}

// Kind is stable for ever.
func (PasswordResetAsked) Kind() Kind { return KindPasswordResetAsked }

// Address is whose password is asked for.
func (e PasswordResetAsked) Address() string { return e.To }

// Life ends with that of the link.
func (e PasswordResetAsked) Life() time.Duration { return e.Valid }

// EmailChangeAsked becomes EmailChange, or EmailTaken when the address has an account. The token is as in
// PasswordResetAsked.
type EmailChangeAsked struct {
	To      string
	Account uuid.UUID // that wants the address
	Token   []byte
	At      time.Time
	Valid   time.Duration
	Asker   Asker
}

// Kind is stable for ever.
func (EmailChangeAsked) Kind() Kind { return KindEmailChangeAsked }

// Address is the one that is wanted.
func (e EmailChangeAsked) Address() string { return e.To }

// Life ends with that of the link.
func (e EmailChangeAsked) Life() time.Duration { return e.Valid }
