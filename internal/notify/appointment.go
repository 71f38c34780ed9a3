package notify

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
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
	CancelledBy  string // patient, support, provider or system
	Organization string // "Wickenden Diagnostics"
	Practitioner string // may be empty
	Street       string
	Town         string // "Providence, RI 02903"
	Phone        string
	AtHome       bool // they come to the person
	Email        string
	Changes      string // until when it may be moved and canceled here, or whom to call, in a sentence
}

// BookingConfirmed is the confirmation.
func BookingConfirmed(c Composer, a Appointment) Email {
	e := c.booking(a, Request)
	e.Subject = "Your appointment on " + day(a.Start) + " is booked"
	e.Heading = "You are booked for " + when(a.Start)
	return e
}

// BookingMoved says the new time; the calendar entry of the old one moves with it.
func BookingMoved(c Composer, a Appointment) Email {
	e := c.booking(a, Request)
	e.Subject = "Your appointment is now on " + day(a.Start)
	e.Heading = "Your new time is " + when(a.Start)
	e.Paragraphs = append(e.Paragraphs, "The time you had before is free for others again.")
	return e
}

// BookingCanceled says that the time is given back; the calendar entry goes.
func BookingCanceled(c Composer, a Appointment) Email {
	e := c.booking(a, Cancel)
	e.Subject = "Your appointment on " + day(a.Start) + " is canceled"
	e.Heading = when(a.Start) + " is canceled"
	switch a.CancelledBy {
	case "patient":
		e.Paragraphs = []string{"You canceled it. Nothing else is needed from you."}
	case "support":
		e.Paragraphs = []string{"Our support canceled it for you. If you did not ask for that, tell us: “Help and " +
			"contact” at the foot of every page says how."}
	default:
		e.Paragraphs = []string{a.Organization + " had to cancel it. You can book another time."}
	}
	e.Action, e.After = "See this appointment", nil
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
	e := Email{Action: "See or change this appointment", Link: c.link("bookings", a.ID.String())}
	e.Rows = append(e.Rows, [2]string{"When", when(a.Start)}, [2]string{"Where", where(a, "\n")})
	if a.Practitioner != "" {
		e.Rows = append(e.Rows, [2]string{"With", a.Practitioner})
	}
	e.Rows = append(e.Rows, [2]string{"Your reference", a.Ref})
	if a.Phone != "" {
		e.Rows = append(e.Rows, [2]string{"Phone", a.Phone})
	}
	e.After = append(e.After, "What to bring and how to prepare is on that page.")
	if a.Changes != "" {
		e.After = append(e.After, a.Changes)
	}
	e.Attachments = []Attachment{{Name: "appointment.ics", Type: "text/calendar; method=" + string(method),
		Content: Calendar(c.Event(a), method)}}
	return e
}

// Event is the appointment's calendar entry, for mail and for download.
func (c Composer) Event(a Appointment) Event {
	about := []string{"Your reference: " + a.Ref}
	if a.Practitioner != "" {
		about = append([]string{"With " + a.Practitioner}, about...)
	}
	if a.Phone != "" {
		about = append(about, "Phone: "+a.Phone)
	}
	if a.Changes != "" && !a.Cancelled {
		about = append(about, a.Changes)
	}
	link := c.link("bookings", a.ID.String())
	return Event{ID: a.ID, Sequence: a.Sequence, Changed: a.Changed, Start: a.Start, End: a.End,
		Summary: "Appointment, " + a.Organization, Location: where(a, ", "),
		Description: strings.Join(append(about, link), "\n"), URL: link,
		Organizer: c.address(), Attendee: a.Email, Cancelled: a.Cancelled}
}

// where is the place, its parts divided as the reader needs it.
func where(a Appointment, divide string) string {
	if a.AtHome {
		return fmt.Sprintf("At your home. %s comes to you.", a.Organization)
	}
	return strings.Join([]string{a.Organization, a.Street, a.Town}, divide)
}

func when(t time.Time) string { return t.Format("Monday 2 January, 3:04 pm") }
func day(t time.Time) string  { return t.Format("Monday 2 January") }
