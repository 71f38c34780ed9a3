package tenancy

import (
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// A statement's answer stands last in its batch, behind the answers of what entered the tenant. These read past those
// and close the batch with the answer, because the connection is busy until then.

func skip(results pgx.BatchResults, n int) error {
	for range n {
		if _, err := results.Exec(); err != nil {
			return err
		}
	}
	return nil
}

func exec(results pgx.BatchResults, n int) (pgconn.CommandTag, error) {
	if err := skip(results, n); err != nil {
		results.Close()
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closing := results.Close(); err == nil {
		err = closing
	}
	return tag, err
}

// query gives the rows; after is run when they are closed, and not where there are none.
func query(results pgx.BatchResults, n int, after func()) (pgx.Rows, error) {
	rows := &batchRows{results: results, after: after}
	err := skip(results, n)
	if err == nil {
		rows.Rows, err = results.Query()
	}
	if err != nil {
		results.Close()
		return nil, err
	}
	return rows, nil
}

type batchRows struct {
	pgx.Rows
	results pgx.BatchResults
	after   func()
	err     error
	closed  bool
}

// Close ends the batch too: an implicit transaction commits here, so its error counts.
func (r *batchRows) Close() {
	r.Rows.Close()
	if r.closed {
		return
	}
	r.closed = true
	if r.after != nil {
		defer r.after()
	}
	if r.results != nil {
		r.err = r.results.Close()
	}
}

func (r *batchRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *batchRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// row is the first of rows that are already asked for, so that an error which comes before any row is known by then.
type row struct {
	rows pgx.Rows
	err  error
}

func (r row) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close() // also when a destination panics
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }
