package identity

import (
	"context"
	_ "embed"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"kindward/internal/ratelimit"
)

// The length of a password in characters. Nothing is asked of its kinds of characters.
const (
	ShortestPassword = 10
	LongestPassword  = 200
)

// hashParams cost about 80 ms of one core and 64 MiB while they are used. A variable so that tests need not wait.
var hashParams = argon2id.Params{Memory: 64 * 1024, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HashPassword gives the form in which a password is kept, argon2id in PHC notation. It does not wait its turn: for
// seeds.
func HashPassword(password string) (string, error) {
	return argon2id.CreateHash(plain(password), &hashParams)
}

// plain makes one password of the ways in which keyboards spell it.
func plain(password string) string { return norm.NFKC.String(password) }

// nobodysHash is verified against when there is no account, so that it takes as long as with one. No password fits it.
func nobodysHash() string {
	hash, err := HashPassword("\x00 nobody")
	if err != nil {
		panic(err) // the system has no randomness
	}
	return hash
}

//go:embed commonpasswords.txt
var commonWords string

var common = func() map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(commonWords) {
		set[word] = true
	}
	return set
}()

// PasswordProblem says what to change about a new password, or "".
func PasswordProblem(password, email, name string) string {
	n := utf8.RuneCountInString(password)
	switch {
	case n == 0:
		return "Enter a password"
	case n < ShortestPassword:
		return fmt.Sprintf("Use %d characters or more. Three or four words are easy to remember", ShortestPassword)
	case n > LongestPassword:
		return fmt.Sprintf("Use %d characters or fewer", LongestPassword)
	case personal(fold(password), email, name):
		return "Choose a password that is not your name or email address"
	case common[fold(password)] || common[strings.ToLower(password)] || monotone(password):
		return "Many people use this password, so it is tried first. Choose another one"
	}
	return ""
}

// fold looks past capitals, spaces and digits at the end: "Password 2026" is "password" once more.
func fold(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(plain(s)), ""))
	if cut := strings.TrimRight(s, "0123456789!?.*"); cut != "" {
		return cut
	}
	return s
}

func personal(password, email, name string) bool {
	box, _, _ := strings.Cut(email, "@")
	for _, own := range []string{email, box, name} {
		if own != "" && password == fold(own) {
			return true
		}
	}
	return false
}

// monotone finds one or two characters over and over, and rows of the keyboard or the alphabet.
func monotone(password string) bool {
	kinds := map[rune]bool{}
	for _, r := range password {
		kinds[r] = true
	}
	if len(kinds) <= 2 {
		return true
	}
	low := strings.ToLower(password)
	for _, row := range []string{"01234567890123456789", "98765432109876543210", "abcdefghijklmnopqrstuvwxyz",
		"qwertyuiopasdfghjklzxcvbnm"} {
		if strings.Contains(row, low) {
			return true
		}
	}
	return false
}

// signInsHere is how many sign-ins this process looks at, whoever asks, and signInsOfRange how many of them one range
// of addresses may have: a third. A site of IPv6 has 256 ranges and may have twice as many as one. What names one
// account, with the right password too, is as many as signInAccount lets be wrong.
var (
	signInsHere      = ratelimit.Limit{Burst: 60, Every: 200 * time.Millisecond}
	signInsOfRange   = ratelimit.Limit{Burst: 20, Every: 600 * time.Millisecond}
	signInsOfSite    = ratelimit.Limit{Burst: 40, Every: 300 * time.Millisecond}
	signInsOfAccount = ratelimit.Limit{Burst: 50, Every: 72 * time.Second}
)

// signInsKept is how many ranges, sites and accounts are remembered, each about 6 MB.
const signInsKept = 20_000

// Passwords checks and hashes passwords for one process, few at a time. It is safe for concurrent use.
type Passwords struct {
	breached *Breached // nil: nobody has supplied a list
	log      *slog.Logger
	limiter  hashLimiter
	nobody   string             // a hash that no password fits, to verify against when there is no account
	ranges   *ratelimit.Limiter // sign-ins of one range of addresses
	sites    *ratelimit.Limiter // of one site of IPv6
	accounts *ratelimit.Limiter // that name one account
	signIns  *ratelimit.Limiter // of this process, whoever asks: what is left of a core when a botnet comes (A33)

	compare func(password, hash string) (bool, *argon2id.Params, error) // a field so that tests can count what it costs
}

// NewPasswords needs a list of breached passwords, or nil, and where to say that it cannot be read.
func NewPasswords(breached *Breached, log *slog.Logger) *Passwords {
	return &Passwords{breached: breached, log: log, limiter: newHashLimiter(), nobody: nobodysHash(),
		ranges: ratelimit.New(signInsOfRange, signInsKept), sites: ratelimit.New(signInsOfSite, signInsKept),
		accounts: ratelimit.New(signInsOfAccount, signInsKept), signIns: ratelimit.New(signInsHere, 1),
		compare: argon2id.CheckHash}
}

// Hash gives the form in which a password is kept. ErrBusy: too many are being hashed.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	leave, err := p.limiter.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return HashPassword(password)
}

// Verify tells whether a password fits a hash, and whether the hash was made with older parameters. No password fits
// the empty hash, which costs as much as another one (A19). ErrBusy: too many are being hashed.
func (p *Passwords) Verify(ctx context.Context, password, hash string) (match, outdated bool, err error) {
	leave, err := p.limiter.enter(ctx)
	if err != nil {
		return false, false, err
	}
	defer leave()
	known := hash != ""
	if !known {
		hash = p.nobody
	}
	match, params, err := p.compare(plain(password), hash)
	if err != nil {
		return false, false, err
	}
	return match && known, *params != hashParams, nil
}

// Problem is PasswordProblem that also looks into the list of breached passwords. A list that cannot be read refuses
// nobody.
func (p *Passwords) Problem(ctx context.Context, password, email, name string) string {
	if problem := PasswordProblem(password, email, name); problem != "" || p.breached == nil {
		return problem
	}
	for _, spelling := range []string{password, plain(password)} {
		has, err := p.breached.Has(spelling)
		if err != nil {
			p.log.ErrorContext(ctx, "breached passwords not read", "error", err)
			return ""
		}
		if has {
			return "This password was in a leak of another site, so it is tried first. Choose another one"
		}
	}
	return ""
}

// hashLimiter lets few passwords be hashed at once, so that a flood of sign-ins cannot take the processors from
// bookings (A33).
type hashLimiter struct {
	slots chan struct{}
	queue *atomic.Int32
}

// queueLimit is how many may wait: about two seconds of work.
const queueLimit = 24

// newHashLimiter leaves half of the processors to everything else, and never uses more than two.
func newHashLimiter() hashLimiter {
	return hashLimiter{slots: make(chan struct{}, min(2, max(1, runtime.GOMAXPROCS(0)/2))), queue: new(atomic.Int32)}
}

func (l hashLimiter) enter(ctx context.Context) (leave func(), err error) {
	if l.queue.Add(1) > int32(queueLimit+cap(l.slots)) {
		l.queue.Add(-1)
		return nil, ErrBusy
	}
	select {
	case l.slots <- struct{}{}:
		return func() { <-l.slots; l.queue.Add(-1) }, nil
	case <-ctx.Done():
		l.queue.Add(-1)
		return nil, ctx.Err()
	}
}
