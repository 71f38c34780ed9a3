package notify

import (
	"fmt"
	"net/mail"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Appointment is what messages and calendar entries say about one. It has no reason and no test's name: mail is read over shoulders.
type Appointment struct {
	ID           uuid.UUID
	Ref          string
	Sequence     int
	Start, End   time.Time // in the location's zone
	Changed      time.Time
	Cancelled    bool
	ByProvider   bool   // it was the organization that cancelled
	Organization string // "Wickenden Diagnostics"
	Practitioner string // may be empty
	Street       string
	Town         string // "Providence, RI 02903"
	Phone        string
	AtHome       bool // they come to the person
	Email        string
	CancelUntil  time.Time // the last instant for a change without calling
	MoveUntil    time.Time
}

// Booked is the confirmation.
func (w Writer) Booked(a Appointment) (Message, error) {
	l := w.letter(a)
	l.Subject = "Your appointment on " + day(a.Start) + " is booked"
	l.Heading = "You are booked for " + when(a.Start)
	return w.about(a, "booked", Request, l)
}

// Moved says the new time; the calendar entry of the old one moves with it.
func (w Writer) Moved(a Appointment) (Message, error) {
	l := w.letter(a)
	l.Subject = "Your appointment is now on " + day(a.Start)
	l.Heading = "Your new time is " + when(a.Start)
	l.Lines = append(l.Lines, "The time you had before is free for others again.")
	return w.about(a, "moved", Request, l)
}

// Cancelled says that the time is given back; the calendar entry goes.
func (w Writer) Cancelled(a Appointment) (Message, error) {
	l := w.letter(a)
	l.Subject = "Your appointment on " + day(a.Start) + " is cancelled"
	l.Heading = when(a.Start) + " is cancelled"
	l.Lines = []string{"You cancelled it. Nothing else is needed from you."}
	if a.ByProvider {
		l.Lines = []string{a.Organization + " had to cancel it. You can book another time."}
	}
	l.Action, l.After = "See this appointment", nil
	return w.about(a, "cancelled", Cancel, l)
}

func (w Writer) letter(a Appointment) Letter {
	l := Letter{Action: "See or change this appointment", Link: w.link(a)}
	l.Rows = append(l.Rows, [2]string{"When", when(a.Start)}, [2]string{"Where", where(a, "\n")})
	if a.Practitioner != "" {
		l.Rows = append(l.Rows, [2]string{"With", a.Practitioner})
	}
	l.Rows = append(l.Rows, [2]string{"Your reference", a.Ref})
	if a.Phone != "" {
		l.Rows = append(l.Rows, [2]string{"Phone", a.Phone})
	}
	l.After = append(l.After, "What to bring and how to prepare is on that page.")
	if a.Changed.Before(a.MoveUntil) && a.Changed.Before(a.CancelUntil) {
		l.After = append(l.After, "You can move it until "+when(a.MoveUntil)+", and cancel it until "+when(a.CancelUntil)+".")
		if a.MoveUntil.Equal(a.CancelUntil) {
			l.After[len(l.After)-1] = "You can move or cancel it until " + when(a.CancelUntil) + "."
		}
	}
	return l
}

func (w Writer) about(a Appointment, kind string, method Method, l Letter) (Message, error) {
	id := kind + "-" + strconv.Itoa(a.Sequence) + "-" + a.ID.String()
	invite := Attachment{Name: "appointment.ics", Type: "text/calendar; charset=utf-8; method=" + string(method), Content: Calendar(w.Event(a), method)}
	return w.write(id, a.Changed, a.Email, l, invite)
}

// Event is the appointment's calendar entry, for mail and for download.
func (w Writer) Event(a Appointment) Event {
	organizer := ""
	if from, err := mail.ParseAddress(w.From); err == nil {
		organizer = from.Address
	}
	about := []string{"Your reference: " + a.Ref}
	if a.Practitioner != "" {
		about = append([]string{"With " + a.Practitioner}, about...)
	}
	if a.Phone != "" {
		about = append(about, "Phone: "+a.Phone)
	}
	return Event{ID: a.ID, Sequence: a.Sequence, Changed: a.Changed, Start: a.Start, End: a.End,
		Summary: "Appointment, " + a.Organization, Location: where(a, ", "), Description: strings.Join(append(about, w.link(a)), "\n"), URL: w.link(a),
		Organizer: organizer, Attendee: a.Email, Cancelled: a.Cancelled}
}

func (w Writer) link(a Appointment) string {
	return w.Base.JoinPath("bookings", a.ID.String()).String()
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
