package ops

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/onboarding"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// queuePage is how many applications a page of the queue has; figuresOver is how far back its figures look.
const (
	queuePage   = 50
	figuresOver = 90 * 24 * time.Hour
)

// queueStatuses are the groups in which the queue is shown: whose turn it is.
var queueStatuses = map[string][]string{
	"":          {string(onboarding.Submitted)},
	"applicant": {string(onboarding.Open)},
	"decided": {string(onboarding.Approved), string(onboarding.Live), string(onboarding.Rejected),
		string(onboarding.Withdrawn)},
	approvedItself: {string(onboarding.Approved), string(onboarding.Live)},
}

// approvedItself is the group of those that no person has decided.
const approvedItself = "itself"

// ListOnboarding is the queue of applications to join: whose turn each is, since when, what its checks say, and who
// looks at it.
func (h *Handlers) ListOnboarding(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	figures, err := h.onboardingFigures(c)
	if err != nil {
		return err
	}
	return h.onboarding(c, f, figures)
}

// ListOnboardingChanges is what an open queue asks again and again: nothing while nothing has happened.
func (h *Handlers) ListOnboardingChanges(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	figures, err := h.onboardingFigures(c)
	switch {
	case err != nil:
		return err
	case !web.Partial(c):
		return web.Redirect(c, "/ops/onboarding")
	case f.Raw("seen") == strconv.FormatInt(figures.Events, 10):
		return c.NoContent(http.StatusNoContent)
	}
	return h.onboarding(c, f, figures)
}

func (h *Handlers) onboardingFigures(c echo.Context) (shareddb.OnboardingFiguresRow, error) {
	return h.Gateway.Shared(web.PublicScope(c)).OnboardingFigures(c.Request().Context(), web.Now(c).Add(-figuresOver))
}

func (h *Handlers) onboarding(c echo.Context, f *web.Form, figures shareddb.OnboardingFiguresRow) error {
	statuses, known := queueStatuses[f.Raw("whose")]
	after, err := f.OptionalID("after")
	if !known || err != nil {
		return fmt.Errorf("no such page of the queue: %w", web.ErrNotFound)
	}
	ask := shareddb.QueuedApplicationsParams{Statuses: statuses, Kind: f.Raw("kind"), State: f.Raw("state"),
		After: after, Most: queuePage, Itself: f.Raw("whose") == approvedItself}
	me, _ := web.Account(c)
	if f.Ticked("mine") {
		ask.ClaimedBy = &me.ID
	}
	rows, err := h.Gateway.Shared(web.PublicScope(c)).QueuedApplications(c.Request().Context(), ask)
	if err != nil {
		return err
	}
	p := view.OnboardingPage{Whose: f.Raw("whose"), Kind: ask.Kind, State: ask.State, Mine: f.Ticked("mine"),
		Again: web.Partial(c), Figures: figuresLine(figures)}
	if p.Found, err = h.queue(c, rows, me.ID); err != nil {
		return err
	}
	if p.Pace, err = h.pace(c, f); err != nil {
		return err
	}
	filters := f.Values("whose", "kind", "state", "mine", "days")
	p.Pages = queuePages(filters, rows, after)
	filters.Set("seen", strconv.FormatInt(figures.Events, 10))
	p.Poll = "/ops/onboarding/changes?" + filters.Encode()
	p.Page, p.Console = h.page(c, "/ops/onboarding", "Onboarding", onboardingVerdict(figures))
	return web.Render(c, http.StatusOK, view.Onboarding(p), view.Queue)
}

func queuePages(filters url.Values, rows []shareddb.QueuedApplicationsRow, after *uuid.UUID) ui.Pages {
	pages := ui.Pages{Label: "Pages of the queue"}
	if after != nil {
		pages.First = "/ops/onboarding?" + filters.Encode()
	}
	if len(rows) == queuePage {
		next := url.Values{"after": {rows[len(rows)-1].TenantID.String()}}
		for key, value := range filters {
			next[key] = value
		}
		pages.Next = "/ops/onboarding?" + next.Encode()
	}
	return pages
}

func onboardingVerdict(f shareddb.OnboardingFiguresRow) string {
	if f.Staff == 0 {
		return "No application waits for us."
	}
	return count(f.Staff, "application waits for us.", "applications wait for us.")
}

