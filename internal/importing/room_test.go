package importing

import (
	"fmt"
	"strings"
	"testing"

	"kindward/internal/pgtest"
)

// Each kind is filled up to two short of what its form allows. Of four rows two are added, in their order.
func TestRowsForWhichThereIsNoRoomAreLeftOutAndTheImportEnds(t *testing.T) {
	for kind, want := range map[string]struct{ file, fill, added string }{
		"locations": {"Name,Street,City,State,Zip\nRoom %d,%[1]d Main St,Providence,RI,02906\n",
			`insert into location (id, name, street, city, state, zip, lat, lon, zone) select gen_random_uuid(), 'x', street,
			city, state, zip, lat, lon, zone from (select * from location limit 1) l,
			generate_series(1, 498 - (select count(*) from location))`,
			`select string_agg(name, ', ' order by name) from location where name like 'Room %'`},
		"practitioners": {"Name,Specialty\nRoom %d,Dentist\n",
			`insert into practitioner (id, name, specialty) select gen_random_uuid(), 'x', 'Dentist'
			from generate_series(1, 19998 - (select count(*) from practitioner))`,
			`select string_agg(name, ', ' order by name) from practitioner where name like 'Room %'`},
		"services": {"Service,Duration\nFollow-up visit,%d0\n",
			`insert into service (id, reason_code, name, minutes, prep, telehealth, visit_mode) select gen_random_uuid(),
			'C01', 'x', 15, '', false, 'clinic' from generate_series(1, 998 - (select count(*) from service))`,
			`select string_agg('Room ' || minutes / 10, ', ' order by minutes) from service where reason_code = 'C02'
			and minutes % 10 = 0 and name <> 'x'`},
	} {
		c := at(t)
		c.DB.Admin(t, `insert into market.reason (code, kind, name, synonyms, minutes, price_low_cents,
			price_high_cents, prep) values ('C02', 'clinic', 'Follow-up visit', '{}', 20, 1, 2, '') on conflict do nothing`)
		header, row, _ := strings.Cut(want.file, "\n")
		file := header + "\n"
		for n := 3; n < 7; n++ {
			file += fmt.Sprintf(row, n)
		}
		b := brought{t, c, stage(t, c, kind, []byte(file))}
		if got := counts(t, c, b.id); got != "ready 4" {
			t.Errorf("%s, the control: %s %q", kind, got, problems(t, c, b.id))
		}
		c.SQL(t, want.fill)
		if err := b.run(); err != nil || counts(t, c, b.id) != "added 2, wrong 2" ||
			!strings.HasPrefix(b.stands(), "done ") {
			t.Errorf("%s: %v, %s", kind, err, b.stands())
		}
		if got := pgtest.Value[string](t, c, want.added); got != "Room 3, Room 4" {
			t.Errorf("%s: there are %s", kind, got)
		}
		if got := problems(t, c, b.id); !strings.Contains(got[3], "There is no room for it") {
			t.Errorf("%s: %q", kind, got)
		}
	}
}
