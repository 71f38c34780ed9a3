package twoprocess_test

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// balancer gives requests to the servers that say that they are ready, in turn. It asks them all the time and tries
// nothing twice.
type balancer struct {
	*httptest.Server
	mu      sync.Mutex
	servers []*process
	ready   []*process
	next    atomic.Uint64
	failed  atomic.Int64
}

func balance(t *testing.T, servers ...*process) *balancer {
	t.Helper()
	b := &balancer{servers: servers, ready: servers}
	b.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			to, err := url.Parse(b.choose())
			if err != nil {
				panic(err)
			}
			r.SetURL(to)
			r.Out.Host = r.In.Host
			r.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			b.failed.Add(1)
			t.Errorf("a request was refused: %v", err)
			w.WriteHeader(http.StatusBadGateway)
		},
	})
	stop := make(chan struct{})
	var asking sync.WaitGroup
	asking.Go(func() {
		for tick := time.NewTicker(50 * time.Millisecond); ; {
			select {
			case <-stop:
				return
			case <-tick.C:
				b.look()
			}
		}
	})
	t.Cleanup(func() { close(stop); asking.Wait(); b.Close() })
	return b
}

func (b *balancer) look() {
	b.mu.Lock()
	servers := slices.Clone(b.servers)
	b.mu.Unlock()
	servers = slices.DeleteFunc(servers, func(p *process) bool { return !p.ready() })
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ready = servers
}

func (b *balancer) choose() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.ready) == 0 {
		return "http://127.0.0.1:1"
	}
	return b.ready[b.next.Add(1)%uint64(len(b.ready))].address
}

func (b *balancer) replace(old, with *process) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.servers = append(slices.DeleteFunc(b.servers, func(p *process) bool { return p == old }), with)
}

func (b *balancer) uses(p *process) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.ready, p)
}

// The grace is shortened; it is still many times what the balancer takes to notice.
func TestF18ARollingRestartRefusesNobodyAndKeepsHoldsAndSessions(t *testing.T) {
	d := deploy(t)
	d.settings = []string{"KINDWARD_GRACE=3s"}
	c := d.Clinic(t, later)
	a, b := d.serve(), d.serve()
	all := balance(t, a, b)
	site := &process{address: all.URL}
	maya := d.person("Maya Okafor")
	if status := maya.signIn(site, password); status != http.StatusSeeOther {
		t.Fatalf("sign-in: %d", status)
	}
	free, times := firstTimes(t, c)
	status, hold := maya.post(site, "/places/"+c.Slug+"/holds", "listing", c.OfferingID.String(), "start", free[0])
	if status != http.StatusSeeOther {
		t.Fatalf("no hold: %d", status)
	}

	stop := make(chan struct{})
	var load sync.WaitGroup
	var served atomic.Int64
	for n := range 4 {
		guest := browser(t)
		load.Go(func() {
			for {
				for _, path := range []string{"/", times, "/search?reason=skin+check&near=Providence"} {
					select {
					case <-stop:
						return
					case <-time.After(time.Duration(10+n) * time.Millisecond):
					}
					if status, body := guest.get(site, path); status != http.StatusOK {
						t.Errorf("%s: %d %.100s", path, status, body)
					}
					served.Add(1)
				}
			}
		})
	}
	for _, old := range []*process{a, b} {
		if code := old.stop(); code != 0 {
			t.Errorf("it ends with %d: %s", code, old.text())
		}
		fresh := d.serve()
		all.replace(old, fresh)
		eventually(t, "the new server is given requests", patience, func() bool { return all.uses(fresh) })
	}
	close(stop)
	load.Wait()
	t.Logf("%d requests, %d refused", served.Load(), all.failed.Load())
	if served.Load() < 50 {
		t.Error("too few requests to say anything")
	}

	_, page := maya.get(site, hold)
	key := first(keyField, page)
	status, booking := maya.post(site, hold+"/confirmation", "key", key, "name", "Maya Okafor", "dob-month", "3",
		"dob-day", "27", "dob-year", "1988", "phone", "401 555 0134", "payer", "self", "share", "on")
	if status != http.StatusSeeOther || !strings.HasPrefix(booking, "/bookings/") {
		t.Errorf("what was held before both were restarted is not booked: %d %s", status, booking)
	}
	if status, _ := maya.get(site, "/account"); status != http.StatusOK {
		t.Errorf("the session from before: %d", status)
	}
}

