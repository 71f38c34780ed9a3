package web

import (
	"crypto/rand"
	"slices"

	"github.com/labstack/echo/v4"
)

// mostSearches is how many searches of one kind a session keeps: as far as somebody goes back.
const mostSearches = 20

// SearchField is the field of an address that names a search.
const SearchField = "search"

// Searches keep what somebody looked for in their session, each under a key that says nothing. What is found has an
// address by it, to which Back and Reload lead, and no address, history or log has a person's name or number.
type Searches[T comparable] struct{ slot Slot[[]keptSearch[T]] }

type keptSearch[T comparable] struct {
	Key string
	For T
}

// NewSearches declares the slot of one kind of search; the next signing in empties it.
func NewSearches[T comparable](name string) Searches[T] {
	return Searches[T]{NewSlot[[]keptSearch[T]](name, UntilSignIn)}
}

// Keep keeps a search as the last one, and gives its key. The same search again has the key that it had.
func (s Searches[T]) Keep(c echo.Context, search T) (key string, err error) {
	kept, _ := s.slot.Get(c)
	this := keptSearch[T]{rand.Text(), search}
	if i := slices.IndexFunc(kept, func(k keptSearch[T]) bool { return k.For == search }); i >= 0 {
		this = kept[i]
		kept = slices.Delete(kept, i, i+1)
	}
	kept = append(kept, this)
	return this.Key, s.slot.Set(c, kept[max(0, len(kept)-mostSearches):])
}

// Asked is the search that the address names. Named tells that it names one, and known that it is kept still.
func (s Searches[T]) Asked(c echo.Context) (search T, named, known bool) {
	key := c.QueryParam(SearchField)
	kept, _ := s.slot.Get(c)
	i := slices.IndexFunc(kept, func(k keptSearch[T]) bool { return k.Key == key })
	if i < 0 {
		return search, key != "", false
	}
	return kept[i].For, true, true
}

// Last is what was looked for last.
func (s Searches[T]) Last(c echo.Context) (search T) {
	if kept, _ := s.slot.Get(c); len(kept) > 0 {
		search = kept[len(kept)-1].For
	}
	return search
}

// ShowFound leads to the address of what a search finds. Scripts have the answer at once, and are told its address.
func ShowFound(c echo.Context, path string, show func() error) error {
	if !Partial(c) {
		return Redirect(c, path)
	}
	c.Response().Header().Set("HX-Push-Url", path)
	return show()
}
