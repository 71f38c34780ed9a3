package bench

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What one account may have of visits to come is bounded (booking.UsualBookingLimits). So many patients take turns, and
// each loop finds them without any, and without what is left of rows that are gone.

// patientsASecond is how many sign in for each second of a span. Of 3,000 bookings in the longest loop, which takes
// three spans of two seconds, each of them makes six, which is slower than an account may take times.
const patientsASecond = 256

// patients is how many book.
func (b *bench) patients() int { return max(underWay, int(patientsASecond*b.Span.Seconds())) }

// forgetVisits takes what was booked from the accounts that booked it, before a loop that books.
func (b *bench) forgetVisits(ctx context.Context, c *contest) error {
	if !c.writes {
		return nil
	}
	return b.asAdmin(ctx, func(conn *pgx.Conn) error {
		const mine = "account_id between $1 and $2"
		first, last := account(firstAccount), account(firstAccount+b.patients()-1)
		if _, err := conn.Exec(ctx, "delete from market.appointment_index where "+mine, first, last); err != nil {
			return err
		}
		swept := []string{"market.appointment_index"}
		seen := map[string]bool{}
		for _, o := range b.stock.offerings {
			if seen[o.tenant.Schema] || !b.stock.booked[o.tenant.ID] {
				continue
			}
			seen[o.tenant.Schema] = true
			table := pgx.Identifier{o.tenant.Schema, "appointment"}.Sanitize()
			swept = append(swept, table)
			if _, err := conn.Exec(ctx, "update "+table+
				" set account_id = null where status = 'booked' and "+mine, first, last); err != nil {
				return err
			}
		}
		_, err := conn.Exec(ctx, "vacuum "+strings.Join(swept, ", "))
		return err
	})
}
