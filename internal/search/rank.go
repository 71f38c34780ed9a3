package search

import "math"

// Weights are all that ranking is made of. A result's score is
//
//	relevance x availability^a x response^b x satisfaction / (1 + km/10)
//
// with every factor between 0 and 1. What organizations pay is no part of it, and cannot be: a [Listing] does not say.
type Weights struct {
	Version string // day on which these weights came into force

	NotStated   float64 // relevance if the chosen insurance is neither accepted nor refused
	Interpreter float64 // relevance if the chosen language is spoken only through an interpreter
	// OnlyYoung is the relevance of who sees no adults if nobody said how old the patient is, unless the reason is a
	// children's one.
	OnlyYoung float64

	Availability float64 // a, on 1/(1 + days of waiting/WaitDays)
	WaitDays     float64

	Response        float64 // b, on 1/(1 + minutes/ResponseMinutes)
	ResponseMinutes float64
	UnknownResponse int // minutes assumed while nobody has asked yet

	// Satisfaction is the mean rating as it would be after PriorRatings more visits of PriorRating, divided by 5:
	// one visit of five stars does not beat a thousand of 4.9.
	PriorRating, PriorRatings float64

	HalfKm float64 // the distance at which a place counts half
}

// CurrentWeights are the weights in force. Who changes one changes Version with it.
var CurrentWeights = Weights{
	Version:   "2026-11-28",
	NotStated: 0.7, Interpreter: 0.9, OnlyYoung: 0.25,
	Availability: 0.5, WaitDays: 3,
	Response: 0.2, ResponseMinutes: 120, UnknownResponse: 240,
	PriorRating: 4.3, PriorRatings: 20,
	HalfKm: 10,
}

func (w *Weights) availability(days float64) float64 {
	return math.Pow(1/(1+days/w.WaitDays), w.Availability)
}

func (w *Weights) response(minutes int) float64 {
	if minutes <= 0 {
		minutes = w.UnknownResponse
	}
	return math.Pow(1/(1+float64(minutes)/w.ResponseMinutes), w.Response)
}

func (w *Weights) satisfaction(rating float64, ratings int) float64 {
	n := float64(max(ratings, 0))
	mean := (w.PriorRating*w.PriorRatings + min(max(rating, 0), 5)*n) / (w.PriorRatings + n)
	return mean / 5
}

func (w *Weights) closeness(km float64) float64 { return 1 / (1 + km/w.HalfKm) }

// merit is the part of the score that no question changes.
func (w *Weights) merit(l *Listing) float64 {
	return w.satisfaction(float64(l.Rating), l.Ratings) * w.response(l.ResponseMinutes)
}

// slotsSearched is how many parts of days a question spans.
const slotsSearched = DaysSearched * 3

// waiting tabulates availability^a for the parts of the days searched, so that ranking a listing takes no power
// function.
func (w *Weights) waiting() (table [slotsSearched]float64) {
	for i := range table {
		table[i] = w.availability(float64(i) / 3)
	}
	return table
}
