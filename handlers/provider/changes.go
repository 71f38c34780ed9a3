package provider

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/offering"
	"kindward/queries/tenantdb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// decidedShown is how long it is said how a change was decided.
const decidedShown = 30 * 24 * time.Hour

// setAll sets fields of a form: names and values by turns.
func setAll(f *web.Form, pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
}

// dayOf is a date as a form has it, or "".
func dayOf(at *time.Time) string {
	if at == nil {
		return ""
	}
	return civil.DateOf(*at).String()
}

func proofOf(f *web.Form) view.Proof {
	return view.Proof{Until: f.Raw(offering.LastDay), Insured: f.Raw(offering.InsuredDay), License: f.Raw("license"),
		Evidence: f.Raw("evidence"),
		Problems: f.Problems}
}

// readProof reads what shows the last days that a form names.
func readProof(f *web.Form, change *offering.Change) {
	change.License = f.Line("license", 60, "The license number")
	change.Evidence = f.Optional("evidence", 600, "What shows it")
}

// readLastDay reads a last day, which needs something that shows it where it is another one than before. After
// readProof.
func readLastDay(f *web.Form, change *offering.Change, field string, was *time.Time) {
	asked := f.Raw(field)
	if asked == dayOf(was) || !f.Ticked(field) {
		return
	}
	day, err := civil.ParseDate(asked)
	switch {
	case asked == "":
		f.Wrong(field, "It cannot be left empty. It was "+civil.DateOf(*was).Text()+": enter that, or the new last day")
	case err != nil || day.Year < 2000 || day.Year > 2100:
		f.Wrong(field, "Enter the last day, like 2027-01-31")
	case change.Evidence == "" && (change.License == "" || field != offering.LastDay):
		f.Wrong("evidence", "Say what shows the new last day. For a license its number is enough")
	default:
		change.Was[field], change.Becomes[field] = dayOf(was), day.String()
	}
}

// changesAsked is how often an organization asks to change something that is reviewed: a person or a register looks at
// each.
var changesAsked = identity.AttemptLimit{Name: "changes asked", Attempts: 100, Window: 24 * time.Hour,
	Windows: identity.Sliding}

// limitChange counts a change that is to be reviewed, and says if it is one too many today.
func limitChange(c echo.Context, f *web.Form, change offering.Change) error {
	if len(change.Becomes) == 0 || !f.OK() {
		return nil
	}
	_, err := web.AttemptLimiter(c).Reserve(c.Request().Context(),
		changesAsked.For(web.Organization(c).ID.String()))
	if _, often := errors.AsType[*identity.TooManyError](err); often {
		f.Wrong("", "You have asked for as many changes as we look at in a day. Nothing was saved. Send this one tomorrow")
		return nil
	}
	return err
}

// readNothing says that something is to be shown of which nothing has changed. After all that can change.
func readNothing(f *web.Form, change *offering.Change) {
	if f.OK() && len(change.Becomes) == 0 && change.License+change.Evidence != "" {
		f.Wrong(offering.LastDay, "Enter the new last day. Where it is as before, leave license number and evidence empty")
	}
}

// saved says what is live and what waits.
func saved(c echo.Context, name string, change offering.Change) {
	text := name + " is saved."
	if len(change.Becomes) > 0 {
		text = name + " is saved. What we have to look at first waits for review, and what was stays until then."
	}
	web.Flash(c, ui.Notice{Text: text, Done: true})
}

// changes are what waits for review of this organization, and what was decided lately.
func (h *Handlers) changes(c echo.Context) ([]tenantdb.RecentChangesRow, error) {
	return h.Gateway.Once(web.Scope(c, web.Organization(c))).RecentChanges(c.Request().Context(),
		web.Now(c).Add(-decidedShown))
}

// waiting is the change of one subject that waits, or the last one that was decided; nil: there is none.
func (h *Handlers) waiting(c echo.Context, subject uuid.UUID) (*view.Change, error) {
	rows, err := h.changes(c)
	for _, r := range rows {
		if r.SubjectID == subject {
			return new(changed(c, r)), nil
		}
	}
	return nil, err
}

// changed is a change as its organization reads of it.
func changed(c echo.Context, r tenantdb.RecentChangesRow) view.Change {
	organization := web.Organization(c)
	zone := civil.ZoneOrUTC(organization.Zone)
	one := view.Change{Name: r.Name, Said: r.Said, Reason: r.Reason}
	for _, d := range offering.Differences(r.Was, r.Becomes) {
		one.Rows = append(one.Rows, ui.Row{Name: d.Field, Value: d.Becomes, Small: "now: " + d.Was})
	}
	switch r.Status {
	case offering.Waiting:
		one.State = "Waiting for review since " + civil.Stamp(r.At.In(zone))
		one.Withdraw = home(organization) + "/changes/" + r.ID.String() + "/withdrawal"
	case offering.Refused:
		one.State = "Refused " + civil.Stamp(r.DecidedAt.In(zone))
	default:
		one.State, one.Rows = "Accepted "+civil.Stamp(r.DecidedAt.In(zone)), nil
	}
	return one
}

// WithdrawChange takes back what was asked. What is live stays as it is.
func (h *Handlers) WithdrawChange(c echo.Context) error {
	id, err := web.ID(c, "change")
	if err != nil {
		return err
	}
	organization, ctx := web.Organization(c), c.Request().Context()
	var row tenantdb.WithdrawChangeRow
	err = h.Gateway.Within(ctx, web.Scope(c, organization), func(q *tenantdb.Queries) (err error) {
		row, err = offering.Withdraw(ctx, q, id)
		return err
	})
	if errors.Is(err, offering.ErrDecided) {
		return fmt.Errorf("%w: %w", err, web.ErrNotFound)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "It is taken back. Nothing has changed.", Done: true})
	return web.Redirect(c, home(organization)+"/"+row.Kind+"s/"+row.SubjectID.String())
}
