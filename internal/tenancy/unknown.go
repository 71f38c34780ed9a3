package tenancy

import (
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrUnknown means that the connection was lost after everything of a transaction was sent and before its end was
// heard: it may be committed or not, now or within EndedAfter. Whoever says something about it asks first.
var ErrUnknown = errors.New("nobody knows whether it was committed")

// EndedAfter is when a transaction whose end is unknown has surely ended: its ticket opens nothing any more, so that
// none of its statements that were still under way is let in.
const EndedAfter = ticketLife

// inDoubt marks an error after which nobody knows what was written. ended tells that all statements were answered and
// only the end of the transaction was not: then a server that is shut down may have committed before it said so.
func inDoubt(conn *pgx.Conn, err error, ended bool) error {
	if err == nil || !conn.IsClosed() || pgconn.SafeToRetry(err) {
		return err
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && !(ended && pg.Severity == "FATAL") {
		return err // it was said in the place of an answer: what failed is not committed
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}
