package join_test

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/onboarding"
	"kindward/internal/pgtest"
	"kindward/internal/provisioning"
	"kindward/internal/tenancy"
)

// approves lets a reviewer take an application and approve it, and the organization be made.
func (w world) approves(at string) {
	w.t.Helper()
	rita, page := w.Staff(w.t, "Rita", "reviewer"), "/ops/onboarding/"+webtest.IDOf(at).String()
	rita.Post(page + "/claim").Goes(page)
	accepts(w.t, w.Site, at, rita.ID)
	rita.Post(page+"/approval", "because", "Tests have the same number.", "countersignature", "Rita").Goes(page)
	p := provisioning.Provisioner{Owner: w.Owner, Gateway: w.Gateway, Now: w.Clock.Now,
		Log: slog.New(slog.DiscardHandler)}
	p.Round(w.t.Context())
}

// accepts lets a reviewer accept every document of an application that they have claimed.
func accepts(t testing.TB, site *webtest.Site, at string, who uuid.UUID) {
	t.Helper()
	scope := site.Gateway.AdmitApplicant(webtest.IDOf(at), tenancy.Caller{Subject: who, Staff: true})
	if err := onboarding.AcceptDocuments(t.Context(), site.Gateway, scope, who, site.Clock.Now()); err != nil {
		t.Fatal(err)
	}
}

// joins makes an organization of somebody's, by an application that is approved.
func (w world) joins(who *webtest.Person) (at string, tenant tenancy.Tenant) {
	w.t.Helper()
	at = w.begin(who, "clinic", "RI", "1234567893")
	scope := w.Gateway.AdmitApplicant(webtest.IDOf(at), tenancy.Caller{Subject: who.ID})
	for range 2 {
		if _, err := onboarding.Hear(w.t.Context(), w.Gateway, webtest.IDOf(at), w.Clock.Now(),
			onboarding.Checked{Result: onboarding.Pass}); err != nil {
			w.t.Fatal(err)
		}
		if _, err := onboarding.Fill(w.t.Context(), w.Gateway, scope, who.ID, w.Clock.Now(),
			map[string]string{"name": "Harbor", "known_as": "Harbor Family Care", "zip": "02906"}); err != nil {
			w.t.Fatal(err)
		}
	}
	w.approves(at)
	tenant, err := w.Gateway.TenantByID(w.t.Context(), webtest.IDOf(at))
	if err != nil {
		w.t.Fatal(err)
	}
	return at, tenant
}

func Test310AClinicGoesFromJoinToItsFirstBookedPatient(t *testing.T) {
	w := open(t)
	w.Clinic() // towns, and what patients come for
	maya := w.Person(t, "Maya")
	at, tenant := w.joins(maya)
	home := "/organizations/" + tenant.Slug
	maya.Get(at).Has(http.StatusOK, home+"/listings", "What is left until patients can book", "a second factor too")
	maya.SignIn(2)
	maya.Get(at).Lacks("a second factor too")
	maya.Get("/places/"+tenant.Slug).Has(http.StatusOK, "Narragansett, RI 02906", `href="tel:401-555-0142"`)
	maya.Get(home+"/listings").Has(http.StatusOK, "What is left until patients can book", "1 location", "Left to do")
	maya.Post(home+"/practitioners", "name", "Dr. Maya Okafor", "specialty", "Skin doctor", "language", "en").
		Goes(home + "/listings")
	maya.Post(home+"/services", "reason", "C09", "price", "120", "mode", "clinic").Goes(home + "/listings")
	page := maya.Get(home + "/hours/new")
	fields := []string{"form", uuid.NewString(), "practitioner", last(page, "practitioner"), "location",
		last(page, "location"), "service", page.All("input", "name", "service")[0].Value("value"), "from", "480", "to", "960"}
	for _, day := range []string{"1", "2", "3", "4", "5", "6", "0"} {
		fields = append(fields, "day", day)
	}
	maya.Post(home+"/hours", fields...).Goes(home + "/listings")
	w.books("/places/"+tenant.Slug, &pgtest.Clinic{DB: w.DB, Tenant: tenant})
	maya.Get(home).Lacks("Patients do not find you yet")
}

// last is the value of the last line of a select.
func last(page webtest.Answer, name string) (value string) {
	for _, o := range page.All("select", "name", name)[0].All("option") {
		value = o.Value("value")
	}
	return value
}

// books lets a newcomer find the organization in search and book its first visit.
func (w world) books(place string, c *pgtest.Clinic) {
	w.t.Helper()
	if err := w.Market.Reload(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	listing := pgtest.Value[uuid.UUID](w.t, c, "select id from offering")
	if err := w.Market.Refresh(w.t.Context(), []uuid.UUID{listing}); err != nil {
		w.t.Fatal(err)
	}
	leo := w.Person(w.t, "Leo")
	leo.Get("/search?reason=Dr.+Maya+Okafor").Has(http.StatusOK, "Harbor Family Care", "Dr. Maya Okafor")
	starts := leo.Get(place + "/listings/" + listing.String() + "/times?week=" + w.Day(9)).Starts()
	if len(starts) == 0 {
		w.t.Fatal("no time is free")
	}
	hold := leo.Post(place+"/holds", "listing", listing.String(), "start", starts[0])
	leo.Get(leo.Book(hold.Location)).Has(http.StatusOK, "Harbor Family Care", "Dr. Maya Okafor")
}
