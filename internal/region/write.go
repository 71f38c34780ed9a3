package region

import (
	"context"
	"crypto/sha256"

	"github.com/google/uuid"

	"kindward/internal/tenancy"
	"kindward/queries/tenantdb"
)

// write makes one organization: its schema, then all its rows and its listings in one transaction.
func (g *generator) write(ctx context.Context, owner *tenancy.Owner, gateway *tenancy.Gateway, o *organization) (chart,
	error) {
	var made chart
	if g.options.Appointments {
		c, err := newCalendar(o)
		if err != nil {
			return made, err
		}
		g.keepForMaya(c)
		g.placeVisits(c)
		made = g.attend(c)
	}
	if o.tenant.Schema == "" {
		t, err := owner.Provision(ctx, o.tenant)
		if err != nil {
			return made, err
		}
		o.tenant = t
	}
	return made, gateway.Within(ctx, gateway.Admit(o.tenant, tenancy.Caller{}), func(q *tenantdb.Queries) error {
		if err := writeRows(ctx, q, o); err != nil {
			return err
		}
		if err := g.writeChart(ctx, q, o, made); err != nil {
			return err
		}
		if err := q.WriteSeedEvent(ctx, &o.tenant.ID); err != nil {
			return err
		}
		if g.options.Publish == nil {
			return nil
		}
		return g.options.Publish(ctx, q, o.tenant)
	})
}

func writeRows(ctx context.Context, q *tenantdb.Queries, o *organization) error {
	for _, table := range []struct {
		add  func(context.Context, []byte) error
		rows []byte
	}{
		{q.AddLocations, rowsOf(o.locations)},
		{q.AddLocationAccess, rowsOf(o.access)},
		{q.AddPractitioners, rowsOf(o.practitioners)},
		{q.AddResources, rowsOf(o.resources)},
		{q.AddServices, rowsOf(o.services)},
		{q.AddSchedules, rowsOf(o.schedules)},
		{q.AddScheduleRules, rowsOf(o.weekly)},
		{q.AddScheduleOverrides, rowsOf(o.overrides)},
		{q.AddBookingRules, rowsOf(o.rules)},
		{q.AddOfferings, rowsOf(o.offerings)},
		{q.AddOfferingResources, rowsOf(o.offeringResources())},
	} {
		if err := table.add(ctx, table.rows); err != nil {
			return err
		}
	}
	return nil
}

func (g *generator) writeChart(ctx context.Context, q *tenantdb.Queries, o *organization, made chart) error {
	if len(made.patients) == 0 {
		return nil
	}
	if err := q.AddPatients(ctx, patientRows(made.patients)); err != nil {
		return err
	}
	if err := q.AddAppointments(ctx, made.appointments); err != nil {
		return err
	}
	if err := g.writeHomes(ctx, q, o, made); err != nil {
		return err
	}
	if err := q.AddClaims(ctx, made.claims); err != nil {
		return err
	}
	if err := q.IndexAppointments(ctx); err != nil {
		return err
	}
	if err := q.IndexReferences(ctx, made.appointments.Refs, made.appointments.Ids); err != nil {
		return err
	}
	if g.options.ConsentVersion == "" {
		return nil
	}
	hash := sha256.Sum256([]byte(g.options.ConsentText))
	agreed := tenantdb.AddSharingConsentsParams{Version: g.options.ConsentVersion, Text: g.options.ConsentText,
		TextHash: hash[:], At: g.options.Now}
	for i, p := range made.patients {
		if p.account != uuid.Nil {
			agreed.Ids, agreed.Patients = append(agreed.Ids, g.id("consent", o.index, i)), append(agreed.Patients, p.id)
			agreed.At = p.since
		}
	}
	return q.AddSharingConsents(ctx, agreed)
}
