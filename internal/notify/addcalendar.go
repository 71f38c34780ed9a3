package notify

import (
	"net/url"
	"time"
)

// utcStamp is an instant as calendars on the web read it.
const utcStamp = "20060102T150405Z"

// Google is the page on which Google Calendar takes the event over.
func (e Event) Google() string {
	return "https://calendar.google.com/calendar/render?" + url.Values{"action": {"TEMPLATE"}, "text": {e.Summary},
		"dates":    {e.Start.UTC().Format(utcStamp) + "/" + e.End.UTC().Format(utcStamp)},
		"location": {e.Location}, "details": {e.Description}}.Encode()
}

// Outlook is the page on which Outlook on the web takes the event over.
func (e Event) Outlook() string {
	return "https://outlook.live.com/calendar/0/deeplink/compose?" + url.Values{"path": {"/calendar/action/compose"},
		"rru": {"addevent"}, "subject": {e.Summary}, "startdt": {e.Start.UTC().Format(time.RFC3339)},
		"enddt": {e.End.UTC().Format(time.RFC3339)}, "location": {e.Location}, "body": {e.Description}}.Encode()
}
