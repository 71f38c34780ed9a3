// Package simulator is a registry of National Provider Identifiers that answers as the real one does over HTTP. Of
// numbers that it has for it, it answers late, wrongly or not at all. Demonstrations and tests ask it.
package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"kindward/internal/npi"
)

// Behavior is how the simulator answers about a number.
type Behavior int

// The behaviors. Whatever number is not made for one is found, and is an organization's.
const (
	Found Behavior = iota
	Person
	Deactivated // 200 and Errors, as of a number whose record is gone
	NotFound
	Slow        // after SlowFor
	Hangs       // never
	Unavailable // 503
	TooMany     // 429, with when to come back
	Garbage     // 200 and no JSON
	Cut         // half of the right answer
	Another     // the right answer about another number
	Refused     // 200 and Errors, as of a wrong question
	Flaky       // 503 twice, then found
	Retired     // a record that says that it is not active
	OtherGone   // Errors that say that another number is deactivated
)

// Behaviors is how many there are.
const Behaviors = 15

// SlowFor is how long a slow answer takes.
const SlowFor = 2 * time.Second

// Number is the nth number for which it behaves so.
func Number(b Behavior, nth int) string { return npi.Made(fmt.Sprintf("1888%02d%03d", b, nth)) }

// Registry is the simulator. It counts what it was asked.
type Registry struct {
	mu    sync.Mutex
	asked map[string]int
	down  bool
}

// Asked is how often it was asked about a number.
func (r *Registry) Asked(number string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked[number]
}

// Down lets it answer 503 to everything, or not any more.
func (r *Registry) Down(down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
}

func (r *Registry) count(number string) (times int, down bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked == nil {
		r.asked = map[string]int{}
	}
	r.asked[number]++
	return r.asked[number], r.down
}

// behavior is what a number is made for.
func behavior(number string) Behavior {
	var b, nth int
	if n, _ := fmt.Sscanf(number, "1888%02d%03d", &b, &nth); n == 2 && b < Behaviors {
		return Behavior(b)
	}
	return Found
}

// ServeHTTP answers GET ?version=2.1&number=….
func (r *Registry) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	number := q.URL.Query().Get("number")
	w.Header().Set("Content-Type", "application/json")
	if q.URL.Query().Get("version") != "2.1" || !npi.Valid(number) {
		say(w, map[string]any{"Errors": []any{map[string]string{"description": "Value is invalid", "field": "number",
			"number": "06"}}})
		return
	}
	times, down := r.count(number)
	if down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	answer(w, q, number, times)
}

func answer(w http.ResponseWriter, q *http.Request, number string, times int) {
	switch behavior(number) {
	case NotFound:
		say(w, map[string]any{"result_count": 0, "results": []any{}})
	case Slow:
		wait(q, SlowFor)
		say(w, record(number, "NPI-2", "A"))
	case Hangs:
		wait(q, time.Hour)
	case Unavailable:
		http.Error(w, "down", http.StatusServiceUnavailable)
	case TooMany:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "too many", http.StatusTooManyRequests)
	case Garbage:
		_, _ = w.Write([]byte("<html>Maintenance</html>"))
	case Cut:
		raw, _ := json.Marshal(record(number, "NPI-2", "A"))
		_, _ = w.Write(raw[:len(raw)/2])
	case Another:
		say(w, record(Number(Found, 7), "NPI-2", "A"))
	case Refused:
		say(w, map[string]any{"Errors": []any{map[string]string{"description": "Unknown error"}}})
	case Person:
		say(w, record(number, "NPI-1", "A"))
	case Deactivated:
		say(w, deactivated(number))
	case Retired:
		say(w, record(number, "NPI-2", "D"))
	case OtherGone:
		say(w, deactivated(Number(Found, 7)))
	case Flaky:
		if times < 3 {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		say(w, record(number, "NPI-2", "A"))
	default:
		say(w, record(number, "NPI-2", "A"))
	}
}

func wait(q *http.Request, long time.Duration) {
	select {
	case <-q.Context().Done():
	case <-time.After(long):
	}
}

func say(w http.ResponseWriter, what any) { _ = json.NewEncoder(w).Encode(what) }

// deactivated is what the registry answers about a number of which it publishes nothing any more.
func deactivated(number string) map[string]any {
	return map[string]any{"Errors": []any{map[string]string{
		"description": "CMS deactivated NPI " + number + ". The associated public record is no longer available.",
		"field":       "number", "number": number}}}
}

// record is an answer in the form of the registry's version 2.1.
func record(number, kind, status string) map[string]any {
	return map[string]any{"result_count": 1, "results": []any{map[string]any{
		"number": number, "enumeration_type": kind, "created_epoch": "1199145600000",
		"basic": map[string]string{"organization_name": "Harbor Health " + number[6:], "first_name": "ADA",
			"last_name": "MEDEIROS", "status": status, "enumeration_date": "2008-01-01",
			"authorized_official_first_name": "ADA", "authorized_official_last_name": "MEDEIROS"},
		"addresses": []any{
			map[string]string{"address_purpose": "MAILING", "address_1": "PO Box 1", "city": "Boston", "state": "MA",
				"postal_code": "021100001", "telephone_number": "617-555-0100"},
			map[string]string{"address_purpose": "LOCATION", "address_1": "12 Hope St", "address_2": "STE 200",
				"city": "Providence", "state": "RI", "postal_code": "029060001", "telephone_number": "401-555-0142"}},
		"taxonomies": []any{map[string]any{"code": "291U00000X", "desc": "Clinical Medical Laboratory", "primary": true,
			"state": "RI", "license": "LCI01234"}},
	}}}
}
