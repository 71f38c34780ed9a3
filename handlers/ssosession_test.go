package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
	"kindward/internal/policy"
)

// keptElsewhere are three times that somebody keeps at three organizations: as many as one may.
type keptElsewhere struct {
	at    []*pgtest.Clinic
	paths []string
	start string
}

func keep(t *testing.T, s *webtest.Site, p *webtest.Person) (k keptElsewhere) {
	t.Helper()
	k.start = p.Get(s.Times() + "?week=" + s.Day(9)).Starts()[0]
	for range 3 {
		c := s.NewClinic(t)
		a := p.Post("/places/"+c.Slug+"/holds", "listing", c.OfferingID.String(), "start", k.start)
		a.Has(http.StatusSeeOther)
		k.at, k.paths = append(k.at, c), append(k.paths, a.Location)
	}
	return k
}

// fill writes an address about the first of them.
func (k keptElsewhere) fill(path string) string {
	hold := webtest.IDOf(k.paths[0]).String()
	return strings.NewReplacer(":place", k.at[0].Slug, ":listing", k.at[0].OfferingID.String(), ":hold", hold,
		":booking", hold, ":token", "not-a-token", "*", "app.js").Replace(path)
}

// All routes of the public site, asked in a session that an organization's provider alone let in, neither show what the
// same person keeps elsewhere nor touch it, nor use up what they may keep.
func TestA41AnOrganizationsSignInFindsNothingThatItsPeopleHoldElsewhere(t *testing.T) {
	s := webtest.Open(t)
	noor := s.Person(t, "Noor")
	noor.Employ(s.Clinic(), "clinician")
	kept := keep(t, s, noor)
	same := s.Known(t, noor.ID, noor.Email, noor.Name)
	asked, free := 0, 0
	bySingleSignOn(t, s, same)
	for _, r := range s.Routes {
		spec, _ := policy.SpecOf(r.Action)
		if spec.Kind != policy.Site || r.Options.NoSession || strings.HasPrefix(r.Path, "/demo") {
			continue
		}
		asked++
		a := same.Do(r.Method, kept.fill(r.Path), url.Values{"listing": {s.Clinic().OfferingID.String()},
			"start": {kept.start}})
		for n, path := range kept.paths {
			if (n > 0 || !strings.Contains(r.Path, ":hold")) && strings.Contains(a.Body+a.Location, path) {
				t.Errorf("%s %s leads to a time that is kept elsewhere", r.Method, r.Path)
			}
		}
		if strings.Contains(r.Path, ":hold") && a.Status != http.StatusNotFound &&
			!strings.HasPrefix(a.Location, "/account/confirm") {
			t.Errorf("%s %s finds it: %d %s", r.Method, r.Path, a.Status, a.Location)
		}
		if a.Status == http.StatusTooManyRequests {
			t.Errorf("%s %s counts it", r.Method, r.Path)
		}
		if r.Method == http.MethodPost { // it may have ended the session, or taken a time
			noor.Get(kept.paths[0]).Has(http.StatusOK)
			bySingleSignOn(t, s, same)
		}
	}
	// What is kept in the other browser counts with nobody's.
	for _, c := range []*pgtest.Clinic{s.Clinic(), s.NewClinic(t), s.NewClinic(t)} {
		a := same.Post("/places/"+c.Slug+"/holds", "listing", c.OfferingID.String(), "start", kept.start)
		if a.Status == http.StatusSeeOther {
			free++
		}
	}
	if asked < 20 || free < 2 {
		t.Errorf("%d routes were asked, %d times kept in the other browser", asked, free)
	}
	for _, path := range kept.paths {
		noor.Get(path).Has(http.StatusOK)
	}
}

func TestA41ControlWhoeverShowsWhoTheyAreFindsWhatTheyHoldInAnyBrowser(t *testing.T) {
	s := webtest.Open(t)
	noor := s.Person(t, "Noor")
	kept := keep(t, s, noor)
	same := s.Known(t, noor.ID, noor.Email, noor.Name)
	same.SignIn(1)
	same.Post(s.Place()+"/holds", "listing", s.Clinic().OfferingID.String(), "start", kept.start).Has(
		http.StatusTooManyRequests, kept.paths[0], kept.paths[1], kept.paths[2])
	same.Get(kept.paths[0]).Has(http.StatusOK)
	same.Post(kept.paths[0] + "/release").Has(http.StatusSeeOther)
	if noor.Get(kept.paths[0]).HasID("hold-clock") {
		t.Error("it was not let go")
	}
}
