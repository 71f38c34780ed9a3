package tenancy

import (
	"context"
	"database/sql"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// ErrNotDemonstration means that a database was not made as a demonstration. What invents people leaves it alone.
var ErrNotDemonstration = errors.New("this database was not made as a demonstration and is never made one: " +
	"kindward dev and seed want an empty database (another KINDWARD_DATA_DIR or DATABASE_URL); " +
	"kindward serve and work run this one")

// OpenDemonstrationOwner is OpenOwner for what invents people: Migrate makes an empty database a demonstration, once
// and for good. Any other database that is none is refused before anything of it is changed.
func OpenDemonstrationOwner(ctx context.Context, url string) (*Owner, error) {
	o, err := OpenOwner(ctx, url)
	if err != nil {
		return nil, err
	}
	o.demonstration = true
	if err := o.mayBeDemonstration(ctx); err != nil {
		o.Close()
		return nil, err
	}
	return o, nil
}

// mayBeDemonstration refuses a database that is not marked, unless it is empty or was on the way to be marked.
func (o *Owner) mayBeDemonstration(ctx context.Context) error {
	var decided, begun bool
	err := o.pool.QueryRow(ctx, `select to_regclass('directory.demonstration') is not null,
		to_regclass('directory.account') is not null`).Scan(&decided, &begun)
	if err != nil || !begun {
		return err
	}
	may := `select not exists (select from directory.account) and not exists (select from directory.tenant)`
	if decided {
		may = `select exists (select from directory.demonstration)`
	}
	var is bool
	if err := o.pool.QueryRow(ctx, may).Scan(&is); err != nil {
		return err
	}
	if !is {
		return ErrNotDemonstration
	}
	return nil
}

// database is for the shared migrations, which ask the connection whether they make a demonstration.
func (o *Owner) database() *sql.DB {
	if !o.demonstration {
		return stdlib.OpenDBFromPool(o.pool)
	}
	config := o.pool.Config().ConnConfig.Copy()
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	config.RuntimeParams["kindward.demonstration"] = "on"
	return stdlib.OpenDB(*config)
}
