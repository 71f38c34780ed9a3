package booking

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
)

// mode is what was chosen, or nil.
func (d Details) mode() *string {
	if d.Mode == "" {
		return nil
	}
	return new(string(d.Mode))
}

// address is the id under which the home is kept, nil if there is none, and what keeps it on a chart.
func (d Details) address(chart uuid.UUID) (id *uuid.UUID, save func(context.Context, *tenantdb.Queries) error) {
	if d.Home == nil {
		return nil, func(context.Context, *tenantdb.Queries) error { return nil }
	}
	p := addressRow(*d.Home, chart)
	return &p.ID, func(ctx context.Context, q *tenantdb.Queries) error { return q.InsertAddress(ctx, p) }
}

func addressRow(a venue.Address, chart uuid.UUID) tenantdb.InsertAddressParams {
	return tenantdb.InsertAddressParams{ID: uuid.Must(uuid.NewV7()), PatientID: chart, Street: a.Street, Unit: a.Unit,
		Town: a.Town, State: a.State, ZIP: a.ZIP, Entry: a.Entry, Opens: a.Opens, Pets: a.Pets}
}

// ChangeAddress gives a visit at home another address, as long as it may be moved; past that ErrTooLate, and ErrGone if
// it has changed since the page was made. The time stays, and so does the calendar's entry, which does not name it.
func ChangeAddress(ctx context.Context, in tenancy.Scoped, b Booked, a venue.Address, now time.Time) error {
	if _, ok := b.MayMove(now); !ok {
		return ErrTooLate
	}
	claim, err := b.liveClaim(ctx, in)
	if err != nil {
		return err
	}
	chart, err := in.Once().ChartID(ctx, &b.Account)
	if err != nil {
		return err
	}
	row := addressRow(a, chart)
	return attempt(ctx, func(ctx context.Context) error {
		return in.Pipeline(ctx, func(q *tenantdb.Queries) error {
			return errors.Join(b.lock(ctx, q, claim, nil), q.InsertAddress(ctx, row), q.SetAddress(ctx, &row.ID, b.ID),
				b.audit(ctx, q, "change address", "address"))
		})
	})
}

// HomeOf is where this account was last to be visited by an organization; nil if nowhere.
func HomeOf(ctx context.Context, in tenancy.Scoped, account uuid.UUID) (*venue.Address, error) {
	r, err := in.Once().AccountAddress(ctx, &account)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return new(venue.Address(r)), nil
}

// VisitedHome is where this account's own appointment is visited at home; nil if elsewhere.
func VisitedHome(ctx context.Context, q *tenantdb.Queries, id, account uuid.UUID) (*venue.Address, error) {
	r, err := q.OwnVisitAddress(ctx, id, account)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return new(venue.Address(r)), err
}

// HomesOf are the addresses of those of the appointments that are visits at home; staff read them in the transaction of
// the look at those, whose event says that the address was among it.
func HomesOf(ctx context.Context, q *tenantdb.Queries, appointments ...uuid.UUID) (map[uuid.UUID]venue.Address, error) {
	if len(appointments) == 0 {
		return nil, nil
	}
	rows, err := q.VisitAddresses(ctx, appointments)
	all := make(map[uuid.UUID]venue.Address, len(rows))
	for _, r := range rows {
		all[r.AppointmentID] = venue.Address{Street: r.Street, Unit: r.Unit, Town: r.Town, State: r.State, ZIP: r.ZIP,
			Entry: r.Entry, Opens: r.Opens, Pets: r.Pets}
	}
	return all, err
}
