package outside

import (
	"net/netip"
	"testing"
)

func TestA25AddressesOfThePublicNetwork(t *testing.T) {
	for _, ip := range []string{"93.184.216.34", "8.8.8.8", "2606:4700::1111"} {
		if !Public(netip.MustParseAddr(ip)) {
			t.Errorf("control: %s", ip)
		}
	}
	for _, ip := range []string{"0.0.0.0", "10.0.0.1", "100.64.1.1", "127.0.0.1", "169.254.169.254", "172.31.255.255",
		"192.0.0.1", "192.0.2.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
		"240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "64:ff9b::1", "100::1", "2001:db8::1",
		"2002:7f00:1::", "fc00::1", "fe80::1%eth0", "ff02::1", "::127.0.0.1"} {
		if Public(netip.MustParseAddr(ip)) {
			t.Errorf("%s", ip)
		}
	}
}
