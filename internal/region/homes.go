package region

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"kindward/internal/search"
	"kindward/queries/tenantdb"
)

// homeAddress is where somebody is visited by home care.
type homeAddress struct {
	ID        uuid.UUID `json:"id"`
	PatientID uuid.UUID `json:"patient_id"`
	Street    string    `json:"street"`
	Town      string    `json:"town"`
	State     string    `json:"state"`
	ZIP       string    `json:"zip"`
	Entry     string    `json:"entry"`
}

// doors are the ways into a home.
var doors = []string{"", "", "Ring at the side door.", "Two flights of stairs, no elevator.", "Key safe by the porch."}

// writeHomes gives those whom home care visits an address near its base, where it surely comes.
func (g *generator) writeHomes(ctx context.Context, q *tenantdb.Queries, o *organization, made chart) error {
	if o.tenant.Kind != search.KindHomeCare {
		return nil
	}
	base, homes := o.locations[0], make([]homeAddress, 0, len(made.patients))
	for i, p := range made.patients {
		d := g.random("home", o.index, i)
		homes = append(homes, homeAddress{ID: g.id("home", o.index, i), PatientID: p.id,
			Street: fmt.Sprintf("%d %s", d.between(2, 900), pick(d, g.streets)), Town: base.City, State: base.State,
			ZIP: base.ZIP, Entry: pick(d, doors)})
	}
	rows, err := json.Marshal(homes)
	if err != nil {
		return err
	}
	if err := q.AddHomeAddresses(ctx, rows); err != nil {
		return err
	}
	return q.TakeChartAddresses(ctx)
}
