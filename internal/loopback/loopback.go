// Package loopback tells whether an address is this machine's own.
package loopback

import (
	"net/netip"
	"strings"
)

// Host tells whether a host, without its port, is one that only this machine reaches: localhost, or a number of the
// loopback network. Other names are not looked up.
func Host(host string) bool {
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && Addr(ip)
}

// Addr is Host for an address.
func Addr(ip netip.Addr) bool { return ip.Unmap().IsLoopback() }
