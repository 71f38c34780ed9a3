package web

import (
	"cmp"

	"github.com/labstack/echo/v4"

	"kindward/views/layout"
)

// Preferences are what a visitor has chosen, here on this browser.
type Preferences struct {
	Theme layout.Theme
	Near  string // town or ZIP as typed
	Payer string
	Video bool // searched among visits by video
}

// RememberedChoices are the Preferences in words, in the order of their fields: what a cookie keeps for a year.
func RememberedChoices() []string {
	return []string{"your colors", "the place you searched near", "your insurance",
		"whether you look for visits by video"}
}

// PreferencesOf reads the visitor's choices.
func PreferencesOf(c echo.Context) Preferences {
	kept := cookiesOf(c).preferences
	theme := layout.ParseTheme(text(kept, "theme"))
	return Preferences{Theme: theme, Near: text(kept, "near"), Payer: text(kept, "payer"),
		Video: text(kept, "video") != ""}
}

// SetPreferences keeps the visitor's choices for a year.
func SetPreferences(c echo.Context, p Preferences) {
	if p == PreferencesOf(c) {
		return
	}
	k, video := cookiesOf(c), ""
	if p.Video {
		video = "yes"
	}
	k.preferences.Values = map[any]any{"theme": string(p.Theme), "near": clean(p.Near, 80), "payer": clean(p.Payer, 80),
		"video": video}
	k.preferencesChanged = true
}

// UpdateTheme keeps the colors that a visitor likes and returns to the page.
func UpdateTheme(c echo.Context) error {
	f, err := ReadForm(c)
	if err != nil {
		return err
	}
	p := PreferencesOf(c)
	p.Theme = layout.ParseTheme(f.Raw("theme"))
	SetPreferences(c, p)
	return Redirect(c, cmp.Or(SiteOf(c).themeReturn(f.Raw("return")), "/"))
}
