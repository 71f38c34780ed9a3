package demo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"github.com/pquerna/otp/totp"
	"golang.org/x/net/html"

	"kindward/handlers/demo"
	"kindward/handlers/web"
	"kindward/internal/notify"
	"kindward/internal/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// serve mounts the pages over a real connection; the box is empty.
func serve(t *testing.T) (address, dir string, w notify.Writer) {
	t.Helper()
	db := pgtest.Open(t)
	e := echo.New()
	server := httptest.NewUnstartedServer(e)
	base, err := url.Parse("http://" + server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	site := &web.Site{Gateway: db.Gateway, Keys: db.Keys, BaseURL: base, Demo: true}
	if err := site.Wrap(e); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	h := &demo.Handlers{Box: notify.Box{Dir: dir}, Base: base, Zone: zone}
	e.GET("/demo/mail", h.ListMails)
	e.GET("/demo/mail/:mail", h.ShowMail)
	h.Password, h.Logins = "fox-point", []demo.Login{{Name: "Maya", Email: "maya@example.test", Role: "patient"},
		{Name: "Dana", Email: "desk@example.test", Role: "front_desk", Organization: "Fox Point", Secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}}
	h.Code = totp.GenerateCode
	e.GET("/demo/codes", h.ListCodes)
	server.Start()
	t.Cleanup(server.Close)
	return base.String(), dir, notify.Writer{Base: base, From: "Kindward <care@kindward.example>"}
}

func get(t *testing.T, address string) (int, string) {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(body)
}

// links are the addresses of all links of a page.
func links(t *testing.T, page string) (out []string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode && n.Data == "a" {
			for _, a := range n.Attr {
				if a.Key == "href" {
					out = append(out, a.Val)
				}
			}
		}
	}
	return out
}

func send(t *testing.T, dir string, m notify.Message, err error) {
	t.Helper()
	folder, open := notify.NewFolder(dir, "Kindward <care@kindward.example>")
	if err != nil || open != nil {
		t.Fatal(err, open)
	}
	if err := folder.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestFromTheListToTheLinkInAMail(t *testing.T) {
	address, dir, w := serve(t)
	if status, page := get(t, address+"/demo/mail"); status != 200 || !strings.Contains(page, "No mail yet") {
		t.Fatalf("empty box: %d", status)
	}
	reset := address + "/password-reset/" + strings.Repeat("a", 43)
	m, err := w.Note(uuid.New(), time.Date(2026, 11, 22, 18, 0, 0, 0, time.UTC), "maya@example.test", "Choose a new password", "Choose one here:\n"+reset+"\n\nhttp://evil.example/x")
	send(t, dir, m, err)
	status, page := get(t, address+"/demo/mail")
	if status != 200 || !strings.Contains(page, "To maya@example.test, Sunday 22 November, 1:00 pm") {
		t.Fatalf("list: %d", status)
	}
	var at string
	for _, l := range links(t, page) {
		if strings.HasPrefix(l, "/demo/mail/") {
			at = l
		}
	}
	status, page = get(t, address+at)
	if status != 200 {
		t.Fatalf("mail: %d", status)
	}
	var found, foreign bool
	for _, l := range links(t, page) {
		found = found || l == reset
		foreign = foreign || strings.Contains(l, "evil")
	}
	if !found || foreign {
		t.Errorf("own link %v, foreign link %v", found, foreign)
	}
}

func TestAMailOfMarkupIsText(t *testing.T) {
	address, dir, w := serve(t)
	bad := `<img src=x onerror=alert(1)><script>alert(1)</script>"><svg onload=x>`
	m, err := w.Booked(notify.Appointment{ID: uuid.New(), Ref: bad, Start: time.Now(), End: time.Now(), Changed: time.Now(), Organization: bad, Practitioner: bad, Street: bad, Email: "maya@example.test"})
	m.Subject = bad
	send(t, dir, m, err)
	list, err := notify.Box{Dir: dir}.List(1)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	for _, path := range []string{"/demo/mail", "/demo/mail/" + list[0].ID} {
		_, page := get(t, address+path)
		doc, err := html.Parse(strings.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			if n.Type == html.ElementNode && n.Data == "img" || n.Type == html.TextNode && n.Parent.Data == "script" && strings.Contains(n.Data, "alert") {
				t.Errorf("%s: markup of a mail became markup of the page", path)
			}
		}
		if !strings.Contains(page, "&lt;img") {
			t.Errorf("%s: the text is missing", path)
		}
	}
}

func TestNoSuchMailIsNotFound(t *testing.T) {
	address, _, _ := serve(t)
	for _, path := range []string{"/demo/mail/none", "/demo/mail/..", "/demo/mail/%2e%2e%2fsecrets", "/demo/mail/x.eml"} {
		if status, _ := get(t, address+path); status != 404 {
			t.Errorf("%s: %d", path, status)
		}
	}
}
