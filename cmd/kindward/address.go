package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"kindward/internal/loopback"
)

// baseURL is how visitors reach us, written as browsers write an origin: links in emails, cookies and the check of
// where a form comes from follow from it.
func (c config) baseURL(addr string) (*url.URL, error) {
	if c.BaseURL == "" {
		return url.Parse("http://" + addr)
	}
	u, err := url.Parse(c.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("KINDWARD_BASE_URL: %q is not an address like https://care.example.org", redacted(u))
	}
	if strings.ContainsAny(c.BaseURL, "?#@") || strings.Trim(u.Path, "/") != "" {
		return nil, fmt.Errorf("KINDWARD_BASE_URL: %q has more than a host and a port; Kindward answers at the root of its host, like https://care.example.org",
			redacted(u))
	}
	host, err := originHost(u)
	if err != nil {
		return nil, fmt.Errorf("KINDWARD_BASE_URL: %w", err)
	}
	return &url.URL{Scheme: u.Scheme, Host: host}, nil
}

// redacted is an address without the password that it may have.
func redacted(u *url.URL) string {
	if u == nil {
		return "it"
	}
	return u.Redacted()
}

var domainName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// originHost is the host in lower case, with its port unless that follows from the scheme.
func originHost(u *url.URL) (string, error) {
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	ip, err := netip.ParseAddr(host)
	switch {
	case err == nil && ip.Zone() == "":
		host = ip.String()
	case !domainName.MatchString(host):
		return "", fmt.Errorf("%q is not the name of a host; write one of other letters in its xn-- form", host)
	}
	port := u.Port()
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return "", fmt.Errorf("%q is not a port", port)
		}
		port = strconv.FormatUint(n, 10)
	}
	switch {
	case port != "" && port != map[string]string{"http": "80", "https": "443"}[u.Scheme]:
		return net.JoinHostPort(host, port), nil
	case ip.Is6():
		return "[" + host + "]", nil
	}
	return host, nil
}

// checkServing refuses settings with which people would be served without https: cookies that any network may read,
// links in emails that lead nowhere. local says that only this machine is to be served.
func (c config) checkServing(local bool) error {
	u, err := c.baseURL(c.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", c.Addr, err)
	}
	if !local && u.Scheme != "https" {
		return errors.New("KINDWARD_BASE_URL: serve and work need the https address under which people reach them, " +
			"such as https://care.example.org; to try them on this machine alone, start them with --local")
	}
	if local && !(loopback.Host(u.Hostname()) && loopback.Host(hostOf(c.Addr))) {
		return errors.New("--local serves this machine alone: KINDWARD_ADDR, and KINDWARD_BASE_URL if it is set, " +
			"must have the host localhost or 127.0.0.1")
	}
	return nil
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return ""
	}
	return host
}

// named calls this machine by its name: passkeys belong to names, not to numbers.
func named(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if err == nil && loopback.Host(host) {
		return net.JoinHostPort("localhost", port)
	}
	return addr
}

// warnOfAdministrator says what a process that serves does not need to know.
func (b *base) warnOfAdministrator() {
	u, err := url.Parse(b.DatabaseURL)
	if err != nil {
		return
	}
	if _, has := u.User.Password(); has {
		b.log.Warn("the administrator's password is in the environment of a process that serves",
			"do", "leave user and password out of DATABASE_URL for serve and work (postgres://host:port/database): "+
				"they sign in as their own roles, and kindward migrate alone needs the administrator")
	}
}
