// Package intake is what patients are asked before a visit: versioned data for the form engine, chosen by what is known
// of the visit. It keeps nothing.
package intake

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"kindward/internal/form"
	"kindward/internal/venue"
)

//go:embed definitions
var files embed.FS

// Latest is the version by which answers begin; what is answered by another goes on by that.
const Latest = 1

// MostSaves is how often the answers of one visit may be saved: each save is a row.
const MostSaves = 200

// ErrNoVersion means that there is no such version.
var ErrNoVersion = errors.New("intake: there is no such version")

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

var loaded = sync.OnceValues(func() (map[int]*form.Form, error) {
	all := map[int]*form.Form{}
	for version := 1; version <= Latest; version++ {
		raw, err := files.ReadFile(fmt.Sprintf("definitions/%d.yaml", version))
		if err != nil {
			return nil, err
		}
		if all[version], err = Read(raw); err != nil {
			return nil, fmt.Errorf("intake: version %d: %w", version, err)
		}
	}
	return all, nil
})

// Check tells what is wrong with the definitions, if anything is. The program asks it at its start.
func Check() error { _, err := loaded(); return err }

// Read makes a form of a definition, or says what is wrong with it.
func Read(raw []byte) (*form.Form, error) {
	var file struct{ Sections []*form.Section }
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	decoder.KnownFields(true)
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	return form.Compile(facts, file.Sections...)
}

// Find is what a version asks before a visit.
func Find(version int, v Visit) (*form.Form, error) {
	all, err := loaded()
	if err != nil {
		return nil, err
	}
	f, ok := all[version]
	if !ok {
		return nil, ErrNoVersion
	}
	return f.With(map[string]string{"mode": string(v.Mode), "kind": v.kind(), "patient": v.patient(), "age": v.age()}), nil
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
