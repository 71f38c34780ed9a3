package account

import (
	"fmt"
	"strings"
	"time"

	"kindward/handlers/web"
	"kindward/internal/identity"
	"kindward/views/ui"
)

func person(who identity.Account) ui.Summary {
	rows := ui.Summary{{Name: "Name", Value: who.Name}, {Name: "E-mail address", Value: who.Email}}
	if who.Phone != "" {
		rows = append(rows, ui.Row{Name: "Mobile number", Value: web.Phone(who.Phone)})
	}
	if who.Born != nil {
		rows = append(rows, ui.Row{Name: "Date of birth", Value: who.Born.Format("2 January 2006")})
	}
	return rows
}

// ways are how somebody signs in, in words.
func ways(f identity.Factors) ui.Summary {
	rows := ui.Summary{{Name: "Password", Value: "Set"}, {Name: "Second step", Value: "Off", Small: "Your password alone signs you in"}, {Name: "Passkeys", Value: "None"}}
	if f.TOTP {
		rows[1] = ui.Row{Name: "Second step", Value: "On, by an app", Small: leftWords(f.RecoveryLeft)}
		if f.RecoveryLeft > 1 {
			rows[1].Small = fmt.Sprintf("%d recovery codes are left", f.RecoveryLeft)
		}
	}
	if f.Passkeys > 0 {
		rows[2].Value = fmt.Sprint(f.Passkeys)
	}
	return rows
}

// devices puts this one first, then the last used.
func devices(sessions []identity.Session, this string, now time.Time) ui.Summary {
	var first, rest ui.Summary
	for _, s := range sessions {
		row := ui.Row{Name: device(s.Agent), Value: "Used " + ago(now.Sub(s.SeenAt)), Small: "Signed in " + ago(now.Sub(s.Since))}
		if s.Token == this {
			row.Value = "This device"
			first = append(first, row)
			continue
		}
		rest = append(rest, row)
	}
	return append(first, rest...)
}

// Order matters: many browsers call themselves by the names of others too.
var (
	browsers = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox", "Firefox"}, {"FxiOS", "Firefox"},
		{"CriOS", "Chrome"}, {"Chrome", "Chrome"}, {"Safari", "Safari"}}
	systems = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"CrOS", "Chromebook"},
		{"Mac OS X", "Mac"}, {"Linux", "Linux"}}
)

// device is a browser's long name for itself in words: "Firefox on Windows".
func device(agent string) string {
	browser, system := named(agent, browsers), named(agent, systems)
	switch {
	case browser != "" && system != "":
		return browser + " on " + system
	case browser != "":
		return browser
	case system != "":
		return "A program on " + system
	}
	return "A device without a name"
}

func named(agent string, names [][2]string) string {
	for _, n := range names {
		if strings.Contains(agent, n[0]) {
			return n[1]
		}
	}
	return ""
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
