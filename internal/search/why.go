package search

import (
	"math"
	"strconv"

	"kindward/internal/civil"
	"kindward/internal/money"
)

// PayerState is what a listing says about the insurance chosen.
type PayerState uint8

// The three values; PayerNotAsked if no insurance was chosen. Who refuses the chosen one is no result.
const (
	PayerNotAsked PayerState = iota
	PayerAccepted
	PayerNotStated
)

// Hit is one result: a place with the listing there that fits best.
type Hit struct {
	Listing     *Listing
	Others      []*Listing // that fit at the same place: the best [OthersRanked] first, then the rest in no order
	Km          float64    // from the patient's place; -1 if none was given
	Score       float64
	Payer       PayerState
	Interpreter bool            // the language chosen is spoken through an interpreter only
	Day         civil.DayNumber // first day asked for that has a free time ...
	Part        PartOfDay       // ... and the part of that day
	NextAt      int64           // first free time of all, unix seconds; 0 = not known
}

// What an ordinary good result looks like; Why names that in which a hit does better.
const (
	usualWaitDays = 2
	usualKm       = 5
	usualMinutes  = 60
)

// Why says in a few words what brought a hit up: its one or two strongest factors of the ranking, measured against an
// ordinary result.
func (p *Page) Why(h Hit) string {
	w, l := &p.weights, h.Listing
	wait := float64(h.Day - p.From)
	type factor struct {
		gain float64
		text string
	}
	free := math.Log(w.availability(wait) / w.availability(usualWaitDays))
	if p.Soonest.Listing == l {
		free = math.MaxFloat64 // nobody else on the page can say so
	}
	factors := [4]factor{
		{free, p.freeText(h)},
		{math.Log(w.satisfaction(float64(l.Rating), l.Ratings) * 5 / w.PriorRating), ratingText(l)},
		{math.Log(w.response(l.ResponseMinutes) / w.response(usualMinutes)), responseText(l.ResponseMinutes)},
		{-1, ""},
	}
	if h.Km >= 0 && l.Mode.Travels() && !p.Query.Telehealth {
		factors[3] = factor{math.Log(w.closeness(h.Km) / w.closeness(usualKm)), DistanceText(h.Km) + " away"}
	}
	first, second := -1, -1
	for i, f := range factors {
		switch {
		case f.text == "":
		case first < 0 || f.gain > factors[first].gain:
			first, second = i, first
		case second < 0 || f.gain > factors[second].gain:
			second = i
		}
	}
	why := factors[first].text
	if second >= 0 && factors[second].gain > 0.02 {
		why += ", " + lowerFirst(factors[second].text)
	}
	return why
}

func (p *Page) freeText(h Hit) string {
	switch {
	case p.Soonest.Listing == h.Listing && h.Km >= 0 && h.Listing.Mode.Travels() && !p.Query.Telehealth:
		return "Soonest near you"
	case p.Soonest.Listing == h.Listing:
		return "Soonest"
	case h.Day == p.Today:
		return "Free today"
	case h.Day == p.Today+1:
		return "Free tomorrow"
	}
	return "Free on " + h.Day.Date().Long()
}

func ratingText(l *Listing) string {
	if l.Ratings == 0 {
		return ""
	}
	text := strconv.FormatFloat(float64(l.Rating), 'f', 1, 32) + " from " + money.Grouped(l.Ratings) + " visit"
	if l.Ratings > 1 {
		text += "s"
	}
	return text
}

// responseText rounds how fast somebody answers to what people can mean by it; empty beyond a day.
func responseText(minutes int) string {
	switch {
	case minutes <= 0 || minutes > 24*60:
		return ""
	case minutes < 8:
		return "Replies in a few minutes"
	case minutes < 23:
		return "Replies in about 15 minutes"
	case minutes < 45:
		return "Replies in about half an hour"
	case minutes < 90:
		return "Replies in about an hour"
	case minutes <= 12*60:
		return "Replies in about " + strconv.Itoa((minutes+30)/60) + " hours"
	}
	return "Replies in about a day"
}

// Replies says how fast whoever has this listing answers; empty where that is not known, or nothing to say.
func (l *Listing) Replies() string { return responseText(l.ResponseMinutes) }

// lowerFirst joins a phrase to the one before; our phrases begin with a word or a figure.
func lowerFirst(s string) string {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return s
	}
	return string(s[0]+'a'-'A') + s[1:]
}
