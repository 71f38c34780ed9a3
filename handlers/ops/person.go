package ops

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/audit"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/policy"
	"kindward/internal/role"
	"kindward/queries/shareddb"
	view "kindward/views/ops"
	"kindward/views/ui"
)

// ShowPerson shows an account without anything about health. The person finds in their record that it was opened.
func (h *Handlers) ShowPerson(c echo.Context) error {
	id, err := web.ID(c, "account")
	if err != nil {
		return err
	}
	return h.person(c, http.StatusOK, id, view.SeeForm{}, view.FactorRemovalForm{}, "")
}

// person is the page, with the forms as they were typed. part is what htmx gets of it.
func (h *Handlers) person(c echo.Context, status int, id uuid.UUID, see view.SeeForm, factor view.FactorRemovalForm,
	part string) error {
	ctx, now := c.Request().Context(), web.Now(c)
	q := h.Gateway.Identity(web.PublicScope(c))
	who, err := web.Found(q.AccountForSupport(ctx, shareddb.AccountForSupportParams{ID: id, Now: now,
		IdleSince: now.Add(-identity.SessionIdle), WorkIdleSince: now.Add(-identity.WorkIdle),
		WorkSince: now.Add(-identity.WorkLife)}))
	if err != nil {
		return err
	}
	factors, err := h.Gateway.Identity(identity.StaffScope(h.Gateway, web.Caller(c), id)).Factors(ctx, id)
	if err != nil {
		return err
	}
	staff, err := role.Titles(who.Staff)
	if err != nil {
		return err
	}
	p := view.PersonPage{Summary: h.summary(who, factors, staff)}
	p.Page, p.Console = h.page(c, "/ops/people", who.Name, who.Name+" signs in with "+waysIn(factors)+".")
	p.Line, p.Wrong = who.Email, len(see.Problems)+len(factor.Problems) > 0
	if err := h.fill(c, q, &p, id); err != nil {
		return err
	}
	if err := h.offerHelp(c, &p, who, factors, see, factor); err != nil {
		return err
	}
	if part == view.SeeAs && p.See == nil || part == view.FactorRemoval && p.Factor == nil {
		return fmt.Errorf("this is not offered about this person: %w", web.ErrForbidden)
	}
	return web.Render(c, status, view.Person(p), part)
}

// fill adds what others wrote about the account: workplaces, ways in, acts.
func (h *Handlers) fill(c echo.Context, q *shareddb.Queries, p *view.PersonPage, id uuid.UUID) error {
	ctx, now := c.Request().Context(), web.Now(c)
	places, err := q.Workplaces(ctx, id)
	if err != nil {
		return err
	}
	for _, w := range places {
		title, err := role.Title(w.Role)
		if err != nil {
			return err
		}
		p.Workplaces = append(p.Workplaces, view.Workplace{Name: w.Name, Href: "/places/" + w.Slug, Role: title,
			Since: h.day(w.CreatedAt)})
	}
	signIns, err := q.SignIns(ctx, id, audit.SignIns())
	if err != nil {
		return err
	}
	for _, s := range signIns {
		p.SignIns = append(p.SignIns, h.signIn(s))
	}
	timeline, err := q.SupportTimeline(ctx, id, audit.ForSupport())
	if err != nil {
		return err
	}
	p.Timeline = h.timeline(timeline)
	if err := h.fillBookings(c, p, id); err != nil {
		return err
	}
	acts, err := q.Impersonations(ctx, id)
	if err != nil {
		return err
	}
	for _, a := range acts {
		one := view.Acted{ID: a.ID.String(), Who: a.ActorName, When: h.when(a.StartedAt), Reason: a.Reason, State: "Over",
			Running: a.EndedAt == nil && a.ExpiresAt.After(now)}
		if one.Running {
			one.State = left(a.ExpiresAt, now)
		}
		p.Acts = append(p.Acts, one)
	}
	return nil
}

// fillBookings adds when they have bookings, which is in the index of their own.
func (h *Handlers) fillBookings(c echo.Context, p *view.PersonPage, id uuid.UUID) error {
	theirs := h.Gateway.Shared(identity.StaffScope(h.Gateway, web.Caller(c), id))
	rows, err := theirs.IndexedAppointments(c.Request().Context(), id)
	p.Bookings = h.bookings(rows, id, web.Now(c))
	return err
}

// offerHelp adds the forms that whoever looks may use: nobody acts as themselves, nor as one of the staff.
func (h *Handlers) offerHelp(c echo.Context, p *view.PersonPage, who shareddb.AccountForSupportRow,
	factors shareddb.FactorsRow, see view.SeeForm, factor view.FactorRemovalForm) error {
	me, _ := web.Account(c)
	if me.ID == who.ID || who.DisabledAt != nil {
		return nil
	}
	staff := len(who.Staff) > 0
	action := "/ops/people/" + who.ID.String()
	if staff {
		action = "/ops/staff/people/" + who.ID.String()
	}
	support := web.May(c, policy.Impersonate)
	if support && !staff {
		see.Person, see.First = who.ID.String(), firstName(who.Name)
		see.Lasts = civil.Duration(identity.ImpersonationLife)
		p.See = &see
	}
	if staff && web.May(c, policy.ChangeStaff) || support && !staff {
		p.SignOut = action + "/sign-out"
		if factors.TOTP || factors.Passkeys > 0 {
			factor.Action = action + "/second-factor-removal"
			p.Factor = &factor
		}
	}
	return h.offerRemoval(c, p, who.ID, staff)
}

func (h *Handlers) summary(who shareddb.AccountForSupportRow, f shareddb.FactorsRow, staff []string) ui.Summary {
	rows := ui.Summary{
		{Name: "Since", Value: h.day(who.CreatedAt)},
		{Name: "Signed in on", Value: count(who.Sessions, "device", "devices")},
		{Name: "Signs in with", Value: waysIn(f)},
	}
	if f.RecoveryLeft > 0 {
		rows = append(rows, ui.Row{Name: "Recovery codes left", Value: count(int64(f.RecoveryLeft), "code", "codes")})
	}
	if who.EmailChangedAt != nil {
		rows = append(rows, ui.Row{Name: "Address changed", Value: h.when(*who.EmailChangedAt)})
	}
	if who.DisabledAt != nil {
		rows = append(rows, ui.Row{Name: "Closed", Value: h.when(*who.DisabledAt)})
	}
	if len(staff) > 0 {
		rows = append(rows, ui.Row{Name: "Staff", Value: strings.Join(staff, ", ")})
	}
	return rows
}

func waysIn(f shareddb.FactorsRow) string {
	ways := []string{"a password"}
	if f.Passkeys > 0 {
		ways = append(ways, count(int64(f.Passkeys), "passkey", "passkeys"))
	}
	if f.TOTP {
		ways = append(ways, "an authenticator app")
	}
	if len(ways) == 1 {
		return "a password and nothing else"
	}
	return strings.Join(ways[:len(ways)-1], ", ") + " and " + ways[len(ways)-1]
}

func (h *Handlers) signIn(s shareddb.SignInsRow) view.SignIn {
	line := view.SignIn{What: audit.SignInWords(s.Action), When: h.when(s.At), From: s.IP}
	if !s.Ok {
		line.What, line.Tone = "Refused: "+strings.ToLower(line.What), "bad"
		if s.Times > 1 {
			line.What += ", " + strconv.FormatInt(s.Times, 10) + " times"
			line.When = "last " + line.When
		}
	}
	return line
}

func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