func figuresLine(f shareddb.OnboardingFiguresRow) string {
	line := fmt.Sprintf("%d with applicants, %d with registers alone.", f.Applicant, f.Outside)
	if f.Decided > 0 {
		line += " " + count(f.Decided, "decision", "decisions") + " in 90 days, half of them within " +
			count(int64(max(1, math.Ceil(f.MedianHours))), "hour", "hours") + " of sending."
	}
	return line
}

// queue are the rows as people read them.
func (h *Handlers) queue(c echo.Context, rows []shareddb.QueuedApplicationsRow, me uuid.UUID) (all []view.Queued,
	err error) {
	var claimers []uuid.UUID
	for _, r := range rows {
		if r.ClaimedBy != nil {
			claimers = append(claimers, *r.ClaimedBy)
		}
	}
	names, err := h.names(c, claimers)
	if err != nil {
		return nil, err
	}
	doubts, err := h.doubts(c, rows)
	for _, r := range rows {
		one := view.Queued{Href: applicationPath(r.TenantID), Name: named(r.Name),
			Kind: ui.KindName(r.Kind) + ", " + ui.StateName(r.State), Since: h.when(r.Since), Who: "Nobody"}
		one.Status, one.Tone = queuedStatus(r, web.Now(c))
		one.Checks, one.ChecksTone = risk(r, doubts[r.TenantID])
		one.Contract, one.ContractTone = whoSigned(r)
		if r.ClaimedBy != nil {
			if one.Who = names[*r.ClaimedBy]; *r.ClaimedBy == me {
				one.Who = "You"
			}
		}
		all = append(all, one)
	}
	return all, err
}

// queuedStatus is where an application is; for one that waits for us, how long until its time is over.
func queuedStatus(r shareddb.QueuedApplicationsRow, now time.Time) (text, tone string) {
	switch onboarding.Status(r.Status) {
	case onboarding.Open:
		return "With the applicant", "dim"
	case onboarding.Approved:
		return "Approved, being set up", "warn"
	case onboarding.Live:
		return "An organization", "good"
	case onboarding.Rejected:
		return "Rejected", "dim"
	case onboarding.Withdrawn:
		return "Withdrawn", "dim"
	}
	switch left := r.Due.Sub(now); {
	case r.Due.Unix() == 0:
		return "Waits for us", ""
	case left < 0:
		return "Late by " + span(-left), "bad"
	default:
		return remains(left) + " left", ""
	}
}

// span is a length in begun hours, or in days where it is more than two.
func span(d time.Duration) string {
	if n := hours(d); n <= 48 {
		return count(max(1, n), "hour", "hours")
	}
	return count(int64(d.Hours())/24, "day", "days")
}

// remains is how long is left, of which nobody is promised more than there is: whole days where it is more than two,
// whole hours, and within the last one whole minutes.
func remains(d time.Duration) string {
	switch n := int64(d.Hours()); {
	case n > 48:
		return count(n/24, "day", "days")
	case n > 0:
		return count(n, "hour", "hours")
	}
	return count(int64(d.Minutes()), "minute", "minutes")
}

// risk is what the checks of an application say, in a few words, and what whoever decides has to know besides.
func risk(r shareddb.QueuedApplicationsRow, doubt string) (text, tone string) {
	text, tone = checked(r)
	switch {
	case doubt == "":
		return text, tone
	case tone == "good":
		return doubt, "warn"
	}
	return text + ". " + doubt, tone
}

func checked(r shareddb.QueuedApplicationsRow) (text, tone string) {
	switch {
	case r.Failed > 0:
		return count(r.Failed, "check failed", "checks failed"), "bad"
	case r.ToLookAt > 0:
		return count(r.ToLookAt, "check to look at", "checks to look at"), "warn"
	case r.Waived > 0:
		return count(r.Waived, "check let pass by one of us", "checks let pass by one of us"), "warn"
	case r.Waiting > 0:
		return count(r.Waiting, "register has not answered", "registers have not answered"), "warn"
	}
	return "Nothing open", "good"
}

// names are what accounts are called.
func (h *Handlers) names(c echo.Context, all []uuid.UUID) (map[uuid.UUID]string, error) {
	names := map[uuid.UUID]string{}
	if len(all) == 0 {
		return names, nil
	}
	rows, err := h.Gateway.Identity(web.PublicScope(c)).AccountNames(c.Request().Context(), all)
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, err
}

// named is what an organization that wants to join is called.
func named(name string) string {
	if name == "" {
		return "An organization without a name yet"
	}
	return name
}
