package provider

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/queries/shareddb"
	view "kindward/views/provider"
	"kindward/views/ui"
)

// keysPage is how many keys a page of them has.
const keysPage = 50

// ListKeys shows the keys of API clients and how they are used.
func (h *Handlers) ListKeys(c echo.Context) error {
	organization, now := web.Organization(c), web.Now(c)
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	after := f.Raw("after")
	rows, err := h.Gateway.Identity(web.Scope(c, organization)).APIKeys(c.Request().Context(), after, keysPage, now)
	if err != nil {
		return err
	}
	page, work, err := h.frame(c, "API keys", "/api-keys", nil)
	if err != nil {
		return err
	}
	p := view.KeysPage{Page: page, Work: work, New: work.Home + "/api-keys/new",
		Example: "GET " + web.SiteOf(c).BaseURL.String() + "/api/v1" + work.Home + "/appointments?day=" +
			today(c, organization).String() +
			"\nAuthorization: Bearer kw_live_…"}
	p.Heading, p.Pages = keysHeading(rows, after), ui.Pages{Label: "Pages of the keys"}
	for _, r := range rows {
		p.Keys = append(p.Keys, keyOf(r, work.Home, now, civil.ZoneOrUTC(organization.Zone)))
	}
	if after != "" {
		p.Pages.First = work.Home + "/api-keys"
	}
	if len(rows) == keysPage {
		p.Pages.Next = work.Home + "/api-keys?" + url.Values{"after": {rows[len(rows)-1].ID}}.Encode()
	}
	return web.Render(c, http.StatusOK, view.Keys(p), "")
}

func keysHeading(rows []shareddb.APIKeysRow, after string) string {
	switch {
	case len(rows) == 0 && after != "":
		return "These were all keys"
	case len(rows) > 0 && rows[0].Work > 0:
		return count(rows[0].Work, "key works", "keys work")
	}
	return "No key works here"
}

func keyOf(r shareddb.APIKeysRow, home string, now time.Time, zone *time.Location) view.Key {
	k := view.Key{Name: r.Name, ID: r.ID, Scopes: scopeNames(r.Scopes), Made: "Made on " + day(r.CreatedAt.In(zone)),
		Until: day(r.ExpiresAt.In(zone)), Used: "Never",
		State: "Works", Tone: ui.Good}
	if r.MadeBy != "" {
		k.Made += " by " + r.MadeBy
	}
	if r.LastUsedAt != nil {
		k.Used = civil.TimeFormat{Now: now}.Full(r.LastUsedAt.In(zone))
	}
	switch {
	case r.RevokedAt != nil:
		k.State, k.Tone = "Revoked on "+day(r.RevokedAt.In(zone)), ui.Bad
	case !r.ExpiresAt.After(now):
		k.State, k.Tone = "Ran out", ui.Quiet
	default:
		k.Revoke = home + "/api-keys/" + r.ID + "/revocation"
	}
	return k
}

var scopeWords = map[string]string{"slots.read": "Free times", "appointments.read": "Appointments",
	"imports.write": "Imports"}

func scopeNames(scopes []string) string {
	var words []string
	for _, s := range scopes {
		words = append(words, scopeWords[s])
	}
	return strings.Join(words, ", ")
}

// NewKey asks what a key is for.
func (h *Handlers) NewKey(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	return h.showNewKey(c, http.StatusOK, f, "")
}

// formNumber is the number with which a form came, or another: the same form makes the same key.
func formNumber(f *web.Form) string {
	if id, err := uuid.Parse(f.Raw("form")); err == nil {
		return id.String()
	}
	return uuid.NewString()
}

var lives = []int{30, 90, 365}

func (h *Handlers) showNewKey(c echo.Context, status int, f *web.Form, made string) error {
	page, work, err := h.frame(c, "API keys", "/api-keys", f.Problems)
	if err != nil {
		return err
	}
	p := view.NewKeyPage{Page: page, Work: work, Problems: f.Problems, Name: f.Raw("name"), Life: f.Raw("life"),
		Action: work.Home + "/api-keys", Made: made,
		Form: formNumber(f),
		Back: ui.Way{Text: "The keys", Href: work.Home + "/api-keys"}}
	about := map[string]string{"slots.read": "What everybody sees when booking.",
		"appointments.read": "Names and services of a day's visits. Health data: give it to clients you trust.",
		"imports.write":     "Adds practitioners, locations, services and hours, changes prices, and reads what became of them."}
	for _, s := range identity.KeyScopes() {
		p.Scopes = append(p.Scopes, ui.Choice{Value: s, Label: scopeWords[s], Small: about[s], Many: true,
			Checked: slices.Contains(f.Values("scope")["scope"], s)})
	}
	for _, days := range lives {
		p.Lives = append(p.Lives, ui.Option{Value: strconv.Itoa(days), Text: strconv.Itoa(days) + " days"})
	}
	return web.Render(c, status, view.NewKey(p), view.KeyForm)
}

// CreateKey makes a key and shows it, and again to the same form for identity.KeyShown.
func (h *Handlers) CreateKey(c echo.Context) error {
	f, err := web.ReadForm(c)
	if err != nil {
		return err
	}
	n := identity.NewKey{Name: f.Text("name", 60, "Name the API client that uses the key"),
		Scopes: slices.Compact(slices.Sorted(slices.Values(f.Values("scope")["scope"])))}
	life := f.OneOf("life", "Choose how long the key works", "30", "90", "365")
	if len(n.Scopes) == 0 || slices.ContainsFunc(n.Scopes,
		func(s string) bool { return !slices.Contains(identity.KeyScopes(), s) }) {
		f.Wrong("scope", "Choose what the key may read")
	}
	if !f.OK() {
		return h.showNewKey(c, http.StatusUnprocessableEntity, f, "")
	}
	days, err := strconv.Atoi(life)
	if err != nil {
		return err
	}
	n.Life = time.Duration(days) * 24 * time.Hour
	me, _ := web.Actor(c)
	n.Form = strings.Join([]string{web.Organization(c).ID.String(), me.ID.String(), formNumber(f)}, " ")
	key, err := h.Keys.Create(c.Request().Context(), web.Scope(c, web.Organization(c)), n)
	if errors.Is(err, identity.ErrTwoAlive) {
		f.Wrong("name", "Two keys of this name work already. Revoke one, or choose another name")
		return h.showNewKey(c, http.StatusConflict, f, "")
	}
	if errors.Is(err, identity.ErrKeyMade) {
		web.Flash(c, ui.Notice{Warn: true, Text: "That form has made its key some time ago. Fill it in anew for another."})
		return web.Redirect(c, home(web.Organization(c))+"/api-keys/new")
	}
	if err != nil {
		return err
	}
	return h.showNewKey(c, http.StatusOK, f, key)
}

// RevokeKey ends a key: it opens nothing from the next request on.
func (h *Handlers) RevokeKey(c echo.Context) error {
	organization := web.Organization(c)
	name, err := web.Found(h.Gateway.Identity(web.Scope(c, organization)).RevokeAPIKey(c.Request().Context(), web.Now(c),
		c.Param("key")))
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "The key of " + name + " is revoked.", Done: true})
	return web.Redirect(c, home(organization)+"/api-keys")
}
