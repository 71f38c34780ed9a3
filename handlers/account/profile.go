package account

import (
	"cmp"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/internal/search"
	"kindward/queries/shareddb"
	view "kindward/views/account"
	"kindward/views/ui"
)

// ShowProfile is what a person has told of themself, to be changed.
func (h Handlers) ShowProfile(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	row, err := own(c, who.ID).Profile(c.Request().Context(), who.ID)
	if err != nil {
		return err
	}
	p := view.ProfilePage{Name: row.Name, Phone: web.Phone(row.Phone), Street: row.Street, City: row.City,
		State: row.State, ZIP: row.ZIP, Payer: row.PayerID, Language: row.Language,
		KeepTown: ui.KeepTown{Town: row.City, ZIP: row.ZIP}.Value()}
	if row.Born != nil {
		p.Month, p.Day, p.Year = civil.DateOf(*row.Born).Parts()
	}
	return h.showProfile(c, http.StatusOK, p, who.Email)
}

// UpdateProfile keeps it. Places that share the details get a new phone number by themselves.
func (h Handlers) UpdateProfile(c echo.Context) error {
	who, f, err := asked(c)
	if err != nil {
		return err
	}
	payers, err := web.SiteOf(c).Gateway.Public().Payers(c.Request().Context())
	if err != nil {
		return err
	}
	status := http.StatusUnprocessableEntity
	row := h.readProfile(f, payers)
	if row.ID = who.ID; f.OK() {
		if status, err = keepProfile(c, f, row); err != nil {
			return err
		}
	}
	if !f.OK() {
		return h.showProfile(c, status, view.ProfilePage{Problems: f.Problems, Name: f.Raw("name"),
			Phone: f.Raw("phone"), Month: f.Raw("dob-month"), Day: f.Raw("dob-day"), Year: f.Raw("dob-year"),
			Street: f.Raw("street"), City: f.Raw("city"), State: f.Raw("state"), ZIP: f.Raw("zip"), Payer: f.Raw("payer"),
			Language: f.Raw("language"), KeepTown: f.Raw("keep-town")}, who.Email)
	}
	if h.Mail.Notify != nil {
		h.Mail.Notify()
	}
	web.Flash(c, ui.Notice{Text: "Your details are saved.", Done: true})
	return web.Redirect(c, "/account")
}

// keepProfile keeps what was read. Who changes it too often is told so at their name.
func keepProfile(c echo.Context, f *web.Form, row shareddb.UpdateProfileParams) (status int, err error) {
	status = http.StatusTooManyRequests
	often, err := web.CountDetailChange(c)
	if err != nil {
		return status, err
	}
	if often != "" {
		f.Wrong("name", often)
		return status, nil
	}
	err = identity.UpdateProfile(c.Request().Context(), own(c, row.ID), row)
	if errors.Is(err, identity.ErrRenamed) {
		f.Wrong("name", "You have changed your name as often as people who work somewhere can: 3 times in a day, 10 in a "+
			"year. Keep the one before, and change it another day")
		return status, nil
	}
	return status, err
}

var (
	stateCode = regexp.MustCompile(`^[A-Z]{2}$`)
	zipCode   = regexp.MustCompile(`^[0-9]{5}(-[0-9]{4})?$`)
)

func (h Handlers) readProfile(f *web.Form, payers []shareddb.MarketPayer) (row shareddb.UpdateProfileParams) {
	row.Name = f.Text("name", 120, "Enter your full name")
	if f.Raw("phone") != "" {
		row.Phone = f.Mobile("phone")
	}
	if f.Raw("dob-month")+f.Raw("dob-day")+f.Raw("dob-year") != "" {
		if born := f.Born("dob"); born != (time.Time{}) {
			row.Born = &born
		}
	}
	row.Street, row.City = f.Line("street", 200, "The street"), f.Line("city", 100, "The town")
	row.State = strings.ToUpper(f.Line("state", 20, "The state"))
	if row.State != "" && !stateCode.MatchString(row.State) {
		f.Wrong("state", "Enter the state in two letters, like RI")
	}
	row.ZIP = f.Line("zip", 12, "The ZIP code")
	if row.ZIP != "" && !zipCode.MatchString(row.ZIP) {
		f.Wrong("zip", "Enter the ZIP code in five digits, like 02906")
	}
	if home, known := h.zipCode(row.ZIP); known {
		h.checkTown(f, &row, home)
	}
	row.PayerID = f.OneOf("payer", "Choose from the list", values(payerOptions(payers))...)
	row.Language = f.OneOf("language", "Choose from the list", values(languageOptions())...)
	return row
}

// checkTown holds the town and the state to a ZIP of the region. A town that is not listed for it may be right, such as
// a village: whoever says so keeps it.
func (h Handlers) checkTown(f *web.Form, row *shareddb.UpdateProfileParams, home search.Near) {
	if row.State != "" && row.State != home.State {
		f.Wrong("state", home.ZIP+" is in "+home.State+". Correct the state or the ZIP code")
	}
	if row.City != "" {
		row.City = f.Town("city", h.Market.Live().Index().CheckTown(home, row.City))
	}
}

// zipCode is where a ZIP code of the region is.
func (h Handlers) zipCode(zip string) (home search.Near, known bool) {
	zip, _, _ = strings.Cut(zip, "-")
	home, known = h.Market.Live().Index().Locate(zip)
	return home, known && home.ZIP == zip
}

func values(options []ui.Option) (all []string) {
	for _, o := range options {
		all = append(all, o.Value)
	}
	return all
}

func payerOptions(payers []shareddb.MarketPayer) []ui.Option {
	all := []ui.Option{{Text: "Not said"}}
	for _, p := range payers {
		all = append(all, ui.Option{Value: p.ID, Text: p.Name})
	}
	return all
}

func languageOptions() []ui.Option {
	all := []ui.Option{{Text: "Not said"}}
	for _, code := range search.LanguageCodes() {
		all = append(all, ui.Option{Value: code, Text: search.LanguageName(code)})
	}
	return all
}

func (h Handlers) showProfile(c echo.Context, status int, p view.ProfilePage, email string) error {
	payers, err := web.SiteOf(c).Gateway.Public().Payers(c.Request().Context())
	if err != nil {
		return err
	}
	p.Page, p.Email = page(c, "Your details", p.Problems), cmp.Or(email, p.Email)
	p.Payers, p.Languages = payerOptions(payers), languageOptions()
	if home, known := h.zipCode(strings.TrimSpace(p.ZIP)); known && p.City != "" {
		p.MayKeepTown = h.Market.Live().Index().CheckTown(home, p.City).MayKeep
	}
	return web.Render(c, status, view.Profile(p), view.ProfileForm)
}
