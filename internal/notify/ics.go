package notify

import (
	"net/url"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
	"github.com/google/uuid"
)

// Method is what a calendar file asks for (RFC 5546).
type Method string

// Publish is for a file that a person downloads; Request and Cancel go out by mail and change the entry that is already
// there.
const (
	Publish Method = "PUBLISH"
	Request Method = "REQUEST"
	Cancel  Method = "CANCEL"
)

// Event is an appointment as a calendar shows it. Calendars are shared with others: it names the place and the person
// seen, not why.
type Event struct {
	ID          uuid.UUID // the appointment's; the entry keeps it through every move
	Sequence    int       // the appointment's; a higher one replaces what the calendar has
	Changed     time.Time // when the appointment was last changed
	Start, End  time.Time
	Summary     string
	Location    string
	Description string
	URL         string
	Organizer   string // mail address; left out of a published file
	Attendee    string // mail address; left out of a published file
	Cancelled   bool
}

// Calendar writes the iCalendar file (RFC 5545) of one event. Times are UTC instants, which every calendar shows at the
// local hour without needing to know the rules of our zone.
func Calendar(e Event, method Method) []byte {
	cal := ics.NewCalendar()
	cal.SetProductId("-//Kindward//Appointments//EN")
	cal.SetCalscale("GREGORIAN")
	cal.SetMethod(ics.Method(method))
	entry := cal.AddEvent(e.ID.String())
	entry.SetSequence(e.Sequence)
	entry.SetDtStampTime(e.Changed)
	entry.SetLastModifiedAt(e.Changed)
	entry.SetStartAt(e.Start)
	entry.SetEndAt(e.End)
	entry.SetSummary(oneLine(e.Summary))
	if e.Location != "" {
		entry.SetLocation(oneLine(e.Location))
	}
	if e.Description != "" {
		entry.SetDescription(strings.TrimSpace(clean(e.Description)))
	}
	if u, err := url.Parse(e.URL); err == nil && u.IsAbs() {
		entry.SetURL(u.String()) // String leaves no raw line break or space
	}
	entry.SetClass(ics.ClassificationPrivate)
	entry.SetTimeTransparency(ics.TransparencyOpaque)
	entry.SetStatus(ics.ObjectStatusConfirmed)
	if method == Cancel || e.Cancelled {
		entry.SetStatus(ics.ObjectStatusCancelled)
	}
	if method != Publish {
		if a := mailto(e.Organizer); a != "" {
			entry.SetOrganizer(a)
		}
		if a := mailto(e.Attendee); a != "" {
			entry.AddAttendee(a, ics.ParticipationStatusAccepted, ics.WithRSVP(false))
		}
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

// mailto is an address as a calendar user (RFC 6068), or nothing if it is no address.
func mailto(address string) string {
	parsed := oneLine(address)
	at := strings.LastIndexByte(parsed, '@')
	if at < 1 || parsed != address {
		return ""
	}
	return "mailto:" + strings.ReplaceAll(url.PathEscape(parsed[:at]), "&", "%26") + "@" + url.PathEscape(parsed[at+1:])
}
