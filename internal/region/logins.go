package region

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
)

// Login is a person of the demonstration who can sign in.
type Login struct {
	ID    uuid.UUID
	Email string
	Name  string

	Role         string // patient; at an organization or the platform; several are divided by ", "
	Organization string // where, in the order of the roles; empty for patients and the platform's own people
	Secret       string // of the authenticator app; empty where there is none

	phone string
	born  civil.Date
}

// logins are Maya, who has appointments, and Leo, who is new everywhere.
func logins() []Login {
	return []Login{
		{Email: "maya@example.test", Name: "Maya Okafor", phone: "401-555-0142",
			born: civil.Date{Year: 1988, Month: 3, Day: 27}},
		{Email: "leo@example.test", Name: "Leo Medeiros", phone: "401-555-0155",
			born: civil.Date{Year: 1961, Month: 9, Day: 4}},
	}
}

// signUp makes the accounts that are missing and remembers the ids of all.
func (g *generator) signUp(ctx context.Context, gateway *tenancy.Gateway) error {
	if g.options.HashPassword == nil {
		return nil
	}
	for i, l := range logins() {
		l.Role = "patient"
		l, _, err := g.account(ctx, gateway, g.id("account", i), l)
		if err != nil {
			return err
		}
		g.logins = append(g.logins, l)
	}
	return nil
}

// account makes an account unless the address has one, or the login has another address by now.
func (g *generator) account(ctx context.Context, gateway *tenancy.Gateway, id uuid.UUID, l Login) (_ Login, made bool,
	err error) {
	q := gateway.Identity(gateway.Admit(tenancy.Tenant{}, tenancy.Caller{}))
	l.ID, err = q.AccountIDByEmail(ctx, l.Email)
	if !errors.Is(err, pgx.ErrNoRows) {
		return l, false, err
	}
	if ids, err := q.AccountIDs(ctx, &id, nil); err != nil || len(ids) > 0 {
		l.ID = id
		return l, false, err
	}
	if g.hash == "" { // one is enough, and takes a moment
		if g.hash, err = g.options.HashPassword(g.options.Password); err != nil {
			return l, false, err
		}
	}
	row := shareddb.AddAccountParams{ID: id, Email: l.Email, Name: l.Name, Phone: l.phone, Hash: g.hash}
	if !l.born.IsZero() {
		born := l.born.Start(time.UTC)
		row.Born = &born
	}
	l.ID, err = q.AddAccount(ctx, row)
	return l, true, err
}

func (g *generator) login(id uuid.UUID) Login {
	return g.logins[slices.IndexFunc(g.logins, func(l Login) bool { return l.ID == id })]
}

// wishes are Maya's visits: at which of the known organizations, for what, so many days from today or the first free
// day after it, not before an hour.
var wishes = []struct {
	organization int
	reason       string
	ahead, hour  int
}{
	{0, "C03", -9, 10}, // the physical that led to the others
	{1, "L04", 3, 7},
	{0, "C02", 9, 14},
}

// keepForMaya books her visits before anybody else's.
func (g *generator) keepForMaya(c *calendar) {
	if len(g.logins) == 0 {
		return
	}
	for _, x := range wishes {
		if x.organization != c.index {
			continue
		}
		offering := slices.IndexFunc(c.offerings, func(f offering) bool { return f.ServiceID == c.serviceOf[x.reason] })
		if offering < 0 {
			continue
		}
		p := c.plans[offering]
		for r, does := range c.does {
			if !slices.Contains(does, offering) {
				continue
			}
			for step, day := 1, g.today.AddDays(x.ahead); day.Sub(g.today) > -daysBack &&
				day.Sub(g.today) < daysAhead; day = day.AddDays(step) {
				if x.ahead < 0 {
					step = -1 // what is past stays past
				}
				times := p.Times(nil, day, day, booking.Pool{c.busy[r]}, eve(p, day))
				if at := slices.IndexFunc(times, func(t int64) bool { return p.Local(t).Hour() >= x.hour }); at >= 0 {
					c.book(offering, r, times[at], g.logins[0].ID)
					break
				}
			}
			break
		}
	}
}
