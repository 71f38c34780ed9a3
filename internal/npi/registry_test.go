package npi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"kindward/internal/npi"
	"kindward/internal/npi/simulator"
)

func TestTheRegistryIsUnderstoodWhateverItAnswers(t *testing.T) {
	registry := &simulator.Registry{}
	server := httptest.NewServer(registry)
	defer server.CloseClientConnections()
	ours := npi.NewRegistry(server.URL + "/api/")
	for b, want := range map[simulator.Behavior]error{simulator.Found: nil, simulator.Person: nil,
		simulator.Deactivated: nil, simulator.NotFound: npi.ErrUnknown, simulator.Slow: npi.ErrUnavailable,
		simulator.Hangs: npi.ErrUnavailable, simulator.Unavailable: npi.ErrUnavailable,
		simulator.TooMany: npi.ErrUnavailable, simulator.Garbage: npi.ErrUnavailable, simulator.Cut: npi.ErrUnavailable,
		simulator.Another: npi.ErrUnavailable, simulator.Refused: npi.ErrUnavailable,
		simulator.Flaky: npi.ErrUnavailable, simulator.Retired: nil, simulator.OtherGone: npi.ErrUnavailable} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond) // Slow takes longer
		number := simulator.Number(b, 1)
		got, err := ours.Find(ctx, number)
		cancel()
		if !errors.Is(err, want) || registry.Asked(number) != 1 {
			t.Errorf("behavior %d: %+v, %v, not %v", b, got, err, want)
		}
		gone := b == simulator.Deactivated
		if want == nil && (got.Organization != (b != simulator.Person && !gone) ||
			got.Active != (!gone && b != simulator.Retired)) {
			t.Errorf("behavior %d: %+v", b, got)
		}
	}
	got, err := ours.Find(t.Context(), "1234567893")
	want := npi.Record{Number: "1234567893", Name: "Harbor Health 7893", Organization: true, Active: true,
		Street: "12 Hope St", Suite: "STE 200", City: "Providence", State: "RI", ZIP: "02906", Phone: "401-555-0142",
		OfficialFirst: "ADA", OfficialLast: "MEDEIROS"}
	if err != nil || got != want {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = ours.Find(t.Context(), "1234567890")
	if !errors.Is(err, npi.ErrUnknown) || registry.Asked("1234567890") != 0 {
		t.Errorf("a number that can be nobody's: %v", err)
	}
	for range 2 {
		_, err = ours.Find(t.Context(), simulator.Number(simulator.Flaky, 1))
	}
	if err != nil {
		t.Errorf("the third time: %v", err)
	}
}

func TestA25NoRedirectOfTheRegistryIsFollowed(t *testing.T) {
	var elsewhere bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere = true }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusFound))
	defer server.Close()
	_, err := npi.NewRegistry(server.URL).Find(t.Context(), "1234567893")
	if !errors.Is(err, npi.ErrUnavailable) || elsewhere {
		t.Errorf("%v, asked elsewhere: %t", err, elsewhere)
	}
}

func TestF08AnAnswerWithoutWhatDecidesIsNoRefusal(t *testing.T) {
	const right = `{"result_count":1,"results":[{"number":"1234567893","enumeration_type":"NPI-2",` +
		`"basic":{"status":"A","organization_name":"Harbor Health"}}]}`
	var said string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(said))
	}))
	defer server.Close()
	ours := npi.NewRegistry(server.URL)
	find := func(answer string) error {
		said = answer
		_, err := ours.Find(t.Context(), "1234567893")
		return err
	}
	for _, without := range []string{`"enumeration_type":"NPI-2",`, `"status":"A",`, `"result_count":1,`, `NPI-2`} {
		if err := find(strings.Replace(right, without, "", 1)); !errors.Is(err, npi.ErrUnavailable) {
			t.Errorf("without %s: %v", without, err)
		}
	}
	for _, answer := range []string{`{"result_count":0}`, `{"result_count":0,"results":null}`, `{}`, `null`, `[]`,
		`{"result_count":2,"results":[]}`, strings.Replace(right, `:1,`, `:0,`, 1)} {
		if err := find(answer); !errors.Is(err, npi.ErrUnavailable) {
			t.Errorf("%s: %v", answer, err)
		}
	}
	if err := find(right); err != nil {
		t.Errorf("control: %v", err)
	}
	if err := find(`{"result_count":0,"results":[]}`); !errors.Is(err, npi.ErrUnknown) {
		t.Errorf("control: %v", err)
	}
}
