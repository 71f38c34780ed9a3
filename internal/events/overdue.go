package events

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Overdue is a session of the server that was ended.
type Overdue struct {
	PID   int
	Role  string
	State string // what it did: active, idle in transaction
	Age   time.Duration
}

// endOverdue is no query of sqlc's, which knows no columns of a function.
const endOverdue = `select pid, login, coalesce(state, ''), age from ctx.end_overdue($1)`

// EndOverdue ends the sessions of pages whose transaction is older than a time, or that keep a lock without one: nobody
// reads an event, and nobody seals one, that was written after such a transaction began. It ends those too that have
// kept others waiting for five seconds and wait for nobody themselves.
func (o *Outbox) EndOverdue(ctx context.Context, older time.Duration) ([]Overdue, error) {
	rows, err := o.pool.Query(ctx, endOverdue, older.Seconds())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (s Overdue, err error) {
		var age float64
		err = row.Scan(&s.PID, &s.Role, &s.State, &age)
		s.Age = time.Duration(age * float64(time.Second))
		return s, err
	})
}
