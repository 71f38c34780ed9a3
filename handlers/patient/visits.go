package patient

import (
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/money"
	"kindward/internal/search"
	"kindward/internal/tenancy"
	"kindward/internal/venue"
	"kindward/queries/tenantdb"
	"kindward/views/patient"
	"kindward/views/ui"
)

// times tells times to whoever asks. Where they live is not known: the zone is the deployment's.
func (h *Handlers) times(c echo.Context) civil.TimeFormat {
	return civil.TimeFormat{Now: web.Now(c), Zone: h.Market.Now().Location()}
}

// timesOf are those of a listing's visits, with their zone where nobody goes there.
func (h *Handlers) timesOf(c echo.Context, l *search.Listing) civil.TimeFormat {
	return l.Mode.Times(h.times(c))
}

// whereOf is where the visits of a listing happen.
func whereOf(l *search.Listing) venue.Where {
	return venue.Where{Mode: l.Mode, Organization: l.OrgName, Street: l.Street, Town: l.City}
}

func holdWhere(t tenancy.Tenant, hold tenantdb.HoldPageRow, chosen string) venue.Where {
	if !meetingOf(t, hold).video {
		chosen = ""
	}
	return venue.Where{Mode: venue.ModeOf(&chosen, hold.VisitMode), Organization: t.Name, Street: hold.Street,
		Town: hold.City + ", " + hold.State + " " + hold.ZIP, Directions: hold.Directions}
}

func holdNetwork(t tenancy.Tenant, hold tenantdb.HoldPageRow) network {
	return network{t.Name, hold.PayersAccepted, hold.PayersRefused, hold.PayersConfirmed}
}

// meeting is what a visit leaves to the patient to say: the home, for one at home, or whether to meet by video.
type meeting struct {
	home  *area
	video bool

	shares bool // the details are shared with the organization already
}

func meetingOf(t tenancy.Tenant, hold tenantdb.HoldPageRow) meeting {
	switch venue.Mode(hold.VisitMode) {
	case venue.AtHome:
		return meeting{home: new(holdArea(t, hold))}
	case venue.AtClinic:
		return meeting{video: hold.Telehealth}
	}
	return meeting{}
}

// meeting is that of a hold. What the browser does not know of its hold is read.
func (h *Handlers) meeting(c echo.Context, t tenancy.Tenant, id uuid.UUID) (meeting, error) {
	if _, l, live := h.Market.Offering(openHoldOf(c, id).Listing); live {
		if l.Mode == venue.AtHome {
			return meeting{home: new(areaOf(l))}, nil
		}
		return meeting{video: l.Telehealth && l.Mode.Travels()}, nil
	}
	_, hold, err := h.openHold(c)
	return meetingOf(t, hold), err
}

// modeChoices are the ways to meet where the service leaves that to the patient.
func modeChoices(hold tenantdb.HoldPageRow, chosen string) []ui.Choice {
	return []ui.Choice{
		{Value: string(venue.AtClinic), Label: "At " + hold.Location, Small: hold.Street + ", " + hold.City,
			Checked: chosen != string(venue.ByVideo)},
		{Value: string(venue.ByVideo), Label: "By video", Small: "You join from where you are.",
			Checked: chosen == string(venue.ByVideo)}}
}

// facts are what a summary says of an appointment, held or booked.
type facts struct {
	service, practitioner, prep, bring, phone string
	minutes                                   int32
	start, end                                time.Time // in the location's zone
	was                                       time.Time // zero: it is not to be moved
	where                                     venue.Where
	times                                     civil.TimeFormat
	about                                     []ui.Way // who they are
}

// holdSummary is what a hold is; mode is what its form says of how to meet.
func (h *Handlers) holdSummary(c echo.Context, t tenancy.Tenant, hold tenantdb.HoldPageRow, mode string) ui.Summary {
	at := holdWhere(t, hold, mode)
	return facts{service: hold.Service, practitioner: hold.Practitioner, minutes: hold.Minutes,
		start: inZone(hold.StartsAt, hold.Zone), end: inZone(hold.EndsAt, hold.Zone), where: at,
		times: at.Mode.Times(h.times(c)), prep: hold.Prep, bring: hold.Bring}.summary()
}

