package identity

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
)

// A19 is shown twice. What a refused sign-in does, its statements and its hashing, is compared exactly: that holds
// however busy the machine is. What it takes is compared by the clock, pair by pair: noise makes the one of a pair
// slower as often as the other, and a difference that an asker could see makes it always the same one.

// cheapHash fits no password and is next to no work.
const cheapHash = "$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func TestA19AnUnknownAddressCostsTheSameWorkAsAKnownOne(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	w := h.watch(t)
	known, unknown := w.refused(t, h, who.Email), w.refused(t, h, address())
	if !slices.Equal(known.statements, unknown.statements) || len(known.statements) < 3 {
		t.Errorf("a known address: %q\nan unknown one: %q", known.statements, unknown.statements)
	}
	if !slices.Equal(known.hashes, unknown.hashes) || len(known.hashes) != 1 {
		t.Errorf("a known address: %+v, an unknown one: %+v", known.hashes, unknown.hashes)
	}
}

func TestA19NegativeControlACheaperHashForNobodyIsSeenInTheWork(t *testing.T) {
	h := open(t)
	h.passwords.nobody = cheapHash
	who := h.person(t, "Maya Okafor")
	w := h.watch(t)
	if known, unknown := w.refused(t, h, who.Email), w.refused(t, h, address()); slices.Equal(known.hashes,
		unknown.hashes) {
		t.Errorf("known %+v, unknown %+v: the test could not tell", known.hashes, unknown.hashes)
	}
}

func TestA19AnUnknownAddressTakesAsLongAsAKnownOne(t *testing.T) {
	h := open(t)
	who := h.person(t, "Maya Okafor")
	known, unknown := h.slower(t, 200, who.Email)
	t.Logf("of 200 pairs the known address took a tenth longer in %d, the unknown one in %d", known, unknown)
	if lopsided(known, unknown) {
		t.Errorf("of 200 pairs the known address took a tenth longer in %d, the unknown one in %d", known, unknown)
	}
}

func TestA19NegativeControlWithoutTheHashOfNobodyTheDifferenceShows(t *testing.T) {
	h := open(t)
	h.passwords.nobody = cheapHash
	who := h.person(t, "Maya Okafor")
	known, unknown, pairs := 0, 0, 0
	for pairs < 400 && !lopsided(known, unknown) { // the busier the machine, the more pairs it takes to see it
		k, u := h.slower(t, 40, who.Email)
		known, unknown, pairs = known+k, unknown+u, pairs+40
	}
	if !lopsided(known, unknown) {
		t.Errorf("of %d pairs %d and %d: the test could not tell", pairs, known, unknown)
	}
}

// lopsided tells whether one of two counts that chance makes equal is the larger by more than four standard
// deviations, which chance does once in 16,000 runs. Few differences are none that an asker could build on.
func lopsided(a, b int) bool {
	n := a + b
	return n >= 20 && (a-b)*(a-b) > 16*n
}

// slower counts the pairs of refused sign-ins in which one took a tenth longer than the other. The two of a pair
// follow each other, in either order. Every attempt comes from elsewhere and the counts are cleared, so that no rate
// limit answers instead.
func (h *harness) slower(t *testing.T, pairs int, email string) (known, unknown int) {
	t.Helper()
	stranger := address()
	for i := range pairs {
		if i%40 == 0 {
			h.Admin(t, "delete from directory.throttle")
		}
		order := []string{email, stranger}
		if rand.IntN(2) == 0 {
			slices.Reverse(order)
		}
		took := map[string]time.Duration{}
		for _, who := range order {
			from := caller()
			began := time.Now()
			if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, from, who, "not this one",
				h.now()); err != ErrNoMatch {
				t.Fatal(err)
			}
			took[who] = time.Since(began)
		}
		switch a, b := took[email], took[stranger]; {
		case a > b+b/10:
			known++
		case b > a+a/10:
			unknown++
		}
	}
	return known, unknown
}

// watch makes a test's sign-ins go through a connection that is listened to, and counts what is hashed.
func (h *harness) watch(t *testing.T) *watcher {
	t.Helper()
	w := &watcher{}
	gateway, err := tenancy.Open(t.Context(), h.AppURL(), h.Keys, tenancy.Options{Tracer: w, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(gateway.Close)
	h.mail.Gateway, h.limiter.Gateway = gateway, gateway
	compare := h.passwords.compare
	h.passwords.compare = func(password, hash string) (bool, *argon2id.Params, error) {
		match, params, err := compare(password, hash)
		if params != nil {
			w.hashes = append(w.hashes, *params)
		}
		return match, params, err
	}
	return w
}

// work is what one attempt cost.
type work struct {
	statements []string
	hashes     []argon2id.Params
}

type watcher struct {
	mu sync.Mutex
	work
}

// refused is what one refused sign-in costs. One before it has described the statements.
func (w *watcher) refused(t *testing.T, h *harness, email string) work {
	t.Helper()
	for range 2 {
		w.work = work{}
		if _, err := SignIn(t.Context(), h.mail.Gateway, h.passwords, h.limiter, caller(), email, "not this one",
			h.now()); err != ErrNoMatch {
			t.Fatal(err)
		}
	}
	return w.work
}

// TraceQueryStart implements pgx.QueryTracer.
func (w *watcher) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	w.heard(d.SQL)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (w *watcher) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart implements pgx.BatchTracer.
func (w *watcher) TraceBatchStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceBatchStartData) context.Context {
	for _, q := range d.Batch.QueuedQueries {
		w.heard(q.SQL)
	}
	return ctx
}

// TraceBatchQuery implements pgx.BatchTracer.
func (w *watcher) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements pgx.BatchTracer.
func (w *watcher) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

func (w *watcher) heard(sql string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.statements = append(w.statements, sql)
}
