package identity

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"kindward/internal/outside"
	"kindward/internal/tenancy"
)

// based is a deployment that is reached at an address; it has no database.
func based(t *testing.T, address string) SSOClient {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return SSOClient{Base: u}
}

func TestA25OnlyProvidersOfThePublicNetworkMayBeNamed(t *testing.T) {
	site, own := based(t, "https://care.example.org"), based(t, "http://127.0.0.1:8080")
	for _, address := range []string{"https://login.example.org", "https://login.example.org/realms/clinic",
		"https://login.example.org:8443/", "https://93.184.216.34/x"} {
		if !site.MayAsk(address) {
			t.Errorf("control: %q is refused", address)
		}
	}
	for _, address := range []string{
		"", "login.example.org", "//login.example.org", "http://login.example.org", "ftp://login.example.org",
		"javascript:alert(1)", "file:///etc/passwd", "https://", "https:///x", "https:login.example.org",
		"https://user@login.example.org", "https://good:pass@evil.example.org", "https://login.example.org?x=1",
		"https://login.example.org?", "https://login.example.org#x", "https://login.example.org#",
		"https://login.example.org\\@evil.example.org", "https://login example.org", "https://login.example.org/\r\nHost: x",
		"https://login.example.org/\u202e", "https://" + strings.Repeat("a", 400) + ".org",
		"https://127.0.0.1", "https://[::1]", "https://10.1.2.3", "https://172.16.0.1", "https://192.168.1.1",
		"https://169.254.169.254/latest", "https://100.64.0.1", "https://0.0.0.0", "https://[fe80::1]",
		"https://[fd00::1]", "https://[::ffff:127.0.0.1]", "https://[::ffff:169.254.169.254]", "https://[64:ff9b::7f00:1]",
		"https://224.0.0.1", "https://255.255.255.255", "http://127.0.0.1:9", "http://localhost:9",
	} {
		if site.MayAsk(address) {
			t.Errorf("%q may be asked", address)
		}
	}
	if !own.MayAsk("http://127.0.0.1:9") || !own.MayAsk("http://localhost:9/x") || own.MayAsk("http://10.1.2.3") ||
		own.MayAsk("http://login.example.org") {
		t.Error("the demonstration on this machine may ask this machine, and nobody else without TLS")
	}
	for _, base := range []string{"http://care.example.org", "https://127.0.0.1", "http://192.168.1.7:8080"} {
		if based(t, base).MayAsk("http://127.0.0.1:9") {
			t.Errorf("a site at %s may ask its own machine", base)
		}
	}
}

func TestA25TheAddressThatIsConnectedToIsJudged(t *testing.T) {
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was asked") }))
	t.Cleanup(inside.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(inside.URL, "https://"), ":")
	site := based(t, "https://care.example.org")
	// A name, numbers in other spellings: all end at this machine.
	for _, host := range []string{"127.0.0.1", "localhost", "127.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]",
		"0.0.0.0"} {
		res, err := site.http().Get("https://" + host + ":" + port)
		if err == nil {
			_ = res.Body.Close()
			t.Errorf("%s was connected to", host)
		}
		if host == "127.0.0.1" && !errors.Is(err, outside.ErrPrivate) {
			t.Errorf("refused for another reason: %v", err)
		}
	}
	if _, err := site.http().Get("http://login.example.org"); !errors.Is(err, outside.ErrPrivate) {
		t.Errorf("without TLS: %v", err)
	}
	if _, err := site.provider(context.Background(), tenancy.Tenant{}, SSO{Issuer: inside.URL}, ""); !errors.Is(err,
		ErrNotAnswer) {
		t.Errorf("a provider inside: %v", err)
	}
}

func TestAProviderCannotSendUsElsewhereNorFloodUs(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(other.Close)
	flood := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/away" {
			http.Redirect(w, r, other.URL, http.StatusFound)
			return
		}
		line := strings.Repeat("a", 64<<10)
		for range 64 {
			_, _ = io.WriteString(w, line)
		}
	}))
	t.Cleanup(flood.Close)
	client := based(t, "http://127.0.0.1:8080").http()
	res, err := client.Get(flood.URL + "/away")
	if err != nil || res.StatusCode != http.StatusFound || asked > 0 {
		t.Fatal(err, asked)
	}
	_ = res.Body.Close()
	if res, err = client.Get(flood.URL); err != nil {
		t.Fatal(err)
	}
	raw, _ := io.ReadAll(res.Body)
	_ = res.Body.Close()
	if len(raw) != providerSize {
		t.Errorf("%d bytes were read", len(raw))
	}
}
