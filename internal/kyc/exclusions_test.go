package kyc_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kindward/internal/civil"
	"kindward/internal/events"
	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// published is a list that a source publishes, read at a clock of the test's own.
type published struct {
	*kyc.Exclusions
	t      *testing.T
	db     *pgtest.DB
	source *simulator.Exclusions
	now    time.Time
}

func publish(t *testing.T) *published {
	t.Helper()
	p := &published{t: t, db: pgtest.Fresh(t, tenancy.Options{}), now: time.Date(2027, 3, 5, 12, 0, 0, 0, time.UTC)}
	now := func() time.Time { return p.now }
	p.source = &simulator.Exclusions{Now: now}
	server := httptest.NewServer(p.source)
	t.Cleanup(server.Close)
	outbox, err := events.Open(t.Context(), p.db.RelayURL(), events.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(outbox.Close)
	p.db.Admin(t, "delete from onboarding.exclusion_list") // the one of all tests
	p.Exclusions = &kyc.Exclusions{URL: server.URL, Queries: outbox.LongQueries(), Now: now}
	return p
}

func (p *published) read() {
	p.t.Helper()
	if err := p.Import(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *published) says(s kyc.Screened) kyc.Finding {
	p.t.Helper()
	found, err := p.Screen(p.t.Context(), s)
	if err != nil {
		p.t.Fatal(err)
	}
	return found
}

func TestWhoeverIsOnTheListOfExclusionsIsFoundByNumberAndOtherwiseLookedAt(t *testing.T) {
	p := publish(t)
	if got := p.says(kyc.Screened{}); got.Result != kyc.Error {
		t.Errorf("before it was read: %+v", got)
	}
	p.read()
	born, _ := civil.ParseDate(simulator.ExcludedBorn)
	for _, c := range []struct {
		what string
		who  kyc.Screened
		want kyc.Result
		says string
	}{
		{"nobody of it", kyc.Screened{NPIs: []string{"1234567893"}, Name: "Harbor Health", State: "RI", Person: "Ida Wells"},
			kyc.Pass, ""},
		{"by number", kyc.Screened{NPIs: []string{"1234567893", simulator.ExcludedNPI}}, kyc.Fail,
			"MARCUS STROUD is on the list of exclusions since 20 February 2020 (1128a1), under NPI " + simulator.ExcludedNPI},
		{"with a waiver here", kyc.Screened{NPIs: []string{simulator.WaivedNPI}, State: "MA"}, kyc.Review, "waiver for MA"},
		{"with a waiver elsewhere", kyc.Screened{NPIs: []string{simulator.WaivedNPI}, State: "RI"}, kyc.Fail, "JUNE HALE"},
		{"reinstated", kyc.Screened{NPIs: []string{simulator.ReinstatedNPI}}, kyc.Pass, ""},
		{"by name and birth", kyc.Screened{Person: "Quill, Vera", Born: born}, kyc.Review, "same name and date of birth"},
		{"by name alone", kyc.Screened{Person: "Vera Quill", Born: born.AddDays(1)}, kyc.Pass, "1 have the same name"},
		{"by name, birth unknown", kyc.Screened{Person: "Vera Quill"}, kyc.Pass, "1 have the same name"},
		{"a business of the state", kyc.Screened{Name: "Harbor Lights Care", State: "RI"}, kyc.Review, "in the same state"},
		{"a business elsewhere", kyc.Screened{Name: "Harbor Lights Care", State: "CT"}, kyc.Pass, "1 have the same name"},
		{"the worst of all counts", kyc.Screened{NPIs: []string{simulator.ExcludedNPI}, Person: "Vera Quill", Born: born},
			kyc.Fail, "MARCUS STROUD"},
	} {
		got := p.says(c.who)
		if got.Result != c.want || !strings.Contains(got.Reason, c.says) || c.says == "" && got.Reason != "" ||
			got.Facts["list"] != "2027-03-05" || got.Facts["entries"] != "7" {
			t.Errorf("%s: %+v, not %s", c.what, got, c.want)
		}
	}
}

func TestTheListOfExclusionsIsReplacedAsAWholeAndCountsFor45Days(t *testing.T) {
	p := publish(t)
	p.read()
	who := kyc.Screened{NPIs: []string{simulator.ExcludedNPI}}
	if p.read(); p.source.Asked() != 1 {
		t.Errorf("read again at once, it is asked for %d times", p.source.Asked())
	}
	// every week it is looked at; it is the same until the month is over
	p.now = p.now.AddDate(0, 0, 7)
	if p.read(); p.source.Asked() != 2 || p.db.Count(t, "select count(*) from onboarding.exclusion_list") != 1 {
		t.Error("the same list is another one")
	}
	p.now = time.Date(2027, 4, 2, 0, 0, 0, 0, time.UTC)
	p.read()
	if lists, entries := p.db.Count(t, "select count(*) from onboarding.exclusion_list"),
		p.db.Count(t, "select count(*) from onboarding.exclusion"); lists != 2 || entries != 7 {
		t.Errorf("%d lists are kept, and %d entries", lists, entries)
	}
	// nobody renews it: it is read, and gets old
	p.source.Answer(func(w http.ResponseWriter, _ string) {
		_, _ = io.WriteString(w, simulator.ExclusionList(time.Date(2027, 4, 2, 0, 0, 0, 0, time.UTC)))
	})
	p.now = p.now.AddDate(0, 0, 45)
	if p.read(); p.says(who).Result != kyc.Fail {
		t.Error("after 45 days it does not count")
	}
	p.now = p.now.Add(time.Minute)
	if got := p.says(who); got.Result != kyc.Stale {
		t.Errorf("after more than 45 days: %+v", got)
	}
	p.source.Answer(nil)
	p.now = p.now.AddDate(0, 0, 7)
	if p.read(); p.says(who).Result != kyc.Fail {
		t.Error("a new one does not count")
	}
}

func TestWhateverIsNoListLeavesTheOneThatIsThere(t *testing.T) {
	p := publish(t)
	p.read()
	for what, answer := range map[string]func(w http.ResponseWriter, list string){
		"503": func(w http.ResponseWriter, _ string) { http.Error(w, "down", http.StatusServiceUnavailable) },
		"503 with a list": func(w http.ResponseWriter, list string) {
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, list)
		},
		"nothing": func(http.ResponseWriter, string) {},
		"garbage": func(w http.ResponseWriter, _ string) { _, _ = io.WriteString(w, "<html>Maintenance</html>") },
		"cut off": func(w http.ResponseWriter, list string) {
			w.Header().Set("Content-Length", "2000")
			_, _ = io.WriteString(w, list[:len(list)/2])
		},
		"half a list": func(w http.ResponseWriter, list string) {
			_, _ = io.WriteString(w, strings.Join(strings.SplitAfter(list, "\n")[:3], ""))
		},
		"A25 elsewhere": func(w http.ResponseWriter, _ string) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusFound)
		},
	} {
		p.source.Answer(answer)
		p.now = p.now.AddDate(0, 0, 8)
		if err := p.Import(t.Context()); err == nil {
			t.Errorf("%s is taken for a list", what)
		}
	}
	if n := p.db.Count(t, "select count(*) from onboarding.exclusion"); n != 7 {
		t.Errorf("%d entries are left", n)
	}
	p.source.Answer(nil)
	if p.read(); p.says(kyc.Screened{NPIs: []string{simulator.ExcludedNPI}}).Result != kyc.Fail {
		t.Error("control: the right list is not taken")
	}
}

func TestA60TheListOfExclusionsIsTheWorkersAloneToRead(t *testing.T) {
	p := publish(t)
	p.read()
	app := p.db.Connect(t, p.db.AppURL())
	for _, sql := range []string{"select * from onboarding.exclusion", "select * from onboarding.exclusion_list",
		"delete from onboarding.exclusion"} {
		if _, err := app.Exec(t.Context(), sql); err == nil || !strings.Contains(err.Error(), "42501") {
			t.Errorf("%s: %v", sql, err)
		}
	}
}
