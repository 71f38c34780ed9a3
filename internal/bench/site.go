package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// site is the product as its visitors see it.
type site struct {
	product  Target
	stock    *stock
	terms    map[string][]term // by the ZIP of those who ask
	patients chan *visitor     // signed in, each with an account; who books is at the end of the line again
	guests   []*visitor        // look around; every second is signed in
	turn     atomic.Int64
}

// openSite makes accounts and signs them in, through the same pages as people.
func openSite(ctx context.Context, h Target, s *stock, terms []term, patients, guests int, dice *rand.Rand) (*site,
	error) {
	w := &site{product: h, stock: s, terms: map[string][]term{}, patients: make(chan *visitor, patients)}
	var zips []string
	for _, t := range terms {
		if w.terms[t.town.ZIP] == nil {
			zips = append(zips, t.town.ZIP)
		}
		w.terms[t.town.ZIP] = append(w.terms[t.town.ZIP], t)
	}
	hash, err := h.HashPassword(secretWord)
	if err != nil {
		return nil, err
	}
	for n := range patients { // the bare SQL's
		if err := signUp(ctx, h, account(n), hash); err != nil {
			return nil, err
		}
	}
	for i := range patients + guests {
		v := newVisitor(h.Address, uint64(i))
		v.near = zips[dice.IntN(len(zips))]
		if i >= patients {
			w.guests = append(w.guests, v)
			if i%2 == 0 {
				continue
			}
		} else {
			w.patients <- v
		}
		n := firstAccount + i
		if err := signUp(ctx, h, account(n), hash); err != nil {
			return nil, err
		}
		if err := v.signIn(ctx, n); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// firstAccount is the number of the site's first account: those before it are the bare SQL's, and never sign in.
const firstAccount = 1 << 15

const secretWord = "bench-at-half-past-nine"

func mailOf(n int) string { return fmt.Sprintf("bench-%d@example.test", n) }

func signUp(ctx context.Context, h Target, id uuid.UUID, hash string) error {
	born := time.Date(1988, 3, 27, 0, 0, 0, 0, time.UTC)
	n := int(id[15]) + int(id[14])<<8
	_, err := h.Gateway.Identity(h.Gateway.Admit(tenancy.Tenant{}, tenancy.Caller{})).AddAccount(ctx,
		shareddb.AddAccountParams{
			ID: id, Email: mailOf(n), Name: "Bench Visitor", Phone: "+14015550134", Born: &born, Hash: hash})
	return err
}

// signIn tries again while the site lets in no more people a second.
func (v *visitor) signIn(ctx context.Context, n int) error {
	for {
		a, err := v.post(ctx, "/sign-in", url.Values{"email": {mailOf(n)}, "password": {secretWord}})
		if err != nil || a.status == 303 {
			return err
		}
		if a.status != 429 {
			return fmt.Errorf("sign-in answers %d", a.status)
		}
		time.Sleep(100 * time.Millisecond)
	}
}

func (w *site) close() {
	close(w.patients)
	for v := range w.patients {
		v.close()
	}
	for _, v := range w.guests {
		v.close()
	}
}

// book holds a time and books it.
func (w *site) book(ctx context.Context, _ int) error {
	s, err := w.stock.take()
	if err != nil {
		return err
	}
	v := <-w.patients
	defer func() { w.patients <- v }()
	a, err := v.post(ctx, "/places/"+s.place+"/holds",
		url.Values{"listing": {s.listing.String()}, "start": {s.start.Format(time.RFC3339)}})
	if err != nil {
		return err
	}
	if a.status != 303 || !strings.HasPrefix(a.location, "/places/"+s.place+"/holds/") {
		return fmt.Errorf("a hold answers %d %s", a.status, a.location)
	}
	a, err = v.post(ctx, a.location+"/confirmation", url.Values{"name": {"Bench Visitor"}, "phone": {"401 555 0134"},
		"dob-month": {"3"}, "dob-day": {"27"}, "dob-year": {"1988"},
		"payer": {"self"}, "share": {"yes"}, "key": {uuid.NewString()}})
	if err == nil && (a.status != 303 || !strings.HasPrefix(a.location, "/bookings/")) {
		err = fmt.Errorf("a confirmation answers %d %s", a.status, a.location)
	}
	return err
}

// search asks for one term after the other, each visitor near where they live.
func (w *site) search(ctx context.Context, i int) error {
	v := w.guests[i]
	terms := w.terms[v.near]
	t := terms[int(w.turn.Add(1))%len(terms)]
	a, err := v.get(ctx, "/search?"+url.Values{"reason": {t.name}, "near": {v.near}}.Encode())
	if err == nil && a.status != 200 {
		err = fmt.Errorf("a search answers %d", a.status)
	}
	return err
}

// month opens the calendar of one listing after the other.
func (w *site) month(from civil.Date) act {
	return func(ctx context.Context, i int) error {
		o := w.stock.offerings[int(w.turn.Add(1))%len(w.stock.offerings)]
		a, err := w.guests[i].get(ctx, "/places/"+o.tenant.Slug+"/listings/"+o.listing.ID.String()+"/times?month="+
			from.String()[:7])
		if err == nil && a.status != 200 {
			err = fmt.Errorf("a month answers %d", a.status)
		}
		return err
	}
}

// race lets n strangers ask for the same time at once, for each of some times, and tells how many got one that another
// has.
func (w *site) race(ctx context.Context, n int) (doubles, attempts int, took time.Duration, err error) {
	all := make([]*visitor, n)
	begin := time.Now()
	for _, s := range w.stock.alone {
		for i := range all {
			if all[i] != nil {
				all[i].close()
			}
			all[i] = newVisitor(w.product.Address, uint64(attempts+i))
			if a, err := all[i].get(ctx, "/healthz"); err != nil || a.status != 200 { // connected before the start
				return 0, 0, 0, fmt.Errorf("health answers %d: %w", a.status, err)
			}
		}
		var won, refused, odd atomic.Int64
		var runners sync.WaitGroup
		ready := make(chan struct{})
		for _, v := range all {
			runners.Go(func() {
				<-ready
				a, err := v.post(ctx, "/places/"+s.place+"/holds",
					url.Values{"listing": {s.listing.String()}, "start": {s.start.Format(time.RFC3339)}})
				switch {
				case err == nil && a.status == 303:
					won.Add(1)
				case err == nil && (a.status == 409 || a.status == 503):
					refused.Add(1)
				default:
					odd.Add(1)
				}
			})
		}
		close(ready)
		runners.Wait()
		attempts += n
		doubles += max(int(won.Load())-1, 0)
		if won.Load() == 0 || odd.Load() > 0 {
			return 0, 0, 0, fmt.Errorf("of %d who raced for one time %d won, %d were refused and %d got another answer", n,
				won.Load(), refused.Load(), odd.Load())
		}
	}
	for _, v := range all {
		v.close()
	}
	return doubles, attempts, time.Since(begin), nil
}
