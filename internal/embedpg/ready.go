package embedpg

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ready polls until the server answers a query and the database exists. A
// server that says it recovers is given all the time it needs; a silent one 30 s.
func (s *Server) ready(ctx context.Context, p *process) error {
	config, err := pgx.ParseConfig(s.URL("postgres", "postgres"))
	if err != nil {
		return fmt.Errorf("a PG... variable of the environment is in the way: %s", oneLine(err.Error()))
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-p.exited:
			cancel() // no use to wait for the answer of a dead server
		case <-ctx.Done():
		}
	}()
	for patience := time.Now().Add(30 * time.Second); ; {
		err := s.greet(ctx, config)
		var refusal *pgconn.PgError
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refusal) && (refusal.Code == "57P03" || refusal.Code == "57P01" || refusal.Code == "57P02"):
			patience = time.Now().Add(30 * time.Second) // starting up, or a backend's crash being repaired
		case refusal != nil:
			return s.refused(refusal)
		case time.Now().After(patience):
			return fmt.Errorf("PostgreSQL runs but does not answer: %s", oneLine(err.Error()))
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			return err
		}
	}
}

// greet asks one query, shuts the server's own databases and creates ours if it is absent.
func (s *Server) greet(ctx context.Context, config *pgx.ConnConfig) error {
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, shut); err != nil {
		return err
	}
	var there bool
	if err := conn.QueryRow(ctx, `select exists (select from pg_database where datname = 'kindward')`).Scan(
		&there); err != nil || there {
		return err
	}
	_, err = conn.Exec(ctx, `create database kindward template template0 encoding 'UTF8'`)
	return err
}

// shut leaves the databases that every server has to its administrator: there nothing is guarded, and a session in one
// of them may end others, fill the disk, or hold everybody up.
const shut = `revoke all on database postgres, template1 from public`

func (s *Server) refused(e *pgconn.PgError) error {
	switch e.Code {
	case "53100":
		return faultf(ErrDiskFull, "the disk of %s is full", s.location.cluster)
	case "28P01":
		return fmt.Errorf("the password in %s is not the one of the database in %s", passwordFile(s.location.dataDir),
			s.location.cluster)
	}
	return fmt.Errorf("PostgreSQL refused to serve: %s", oneLine(e.Message))
}
