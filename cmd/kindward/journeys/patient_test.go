package journeys_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

func TestAPatientFindsCareBooksMovesAndCancels(t *testing.T) {
	withAndWithoutScripts(t, func(t *testing.T, site *sitetest.Site, way func(*browser.Options)) {
		v := site.Visit(t, way)
		v.Go("/")
		v.Type("What do you need?", "blood wrok")
		v.Type("Where?", "02906")
		v.Press("Search")
		v.Sees("We read “blood wrok” as “blood work”", "Which one do you mean?")
		v.Press("Complete blood count")
		v.Sees("have times for a complete blood count", "Wickenden Diagnostics")

		v.PressAt(`form[action="/places/wickenden-diagnostics/holds"] .slot`)
		v.Sees("We are holding this time for you", "Until ", "Sign in to book this time")
		hold := v.Path()
		if script(v) {
			ticks(t, v)
		}

		email := signUp(t, site, v, "Ines Carvalho")
		if v.Path() != hold {
			t.Fatalf("after signing up the visitor is at %s, not at the hold", v.Path())
		}
		v.Sees("Your account is ready.", "Who is this for, and how do we reach you?", "We are holding this time for you")
		fillInWrongly(t, v)
		v.Type("Mobile number", "401 555 0177")
		v.Type("Day", "28")
		v.Choose("I pay myself")
		agree(v)
		v.Press("Book ")
		v.Sees("You are booked for", "Your reference", "We send this to "+email)
		reference := v.Heading()
		calendar(t, site, v)
		if m := site.Email(t, email, "ooked"); !strings.Contains(m.Text, "Wickenden Diagnostics") {
			t.Errorf("the mail does not say where: %s", m.Text)
		}

		v.Press("My appointments")
		v.Sees("Your next appointment is on", "Wickenden Diagnostics")
		v.PressAt("main a[href^='/bookings/']")
		v.Press("Change the time")
		v.Sees("When would you like to come instead?")
		v.PressAt(".lanes .slot:not(.mine)")
		v.Sees("Move it to ", "It is free for others as soon as you move.")
		v.Press("Move the appointment")
		v.Sees("Moved to ", "You are booked for", "Take the old time back")
		if v.Heading() == reference {
			t.Errorf("it moved but still says %q", reference)
		}

		v.Press("Cancel")
		v.Sees("Why do you cancel?")
		v.Sees("I would rather not say")
		v.PressAt("main form:not([data-passkey]) button[type=submit]")
		v.Sees("Canceled. The time is free for somebody else", "is canceled")
		sitetest.Silent(t, v)
	})
}

// signUp makes an account from the page of a hold, with the code from the demo's mail, and comes back.
func signUp(t *testing.T, site *sitetest.Site, v *browser.Tab, name string) (email string) {
	t.Helper()
	email = site.NewEmail(name)
	v.Press("Create an account")
	v.Sees("The time you chose stays yours")
	v.Type("Full name", name)
	v.Type("Email address", email)
	v.Type("Password", "short")
	v.Press("Send me a code")
	v.Sees("There is a problem")
	if got := v.Value("Email address"); got != email {
		t.Errorf("a refused password loses the address: %q", got)
	}
	v.Type("Password", "three-ferries-at-dawn")
	v.Press("Send me a code")
	v.Sees("Type the code we sent you")

	site.Email(t, email, "code") // it is there
	mail := v.Another()
	mail.Go("/demo/mail")
	mail.Sees(email)
	mail.PressAt("main li a")
	code := regexp.MustCompile(`\b\d{3} ?\d{3}\b`).FindString(mail.Text())
	if code == "" {
		t.Fatalf("no code in the mail: %s", mail.Text())
	}
	wrong := "111111"
	if strings.ReplaceAll(code, " ", "") == wrong {
		wrong = "222222"
	}
	v.Type("Code", wrong)
	v.Press("Create account")
	v.Sees("There is a problem", "This is not the code")
	v.Type("Code", code)
	v.Press("Create account")
	v.Sees("Your account is ready.")
	return email
}

// fillInWrongly sends the form with three mistakes and checks that the answer is 422, says so, and loses nothing.
func fillInWrongly(t *testing.T, v *browser.Tab) {
	t.Helper()
	v.Type("Full name", "Inês Carvalho-d’Ávila")
	v.Type("Month", "2")
	v.Type("Day", "30")
	v.Type("Year", "1988")
	v.Type("Mobile number", "12")
	v.Type("Anything they should know?", "I faint at needles.\nSecond line <b>&amp;")
	v.Forget()
	v.Press("Book ")
	v.Sees("There is a problem", "Date of birth must be a real date, like 3 27 1988",
		"Enter your mobile number, like 401 555 0134", "Choose how you will pay", "Tick the box to share your details")
	if v.Status() != http.StatusUnprocessableEntity {
		t.Errorf("wrong details are answered with %d", v.Status())
	}
	for label, want := range map[string]string{"Full name": "Inês Carvalho-d’Ávila", "Month": "2", "Day": "30",
		"Year": "1988", "Mobile number": "12",
		"Anything they should know?": "I faint at needles.\nSecond line <b>&amp;"} {
		if got := v.Value(label); got != want {
			t.Errorf("%s was %q and is %q after the mistake", label, want, got)
		}
	}
	if title := browser.Eval[string](v, "document.title"); !strings.HasPrefix(title, "Error: ") {
		t.Errorf("the title does not say that something is wrong: %q", title)
	}
	if script(v) {
		v.Until("the summary of what is wrong has the focus", `document.activeElement.matches(".problems")`)
	}
	v.Press("Date of birth must be a real date")
	v.Until("a line of the summary leads to its field", `document.activeElement.id === "dob" || location.hash === "#dob"`)
	v.Sees("We are holding this time for you")
}

// script tells whether the page's own scripts run here.
func script(v *browser.Tab) bool { return browser.Eval[bool](v, `typeof htmx === "object"`) }

// agree ticks the box of consent, where it does not stand already.
func agree(v *browser.Tab) {
	if browser.Eval[bool](v, `document.querySelector("[name=share]") !== null`) {
		v.Choose("Share these details")
	}
}

// ticks checks that the clock of the hold goes down, by itself.
func ticks(t *testing.T, v *browser.Tab) {
	t.Helper()
	const clock = `document.querySelector(".hold .time").textContent`
	before := browser.Eval[string](v, clock)
	v.Until("the clock goes on", clock+` !== "`+before+`"`)
}

// calendar presses "Add to calendar" and reads the file that the browser saves.
func calendar(t *testing.T, site *sitetest.Site, v *browser.Tab) {
	t.Helper()
	dir := t.TempDir()
	v.SaveTo(dir)
	v.Press("Add to calendar")
	var files []string
	for end := time.Now().Add(time.Minute); len(files) == 0 &&
		time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		files, _ = filepath.Glob(filepath.Join(dir, "*.ics"))
	}
	if len(files) != 1 {
		t.Fatalf("saved: %v", files)
	}
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	c, err := ics.ParseCalendar(file)
	if err != nil {
		t.Fatal(err)
	}
	events := c.Events()
	if len(events) != 1 {
		t.Fatalf("%d events", len(events))
	}
	start, err := events[0].GetStartAt()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	if day := start.In(zone).Format("Monday 2 January at 3:04 pm"); !strings.Contains(v.Heading(), day) {
		t.Errorf("the calendar says %s, the page %q", day, v.Heading())
	}
	if place := events[0].GetProperty(ics.ComponentPropertyLocation); place == nil ||
		!strings.Contains(place.Value, "Providence") {
		t.Errorf("the calendar does not say where: %v", place)
	}
}
