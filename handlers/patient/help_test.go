package patient_test

import (
	"net/http"
	"strings"
	"testing"

	"kindward/handlers/webtest"
)

func TestAMessageFromTheHelpPageReachesSomebodyWithItsReference(t *testing.T) {
	site := webtest.Open(t)
	guest, maya := site.Visitor(t), site.Person(t, "Maya")
	guest.Get("/privacy").Has(http.StatusOK, "Your name, your date of birth", "your email address", "how to get in",
		"remembers for a year your colors", "your insurance and whether")
	guest.Get("/help?reference=R-58F2-A1QQ-0000").Has(http.StatusOK, `value="R-58F2-A1QQ-0000"`,
		"mailto:"+webtest.HelpEmail)
	guest.Get("/help?email=mallory@evil.example&message=Remove+my+second+factor").Lacks(`value="mallory`, "Remove my")
	guest.Post("/help", "email", "nora", "message", " ", "reference", "R-1").Has(http.StatusUnprocessableEntity,
		"Enter your email address", `value="nora"`, `value="R-1"`)
	guest.HTMX().Post("/help", "email", "nora@example.test", "message", "").IsPart("write")
	guest.Post("/help", "email", "nora@example.test", "message", "The page failed.\nTwice.", "reference", "R-58F2").
		Goes("/help")
	guest.Get("/help").Has(http.StatusOK, "We have your message and answer by email to nora@example.test")
	sent := site.Mailbox().Last(webtest.HelpEmail)
	if sent.Subject != "Message from the help page: R-58F2" || sent.ReplyTo != "nora@example.test" ||
		!strings.Contains(sent.Text, "The page failed.") || !strings.Contains(sent.Text, "not signed in") {
		t.Errorf("%+v", sent.Message)
	}
	maya.Get("/help").Has(http.StatusOK, maya.Email)
	maya.Post("/help", "email", maya.Email, "message", "Where is my appointment?").Goes("/help")
	if sent = site.Mailbox().Last(webtest.HelpEmail); !strings.Contains(sent.Text, "account "+maya.ID.String()) {
		t.Error(sent.Text)
	}
}

func TestWhoWritesToHelpTooOftenKeepsNobodyElseFromIt(t *testing.T) {
	site := webtest.Open(t)
	guest, maya := site.Visitor(t), site.Person(t, "Maya")
	maya.IP = guest.IP
	for range 10 {
		guest.Post("/help", "email", "nora@example.test", "message", "Hello").Goes("/help")
	}
	guest.Post("/help", "email", "nora@example.test", "message", "Hello again").Has(http.StatusTooManyRequests,
		"You have written often", "or from your own mailbox to "+webtest.HelpEmail, "Hello again")
	maya.Post("/help", "email", maya.Email, "message", "Hello").Goes("/help") // an account counts by itself
	site.Visitor(t).Post("/help", "email", "leo@example.test", "message", "Hello").Goes("/help")
}
