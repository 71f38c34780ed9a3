package provider

import (
	"time"

	"github.com/google/uuid"

	"kindward/handlers/web"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
)

func matches(n int, later bool) string {
	switch {
	case n == 0 && later:
		return "Nobody else matches"
	case n == 0:
		return "Nobody on file here matches"
	case later:
		return "More people who match"
	case n == mostFound:
		return "The first 20 people who match"
	}
	return count(int64(n), "person matches", "people match")
}

// patientPath leads to a record, or for those whom records are not for to how somebody is reached.
func patientPath(home string, id uuid.UUID, record bool) string {
	if record {
		return home + "/patients/" + id.String()
	}
	return home + "/patients/" + id.String() + "/contact"
}

func found(rows []tenantdb.FindPatientsRow, home string, zone *time.Location, records bool) (out []view.Found) {
	when := func(t time.Time) string {
		if t.Unix() <= 0 {
			return ""
		}
		return day(t.In(zone))
	}
	for _, r := range rows {
		one := view.Found{Name: r.Name, Phone: web.Phone(r.Phone), Href: patientPath(home, r.ID, records),
			Last: when(r.LastAt), Next: when(r.NextAt)}
		if r.Born != nil {
			one.Born = day(*r.Born)
		}
		out = append(out, one)
	}
	return out
}
