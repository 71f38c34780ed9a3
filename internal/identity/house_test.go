package identity

import (
	"io"
	"log/slog"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/notify/notifytest"
	"kindward/internal/pgtest"
	"kindward/internal/ratelimit"
	"kindward/internal/tenancy"
)

// real are the parameters that people's passwords get; tests take an eighth of the memory, so that the rest of the work shows more.
var real = hashParams

func TestMain(m *testing.M) {
	hashParams.Memory = real.Memory / 8
	pgtest.Main(m)
}

type house struct {
	*pgtest.DB
	*Accounts
	t     testing.TB
	mail  *notifytest.Mailbox
	ahead atomic.Int64
}

const password = "seven green bicycles"

func open(t testing.TB) *house {
	t.Helper()
	h := &house{DB: pgtest.Open(t), t: t}
	base := &url.URL{Scheme: "https", Host: "kindward.example"}
	h.Accounts = NewAccounts(h.Gateway, h.Keys, base, func() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }, slog.New(slog.NewTextHandler(io.Discard, nil)))
	midnight := time.Now().Truncate(24 * time.Hour) // windows begin when forward moves into them, and never while a test runs
	h.limiter.Now = func() time.Time { return midnight.Add(time.Duration(h.ahead.Load())) }
	h.Passwords.signIns = ratelimit.New(ratelimit.Unlimited, 1)
	h.mail = notifytest.New(t, notifytest.Options{RelayURL: h.RelayURL(), Keys: h.Keys, Base: base, Resolve: ResolveEmail(h.Gateway)})
	return h
}

func (h *house) forward(by time.Duration) { h.ahead.Add(int64(by)) }

// read gives the last email to an address, and how many there were.
func (h *house) read(to string) (last notifytest.Email, n int) {
	h.t.Helper()
	all := h.mail.To(h.t, to)
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	return last, len(all)
}

// person signs somebody up, email and all.
func (h *house) person(t testing.TB, name string) Account {
	t.Helper()
	email := address()
	who, err := h.FinishSignUp(t.Context(), caller(), h.begin(t, name, email), h.code(email))
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func (h *house) begin(t testing.TB, name, email string) SignUp {
	t.Helper()
	s, err := h.BeginSignUp(t.Context(), caller(), name, email, password, &url.URL{Path: "/sign-in"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *house) code(email string) string {
	l, _ := h.read(email)
	return l.Code
}

// audited counts what the audit says about an account.
func (h *house) audited(t testing.TB, id uuid.UUID, action, outcome string) (n int) {
	t.Helper()
	err := h.Connect(t, h.AdminURL()).QueryRow(t.Context(), "select count(*) from audit.event where patient = $1 and action = $2 and outcome = $3 and request_id = 'R-TEST' and host(ip) like '10.%'", id, action, outcome).Scan(&n)
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
