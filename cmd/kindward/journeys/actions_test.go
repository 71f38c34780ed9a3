package journeys_test

import (
	"regexp"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

// counted is a tab that counts what somebody does in it: clicks are presses, actions are presses and fields.
type counted struct {
	*browser.Tab
	clicks, fields int
}

func (v *counted) Press(name string)       { v.clicks++; v.Tab.Press(name) }
func (v *counted) PressAt(selector string) { v.clicks++; v.Tab.PressAt(selector) }
func (v *counted) Type(label, text string) { v.fields++; v.Tab.Type(label, text) }
func (v *counted) Choose(label string)     { v.fields++; v.Tab.Choose(label) }

// TestANewcomerBooksInSixClicksAndSomebodyKnownInFourActions counts from the home page to the confirmation, on a phone.
func TestANewcomerBooksInSixClicksAndSomebodyKnownInFourActions(t *testing.T) {
	site := sitetest.Open(t)
	v := &counted{Tab: site.Visit(t, sitetest.Phone)}
	const slot = `form[action="/places/fox-point-family-clinic/holds"] .slot`

	v.Go("/")
	v.Type("What do you need?", "flu shot")
	v.Type("Where?", "02906")
	v.Press("Search")
	v.PressAt(slot)
	v.Press("Create an account")
	email := site.NewEmail("Noa Lindqvist")
	v.Type("Full name", "Noa Lindqvist")
	v.Type("Email address", email)
	v.Type("Password", "three-ferries-at-dawn")
	v.Press("Send me a code")
	v.Sees("Type the code we sent you")
	code := regexp.MustCompile(`\b\d{3} ?\d{3}\b`).FindString(site.Email(t, email, "code").Text)
	v.Type("Code", code)
	v.Press("Create account")
	if got := v.Value("Full name"); got != "Noa Lindqvist" {
		t.Errorf("the name is asked for twice: %q", got)
	}
	v.Type("Month", "3")
	v.Type("Day", "27")
	v.Type("Year", "1988")
	v.Type("Mobile number", "401 555 0177")
	v.Choose("I pay myself")
	v.Choose("Share these details")
	v.Press("Book ")
	v.Sees("You are booked for")
	if v.clicks > 6 || v.fields > 12 {
		t.Errorf("a newcomer needs %d clicks and %d fields", v.clicks, v.fields)
	}

	v.Go("/")
	v.clicks, v.fields = 0, 0
	v.Type("What do you need?", "new patient visit")
	v.Press("Search")
	v.PressAt(slot)
	v.Press("Book ")
	v.Sees("You are booked for")
	if all := v.clicks + v.fields; all > 4 {
		t.Errorf("somebody known needs %d actions", all)
	}
	sitetest.Silent(t, v.Tab)
}
