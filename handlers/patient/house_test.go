package patient_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"golang.org/x/net/html"
	"golang.org/x/time/rate"

	"kindward/handlers"
	"kindward/handlers/account"
	"kindward/handlers/patient"
	"kindward/handlers/styleguide"
	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/internal/pgtest"
	"kindward/internal/search"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// password is everybody's, hashed once.
const password = "a-long-enough-word"

var hashed = sync.OnceValue(func() string {
	h, err := identity.HashPassword(password)
	if err != nil {
		panic(err)
	}
	return h
})

// house is the product's pages over one clinic.
type house struct {
	*httptest.Server
	clinic *pgtest.Clinic
	market *search.Market
}

// open serves the pages of a clinic of this test.
func open(t *testing.T, change ...func(*pgtest.Clinic)) *house {
	t.Helper()
	return openIn(t, pgtest.Open(t), change...)
}

// openIn serves the pages of a database that this test may have for itself: a search shows the clinics of the other tests too.
func openIn(t *testing.T, db *pgtest.DB, change ...func(*pgtest.Clinic)) *house {
	t.Helper()
	h := &house{clinic: db.Clinic(t, change...)}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if h.market, err = search.OpenMarket(t.Context(), db.Gateway, zone, time.Now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.market.Close)
	if err := h.market.Sweep(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	h.Server = httptest.NewServer(e)
	t.Cleanup(h.Server.Close)
	base, err := url.Parse(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	accounts := identity.NewAccounts(db.Gateway, db.Keys, base, time.Now, log, nil)
	site := &web.Site{Gateway: db.Gateway, Keys: db.Keys, BaseURL: base, Log: log, HoldRate: rate.Inf}
	handlers.Mount(e, handlers.Routes(handlers.Pages{Account: &account.Handlers{Accounts: accounts}, Styleguide: &styleguide.Handlers{},
		Patient: &patient.Handlers{Gateway: db.Gateway, Market: h.market, Keep: accounts.KeepDetails}}))
	if err := site.Wrap(e); err != nil {
		t.Fatal(err)
	}
	return h
}

// visitor is a browser: cookies, and the headers that browsers send.
type visitor struct {
	t    *testing.T
	h    *house
	http *http.Client
	htmx bool
}

func (h *house) visitor(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, h: h, http: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// member is a visitor who has signed in to a fresh account.
func (h *house) member(t *testing.T, name string) *visitor {
	id := h.clinic.DB.Account(t, name)
	h.clinic.DB.Admin(t, `insert into directory.password (account_id, hash) values ($1, $2)`, id, hashed())
	v := h.visitor(t)
	if p := v.post("/sign-in", "email", id.String()+"@example.test", "password", password); p.status != http.StatusSeeOther {
		t.Fatalf("sign-in: %d %s", p.status, p.text())
	}
	return v
}

// page is an answer, parsed.
type page struct {
	status   int
	location string
	header   http.Header
	body     string
	root     *html.Node
}

func (v *visitor) get(path string) page { return v.do(http.MethodGet, path, nil) }

func (v *visitor) post(path string, fields ...string) page {
	form := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		form.Add(fields[i], fields[i+1])
	}
	return v.do(http.MethodPost, path, form)
}

func (v *visitor) do(method, path string, form url.Values) page {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.h.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if v.htmx {
		req.Header.Set("HX-Request", "true")
	}
	res, err := v.http.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	root, err := html.Parse(strings.NewReader(string(raw)))
	if err != nil {
		v.t.Fatal(err)
	}
	return page{res.StatusCode, res.Header.Get("Location"), res.Header, string(raw), root}
}

// all lists the elements of a name, and of an attribute's value if one is given.
func (p page) all(name string, attr ...string) (out []*html.Node) {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name && (len(attr) < 2 || value(n, attr[0]) == attr[1]) {
			out = append(out, n)
		}
	}
	return out
}

func value(n *html.Node, attr string) string {
	for _, a := range n.Attr {
		if a.Key == attr {
			return a.Val
		}
	}
	return ""
}

func (p page) text() string { return words(p.root) }

func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (p page) h1() string {
	if all := p.all("h1"); len(all) == 1 {
		return words(all[0])
	}
	return ""
}

// input is the value of a form's box.
func (p page) input(name string) string {
	if boxes := p.all("input", "name", name); len(boxes) > 0 {
		return value(boxes[0], "value")
	}
	if boxes := p.all("textarea", "name", name); len(boxes) > 0 {
		return words(boxes[0])
	}
	return ""
}

// starts are the free times that a page offers.
func (p page) starts() (out []string) {
	for _, n := range p.all("button", "name", "start") {
		out = append(out, value(n, "value"))
	}
	return out
}

func (h *house) place() string { return "/places/" + h.clinic.Slug }

func (h *house) times() string {
	return h.place() + "/listings/" + h.clinic.OfferingID.String() + "/times"
}

// hold takes the nth free time of the calendar and gives the hold's address.
func (v *visitor) hold(n int) string {
	v.t.Helper()
	starts := v.get(v.h.times() + "?week=" + time.Now().AddDate(0, 0, 9).Format(time.DateOnly)).starts()
	if len(starts) <= n {
		v.t.Fatalf("only %d free times", len(starts))
	}
	p := v.post(v.h.place()+"/holds", "listing", v.h.clinic.OfferingID.String(), "start", starts[n])
	if p.status != http.StatusSeeOther {
		v.t.Fatalf("hold: %d %s", p.status, p.text())
	}
	return p.location
}

// book confirms a hold and gives the appointment's address.
func (v *visitor) book(hold string) string {
	v.t.Helper()
	key := v.get(hold).input("key")
	p := v.post(hold+"/confirmation", append(details(), "key", key)...)
	if p.status != http.StatusSeeOther {
		v.t.Fatalf("confirmation: %d %s", p.status, p.text())
	}
	return p.location
}

func details() []string {
	return []string{"name", "Maya Okafor", "dob-month", "3", "dob-day", "27", "dob-year", "1988", "phone", "401 555 0134", "payer", "self", "share", "on", "note", "Left arm, please"}
}

func idOf(path string) uuid.UUID { return uuid.MustParse(path[strings.LastIndexByte(path, '/')+1:]) }