// refusedUnwarned tells whether a process that is asked to stop refuses a balancer that looks every quarter of a second
// before it has said that it is not ready. Between two looks people are sent there.
func refusedUnwarned(t *testing.T, p *process) bool {
	t.Helper()
	if !p.ready() {
		t.Fatal("not ready")
	}
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	balancer := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(path string) int {
		res, err := balancer.Get(p.address + path)
		if err != nil {
			return 0
		}
		res.Body.Close()
		return res.StatusCode
	}
	for end := time.Now().Add(patience); time.Now().Before(end); {
		for look := time.Now().Add(250 * time.Millisecond); time.Now().Before(look); time.Sleep(5 * time.Millisecond) {
			if ask("/") != http.StatusOK {
				return true
			}
		}
		if ask("/readyz") == http.StatusServiceUnavailable {
			return false
		}
	}
	t.Fatal("it neither refuses nor says that it stops")
	return true
}

func TestF18NegativeControlWithoutGraceABalancerThatHasNotNoticedIsRefused(t *testing.T) {
	d := deploy(t)
	for grace, refused := range map[string]bool{"0s": true, "3s": false} {
		d.settings = []string{"KINDWARD_GRACE=" + grace}
		p := d.serve()
		if refusedUnwarned(t, p) != refused {
			t.Errorf("with a grace of %s, refused before it says so: %t", grace, !refused)
		}
		select {
		case <-p.ended:
		case <-time.After(2 * patience):
			t.Fatal("it does not stop")
		}
	}
}

func TestAWorkerSaysHowItIs(t *testing.T) {
	d := deploy(t)
	d.settings = []string{"KINDWARD_HEALTH_ADDR=127.0.0.1:0"}
	w := d.start("work", "answering about health")
	eventually(t, "it is ready", patience, w.ready)
	guest := browser(t)
	if status, body := guest.get(w, "/readyz"); status != http.StatusOK || !strings.Contains(body, "seal: ok") ||
		!strings.Contains(body, "jobs: ok") || !strings.Contains(body, "outbox: ok") {
		t.Errorf("%d %s", status, body)
	}
	if status, _ := guest.get(w, "/"); status != http.StatusNotFound {
		t.Errorf("a worker has pages: %d", status)
	}
}

// lateEvent is in the audit, happened long ago, and is not sealed.
const lateEvent = `insert into audit.event (at, purpose, resource, action, outcome)
	values (now() - interval '2 hours', 'care', 'Patient', 'read', 'success')`

// Nothing bounds a transaction of the administrator; somebody must be told.
func TestA51ATransactionThatHoldsSealingUpRingsAnAlarmEverywhere(t *testing.T) {
	d := deploy(t)
	d.settings = []string{"KINDWARD_HEALTH_ADDR=127.0.0.1:0"}
	tx, err := d.Connect(t, d.AdminURL()).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `select pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	d.Admin(t, lateEvent)
	guest, w, s := browser(t), d.start("work", "answering about health"), d.serve()
	eventually(t, "the worker says that nothing is sealed", patience, func() bool {
		status, body := guest.get(w, "/readyz")
		return status == http.StatusServiceUnavailable && strings.Contains(body, "seal: failing")
	})
	eventually(t, "the server says so too, and stays", patience, func() bool {
		status, body := guest.get(s, "/readyz")
		return status == http.StatusOK && strings.Contains(body, "seal: degraded")
	})
	for _, p := range []*process{w, s} {
		eventually(t, "the log has an alarm", patience, func() bool {
			return strings.Contains(p.text(), "health: a part is behind") && strings.Contains(p.text(), `"part":"seal"`)
		})
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the control: without the transaction it is sealed, and all is well", patience, w.ready)
}
