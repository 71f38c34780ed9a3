package loopback

import "testing"

func TestAHostIsThisMachineByItsNameOrAsANumberOfTheLoopbackNetworkAlone(t *testing.T) {
	for _, host := range []string{"localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"} {
		if !Host(host) {
			t.Errorf("%s is another machine", host)
		}
	}
	for _, host := range []string{"", "localhost.example.org", "example.localhost", "127.0.0.1.example.org", "127.1",
		"0.0.0.0", "::", "10.0.0.1", "::ffff:10.0.0.1", "[::1]", "127.0.0.1:80", "localhost:80", "2130706433"} {
		if Host(host) {
			t.Errorf("%s is this machine", host)
		}
	}
}
