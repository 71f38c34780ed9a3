package ops

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// emergencyForms are the forms of the page as they were typed: the one that opens records, or the review of one access.
type emergencyForms struct {
	opening *web.Form
	review  *web.Form
	of      uuid.UUID
}

// ListEmergencyAccess shows the emergency access that waits for a review, and the form that opens records.
func (h *Handlers) ListEmergencyAccess(c echo.Context) error {
	return h.emergencyAccess(c, http.StatusOK, emergencyForms{}, "")
}

func (h *Handlers) emergencyAccess(c echo.Context, status int, forms emergencyForms, part string) error {
	ctx, now := c.Request().Context(), web.Now(c)
	q := h.Gateway.Identity(web.PublicScope(c))
	p := view.EmergencyAccessPage{Lasts: civil.Duration(identity.EmergencyAccessLife),
		Within: civil.Duration(identity.ReviewWithin), May: web.May(c, policy.BeginEmergencyAccess),
		MayReview: web.May(c, policy.ReviewEmergencyAccess)}
	queue, err := q.UnreviewedEmergencyAccess(ctx)
	if err != nil {
		return err
	}
	waits, err := h.waits(c, ids(queue, func(g shareddb.UnreviewedEmergencyAccessRow) uuid.UUID { return g.ID }))
	if err != nil {
		return err
	}
	late, there := 0, false
	for _, g := range queue {
		if now.Sub(g.StartedAt) > identity.ReviewWithin {
			late++
		}
		there = there || g.ID == forms.of
		if own := h.queued(c, g, forms); p.MayReview || own.Own {
			own.Wait = waits[g.ID]
			p.Queue = append(p.Queue, own)
		}
	}
	if forms.review != nil && !there {
		return fmt.Errorf("reviewed meanwhile: %w", web.ErrConflict)
	}
	if p.MayReview {
		done, err := q.ReviewedEmergencyAccess(ctx)
		if err != nil {
			return err
		}
		p.Reviewed = h.reviewed(done)
	}
	if p.Known, err = h.organizations(c); err != nil {
		return err
	}
	p.Page, p.Console = h.page(c, "/ops/emergency-access", "Emergency access", emergencyVerdict(len(queue), late))
	if f := forms.opening; f != nil {
		p.Problems, p.Organization, p.Reason = f.Problems, f.Raw("organization"), f.Raw("reason")
	}
	p.Wrong = len(p.Problems) > 0 || forms.review != nil
	return web.Render(c, status, view.Emergency(p), part)
}

func emergencyVerdict(waiting, late int) string {
	switch {
	case late > 0:
		return fmt.Sprintf("%s longer than %s for a review.",
			count(int64(late), "emergency access waits", "emergency accesses wait"), civil.Duration(identity.ReviewWithin))
	case waiting > 0:
		return fmt.Sprintf("%s for a review.", count(int64(waiting), "emergency access waits", "emergency accesses wait"))
	}
	return "No emergency access waits for a review."
}

func (h *Handlers) queued(c echo.Context, g shareddb.UnreviewedEmergencyAccessRow,
	forms emergencyForms) view.EmergencyAccess {
	now := web.Now(c)
	me, _ := web.Account(c)
	one := view.EmergencyAccess{ID: g.ID.String(), Who: g.ActorName, Organization: g.Organization,
		When: h.when(g.StartedAt), Reason: g.Reason, Kinds: kindsOf(g.Resources),
		Running: g.EndedAt == nil && g.ExpiresAt.After(now), Own: g.Actor == me.ID,
		May: web.May(c, policy.ReviewEmergencyAccess)}
	one.Opened = fmt.Sprintf("%s seen, in %s", count(g.Patients, "person", "people"), count(g.Events, "event", "events"))
	if g.Denied > 0 {
		one.Opened += fmt.Sprintf(", %d refused", g.Denied)
	}
	due := g.StartedAt.Add(identity.ReviewWithin).Sub(now)
	switch {
	case one.Running:
		one.Due, one.Tone = "Runs, "+left(g.ExpiresAt, now)+".", "warn"
	case due < 0:
		one.Due, one.Tone = "Late by "+count(hours(-due), "hour", "hours")+".", "bad"
	default:
		one.Due, one.Tone = remains(due)+" left.", "dim"
	}
	if f := forms.review; f != nil && forms.of == g.ID {
		one.Problems, one.Verdict, one.Note = f.Problems, f.Raw("verdict"), f.Raw("note")
	}
	return one
}

