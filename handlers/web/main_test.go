package web_test

import (
	"testing"

	"github.com/google/uuid"

	"kindward/handlers/web"
	"kindward/handlers/webtest"
	"kindward/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// open serves a table of routes that is made for these tests: one of each kind of answer.
func open(t *testing.T, change ...func(*web.Site)) *webtest.Site {
	t.Helper()
	return openIn(t, pgtest.Open(t), change...)
}

func openIn(t *testing.T, db *pgtest.DB, change ...func(*web.Site)) *webtest.Site {
	t.Helper()
	return openWith(t, db, nil, change...)
}

// openWith has more routes in its table.
func openWith(t *testing.T, db *pgtest.DB, more []web.Route, change ...func(*web.Site)) *webtest.Site {
	t.Helper()
	return webtest.OpenWith(t, webtest.Options{DB: db, Routes: append(table(), more...), Web: func(s *web.Site) {
		for _, f := range change {
			f(s)
		}
	}})
}

// maya has an account and is not signed in.
func maya(t *testing.T, site *webtest.Site) *webtest.Person {
	t.Helper()
	id := uuid.Must(uuid.NewV7())
	p := site.Known(t, id, id.String()[24:]+"@example.test", "Maya Okafor")
	site.Admin(t, "insert into directory.account (id, email, name) values ($1, $2, $3)", p.ID, p.Email, p.Name)
	return p
}

func sessionsOf(t *testing.T, site *webtest.Site) int {
	t.Helper()
	return site.Count(t, "select count(*) from directory.session")
}
