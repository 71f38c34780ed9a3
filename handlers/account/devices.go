package account

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/civil"
	"kindward/internal/identity"
	"kindward/queries/shareddb"
	view "kindward/views/account"
	"kindward/views/ui"
)

func person(who identity.Account) ui.Summary {
	rows := ui.Summary{{Name: "Name", Value: who.Name},
		{Name: "Email address", Value: who.Email, Change: &ui.Way{Text: "Change", Href: "/account/email"}}}
	if who.Phone != "" {
		rows = append(rows, ui.Row{Name: "Mobile number", Value: web.Phone(who.Phone)})
	}
	if who.Born != nil {
		rows = append(rows, ui.Row{Name: "Date of birth", Value: civil.DateOf(*who.Born).Text()})
	}
	return rows
}

// ways are how somebody signs in, in words.
func ways(f shareddb.FactorsRow) ui.Summary {
	rows := ui.Summary{{Name: "Password", Value: "Set"},
		{Name: "Second step", Value: "Off", Small: "Your password alone signs you in"}, {Name: "Passkeys", Value: "None"}}
	if f.TOTP {
		rows[1] = ui.Row{Name: "Second step", Value: "On, by an app",
			Small: fmt.Sprintf("%d recovery codes are left", f.RecoveryLeft)}
		switch f.RecoveryLeft {
		case 0:
			rows[1].Small = "No recovery code is left: make new ones"
		case 1:
			rows[1].Small = "One recovery code is left"
		}
	}
	if f.Passkeys > 0 {
		rows[2].Value = fmt.Sprint(f.Passkeys)
	}
	return rows
}

// devices puts this one first, then the last used.
func devices(sessions []shareddb.SessionsRow, this uuid.UUID, now time.Time) []view.Device {
	var first, rest []view.Device
	for _, s := range sessions {
		d := view.Device{Name: identity.BrowserName(s.UserAgent), Used: "Used " + ago(now.Sub(s.LastSeenAt)),
			Since: "Signed in " + ago(now.Sub(s.CreatedAt))}
		if s.ID == this {
			d.Used = "This device"
			first = append(first, d)
			continue
		}
		d.End = "/account/devices/" + s.ID.String() + "/revocation"
		rest = append(rest, d)
	}
	return append(first, rest...)
}

// known are the browsers that need no email any more.
func known(all []shareddb.DevicesRow, now time.Time) ui.Summary {
	var rows ui.Summary
	for _, b := range all {
		rows = append(rows, ui.Row{Name: identity.BrowserName(b.Agent), Value: "Last sign-in " + ago(now.Sub(b.LastSeenAt)),
			Small: "First sign-in " + ago(now.Sub(b.FirstSeenAt))})
	}
	return rows
}

// RevokeDevice signs one other device out, now. This one is signed out as its own button does it.
func (h Handlers) RevokeDevice(c echo.Context) error {
	who, err := web.RequireAccount(c)
	if err != nil {
		return err
	}
	id, err := web.ID(c, "session")
	if err != nil {
		return err
	}
	if id == web.ThisSession(c) {
		return h.DeleteSession(c)
	}
	_, err = own(c, who.ID).EndSession(c.Request().Context(), web.Now(c), id)
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("no such session of theirs: %w", web.ErrNotFound)
	}
	if err != nil {
		return err
	}
	web.Flash(c, ui.Notice{Text: "That device is signed out.", Done: true})
	return web.Redirect(c, "/account")
}

func ago(d time.Duration) string {
	several := func(n int, one string) string {
		if n == 1 {
			return "1 " + one + " ago"
		}
		return fmt.Sprintf("%d %ss ago", n, one)
	}
	switch {
	case d < 2*time.Minute:
		return "just now"
	case d < time.Hour:
		return several(int(d.Minutes()), "minute")
	case d < 24*time.Hour:
		return several(int(d.Hours()), "hour")
	}
	return several(int(d.Hours()/24), "day")
}
