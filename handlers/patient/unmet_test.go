package patient_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/handlers/webtest"
	"kindward/internal/civil"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// friday puts a site's clock to a Friday at ten to five, when the last visit of a clinic that is open from Monday to
// Friday has begun; what searches know of it is ten minutes older.
func friday(t *testing.T, rules string) (site *webtest.Site, ask func(reason string) webtest.Answer) {
	t.Helper()
	site = webtest.OpenWith(t, webtest.Options{DB: pgtest.Fresh(t, tenancy.Options{})})
	c := site.Clinic()
	c.SQL(t, rules)
	c.Publish(t)
	local := site.Clock.Now().In(civil.ZoneOrUTC(c.Zone))
	ahead := (int(time.Friday-local.Weekday())+7)%7 + 7
	at := time.Date(local.Year(), local.Month(), local.Day()+ahead, 16, 35, 0, 0, local.Location())
	site.Clock.Set(at)
	if err := site.Market.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := site.Market.Refresh(t.Context(), []uuid.UUID{c.OfferingID}); err != nil {
		t.Fatal(err)
	}
	site.Clock.Set(at.Add(15 * time.Minute))
	return site, func(reason string) webtest.Answer {
		return site.Visitor(t).Get("/search?" + url.Values{"reason": {reason}, "near": {"02906"}}.Encode())
	}
}

// A wish for a day that is not met is told, with what is next (10.13); whatever the summaries of searches say.
func TestWhoAsksForADayOnWhichNothingIsFreeIsToldSo(t *testing.T) {
	_, ask := friday(t, `delete from schedule_rule where weekday in (0, 6)`)
	for wish, want := range map[string]string{
		"today":               "Nothing is free today. The soonest is on Monday ",
		"later today":         "Nothing is free today. The soonest is on Monday ",
		"this afternoon":      "Nothing is free today in the afternoon. The soonest in the afternoon is on Monday ",
		"hoy":                 "Nothing is free today. The soonest is on Monday ",
		"tomorrow":            "Nothing is free tomorrow. The soonest is on Monday ",
		"tomorrow morning":    "Nothing is free tomorrow before noon. The soonest before noon is on Monday ",
		"mañana por la tarde": "Nothing is free tomorrow in the afternoon. The soonest in the afternoon is on Monday ",
		"saturday":            "Nothing is free tomorrow. The soonest is on Monday ",
		"day after tomorrow":  "Nothing is free on Sunday ",
		"pasado mañana":       "Nothing is free on Sunday ",
		"this weekend":        "Nothing is free on the weekend of Saturday ",
		"el fin de semana":    "Nothing is free on the weekend of Saturday ",
		"sunday before noon":  "Nothing is free on Sunday ",
	} {
		for _, service := range []string{"mole check", "rash"} {
			p := ask(service + " " + wish)
			p.Has(http.StatusOK, want)
			p.Lacks("The soonest shown is")
		}
	}
	ask("rash this morning").Has(http.StatusOK, "Nothing is free today before noon.", "Show all times of day")
	for _, met := range []string{"", " monday", " monday morning", " next week", " this week"} {
		p := ask("mole check" + met)
		p.Has(http.StatusOK, "The soonest shown is")
		p.Lacks("Nothing is free")
	}
}

// In a list that is narrowed to a part of the day, what is next is next in that part.
func TestTheNextFreeTimeIsOneOfThePartOfTheDayThatIsAskedFor(t *testing.T) {
	_, ask := friday(t, `with open as (select schedule_id from schedule_rule limit 1), gone as (delete from schedule_rule)
		insert into schedule_rule (id, schedule_id, weekday, kind, from_minute, to_minute)
		select gen_random_uuid(), o.schedule_id, w.day, 'open', w.f, w.t
		from open o, (values (3, 540, 720), (4, 1020, 1140)) w (day, f, t)`)
	ask("mole check").Has(http.StatusOK, "Next free Wednesday ", "9:00 am")
	p := ask("mole check after 5pm")
	p.Has(http.StatusOK, "Next free Thursday ", " after 5 pm")
	p.Lacks("Next free Wednesday")
}
