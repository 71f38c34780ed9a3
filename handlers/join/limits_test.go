package join_test

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/identity"
	"kindward/internal/npi/simulator"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestFormsOfAGuestWithdrawalsAndNumbersOfANetworkAreLimited(t *testing.T) {
	w := world{Site: webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})}), t: t}
	maya, rosa := w.Person(t, "Maya"), w.Visitor(t)
	at := w.begin(maya, "laboratory", "RI", "1234567893")
	link, other := w.link(maya, at, "licenses"), w.link(maya, at, "location")
	for range 60 {
		rosa.Post(link, "asked", "clia").Has(http.StatusUnprocessableEntity, "Type your name")
	}
	rosa.Post(link, "asked", "clia").Has(http.StatusTooManyRequests)
	rosa.Post(other, "asked", "city").Has(http.StatusUnprocessableEntity) // control: another link

	theirs := w.begin(maya, "laboratory", "RI", "1234567893")
	for range 5 {
		maya.Post(at + "/withdrawal").Goes(at)
		maya.Post(at + "/reopening").Goes(at)
	}
	maya.Post(at + "/withdrawal").Has(http.StatusTooManyRequests)
	maya.Get(at).Has(http.StatusOK, "Withdraw the application")
	maya.Post(theirs + "/withdrawal").Goes(theirs) // control: another application

	leo := w.Person(t, "Leo")
	var leos []string
	for n := range 10 {
		leos = append(leos, w.begin(leo, "clinic", "RI", simulator.Number(simulator.Found, n)))
	}
	leo.Post(leos[0] + "/withdrawal").Goes(leos[0])
	leo.Post(leos[0] + "/reopening").Goes(leos[0])
	leo.Get(leos[0]).Lacks("This application is withdrawn") // control: there is room for it
	leo.Post(leos[0] + "/withdrawal").Goes(leos[0])
	w.join(maya, leo, at)
	leo.Post(leos[0] + "/reopening").Goes(leos[0])
	leo.Get(leos[0]).Has(http.StatusOK, "many applications open", "This application is withdrawn")
	limiter := identity.AttemptLimiter{Gateway: w.Gateway, Keys: w.Keys, Now: w.Clock.Now}
	network := identity.AttemptLimit{Name: "numbers asked from", Attempts: 60, Window: 24 * time.Hour,
		Windows: identity.Sliding}.For(identity.Range(netip.MustParseAddr(leo.IP)))
	for range 60 - (10 - 3) { // what others of the network ask, beyond the first ones of each
		if _, err := limiter.Reserve(t.Context(), network); err != nil {
			t.Fatal(err)
		}
	}
	last, far := w.Person(t, "Last"), w.Person(t, "Far")
	last.IP = leo.IP
	for n := range 3 { // A43: their own, whatever others of the network ask
		w.begin(last, "clinic", "RI", simulator.Number(simulator.Found, 90+n))
		w.begin(far, "clinic", "RI", simulator.Number(simulator.Found, 90+n))
	}
	last.Post("/join", "kind", "clinic", "state", "RI", "number", "1245319599", "key", uuid.NewString(), "anyway",
		"yes").Has(http.StatusTooManyRequests, "asked about many numbers today", `value="1245319599"`)
	w.begin(far, "clinic", "RI", "1245319599") // control: another network
}
