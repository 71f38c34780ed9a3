package web

import (
	"encoding/json"

	"github.com/labstack/echo/v4"

	"kindward/views/ui"
)

// Flash shows a notice on the next whole page.
func Flash(c echo.Context, notice ui.Notice) {
	k := cookiesOf(c)
	raw, err := json.Marshal(append(notices(k), notice))
	if err != nil || len(raw) > transientSize {
		return
	}
	k.setTransient("flash", string(raw))
}

func notices(k *clientCookies) []ui.Notice {
	var all []ui.Notice
	if raw := text(k.transient, "flash"); raw != "" {
		_ = json.Unmarshal([]byte(raw), &all) // our own, sealed
	}
	return all
}

// takeNotices gives the waiting notices to a page, once.
func takeNotices(c echo.Context) []ui.Notice {
	k := cookiesOf(c)
	all := notices(k)
	k.setTransient("flash", "")
	return all
}
