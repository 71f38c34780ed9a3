package web

import (
	"encoding/json"

	"github.com/labstack/echo/v4"

	"kindward/views/ui"
)

// Flash shows a notice on the next whole page.
func Flash(c echo.Context, notice ui.Notice) {
	k := cookiesOf(c)
	k.setNotices(append(notices(k), notice))
}

// setNotices keeps the notices for which there is room beside what was typed, the latest of them.
func (k *clientCookies) setNotices(all []ui.Notice) {
	for ; len(all) > 0; all = all[1:] {
		if raw, err := json.Marshal(all); err == nil {
			k.setTransient("flash", string(raw))
			if k.size("") <= transientSize {
				return
			}
		}
	}
	k.setTransient("flash", "")
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
