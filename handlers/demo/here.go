package demo

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"kindward/handlers/web"
	"kindward/internal/loopback"
)

// passedOn are the headers of proxies. Behind one that sits on this machine, everybody seems to.
var passedOn = []string{"X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via"}

// Here lets only those pass whom check lets in.
func (h *Handlers) Here(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		web.NoStore(c)
		if err := h.check(c.Request()); err != nil {
			return err
		}
		return next(c)
	}
}

// check lets those in who sit at this machine: their connection comes from it, asks for it by a name of its own, and
// nobody passed it on. A site that is led to this address by its own name (DNS rebinding) is somebody else too.
func (h *Handlers) check(r *http.Request) error {
	if h.Everywhere {
		return nil
	}
	for _, name := range passedOn {
		if len(r.Header.Values(name)) > 0 {
			return fmt.Errorf("a demonstration's pages, asked for through a proxy: %w", web.ErrNotFound)
		}
	}
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !loopback.Addr(from.Addr()) || !ownHost(r.Host) {
		return fmt.Errorf("a demonstration's pages, asked for from elsewhere: %w", web.ErrNotFound)
	}
	return nil
}

func ownHost(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return loopback.Host(strings.Trim(host, "[]"))
}
