package patient_test

import (
	"net/http"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

// badKeys are request keys that no page of ours makes.
var badKeys = map[string]string{"none": "", "long": strings.Repeat("k", 201), "very long": strings.Repeat("k", 9000),
	"with a NUL": "k\x00k", "no UTF-8": "k\xff", "with a tab": "k\tk", "with a line": "k\nk", "beyond ASCII": "schlüssel"}

func TestA49AKeyThatIsNoneIsRefusedInWordsAndWhatWasTypedStays(t *testing.T) {
	site := webtest.Open(t)
	maya := site.Person(t, "Maya")
	hold := maya.Hold(0)
	refused := func(what string, a webtest.Answer) {
		t.Helper()
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Text(), "This form came incomplete") ||
			a.Field("name") != "Maya Okafor" || a.Field("note") != "Left arm, please" || len(a.Field("key")) != 36 {
			t.Errorf("a key %s: %d, key %q: %.300s", what, a.Status, a.Field("key"), a.Text())
		}
	}
	var last webtest.Answer
	for what, key := range badKeys {
		last = maya.Post(hold+"/confirmation", append(webtest.Details(), "key", key)...)
		refused(what, last)
	}
	good := webtest.Form(append(webtest.Details(), "key", "a-good-one")...)
	for _, what := range []string{"long", "very long", "no UTF-8", "beyond ASCII"} {
		refused(what+" in the header", maya.Do(http.MethodPost, hold+"/confirmation", good, "Idempotency-Key", badKeys[what]))
	}
	if n := booked(t, site); n != 0 {
		t.Errorf("%d bookings", n)
	}
	again := maya.Post(hold+"/confirmation", append(webtest.Details(), "key", last.Field("key"))...)
	if again.Status != http.StatusSeeOther || booked(t, site) != 1 {
		t.Errorf("with the new key: %d", again.Status)
	}
}

func TestA49AKeyIsItsOwnersAlone(t *testing.T) {
	site := webtest.Open(t)
	maya, ben := site.Person(t, "Maya"), site.Person(t, "Ben")
	mayas, bens := maya.Hold(0), ben.Hold(4)
	form := append(webtest.Details(), "key", "one-key-of-two-people")
	first := maya.Post(mayas+"/confirmation", form...)
	second := ben.Post(bens+"/confirmation", form...)
	if first.Status != http.StatusSeeOther || second.Status != http.StatusSeeOther || first.Location == second.Location {
		t.Errorf("Maya %d %q, Ben %d %q", first.Status, first.Location, second.Status, second.Location)
	}
	if p := ben.Get(mayas + "/confirmation?since=0&key=one-key-of-two-people"); p.Location == first.Location ||
		strings.Contains(p.Text(), "went through") {
		t.Errorf("Ben finds out about Maya's: %d %q", p.Status, p.Location)
	}
	n := pgtest.Value[int](t, site.Clinic(), `select count(*) from request_key where key = 'one-key-of-two-people'`)
	if n != 2 || booked(t, site) != 2 {
		t.Errorf("%d keys, %d bookings", n, booked(t, site))
	}
}
