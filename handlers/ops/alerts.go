package ops

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// ListAlerts shows what the rules over the audit found, the open ones first.
func (h *Handlers) ListAlerts(c echo.Context) error {
	return h.alerts(c, http.StatusOK, uuid.Nil, nil)
}

// ReviewAlert closes an alert with a note of what was found out. Nobody reviews what is about themself.
func (h *Handlers) ReviewAlert(c echo.Context) error {
	id, err := web.ID(c, "alert")
	if err != nil {
		return err
	}
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	note := sentence(f, "note-"+id.String(), "Say what you found out, in a sentence")
	if !f.OK() {
		return h.alerts(c, http.StatusUnprocessableEntity, id, f)
	}
	scope := web.PublicScope(c)
	err = identity.MayApprove(c.Request().Context(), h.Gateway.Identity(scope), id, web.Now(c))
	if err == nil {
		_, err = h.Gateway.Shared(scope).ReviewAlert(c.Request().Context(), web.Now(c), note, id)
	}
	if errors.Is(err, pgx.ErrNoRows) || errors.Is(err, identity.ErrNotFound) || tooNew(err) {
		return fmt.Errorf("closed meanwhile, about whoever reviews, or one of both is new: %w", web.ErrConflict)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "The alert is closed.", Done: true})
	return web.Redirect(c, "/ops/alerts")
}

func (h *Handlers) alerts(c echo.Context, status int, of uuid.UUID, f *web.Form) error {
	rows, err := h.Gateway.Identity(web.PublicScope(c)).Alerts(c.Request().Context())
	if err != nil {
		return err
	}
	waits, err := h.waits(c, ids(rows, func(r shareddb.AlertsRow) uuid.UUID { return r.ID }))
	if err != nil {
		return err
	}
	me, _ := web.Actor(c)
	p := view.AlertsPage{}
	var open int64
	for _, r := range rows {
		one, err := h.alert(r, me.ID)
		if err != nil {
			return err
		}
		one.Wait = waits[r.ID]
		if f != nil && r.ID == of {
			one.Problems, one.Note = f.Problems, f.Raw("note-"+of.String())
		}
		if r.ReviewedAt != nil {
			p.Reviewed = append(p.Reviewed, one)
			continue
		}
		open++
		p.Open = append(p.Open, one)
	}
	says := "No alert waits for a review."
	if open > 0 {
		says = count(open, "alert waits for a review.", "alerts wait for a review.")
	}
	p.Page, p.Console = h.page(c, "/ops/alerts", "Alerts", says)
	p.Wrong = f != nil
	part := ""
	if f != nil {
		part = view.AlertPart(of.String())
	}
	return web.Render(c, status, view.Alerts(p), part)
}

func (h *Handlers) alert(r shareddb.AlertsRow, me uuid.UUID) (view.Alert, error) {
	var counts audit.AlertCounts
	if err := json.Unmarshal(r.Facts, &counts); err != nil {
		return view.Alert{}, err
	}
	one := view.Alert{ID: r.ID.String(), Who: r.ActorName, When: h.when(r.At), Own: r.Actor == me, Note: r.ReviewNote,
		Reviewer: r.Reviewer,
		Text:     h.alertText(r.Kind, counts),
		Log: auditPath("", nil, "person", r.Actor.String(), "from", civil.DateOf(counts.From.In(h.zone())).String(), "to",
			civil.DateOf(counts.To.In(h.zone())).String())}
	switch {
	case r.Organization != "":
		one.Where = "At " + r.Organization
	case counts.Organizations > 1:
		one.Where = fmt.Sprintf("At %d organizations", counts.Organizations)
	default:
		one.Where = "As staff of Kindward"
	}
	if r.ReviewedAt != nil {
		one.Done = h.when(*r.ReviewedAt)
	}
	return one, nil
}

// alertText says what somebody did, behind their name.
func (h *Handlers) alertText(kind string, counts audit.AlertCounts) string {
	did, without := "opened the records of", "without an appointment on the day or with them"
	if kind == audit.ManyShown {
		did, without = "was shown, in lists and records, ", "without an appointment in the days around it or with them"
		if counts.Exported > 0 {
			without += fmt.Sprintf(", %d of those in exports of the access log", counts.Exported)
		}
	}
	return fmt.Sprintf("%s %s between %s and %s, %d of them %s. More than %d within an hour raises an alert.",
		strings.TrimSpace(did), count(int64(counts.People), "person", "people"), h.clock(counts.From), h.clock(counts.To),
		counts.Unrelated, without, counts.Most)
}

func (h *Handlers) clock(t time.Time) string { return civil.Clock24(t.In(h.zone())) }
