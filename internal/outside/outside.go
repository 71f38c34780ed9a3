// Package outside asks machines that are not ours over HTTP, whatever somebody has typed or a name stands for: only
// the public network is connected to, and only as long and for as much as is wanted (A25).
package outside

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"

	"kindward/internal/loopback"
)

// ErrPrivate means that something leads into a network that is not the public one, or there without TLS.
var ErrPrivate = errors.New("an address that is not of the public network")

// Options say how far a client may go.
type Options struct {
	ThisMachine bool          // it may be asked too, and without TLS
	Time        time.Duration // for one request, from the name to the last byte
	Size        int64         // of an answer; what is longer is cut off
}

const connecting = 4 * time.Second

// Client makes a client that is judged by the address that is really connected to and not by the name. It follows no
// redirects and uses no proxy.
func Client(o Options) *http.Client {
	dialer := &net.Dialer{Timeout: connecting, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !Public(at.Addr()) && !(o.ThisMachine && loopback.Addr(at.Addr())) {
			return fmt.Errorf("%w: %s", ErrPrivate, address)
		}
		return nil
	}}
	return &http.Client{
		Timeout:       o.Time,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: bounded{o, &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true,
			TLSHandshakeTimeout: connecting, ResponseHeaderTimeout: o.Time, MaxResponseHeaderBytes: 64 << 10,
			ForceAttemptHTTP2: true}},
	}
}

// ClientFor makes the client for the address of a setting: one on this machine may be asked only if the setting itself
// names this machine.
func ClientFor(address string, long time.Duration, size int64) *http.Client {
	u, err := url.Parse(address)
	return Client(Options{ThisMachine: err == nil && loopback.Host(u.Hostname()), Time: long, Size: size})
}

// bounded lets through requests by TLS, and of an answer no more than its size.
type bounded struct {
	Options
	next http.RoundTripper
}

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !(b.ThisMachine && loopback.Host(r.URL.Hostname())) {
		return nil, fmt.Errorf("%w: %s without TLS", ErrPrivate, r.URL.Host)
	}
	res, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body := res.Body
	res.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(body, b.Size), body}
	return res, nil
}

// notPublic are the networks of RFC 6890 and its like that net/netip has no word for.
var notPublic = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"198.18.0.0/15",
	"198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23",
	"2001:db8::/32", "2002::/16", "fec0::/10", "::/96")

// Public tells whether an address is one of the internet, to which anybody may connect.
func Public(ip netip.Addr) bool {
	ip = ip.WithZone("").Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

func prefixes(all ...string) (out []netip.Prefix) {
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}
