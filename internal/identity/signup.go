package identity

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/big"
	"net/url"
	"time"

	"github.com/google/uuid"

	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// CodeLife is how long the code of a sign-up may be typed.
const CodeLife = 20 * time.Minute

var (
	signUpHere    = AttemptLimit{"sign-up here", 5, time.Hour, Sliding} // emails to one address from one range
	signUpRange   = AttemptLimit{"sign-up range", 30, time.Hour, Sliding}
	signUpAddress = AttemptLimit{"sign-up", 15, time.Hour, Sliding} // emails to one address
	codeTries     = AttemptLimit{"code", 5, CodeLife, Rolling}      // guesses at one code: 5 of 1,000,000
)

// reserveSignUp counts an email of a sign-up.
func reserveSignUp(ctx context.Context, limiter AttemptLimiter, caller tenancy.Caller, email string) error {
	from := Range(caller.IP)
	_, err := limiter.Reserve(ctx, signUpHere.For(email, from), signUpRange.For(from), signUpAddress.For(email))
	return err
}

// SignUp is an account that is not one yet: what was asked for, and a code on its way to the address. It is kept in the
// visitor's session on the server. Whether the address has an account already, only its mailbox learns (A40).
type SignUp struct {
	ID          uuid.UUID `json:"id"`
	Name, Email string
	Hash        string // of the password
	Code        []byte // keyed hash
	Until       time.Time
}

// NewAccount is what somebody types who wants an account.
type NewAccount struct {
	Name, Email, Password string
	SignIn                *url.URL // the way on for whoever has an account already
}

// BeginSignUp hashes the password and sends an email: a code, or "you have an account". *TooManyError or ErrBusy.
func BeginSignUp(ctx context.Context, mail Mail, passwords *Passwords, limiter AttemptLimiter, caller tenancy.Caller,
	asked NewAccount, now time.Time) (SignUp, error) {
	if err := reserveSignUp(ctx, limiter, caller, asked.Email); err != nil {
		return SignUp{}, err
	}
	hash, err := passwords.Hash(ctx, asked.Password)
	if err != nil {
		return SignUp{}, err
	}
	return sendCode(ctx, mail, caller, SignUp{Name: asked.Name, Email: asked.Email, Hash: hash}, asked.SignIn, now)
}

// SendCodeAgain sends another code; the one before is void.
func SendCodeAgain(ctx context.Context, mail Mail, limiter AttemptLimiter, caller tenancy.Caller, s SignUp,
	signIn *url.URL,
	now time.Time) (SignUp, error) {
	if err := reserveSignUp(ctx, limiter, caller, s.Email); err != nil {
		return s, err
	}
	return sendCode(ctx, mail, caller, s, signIn, now)
}

func sendCode(ctx context.Context, mail Mail, caller tenancy.Caller, s SignUp, signIn *url.URL,
	now time.Time) (SignUp, error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		panic(err) // the system has no randomness
	}
	code := fmt.Sprintf("%06d", n)
	s.ID, s.Until = uuid.New(), now.Add(CodeLife)
	s.Code = codeHash(mail.Keys, s.ID, code)
	return s, mail.ask(ctx, ownScope(mail.Gateway, caller, uuid.Nil), now, notify.SignUpAsked{
		Recipient: notify.Recipient{To: s.Email, Name: s.Name}, Code: code, Valid: CodeLife,
		SignIn: notify.Page{Path: signIn.Path, Query: signIn.RawQuery}})
}

// FinishSignUp makes the account when the code is right: ErrCode, ErrRunOut, ErrExists or *TooManyError otherwise. q is
// nobody's yet.
func FinishSignUp(ctx context.Context, q *shareddb.Queries, limiter AttemptLimiter, ring *keys.Keyring, s SignUp,
	code string,
	now time.Time) (Account, error) {
	if now.After(s.Until) {
		return Account{}, ErrRunOut
	}
	if _, err := limiter.Reserve(ctx, codeTries.For(s.ID.String())); err != nil {
		return Account{}, err
	}
	if !hmac.Equal(s.Code, codeHash(ring, s.ID, code)) {
		return Account{}, ErrCode
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Account{}, err
	}
	_, err = q.CreateAccount(ctx, shareddb.CreateAccountParams{ID: id, Email: s.Email, Name: s.Name, Hash: s.Hash,
		Now: now})
	if err != nil {
		return Account{}, refused(err)
	}
	return Account{ID: id, Email: s.Email, Name: s.Name}, nil
}

func codeHash(ring *keys.Keyring, id uuid.UUID, code string) []byte {
	mac := hmac.New(sha256.New, ring.Current().Derive("sign-up code", 32))
	mac.Write(id[:])
	mac.Write([]byte(code))
	return mac.Sum(nil)
}