// kindsOf are the words for what was done, by resource and action.
func kindsOf(all []string) (words []string) {
	for _, kind := range all {
		resource, action, _ := strings.Cut(kind, " ")
		words = append(words, audit.Entry{Resource: resource, Action: action}.What(false))
	}
	return words
}

// hours are whole ones, a begun one counted.
func hours(d time.Duration) int64 { return int64(math.Ceil(d.Hours())) }

func (h *Handlers) reviewed(rows []shareddb.ReviewedEmergencyAccessRow) (all []view.Reviewed) {
	for _, r := range rows {
		one := view.Reviewed{Who: r.ActorName, Organization: r.Organization, When: h.when(r.StartedAt), Verdict: "Justified",
			Tone: "good", Reviewer: r.Reviewer, Note: r.ReviewNote}
		if r.Verdict != "justified" {
			one.Verdict, one.Tone = "Not justified", "bad"
		}
		all = append(all, one)
	}
	return all
}

// CreateEmergencyAccess opens the records of one organization for identity.EmergencyAccessLife. Its owners and
// managers are told, the session's token changes.
func (h *Handlers) CreateEmergencyAccess(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	tenant, err := h.chosen(c, f, "organization")
	if err != nil {
		return err
	}
	if tenant.Slug == "" {
		f.Wrong("organization", noSuchOrganization)
	}
	reason := because(f, "reason", identity.ShortestAlarm, "Say in 20 characters or more what the emergency is")
	if !f.OK() {
		return h.emergencyAccess(c, http.StatusUnprocessableEntity, emergencyForms{opening: f}, view.BeginEmergencyAccess)
	}
	id, err := identity.BeginEmergencyAccess(c.Request().Context(), h.Mail, web.Caller(c), tenant, reason, web.Now(c))
	if err != nil {
		return err
	}
	if err := BeginStaffAccess(c, id); err != nil {
		return err
	}
	return web.Redirect(c, "/organizations/"+tenant.Slug+"/appointments")
}

// CreateReview closes an emergency access of somebody else with a verdict.
func (h *Handlers) CreateReview(c echo.Context) error {
	id, err := web.ID(c, "access")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	verdict := f.OneOf("verdict", "Choose a verdict", "justified", "not_justified")
	note := f.Text("note", identity.LongestReason, "Say in a sentence why")
	if !f.OK() {
		for i := range f.Problems { // there is one such form for each access on the page
			f.Problems[i].Field += "-" + id.String()
		}
		return h.emergencyAccess(c, http.StatusUnprocessableEntity, emergencyForms{review: f, of: id},
			view.ReviewPart(id.String()))
	}
	tenant, err := h.organization(c, id)
	if err != nil {
		return err
	}
	err = identity.ReviewEmergencyAccess(c.Request().Context(), h.Mail, web.Caller(c), tenant, id,
		identity.Review{Justified: verdict == "justified", Note: note}, web.Now(c))
	switch {
	case errors.Is(err, identity.ErrNotFound):
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	case errors.Is(err, identity.ErrNotReviewable), tooNew(err):
		return fmt.Errorf("%w: %w", err, web.ErrConflict)
	case err != nil:
		return err
	}
	web.Flash(c, ui.Notice{Text: "The review is closed, and the organization is told.", Done: true})
	return web.Redirect(c, "/ops/emergency-access")
}
