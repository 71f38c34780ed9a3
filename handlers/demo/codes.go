package demo

import (
	"fmt"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/views/demo"
)

// Login is somebody of the demonstration who can sign in.
type Login struct {
	Name, Email, Role, Organization string
	Secret                          string // of the authenticator app; empty where there is none
}

// step is how long a code is shown by an authenticator app (RFC 6238).
const step = 30 * time.Second

// ListCodes shows who can sign in and the codes that their authenticator apps show now. It exists only where everybody
// is invented.
func (h *Handlers) ListCodes(c echo.Context) error {
	now := web.Now(c)
	page := demo.CodesPage{Page: web.Page(c, "Logins of this demo"), Password: h.Password,
		Left: seconds(step - now.Sub(now.Truncate(step)))}
	for _, l := range h.Logins {
		line := demo.LoginLine{Name: l.Name, Email: l.Email, Role: words(l.Role), Organization: l.Organization}
		if l.Secret != "" && h.Code != nil {
			code, err := h.Code(l.Secret, now)
			if err != nil {
				return fmt.Errorf("code of %s: %w", l.Email, err)
			}
			line.Code = code[:3] + " " + code[3:]
		}
		page.Logins = append(page.Logins, line)
	}
	return web.Render(c, http.StatusOK, demo.Codes(page), demo.CodesPart)
}

func seconds(d time.Duration) string {
	if n := int(d.Round(time.Second).Seconds()); n != 1 {
		return fmt.Sprintf("%d seconds", n)
	}
	return "1 second"
}

func words(role string) string {
	if role == "" {
		return ""
	}
	out := []byte(role)
	for i, b := range out {
		if b == '_' {
			out[i] = ' '
		}
	}
	if out[0] >= 'a' && out[0] <= 'z' {
		out[0] -= 'a' - 'A'
	}
	return string(out)
}
