package join

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/kyc"
	"kindward/internal/onboarding"
	"kindward/internal/tenancy"
	view "kindward/views/join"
	"kindward/views/layout"
	"kindward/views/ui"
)

// ShowTracker is every step of an application: where it is, whose turn, since when and until when.
func (h *Handlers) ShowTracker(c echo.Context) error {
	o, err := h.open(c)
	if err != nil {
		return err
	}
	return h.tracker(c, o, false)
}

func (h *Handlers) tracker(c echo.Context, o opened, apart bool) error {
	p, err := h.trackerPage(c, o)
	if err == nil {
		p, err = h.follow(c, o, p)
	}
	if err != nil {
		return err
	}
	p.Apart = apart
	return web.Render(c, http.StatusOK, view.Tracker(p), view.Steps)
}

// ListProgress is what an open tracker asks again and again: nothing while all is as it was.
func (h *Handlers) ListProgress(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "application")
	if err != nil {
		return err
	}
	if _, err := web.RequireAccount(c); err != nil {
		return err
	}
	now, err := web.Found(h.Gateway.Shared(web.Scope(c, tenancy.Tenant{ID: id})).Progress(c.Request().Context()))
	switch {
	case err != nil:
		return err
	case !web.Partial(c):
		return web.Redirect(c, path(id))
	case f.Raw("version") == strconv.Itoa(int(now.Version)) && now.Status != string(onboarding.Approved):
		return c.NoContent(http.StatusNoContent) // of one that is approved it shows how far it is made
	}
	o, err := h.open(c)
	if err != nil {
		return err
	}
	return h.tracker(c, o, true)
}

// How often an open tracker asks whether anything has happened, in seconds: while a page waits for registers or people,
// and while an organization is being made.
const (
	pollSeconds   = 5
	makingSeconds = 2
)

// poll is how often a tracker asks; empty once nothing happens any more by itself.
func poll(s onboarding.Status) string {
	switch s {
	case onboarding.Live, onboarding.Rejected, onboarding.Withdrawn:
		return ""
	case onboarding.Approved:
		return fmt.Sprintf("every %ds", makingSeconds)
	}
	return fmt.Sprintf("every %ds", pollSeconds)
}

// refreshSeconds is how often a browser without scripts asks for a tracker anew while somebody else has the ball.
const refreshSeconds = 15

func (h *Handlers) trackerPage(c echo.Context, o opened) (view.TrackerPage, error) {
	usual, err := h.usual(c, o)
	if err != nil {
		return view.TrackerPage{}, err
	}
	p := view.TrackerPage{Page: web.Page(c, nameOf(o.Application)), Name: nameOf(o.Application),
		Kind: ui.KindName(o.Kind), State: ui.StateName(o.State),
		Poll: o.path() + "/progress?version=" + strconv.Itoa(o.Version), Every: poll(o.Status)}
	p.Frame = layout.Column
	p.Ways = []ui.Way{{Text: "Who fills this in", Href: o.path() + "/participants"}}
	if o.Status == onboarding.Open {
		p.Ways = append(p.Ways, ui.Way{Text: "Let a guest answer one step", Href: o.path() + "/guest-links"})
	}
	if o.Signature.Name != "" {
		p.Ways = append(p.Ways, ui.Way{Text: "The contract as it is signed (PDF)", Href: o.path() + "/contract.pdf"})
	}
	switch o.Status {
	case onboarding.Open, onboarding.Submitted:
		p.Withdraw = o.path() + "/withdrawal"
	case onboarding.Withdrawn:
		p.Reopen = o.path() + "/reopening"
	}
	waits, here := false, false
	for _, s := range o.definition.Turns(o.Application) {
		at := o.Steps[s.Key]
		st := h.station(c, o, s, at, usual[s.Key])
		if st.Here = st.Class == "now" && !here; st.Here {
			here, p.Next = true, next(st)
		}
		p.Steps = append(p.Steps, st)
		p.All++
		if at.State == onboarding.StepDone || at.State == onboarding.StepWaived {
			p.Done++
		}
		waits = waits || at.State == onboarding.StepWaiting
	}
	if waits {
		p.Refresh = refreshSeconds
	}
	p.Heading, p.Lead = heading(o)
	return p, nil
}

// next is where somebody goes on who has the ball.
func next(s view.Station) ui.Way { return ui.Way{Text: "Go on: " + s.Name, Href: s.Href} }

// usual is how long registers and the staff usually take for each step, in words, as measured: of a step that was not
// measured, or that is the applicant's own, nothing.
func (h *Handlers) usual(c echo.Context, o opened) (map[string]string, error) {
	rows, err := h.Gateway.Shared(o.scope).UsualTimes(c.Request().Context(), o.Kind)
	if err != nil {
		return nil, err
	}
	words := map[string]string{}
	for _, r := range rows {
		if n := slices.IndexFunc(o.definition.Steps, func(s onboarding.Step) bool { return s.Key == r.Step }); n < 0 ||
			o.definition.Steps[n].By == onboarding.Applicant { // from before only others were measured
			continue
		}
		words[r.Step] = "Usually " + onboarding.About(time.Duration(r.Seconds*float64(time.Second))) + "."
	}
	return words, nil
}

