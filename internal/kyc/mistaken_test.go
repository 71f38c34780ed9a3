package kyc

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kindward/internal/civil"
)

func TestA26ASignatureIsOfItsTimeAndAnEmptySecretSignsNothing(t *testing.T) {
	now, body := time.Date(2027, 3, 5, 12, 0, 0, 0, time.UTC), []byte(`{"id": "evt_1"}`)
	header := func(at time.Time, secret string, signed time.Time) string {
		return fmt.Sprintf("t=%d,v1=%s", at.Unix(), hex.EncodeToString(Signature(secret, signed.Unix(), body)))
	}
	for what, header := range map[string]string{"an empty secret's": header(now, "", now),
		"one of yesterday under the time of now": header(now, "right", now.AddDate(0, 0, -1))} {
		if _, err := ReadHint([]string{"", "right"}, header, body, now); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	hint, err := ReadHint([]string{"", "right"}, header(now, "right", now), body, now)
	if err != nil || hint.Event != "evt_1" {
		t.Errorf("control: %+v, %v", hint, err)
	}
}

func TestA25OfTheProviderItselfOnlyItsOwnPagesAreLedTo(t *testing.T) {
	i := &Identity{base: IdentityURL}
	for _, page := range []string{"http://verify.stripe.com/start/a", "https://verify.stripe.com.evil.example/a",
		"https://api.stripe.com/a", "https://evil@verify.stripe.com/a", "https://verify.stripe.com:444/a",
		"https://verify.stripe.com/" + strings.Repeat("a", longestPage)} {
		if i.leadsThere(page) {
			t.Errorf("%.60s", page)
		}
	}
	if !i.leadsThere("https://verify.stripe.com/start/a") {
		t.Error("control: its own")
	}
}

func TestAnAnswerAboutSomethingElseCountsForNothing(t *testing.T) {
	said := ""
	answers := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(said))
	}))
	defer answers.Close()
	verify := func(of, session string) Finding {
		said = of
		ours := Person{Application: "ours", Name: "Ada Quill"}
		return NewIdentity(answers.URL, "sk", IdentityWait).Verify(t.Context(), ours,
			Finding{Facts: map[string]string{FactSession: session}})
	}
	const verified = `{"id": %q, "status": "verified", "client_reference_id": %q,
		"verified_outputs": {"first_name": "Ada", "last_name": "Quill"}}`
	for of, session := range map[string]string{fmt.Sprintf(verified, "vs_2", "ours"): "vs_1",
		fmt.Sprintf(verified, "vs_1", "theirs"): "vs_1", fmt.Sprintf(verified, "", "ours"): ""} {
		if got := verify(of, session); got.Result != Error {
			t.Errorf("%s: %+v", of, got)
		}
	}
	if got := verify(fmt.Sprintf(verified, "vs_1", "ours"), "vs_1"); got.Result != Pass {
		t.Errorf("control: %+v", got)
	}
	for license, want := range map[string]Result{"MA 1": Error, "RI 2": Error, "RI 1": Pass} {
		state, number, _ := strings.Cut(license, " ")
		said = fmt.Sprintf(`{"state": %q, "number": %q, "name": "Harbor", "status": "active", "issued_on": "2026-01-01",
			"expires_on": "2028-01-01"}`, state, number)
		today, _ := civil.ParseDate("2027-03-05")
		if got := NewLicenses(answers.URL).Check(t.Context(), "RI", "1", "Harbor", today); got.Result != want {
			t.Errorf("%s: %+v", license, got)
		}
	}
}
