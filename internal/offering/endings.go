package offering

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"kindward/internal/civil"
	"kindward/internal/keys"
	"kindward/internal/notify"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	"kindward/queries/tenantdb"
)

// warned are how many days before the end of a license its organization is told.
var warned = []int{7, 30, EndsSoon}

// Warner tells organizations whose licenses end.
type Warner struct {
	Gateway *tenancy.Gateway
	Keys    *keys.Keyring
	Now     func() time.Time
}

// Warn tells one organization what it was not told before. It runs twice without harm: who notes an end first tells it,
// in the same transaction.
func (w *Warner) Warn(ctx context.Context, organization uuid.UUID) error {
	t, err := w.Gateway.TenantByID(ctx, organization)
	if err != nil {
		return err
	}
	s, now := w.Gateway.Admit(t, tenancy.Caller{}), w.Now()
	today := civil.Today(civil.ZoneOrUTC(t.Zone), now)
	rows, err := w.Gateway.Once(s).EndingLicenses(ctx, date(today), date(today.AddDays(EndsSoon)))
	if err != nil || len(rows) == 0 {
		return err
	}
	note := shareddb.NoteExpiriesParams{At: now}
	for _, r := range rows {
		left := civil.DateOf(r.Until).Sub(today)
		due := slices.IndexFunc(warned, func(days int) bool { return left <= days })
		note.Subjects, note.Untils = append(note.Subjects, r.ID), append(note.Untils, r.Until)
		note.Days = append(note.Days, int32(warned[due]))
	}
	return w.Gateway.WithinIdentity(ctx, s, func(q *shareddb.Queries) error {
		fresh, err := q.NoteExpiries(ctx, note)
		if err != nil || len(fresh) == 0 {
			return err
		}
		people, err := q.OwnersAndManagers(ctx)
		for _, p := range people {
			if err == nil {
				err = notify.Enqueue(ctx, q, w.Keys, uuid.Must(uuid.NewV7()), now, notify.LicensesEnd{
					Recipient: notify.Recipient{To: p.Email, Name: p.Name}, Organization: t.Name, Slug: t.Slug,
					Ends: ends(rows, fresh)})
			}
		}
		return err
	})
}

func date(d civil.Date) *time.Time { return new(d.Start(time.UTC)) }

// ends are some of the licenses in words.
func ends(rows []tenantdb.EndingLicensesRow, fresh []uuid.UUID) (all [][2]string) {
	for _, r := range rows {
		if !slices.Contains(fresh, r.ID) {
			continue
		}
		says := "ends " + civil.DateOf(r.Until).Text()
		switch {
		case r.Visits == 1:
			says += ", 1 visit is booked after that"
		case r.Visits > 1:
			says += fmt.Sprintf(", %d visits are booked after that", r.Visits)
		}
		all = append(all, [2]string{r.Name, says})
	}
	return all
}
