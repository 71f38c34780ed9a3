package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/intake"
	"kindward/internal/notify"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
)

// write makes the message from what is true now.
func (w *messageWorker) write(ctx context.Context, a sendMessage, due tenantdb.LeaseMessageRow) (notify.Message,
	error) {
	tenant, err := w.Gateway.TenantByID(ctx, a.Tenant)
	if err != nil {
		return notify.Message{}, err
	}
	zone, err := civil.Zone(due.Zone)
	if err != nil {
		return notify.Message{}, fmt.Errorf("the location's time zone is unknown: %w", err)
	}
	start := due.StartsAt.In(zone)
	phone := due.Phone
	if phone == "" {
		phone = tenant.Phone
	}
	booked := booking.Booked{Start: start, CancelCutoff: time.Duration(due.CancelCutoffMinutes) * time.Minute,
		MoveCutoff: time.Duration(due.MoveCutoffMinutes) * time.Minute}
	changes, _ := booked.ChangeLine(due.UpdatedAt, tenant.Name, phone) // the message of one state is always the same
	if due.AccountID == nil {
		changes = booking.CallLine(tenant.Name, phone)
	}
	var cancelledBy, why string
	if due.CancelledBy != nil && due.CancelledWhy != nil {
		cancelledBy, why = *due.CancelledBy, *due.CancelledWhy
	}
	about := notify.Appointment{ID: due.ID, Ref: due.Ref, Sequence: int(due.Sequence), Start: start,
		End: due.EndsAt.In(zone), Changed: due.UpdatedAt,
		Cancelled: a.Message == notify.MessageCancelled, CancelledBy: cancelledBy,
		Asked: cancelledBy == booking.CancelledByProvider && why == booking.Asked,
		Where: venue.Where{Mode: venue.Mode(due.VisitMode), Organization: tenant.Name, Street: due.Street,
			Town: due.City + ", " + due.State + " " + due.ZIP},
		Practitioner: due.Practitioner, Phone: phone, Email: due.Email, Changes: changes,
		NoAccount: due.AccountID == nil}
	if about.Questions, err = w.asks(ctx, due, start); err != nil {
		return notify.Message{}, err
	}
	m, err := w.Composer.Booking(a.Message, about)
	if errors.Is(err, notify.ErrUnknownKind) {
		err = fmt.Errorf("%w: %w", notify.ErrRefused, err)
	}
	return m, err
}

// asks tells whether there are questions before the visit that are not answered yet.
func (w *messageWorker) asks(ctx context.Context, due tenantdb.LeaseMessageRow, start time.Time) (bool, error) {
	if due.Answered {
		return false, nil
	}
	versions, err := intake.Load(ctx, w.Gateway.Public())
	if err != nil {
		return false, err
	}
	asked, _ := versions.Find(0, intake.Visit{Mode: venue.Mode(due.VisitMode), Reason: due.ReasonCode,
		New: due.IsNew == nil || *due.IsNew, Born: due.Born, Start: start})
	return len(asked.Asked(nil)) > 0, nil
}
