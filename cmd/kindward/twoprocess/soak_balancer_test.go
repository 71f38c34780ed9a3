package twoprocess_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// How a balancer asks, and how true its answers must be.
const (
	askEvery       = 250 * time.Millisecond
	askWait        = time.Second     // for /readyz
	slowAfter      = 3 * time.Second // a page that comes later is slow: nobody knows whether pages worked meanwhile
	readyWithin    = time.Second     // ready for longer, and requests fail: a lie
	notReadyWithin = 3 * time.Second // not ready for longer, and requests work: too careful
)

// sample is one request of an observer.
type sample struct {
	from, until time.Time
	ok          bool
	said        string
}

// slow tells whether what was asked for came, but late.
func (s sample) slow() bool { return s.ok && s.until.Sub(s.from) > slowAfter }

// probes are what two observers saw of one process: what it says, and whether a page that needs the database comes.
type probes struct{ asked, worked []sample }

// span is a stretch of time.
type span struct {
	from, until time.Time
	said        string // at its beginning
}

func (s span) String() string {
	return fmt.Sprintf("%s for %v %s", s.from.Format(time.StampMilli), s.until.Sub(s.from).Round(time.Millisecond), s.said)
}

// runs are the stretches in which all samples were ok, or all were not. A slow one is in none, and ends one.
func runs(all []sample, ok bool) (out []span) {
	for i, one := range all {
		switch {
		case one.ok != ok || one.slow():
		case i > 0 && all[i-1].ok == ok && !all[i-1].slow():
			out[len(out)-1].until = one.until
		default:
			out = append(out, span{one.from, one.until, one.said})
		}
	}
	return out
}

// wrong are the stretches in which the process said for longer than it may that it is ready while requests failed, and
// that it is not while they worked.
func (p *probes) wrong() (ready, notReady []string) {
	find := func(works bool, allowed time.Duration) (all []string) {
		for _, run := range runs(p.worked, works) {
			for _, saying := range runs(p.asked, !works) {
				lie := saying
				if lie.from.Before(run.from) {
					lie.from = run.from
				}
				if lie.until.After(run.until) {
					lie.until = run.until
				}
				if lie.said += run.said; lie.until.Sub(lie.from) > allowed {
					all = append(all, lie.String())
				}
			}
		}
		return all
	}
	return find(false, readyWithin+askEvery), find(true, notReadyWithin+askEvery) // they look no oftener
}

// seen is the latest that an observer saw.
type seen struct {
	ok    atomic.Bool
	since atomic.Int64 // when the last one that was ok was asked
}

// after tells whether all is well, as was asked after an instant.
func (s *seen) after(when time.Time) bool { return s.ok.Load() && s.since.Load() > when.UnixNano() }

// web is a web process as the balancer and the observers know it.
type web struct {
	*process
	name  string
	ready seen        // as it says
	works seen        // as a page shows
	over  atomic.Bool // it was killed or told to stop: what it says from then on is not judged
	stop  chan struct{}
	all   sync.WaitGroup
	probes
}

// probe asks for something again and again until the process is not observed any more.
func (w *web) probe(client *http.Client, path string, into *[]sample, is *seen) {
	w.all.Go(func() {
		for tick := time.NewTicker(askEvery); ; {
			one := sample{from: time.Now()}
			res, err := client.Get(w.address + path)
			if err == nil {
				raw, _ := io.ReadAll(res.Body)
				res.Body.Close()
				if one.ok = res.StatusCode == http.StatusOK; !one.ok {
					one.said = fmt.Sprintf("%d %.300q", res.StatusCode, raw)
				}
			}
			one.until = time.Now()
			if !w.over.Load() {
				*into = append(*into, one)
			}
			if one.ok {
				is.since.Store(one.from.UnixNano())
			}
			is.ok.Store(one.ok)
			select {
			case <-w.stop:
				return
			case <-tick.C:
			}
		}
	})
}

// observe has somebody signed in ask for a page that needs the database.
func (w *web) observe(jar http.CookieJar) {
	w.probe(&http.Client{Jar: jar, Timeout: hang, Transport: &http.Transport{},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}, "/bookings",
		&w.worked, &w.works)
}

// soakBalancer gives requests to the servers that say that they are ready, in turn; to all where none does, as
// balancers do. It tries nothing twice.
type soakBalancer struct {
	*httptest.Server
	mu   sync.Mutex
	webs []*web
	next int
}

func newSoakBalancer(t *testing.T) *soakBalancer {
	b := &soakBalancer{}
	b.Server = httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(b.choose())
			r.Out.Host = r.In.Host
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	})
	t.Cleanup(b.Close)
	return b
}

func (b *soakBalancer) choose() *url.URL {
	b.mu.Lock()
	defer b.mu.Unlock()
	ready := slices.DeleteFunc(slices.Clone(b.webs), func(w *web) bool { return !w.ready.ok.Load() })
	if len(ready) == 0 {
		ready = b.webs
	}
	if len(ready) == 0 {
		return &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	}
	b.next++
	to, err := url.Parse(ready[b.next%len(ready)].address)
	if err != nil {
		panic(err)
	}
	return to
}

func (b *soakBalancer) set(webs []*web) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.webs = slices.Clone(webs)
}

// addWeb starts a web process, and the balancer and the observers begin to ask it.
func (s *soak) addWeb() *web {
	w := &web{process: s.startThrough("serve", "serving"), stop: make(chan struct{})}
	s.mu.Lock()
	w.name = fmt.Sprintf("web %d", len(s.probes)+1)
	s.probes[w.name] = &w.probes
	s.mu.Unlock()
	w.probe(&http.Client{Timeout: askWait, Transport: &http.Transport{}}, "/readyz", &w.asked, &w.ready)
	if s.prober != nil {
		w.observe(s.prober)
	}
	s.webs = append(s.webs, w)
	s.balancer.set(s.webs)
	s.t.Cleanup(w.ignore)
	return w
}

// ignore ends the observers of a process.
func (w *web) ignore() {
	select {
	case <-w.stop:
	default:
		close(w.stop)
	}
	w.all.Wait()
}

// leave takes a web process from the balancer.
func (s *soak) leave(w *web) {
	w.ignore()
	s.webs = slices.DeleteFunc(s.webs, func(other *web) bool { return other == w })
	s.balancer.set(s.webs)
}