// follow adds to a tracker what became of an approved application: how far its organization is made, only while
// something makes it, and then where its pages are.
func (h *Handlers) follow(c echo.Context, o opened, p view.TrackerPage) (view.TrackerPage, error) {
	switch o.Status {
	case onboarding.Approved:
		p.Refresh = refreshSeconds
		runs, err := h.Gateway.Shared(o.scope).ProvisionerRuns(c.Request().Context())
		if err == nil && runs {
			p.Lead = fmt.Sprintf("It is being set up now: %d of %d steps are done.", len(o.Provisioned),
				len(onboarding.Provisioning))
		}
		return p, err
	case onboarding.Live:
		t, err := h.Gateway.TenantByID(c.Request().Context(), o.id)
		if p.Public = "/places/" + t.Slug; o.Owner() == web.Caller(c).Subject {
			p.Organization = "/organizations/" + t.Slug
			proof, _ := web.ProofOf(c)
			p.AsksFactor = proof.Factors < 2
		}
		return p, err
	}
	return p, nil
}

// heading is the finding on top: who has the ball.
func heading(o opened) (finding, lead string) {
	switch o.Status {
	case onboarding.Submitted:
		return "Your application is sent", "It waits for one of us to look at it. You need do nothing."
	case onboarding.Withdrawn:
		if o.Reason != "" {
			return "We have closed this application", o.Reason
		}
		return "This application is withdrawn", ""
	case onboarding.Rejected:
		if o.SameAs != uuid.Nil {
			return "We have closed this application as a duplicate", o.Reason
		}
		return "We have rejected this application", o.Reason
	case onboarding.Approved:
		return "This application is approved", "We set your organization up next. You need do nothing."
	case onboarding.Live:
		return nameOf(o.Application) + " is on Kindward", "Whoever sent the application owns its pages and invites others."
	}
	for _, s := range o.definition.Turns(o.Application) {
		if o.Steps[s.Key].State == onboarding.StepFailed {
			return s.Name + " did not pass", o.Checks[s.Key].Reason
		}
	}
	for _, s := range o.definition.Turns(o.Application) {
		if at := o.Steps[s.Key]; s.By == onboarding.Applicant && at.State == onboarding.StepOpen {
			return "It is your turn: " + s.Name, "You can stop at any time. What you have saved stays here."
		}
	}
	for _, s := range o.definition.Turns(o.Application) {
		if said := o.Checks[s.Key]; o.Steps[s.Key].State == onboarding.StepWaiting && said.Facts[kyc.FactPage] != "" {
			return "It is your turn: " + s.Name, "Follow the link of that step. " + said.Reason
		}
	}
	return "We wait for a register", "You need do nothing. This page goes on by itself."
}

// station is one step as the tracker shows it.
func (h *Handlers) station(c echo.Context, o opened, s *onboarding.Step, at onboarding.Standing,
	usual string) view.Station {
	st := view.Station{Name: s.Name, Small: "Since " + h.moment(c, at.Since) + "."}
	if s.By == onboarding.Applicant && at.State != onboarding.StepLocked && o.Status == onboarding.Open {
		st.Href = o.stepPath(s.Key)
	}
	if nobodys := o.Status == onboarding.Withdrawn || o.Status == onboarding.Rejected; nobodys &&
		(at.State == onboarding.StepOpen || at.State == onboarding.StepWaiting) {
		st.State, st.Small = "Not done", ""
		return st
	}
	switch at.State {
	case onboarding.StepDone:
		st.Class, st.State = "done", "Done"
	case onboarding.StepOpen:
		st.Class, st.State, st.Due = "now", "Your turn", "Until "+h.day(c, at.Due)+"."
		o.again(s, &st)
	case onboarding.StepWaiting:
		st.Class, st.State = "wait", "With us"
		if s.By == onboarding.Outside {
			o.outside(c, s, &st)
		}
	case onboarding.StepWaived:
		st.Class, st.State = "done", "Let pass by us"
	case onboarding.StepFailed:
		st.Class, st.State, st.Why = "wait", "Did not pass", o.Checks[s.Key].Reason
		if f, ok := o.definition.Field(s.Subject); ok && s.By == onboarding.Outside && len(s.With) == 0 {
			st.Why += " Change the answer to: " + f.Label + "."
		}
	default:
		st.State, st.Small = "Not started", ""
	}
	if o.Status == onboarding.Open && at.State != onboarding.StepDone && at.State != onboarding.StepFailed {
		st.Usual = usual
	}
	return st
}

// again says why a step is somebody's turn once more.
func (o opened) again(s *onboarding.Step, st *view.Station) {
	if s.Contract > 0 && o.Signature.Name != "" {
		st.Why = "Its text has changed since " + o.Signature.Name + " signed it, so it is signed again."
	}
	if why := o.Asked[s.Key]; why != "" {
		st.State, st.Why = "We need more", why
	}
}

// outside says whom a step waits for, and where somebody proves who they are.
func (o opened) outside(c echo.Context, s *onboarding.Step, st *view.Station) {
	st.State, st.Due = "Waiting for "+s.Who, o.late(s.Key)
	_, other := web.StaffAccessOf(c) // the link is the person's alone
	if page := o.Checks[s.Key].Facts[kyc.FactPage]; page != "" && !other {
		st.Page, st.State, st.Due = page, "Prove who you are", o.Checks[s.Key].Reason
	}
	if s.Source != "" {
		st.Why = "Why we ask: " + s.Source + "."
	}
}

// late says of a register that was asked and did not answer that it is asked again.
func (o opened) late(step string) string {
	if n := o.Steps[step].Attempts; n > 0 {
		return "It did not answer. We ask it again by ourselves."
	}
	return ""
}
