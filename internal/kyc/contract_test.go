package kyc_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"kindward/internal/kyc"
	"kindward/internal/kyc/simulator"
)

// provider is whom the contract is tried on: the simulator, or who answers at the address that the surroundings name
// (docs/tests.md).
func provider(t *testing.T) (base, key string) {
	t.Helper()
	if base = os.Getenv("KINDWARD_TEST_IDENTITY_URL"); base != "" {
		return base, os.Getenv("KINDWARD_TEST_IDENTITY_KEY")
	}
	server := httptest.NewServer(&simulator.Identity{Key: "sk_test", Step: time.Hour, Now: time.Now})
	t.Cleanup(server.Close)
	return server.URL, "sk_test"
}

func TestTheContractWithWhoeverVerifiesIdentities(t *testing.T) {
	base, key := provider(t)
	i := kyc.NewIdentity(base, key, kyc.IdentityWait)
	ctx := t.Context()
	ask := kyc.Asked{Key: uuid.NewString(), Reference: uuid.NewString(), Email: "ada@example.org",
		Back: "https://care.example.org/join"}
	made, err := i.Create(ctx, ask)
	if err != nil || made.Status != kyc.RequiresInput || made.Reference != ask.Reference ||
		!strings.HasPrefix(made.URL, "http") {
		t.Fatalf("made: %+v, %v", made, err)
	}
	if again, err := i.Create(ctx, ask); err != nil || again.ID != made.ID {
		t.Errorf("the same key: %+v, %v", again, err)
	}
	ask.Key = uuid.NewString()
	if other, err := i.Create(ctx, ask); err != nil || other.ID == made.ID {
		t.Errorf("another key: %+v, %v", other, err)
	}
	if found, err := i.Retrieve(ctx, made.ID); err != nil || found.ID != made.ID || found.Status != kyc.RequiresInput {
		t.Errorf("retrieved: %+v, %v", found, err)
	}
	if err := i.Forget(ctx, made); err != nil {
		t.Errorf("forgotten: %v", err)
	}
	if found, err := i.Retrieve(ctx, made.ID); err != nil || found.Status != kyc.Canceled {
		t.Errorf("after it was forgotten: %+v, %v", found, err)
	}
	if _, err := i.Retrieve(ctx, "vs_"+uuid.NewString()); !errors.Is(err, kyc.ErrNoSession) {
		t.Errorf("unknown: %v", err)
	}
	_, err = kyc.NewIdentity(base, "sk_wrong", kyc.IdentityWait).Create(ctx, ask)
	if !errors.Is(err, kyc.ErrUnavailable) {
		t.Errorf("with a wrong key: %v", err)
	}
}

func TestA25NobodyIsSentToPagesOfAnybodyElse(t *testing.T) {
	page := ""
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`{"id": "vs_1", "status": "requires_input", "url": "` + page + `"}`))
	}))
	defer answers.Close()
	i := kyc.NewIdentity(answers.URL, "sk", kyc.IdentityWait)
	host := strings.TrimPrefix(answers.URL, "http://")
	for _, page = range []string{"https://evil.example/", "http://127.0.0.1:1/", "http://" + host + "@evil.example/",
		"http://evil@" + host + "/", "//" + host + "/", "javascript:alert(1)", "http://" + host + ".evil.example/",
		"https://" + host + "/", "http://localhost/", "http://169.254.169.254/latest", "http://[::1]/", "ftp://" + host + "/",
		"http://" + strings.Replace(host, "127.0.0.1", "0x7f.1", 1) + "/"} {
		if s, err := i.Retrieve(t.Context(), "vs_1"); !errors.Is(err, kyc.ErrUnavailable) || s.URL != "" {
			t.Errorf("%s: %+v, %v", page, s, err)
		}
	}
	page = answers.URL + "/verify/vs_1"
	if s, err := i.Retrieve(t.Context(), "vs_1"); err != nil || s.URL != page {
		t.Errorf("control: %+v, %v", s, err)
	}
}

func TestA25OnlyTheAddressOfTheSettingIsConnectedTo(t *testing.T) {
	elsewhere := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere = true }))
	defer other.Close()
	away := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer away.Close()
	_, err := kyc.NewIdentity(away.URL, "sk", kyc.IdentityWait).Retrieve(t.Context(), "vs_1")
	if !errors.Is(err, kyc.ErrUnavailable) || elsewhere {
		t.Errorf("a redirect: %v, followed: %t", err, elsewhere)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(other.URL, "http://"), ":")
	for _, base := range []string{"https://127.1:" + port, "https://0x7f.1:" + port, "http://10.0.0.1", "https://10.0.0.1",
		"https://169.254.169.254", "https://[fd00::1]", "https://0.0.0.0:" + port} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		_, err := kyc.NewIdentity(base, "sk", kyc.IdentityWait).Retrieve(ctx, "vs_1")
		cancel()
		if !errors.Is(err, kyc.ErrUnavailable) || elsewhere {
			t.Errorf("%s: %v, connected: %t", base, err, elsewhere)
		}
	}
}