// askFor fills in what the form asks for because of the visit: how to meet, where they come, how to pay.
func (h *Handlers) askFor(c echo.Context, t tenancy.Tenant, hold tenantdb.HoldPageRow, price *money.Amount,
	p *patient.HoldPage) (err error) {
	asks, says := meetingOf(t, hold), holdNetwork(t, hold)
	profile, err := h.profile(c, p.Form)
	if err != nil {
		return err
	}
	if asks.video {
		if p.Form.Mode == "" && web.PreferencesOf(c).Video {
			p.Form.Mode = string(venue.ByVideo)
		}
		p.Form.Modes = modeChoices(hold, p.Form.Mode)
	}
	if asks.home != nil {
		p.Form.AskHome = true
		if p.Form.Home, err = h.homeAsked(c, t, p.Form.Home, *asks.home, profile); err != nil {
			return err
		}
	}
	if p.Form.Since, err = h.sharesSince(c, t); err != nil {
		return err
	}
	at := holdWhere(t, hold, p.Form.Mode)
	p.Summary = h.holdSummary(c, t, hold, p.Form.Mode)
	h.chosenBefore(c, says, &p.Form, profile.PayerID)
	p.Form.Plans, p.Form.Self, p.Form.PaySmall = h.plans(says), selfLabel(price), at.Pays()+", not now."
	p.Prices = prices(hold.Service, price, p.Form.Payer, at)
	return nil
}

func (v facts) summary() ui.Summary {
	what := "About " + patient.Minutes(int(v.minutes))
	if v.practitioner != "" {
		what = "With " + v.practitioner + ", about " + patient.Minutes(int(v.minutes))
	}
	s := ui.Summary{{Name: "Appointment", Value: v.service, Small: what, Ways: v.about}, v.when(), v.place()}
	return append(s, v.preparation()...)
}

func (v facts) when() ui.Row {
	row := ui.Row{Name: "When", Value: v.times.Full(v.start), Small: "Until about " + v.times.Clock(v.end)}
	if !v.was.IsZero() {
		row.Small += ", instead of " + v.times.Full(v.was)
	}
	return row
}

// preparation is what to do before the visit and what to bring, each said once: what both texts of the service name is
// left to the list of what to bring.
func (v facts) preparation() (rows ui.Summary) {
	prep, bring := v.prep, v.bring
	if !v.where.Mode.Travels() {
		if before := strings.TrimSpace(prep + " " + bring); before != "" {
			rows = append(rows, ui.Row{Name: "Before it begins", Value: before})
		}
		return rows
	}
	toBring := ui.Row{Name: "What to bring", Value: bring}
	if also, brings := strings.CutPrefix(prep, "Bring "); brings && bring != "" {
		prep = ""
		if !namesAll(bring, also) {
			toBring.Lines = []string{"Also " + also}
		}
	}
	if prep != "" {
		rows = append(rows, ui.Row{Name: "Before you go", Value: prep})
	}
	if bring != "" {
		rows = append(rows, toBring)
	}
	return rows
}

// namesAll tells whether a list has every word of another text, whatever their order.
func namesAll(list, of string) bool {
	words := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
	}
	has := append(words(list), "the", "a", "an", "and", "of", "your")
	return !slices.ContainsFunc(words(of), func(w string) bool { return !slices.Contains(has, w) })
}

// place is the row that says where, with the map and the number to call.
func (v facts) place() ui.Row {
	row := ui.Row{Name: "Where", Value: v.where.Value(), Small: v.where.Detail()}
	if home := v.where.Home; home != nil {
		row.Lines = home.Notes()
	}
	if at := v.where.Map(); at != "" {
		row.Ways = append(row.Ways, ui.Way{Text: "Map", Href: at})
	}
	if v.phone != "" {
		row.Ways = append(row.Ways, ui.Way{Text: ui.Unbroken("Call " + v.phone), Href: "tel:" + v.phone})
	}
	return row
}
