package sitetest

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kindward/internal/notify"
	"kindward/internal/search"
	"kindward/internal/tenancy"
)

// The organizations of the demo that are made by hand.
const (
	Wickenden  = "wickenden-diagnostics"
	FoxPoint   = "fox-point-family-clinic"
	Blackstone = "blackstone-home-care"
)

func (s *Site) tenant(t testing.TB, organization string) tenancy.Tenant {
	t.Helper()
	tenant, err := s.Gateway.Tenant(t.Context(), organization)
	if err != nil {
		t.Fatal(organization, err)
	}
	return tenant
}

// TimesAt is the address of the free times of an organization's listing: the service, and with whom where that matters.
func (s *Site) TimesAt(t testing.TB, organization, service string) string {
	t.Helper()
	for _, l := range s.market.OfTenant(s.tenant(t, organization).ID) {
		if strings.Contains(l.Service+" "+l.Practitioner, service) {
			return "/places/" + organization + "/listings/" + l.ID.String() + "/times"
		}
	}
	t.Fatalf("%s does not do %s", organization, service)
	return ""
}

// listings are those of each organization, by its word in addresses.
func (s *Site) listings(t testing.TB) map[string][]*search.Listing {
	t.Helper()
	tenants, err := s.Gateway.Public().Tenants(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]*search.Listing{}
	for _, o := range tenants {
		all[o.Slug] = s.market.OfTenant(o.ID)
	}
	return all
}

// OtherTimes are the addresses of the times of one listing of each organization but the three made by hand.
func (s *Site) OtherTimes(t testing.TB) (all []string) {
	t.Helper()
	for slug, listings := range s.listings(t) {
		if slug != Wickenden && slug != FoxPoint && slug != Blackstone && len(listings) > 0 {
			all = append(all, "/places/"+slug+"/listings/"+listings[0].ID.String()+"/times")
		}
	}
	return all
}

// CommonSearch is the address of a search that finds more than one page, as far away as people go.
func (s *Site) CommonSearch(t testing.TB) string {
	t.Helper()
	count, most := map[string]int{}, ""
	for _, all := range s.listings(t) {
		for _, l := range all {
			count[l.Service]++
		}
	}
	for service, n := range count {
		if n > count[most] || n == count[most] && service < most {
			most = service
		}
	}
	return "/search?" + url.Values{"reason": {most}, "near": {"02906"}, "within": {"50"}}.Encode()
}

// Expire makes a hold run out so many seconds from now. It tells the processes with an event of a kind that they do not
// know, so that they read again what is taken.
func (s *Site) Expire(t testing.TB, hold string, seconds int) {
	t.Helper()
	organization, id := strings.Split(hold, "/")[2], hold[strings.LastIndex(hold, "/")+1:]
	conn := s.Connect(t, s.AdminURL())
	exec := func(statement string, args ...any) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), statement, args...); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	tenant := s.tenant(t, organization)
	exec("set search_path = " + pgx.Identifier{tenant.Schema}.Sanitize())
	exec(`update appointment set held_until = now() + $2 * interval '1 second' where id = $1`, id, seconds)
	exec(`update claim c set expires_at = a.held_until from appointment a where a.id = $1 and c.appointment_id = a.id`, id)
	exec(`update market.busy b set expires_at = c.expires_at from claim c where c.appointment_id = $1 and b.id = c.id`, id)
	exec(`insert into outbox.event (tenant_id, kind, subject_id) values ($1, 'appointment.altered', $2)`, tenant.ID, id)
	exec(`select pg_notify('kindward_outbox', '')`)
}

// Email waits for the latest one to an address whose subject contains a word.
func (s *Site) Email(t testing.TB, to, subject string) notify.Mail {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		all, err := s.Mailbox.List(200)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if m.To == to && strings.Contains(m.Subject, subject) {
				if m, err = s.Mailbox.Read(m.ID); err != nil {
					t.Fatal(err)
				}
				return m
			}
		}
	}
	t.Fatalf("no email to %s about %q", to, subject)
	return notify.Mail{}
}
