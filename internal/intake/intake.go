// Package intake is what patients are asked before a visit: versioned data for the form engine, chosen by what is known
// of the visit. Versions come with the program, and behind them those that the platform's staff have published.
package intake

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"kindward/internal/form"
	"kindward/internal/venue"
)

//go:embed definitions
var files embed.FS

// Latest is the last version that comes with the program.
const Latest = 1

// MostSaves is how often the answers of one visit may be saved: each save is a row.
const MostSaves = 200

// Visit is what the questions are chosen by.
type Visit struct {
	Mode   venue.Mode
	Reason string // the code of its service
	New    bool
	Born   *time.Time // nil: not known
	Start  time.Time
}

// facts are what conditions may know, and all values of each.
var facts = map[string][]string{
	"mode":    venue.Modes(),
	"kind":    {"visit", "blood_test", "test", "home_care"},
	"patient": {"new", "existing"},
	"age":     {"child", "teen", "adult", "older", "unknown"},
}

// bloodTests are the services of laboratories for which blood is drawn.
var bloodTests = strings.Fields("L01 L02 L03 L04 L05 L06 L07 L08 L09 L10 L11 L14 L15 L16 L17 L19 L20 L24 L38")

var loaded = sync.OnceValues(func() (map[int]*Definition, error) {
	all := map[int]*Definition{}
	for version := 1; version <= Latest; version++ {
		raw, err := Text(version)
		if err != nil {
			return nil, err
		}
		if all[version], err = Read(raw); err != nil {
			return nil, fmt.Errorf("intake: version %d: %w", version, err)
		}
	}
	return all, nil
})

// Text is a version that comes with the program, as it is written.
func Text(version int) (string, error) {
	raw, err := files.ReadFile(fmt.Sprintf("definitions/%d.yaml", version))
	return string(raw), err
}

// Check tells what is wrong with the definitions, if anything is. The program asks it at its start.
func Check() error { _, err := loaded(); return err }

// Definition is what may be asked before visits, in one version, with its test cases.
type Definition struct {
	Text  string // as it is written
	Form  *form.Form
	Cases []form.Case
}

// Facts are what conditions may know beside the answers, with all values of each.
func Facts() map[string][]string { return facts }

// Given is what conditions know of a visit.
func (v Visit) Given() map[string]string {
	return map[string]string{"mode": string(v.Mode), "kind": v.kind(), "patient": v.patient(), "age": v.age()}
}

func (v Visit) kind() string {
	switch {
	case slices.Contains(bloodTests, v.Reason):
		return "blood_test"
	case strings.HasPrefix(v.Reason, "L"):
		return "test"
	case strings.HasPrefix(v.Reason, "H"):
		return "home_care"
	}
	return "visit"
}

func (v Visit) patient() string {
	if v.New {
		return "new"
	}
	return "existing"
}

// age is the group of whoever is seen, on the day of the visit.
func (v Visit) age() string {
	if v.Born == nil {
		return "unknown"
	}
	years := v.Start.Year() - v.Born.Year()
	if v.Start.Month() < v.Born.Month() || v.Start.Month() == v.Born.Month() && v.Start.Day() < v.Born.Day() {
		years--
	}
	switch {
	case years < 12:
		return "child"
	case years < 18:
		return "teen"
	case years < 56:
		return "adult"
	}
	return "older"
}
