package identity

import (
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify/notifytest"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// real are the parameters that people's passwords get; tests take an eighth of the memory, so that the rest of the
// work shows more.
var real = hashParams

func TestMain(m *testing.M) {
	hashParams.Memory = real.Memory / 8
	pgtest.Main(m)
}

// harness is a database with what the verbs need, a clock that can be put forward, and a mailbox that can be read.
type harness struct {
	*pgtest.DB
	t         testing.TB
	log       *slog.Logger
	said      said // what log was told
	mail      Mail
	passwords *Passwords
	limiter   AttemptLimiter
	base      *url.URL
	mailbox   *notifytest.Mailbox
	ahead     atomic.Int64
}

// said is what a log was told.
type said struct {
	mu    sync.Mutex
	lines strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.Write(p)
}

// count is how often it was told something.
func (s *said) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Count(s.lines.String(), what)
}

const password = "seven green bicycles"

func open(t testing.TB) *harness {
	t.Helper()
	return openAt(t, pgtest.Open(t))
}

func openAt(t testing.TB, db *pgtest.DB) *harness {
	t.Helper()
	h := &harness{DB: db, t: t,
		passwords: NewPasswords(nil, slog.New(slog.DiscardHandler)),
		base:      &url.URL{Scheme: "https", Host: "kindward.example"}}
	h.log = slog.New(slog.NewTextHandler(&h.said, nil))
	h.mail = Mail{Gateway: db.Gateway, Keys: db.Keys, Log: h.log}
	// windows begin when forward moves into them, and never while a test runs
	midnight := time.Now().Truncate(24 * time.Hour)
	h.limiter = AttemptLimiter{Gateway: db.Gateway, Keys: db.Keys, Log: h.log,
		Now: func() time.Time { return midnight.Add(h.later()) }}
	h.passwords.ranges = ratelimit.New(ratelimit.Unlimited, 1)
	h.passwords.sites, h.passwords.accounts = h.passwords.ranges, h.passwords.ranges
	h.passwords.signIns = ratelimit.New(ratelimit.Unlimited, 1)
	h.mailbox = notifytest.New(t, notifytest.Options{RelayURL: h.RelayURL(), Keys: h.Keys, Base: h.base,
		Resolve: ResolveEmail(h.Gateway, h.Keys)})
	return h
}

func (h *harness) later() time.Duration { return time.Duration(h.ahead.Load()) }

func (h *harness) now() time.Time { return time.Now().Add(h.later()) }

// own sees and changes what is gated to one person.
func (h *harness) own(caller tenancy.Caller, id uuid.UUID) *shareddb.Queries {
	return ownQueries(h.mail.Gateway, caller, id)
}

func (h *harness) forward(by time.Duration) { h.ahead.Add(int64(by)) }

// current is an account as it is now: what ends its sessions counts its epoch on.
func (h *harness) current(t testing.TB, who Account) Account {
	t.Helper()
	now, err := ActiveAccount(t.Context(), h.Gateway.Anonymous(), who.ID)
	if err != nil {
		t.Fatal(err)
	}
	return now
}

// read gives the last email to an address, and how many there were.
func (h *harness) read(to string) (last notifytest.Email, n int) {
	h.t.Helper()
	all := h.mailbox.To(h.t, to)
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	return last, len(all)
}

// person signs somebody up, email and all.
func (h *harness) person(t testing.TB, name string) Account {
	t.Helper()
	email := address()
	who, err := FinishSignUp(t.Context(), h.own(caller(), uuid.Nil), h.limiter, h.Keys, h.begin(t, name, email),
		h.code(email), h.now())
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (h *harness) begin(t testing.TB, name, email string) SignUp {
	t.Helper()
	s, err := BeginSignUp(t.Context(), h.mail, h.passwords, h.limiter, caller(),
		NewAccount{name, email, password, &url.URL{Path: "/sign-in"}}, h.now())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *harness) code(email string) string {
	l, _ := h.read(email)
	return l.Code
}

// audited counts what the audit says about an account.
func (h *harness) audited(t testing.TB, id uuid.UUID, action, outcome string) (n int) {
	t.Helper()
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(),
		"select count(*) from audit.event where patient = $1 and action = $2 and outcome = $3 and request_id = 'R-TEST' and host(ip) like '10.%'", id, action, outcome).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func address() string { return uuid.NewString() + "@example.test" }

var lastRange atomic.Uint32

// caller is somebody from a range of addresses that nobody else came from.
func caller() tenancy.Caller {
	n := lastRange.Add(1)
	return tenancy.Caller{RequestID: "R-TEST", IP: netip.AddrFrom4([4]byte{10, byte(n >> 8), byte(n), 7})}
}
