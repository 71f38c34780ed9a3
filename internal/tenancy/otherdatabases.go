package tenancy

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// othersOpen are the databases of the server that everybody may connect to, our roles too, though nothing is guarded
// there. Mine are those that every server has, where the administrator may take that back and nobody else would miss
// it: no other role signs in here but administrators.
const othersOpen = `select d.datname, d.datname in ('postgres', 'template1') and pg_has_role(d.datdba, 'usage')
		and not exists (select from pg_roles r where r.rolcanlogin and not r.rolsuper and r.rolname <> current_user
			and not pg_has_role(r.oid, d.datdba, 'usage')
			and r.rolname not in ('kindward_app', 'kindward_identity', 'kindward_relay')) as mine
	from pg_database d cross join lateral aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
	where d.datallowconn and d.datname <> current_database() and a.grantee = 0 and a.privilege_type = 'CONNECT'
	order by 1`

// shutOthers keeps our roles out of the server's other databases where it may, and says what is left to do.
func (o *Owner) shutOthers(ctx context.Context, say func(string)) error {
	rows, err := o.pool.Query(ctx, othersOpen)
	if err != nil {
		return err
	}
	type database struct {
		Name string
		Mine bool
	}
	open, err := pgx.CollectRows(rows, pgx.RowToStructByPos[database])
	if err != nil {
		return err
	}
	var left []string
	for _, d := range open {
		name := pgx.Identifier{d.Name}.Sanitize()
		if !d.Mine {
			left = append(left, name)
		} else if _, err := o.pool.Exec(ctx, "revoke all on database "+name+" from public"); err != nil {
			return err
		}
	}
	if len(left) > 0 {
		say(fmt.Sprintf("Kindward's roles may connect to other databases of this server, where they can hold it up: "+
			"revoke connect on database %s from public, or reject kindward_app, kindward_identity and kindward_relay "+
			"there in pg_hba.conf.", strings.Join(left, ", ")))
	}
	return nil
}
