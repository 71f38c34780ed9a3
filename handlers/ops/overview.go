package ops

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/tenancy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
)

// ShowOverview says what needs a person today.
func (h *Handlers) ShowOverview(c echo.Context) error {
	ctx, now := c.Request().Context(), web.Now(c)
	q := h.Gateway.Identity(web.PublicScope(c))
	w, err := q.OpenStaffWork(ctx, now.Add(-identity.ReviewWithin), now)
	if err != nil {
		return err
	}
	acts, err := q.RunningStaffAccess(ctx, now)
	if err != nil {
		return err
	}
	waiting, err := h.removalTasks(c, w.Removals)
	if err != nil {
		return err
	}
	leftOut, behind := h.leftOut(), h.behind(c)
	p := view.OverviewPage{Tasks: append(append(tasks(c, w), waiting...), listingsTask(leftOut), healthTask(behind))}
	p.Page, p.Console = h.page(c, "/ops", "Overview", verdict(w, leftOut, behind))
	p.Line = fmt.Sprintf("%s. %s. %s.", h.when(now), count(w.Organizations, "organization", "organizations"),
		count(w.Running, "act for somebody runs", "acts for somebody run"))
	if !web.May(c, policy.ReadPeople) {
		acts = nil // how many is enough for whoever may not look for people
	}
	if p.Nobody = "Nobody acts for anybody."; w.Running > 0 {
		p.Nobody = "Who acts for whom is for those to see who help people."
	}
	for _, a := range acts {
		p.Running = append(p.Running, view.Running{ID: a.ID.String(), Who: a.ActorName, What: what(a),
			Since: h.when(a.StartedAt), Reason: a.Reason, Left: left(a.ExpiresAt, now)})
	}
	return web.Render(c, http.StatusOK, view.Overview(p), "")
}

// verdict is one sentence on what needs a person.
func verdict(w shareddb.OpenStaffWorkRow, leftOut, behind int64) string {
	var needs []string
	if w.Emergencies > 0 {
		late := ""
		if w.EmergenciesLate > 0 {
			late = fmt.Sprintf(", %d late", w.EmergenciesLate)
		}
		needs = append(needs, count(w.Emergencies, "emergency access", "emergency accesses")+late)
	}
	if w.Alerts > 0 {
		needs = append(needs, count(w.Alerts, "alert", "alerts"))
	}
	if w.Removals > 0 {
		needs = append(needs, count(w.Removals, "removal of second factors", "removals of second factors"))
	}
	if leftOut > 0 {
		needs = append(needs, count(leftOut, "listing that cannot be shown", "listings that cannot be shown"))
	}
	if behind > 0 {
		needs = append(needs, count(behind, "part of the site that is behind", "parts of the site that are behind"))
	}
	if len(needs) == 0 {
		return "Nothing needs a person now."
	}
	verb := " need a person."
	if len(needs) == 1 && w.Emergencies+w.Alerts+w.Removals+leftOut+behind == 1 {
		verb = " needs a person."
	}
	return strings.Join(needs, " and ") + verb
}

func tasks(c echo.Context, w shareddb.OpenStaffWorkRow) []view.Task {
	emergency := view.Task{What: "Emergency access to review", Status: "Nothing waits", Tone: "good",
		Href: "/ops/emergency-access"}
	switch {
	case w.EmergenciesLate > 0:
		emergency.Status, emergency.Tone = fmt.Sprintf("%d waiting, %d of them longer than %s", w.Emergencies,
			w.EmergenciesLate, civil.Duration(identity.ReviewWithin)), "bad"
	case w.Emergencies > 0:
		emergency.Status, emergency.Tone = fmt.Sprintf("%d waiting, none late", w.Emergencies), "warn"
	}
	alerts := view.Task{What: "Alerts about looking at many records", Status: "None open", Tone: "good"}
	if w.Alerts > 0 {
		alerts.Status, alerts.Tone = fmt.Sprintf("%d open", w.Alerts), "warn"
	}
	if web.May(c, policy.ReviewAlerts) {
		alerts.Href = "/ops/alerts"
	}
	return []view.Task{emergency, alerts}
}

// removalTasks are the requests to remove second factors that wait for another of the staff: how many, and for whoever
// may look for people a line for each, which leads to the page where it is approved.
func (h *Handlers) removalTasks(c echo.Context, n int64) ([]view.Task, error) {
	all := view.Task{What: "Removals of second factors to approve", Status: "None waits", Tone: "good"}
	if n == 0 {
		return []view.Task{all}, nil
	}
	all.Status, all.Tone = count(n, "waits", "wait"), "warn"
	if !web.May(c, policy.ReadPeople) {
		return []view.Task{all}, nil
	}
	rows, err := h.Gateway.Identity(web.PublicScope(c)).WaitingFactorRemovals(c.Request().Context(), web.Now(c))
	tasks := []view.Task{all}
	for _, r := range rows {
		tasks = append(tasks, view.Task{What: "The second factors of " + r.Person, Href: personPath(r.AccountID),
			Status: "Asked by " + r.Requester + ", until " + h.when(r.ExpiresAt), Tone: "warn"})
	}
	return tasks, err
}

// leftOut is how many published listings the search of this process cannot show.
func (h *Handlers) leftOut() int64 {
	if h.Market == nil {
		return 0
	}
	return int64(len(h.Market.LeftOut()))
}

func listingsTask(leftOut int64) view.Task {
	if leftOut == 0 {
		return view.Task{What: "Listings that cannot be shown", Status: "None", Tone: "good"}
	}
	return view.Task{What: "Listings that cannot be shown", Status: fmt.Sprintf("%d, the log says which and why", leftOut),
		Tone: "bad"}
}

// behind is how many parts are not up to date, as far as the server that is asked knows.
func (h *Handlers) behind(c echo.Context) (n int64) {
	ctx, cancel := context.WithTimeout(c.Request().Context(), time.Second)
	defer cancel()
	for _, line := range web.Readiness(ctx, c).Parts {
		if partOf(line).Tone != "good" {
			n++
		}
	}
	return n
}

func healthTask(behind int64) view.Task {
	if behind == 0 {
		return view.Task{What: "Health", Status: "Every part is up to date", Tone: "good", Href: "/ops/health"}
	}
	return view.Task{What: "Health", Status: count(behind, "part is behind", "parts are behind"), Tone: "bad",
		Href: "/ops/health"}
}

// what says who is seen, or what was opened.
func what(a shareddb.RunningStaffAccessRow) string {
	if a.Kind == tenancy.EmergencyAccess {
		return "Records of " + a.Organization
	}
	if a.MayChange {
		return "For " + a.PersonName
	}
	return "As " + a.PersonName
}

// left is a wait in words, rounded up.
func left(until, now time.Time) string {
	return count(int64(max(1, math.Ceil(until.Sub(now).Minutes()))), "minute", "minutes") + " left"
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// organization is the one of an act, or the zero Tenant.
func (h *Handlers) organization(c echo.Context, act uuid.UUID) (tenancy.Tenant, error) {
	ctx := c.Request().Context()
	id, err := web.Found(h.Gateway.Identity(web.PublicScope(c)).StaffAccessTenant(ctx, act))
	if err != nil || id == nil {
		return tenancy.Tenant{}, err
	}
	return h.Gateway.TenantByID(ctx, *id)
}
