package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"kindward/internal/booking"
	"kindward/internal/civil"
	"kindward/internal/venue"
)

// Appointment is what messages and calendar entries say about one. It has no reason and no test's name: mail is
// read over shoulders.
type Appointment struct {
	ID           uuid.UUID
	Ref          string
	Sequence     int
	Start, End   time.Time // in the location's zone
	Changed      time.Time
	Cancelled    bool
	CancelledBy  string // one of booking.Cancelers
	Asked        bool   // the provider canceled it because the patient asked for it by phone
	Where        venue.Where
	Practitioner string // may be empty
	Phone        string
	Email        string
	Questions    bool   // there are some to answer before it
	NoAccount    bool   // nobody can open its page: there is no link to it
	Changes      string // until when it may be moved and canceled here, or whom to call, in a sentence
}

// BookingConfirmed is the confirmation.
func BookingConfirmed(c Composer, a Appointment) Email {
	e, f := c.booking(a, Request), c.times(a)
	e.Subject = "Your appointment on " + f.Day(a.Start) + " is booked"
	e.Heading = "You are booked for " + f.Full(a.Start)
	return e
}

// BookingMoved says the new time; the calendar entry of the old one moves with it.
func BookingMoved(c Composer, a Appointment) Email {
	e, f := c.booking(a, Request), c.times(a)
	e.Subject = "Your appointment is now on " + f.Day(a.Start)
	e.Heading = "Your new time is " + f.Full(a.Start)
	e.Paragraphs = append(e.Paragraphs, "The time you had before is free for others again.")
	return e
}

// BookingCanceled says that the time is given back; the calendar entry goes.
func BookingCanceled(c Composer, a Appointment) Email {
	e, f := c.booking(a, Cancel), c.times(a)
	e.Subject = "Your appointment on " + f.Day(a.Start) + " is canceled"
	e.Heading = f.Full(a.Start) + " is canceled"
	switch {
	case a.Asked:
		call := "call them."
		if a.Phone != "" {
			call = "call them: " + a.Phone + "."
		}
		e.Paragraphs = []string{a.Where.Organization + " canceled it for you, as you asked by phone. You can book another " +
			"time. If you did not ask for that, " + call}
	case a.CancelledBy == booking.CancelledByPatient:
		e.Paragraphs = []string{"You canceled it. Nothing else is needed from you."}
	case a.CancelledBy == booking.CancelledBySupport:
		e.Paragraphs = []string{"Our support canceled it for you. If you did not ask for that, tell us: “Help and " +
			"contact” at the foot of every page says how."}
	default:
		e.Paragraphs = []string{a.Where.Organization + " had to cancel it. You can book another time."}
	}
	e.Action, e.After, e.Also, e.AlsoLink = "See this appointment", nil, "", ""
	return e
}

// What a patient is told about an appointment: the kinds of rows in an organization's table of messages.
const (
	MessageBooked    = "booked"
	MessageMoved     = "moved"
	MessageCancelled = "cancelled"
)

// MessageKinds are all of them; the schema's CHECK constraint is held to this list by a test.
func MessageKinds() []string { return []string{MessageBooked, MessageMoved, MessageCancelled} }

var bookings = map[string]func(Composer, Appointment) Email{MessageBooked: BookingConfirmed, MessageMoved: BookingMoved,
	MessageCancelled: BookingCanceled}

// Booking makes the message of a kind about an appointment: always the same id for the same state of it.
// ErrUnknownKind.
func (c Composer) Booking(kind string, a Appointment) (Message, error) {
	email, ok := bookings[kind]
	if !ok {
		return Message{}, fmt.Errorf("%w: %q", ErrUnknownKind, kind)
	}
	return c.Compose(kind+"-"+strconv.Itoa(a.Sequence)+"-"+a.ID.String(), a.Changed, a.Email, email(c, a))
}

// booking is what all emails about an appointment say.
func (c Composer) booking(a Appointment, method Method) Email {
	e := Email{Action: "See or change this appointment", Link: c.page(a)}
	f := c.times(a)
	e.Rows = append(e.Rows, [2]string{"When", f.Span(a.Start, a.End)},
		[2]string{"Where", strings.Join(a.Where.Lines(), "\n")})
	if a.Practitioner != "" {
		e.Rows = append(e.Rows, [2]string{"With", a.Practitioner})
	}
	e.Rows = append(e.Rows, [2]string{"Your reference", a.Ref})
	if a.Phone != "" {
		e.Rows = append(e.Rows, [2]string{"Phone", a.Phone})
	}
	if !a.NoAccount {
		e.After = append(e.After, "What to bring and how to prepare is on that page.")
	}
	if a.Changes != "" {
		e.After = append(e.After, a.Changes)
	}
	if a.Questions && !a.NoAccount { // which ones would say why somebody comes
		e.Also, e.AlsoLink = "Answer the questions before your visit", c.link("bookings", a.ID.String(), "intake")
	}
	e.Attachments = []Attachment{{Name: "appointment.ics", Type: "text/calendar; method=" + string(method),
		Content: Calendar(c.Event(a), method)}}
	return e
}

// Event is the appointment's calendar entry, for mail and for download.
func (c Composer) Event(a Appointment) Event {
	about := []string{c.times(a).Span(a.Start, a.End), strings.Join(a.Where.Lines(), ", "), "Your reference: " + a.Ref}
	if a.Practitioner != "" {
		about = append([]string{"With " + a.Practitioner}, about...)
	}
	if a.Phone != "" {
		about = append(about, "Phone: "+a.Phone)
	}
	if a.Changes != "" && !a.Cancelled {
		about = append(about, a.Changes)
	}
	link := c.page(a)
	if link != "" {
		about = append(about, link)
	}
	return Event{ID: a.ID, Sequence: a.Sequence, Changed: a.Changed, Start: a.Start, End: a.End,
		Summary: "Appointment, " + a.Where.Organization, Location: a.Where.Line(),
		Description: strings.Join(about, "\n"), URL: link,
		Organizer: c.address(), Attendee: a.Email, Cancelled: a.Cancelled}
}

// page is where its patient sees an appointment; "" without an account.
func (c Composer) page(a Appointment) string {
	if a.NoAccount {
		return ""
	}
	return c.link("bookings", a.ID.String())
}

// times tells times of an appointment as of when it was last changed: the message of one state is always the same.
func (c Composer) times(a Appointment) civil.TimeFormat {
	return a.Where.Mode.Times(civil.TimeFormat{Now: a.Changed, Zone: c.Zone})
}
