package notify

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// ApplicationDuplicate says that the application is closed, as its organization has applied already.
type ApplicationDuplicate struct {
	Applicant
	Reason string
}

// Kind is stable for ever.
func (ApplicationDuplicate) Kind() Kind { return KindApplicationDuplicate }

// Email says it.
func (n ApplicationDuplicate) Email(c Composer) Email {
	return n.open(n.notice("Your application is closed as a duplicate", n.called()+" to join Kindward is closed. "+
		oneLine(n.Reason)), "See the application", c, "If that is not so, write to us: our address is on the page of help.")
}

// DuplicateApplied says to those who speak for an organization, or for its first application, who has applied for it
// once more. It says no names: whoever applies may be anybody, and could write to them in our name.
type DuplicateApplied struct {
	Recipient
	Application        uuid.UUID // of theirs, or none
	Organization, Slug string    // that they speak for, or empty
	Applied            []string  // the email addresses of those who have
}

// Kind is stable for ever.
func (DuplicateApplied) Kind() Kind { return KindDuplicateApplied }

// Life is that of news about an application.
func (DuplicateApplied) Life() time.Duration { return 3 * 24 * time.Hour }

// Email says it.
func (n DuplicateApplied) Email(c Composer) Email {
	link := c.link("join", n.Application.String(), "participants")
	if n.Slug != "" {
		link = c.link("organizations", n.Slug, "members")
	}
	e := n.notice("Somebody else has applied for your organization", "Somebody has applied to join Kindward for an "+
		"organization that we think is yours. We have closed that application, and they see nothing of yours.")
	e.Rows = [][2]string{{"They applied as", oneLine(strings.Join(n.Applied, ", "))}}
	return e.with("Invite them if you know them", link, "If you do not know them, do nothing.")
}
