package tenancy

import (
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
	pgxuuid "github.com/vgarvardt/pgx-google-uuid/v5"
)

// registerIDs lets ids go to the database as they are, also those that may be null: else each goes by way of its text.
func registerIDs(m *pgtype.Map) {
	pgxuuid.Register(m)
	m.TryWrapEncodePlanFuncs = append([]pgtype.TryWrapEncodePlanFunc{wrapNullableID}, m.TryWrapEncodePlanFuncs...)
}

func wrapNullableID(value any) (pgtype.WrappedEncodePlanNextSetter, any, bool) {
	if _, is := value.(*uuid.UUID); !is {
		return nil, nil, false
	}
	return &nullableIDPlan{}, uuid.UUID{}, true
}

// nullableIDPlan writes what an id's pointer points at. Nil does not come here: it is null before any plan is asked.
type nullableIDPlan struct{ next pgtype.EncodePlan }

func (p *nullableIDPlan) SetNext(next pgtype.EncodePlan) { p.next = next }

func (p *nullableIDPlan) Encode(value any, buf []byte) ([]byte, error) {
	return p.next.Encode(*value.(*uuid.UUID), buf)
}
