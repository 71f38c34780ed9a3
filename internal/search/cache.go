package search

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"kindward/internal/civil"
)

// Live owns the snapshot that is searched: readers never wait, writers take turns. It keeps ranked pages for a short
// life, each computed once however many ask at the same moment. A page holds no free times; what a patient may book is
// never taken from here.
type Live struct {
	shown  atomic.Pointer[shown]
	change sync.Mutex
	pages  *otter.Cache[pageKey, *Page]
}

// shown is a snapshot with the count of the builds before it.
type shown struct {
	ix    *Index
	build uint64
}

// pageKey names one answer. A new build, or a change of one of the query's reasons, makes another key: nothing
// stale is found, and what is stale dies of its age. today turns at midnight of the visitor's zone.
type pageKey struct {
	build, generation uint64
	today             civil.DayNumber
	query             string
}

// NewLive shows a first snapshot. life is how old a page may get (seconds, not minutes: it ages with the clock), pages
// how many are kept.
func NewLive(ix *Index, life time.Duration, pages int) (*Live, error) {
	if ix == nil || life <= 0 || pages <= 0 {
		return nil, errors.New("search: a live index needs a snapshot, a life and room for pages")
	}
	cache, err := otter.New(&otter.Options[pageKey, *Page]{MaximumSize: pages,
		ExpiryCalculator: otter.ExpiryWriting[pageKey, *Page](life)})
	if err != nil {
		return nil, fmt.Errorf("search: page cache: %w", err)
	}
	l := &Live{pages: cache}
	l.shown.Store(&shown{ix: ix})
	return l, nil
}

// Close ends the cache's housekeeping.
func (l *Live) Close() { l.pages.StopAllGoroutines() }

// Index is the snapshot of this moment.
func (l *Live) Index() *Index { return l.shown.Load().ix }

// Replace shows another build.
func (l *Live) Replace(ix *Index) {
	l.change.Lock()
	defer l.change.Unlock()
	l.shown.Store(&shown{ix, l.shown.Load().build + 1})
	l.pages.InvalidateAll() // frees what the old listings hold; that none is served is the key's doing
}

// Update shows other times for some listings.
func (l *Live) Update(changes []Availability) {
	l.change.Lock()
	defer l.change.Unlock()
	old := l.shown.Load()
	l.shown.Store(&shown{old.ix.WithAvailability(changes), old.build})
}

// Change shows a snapshot that was made of the one that is shown, by [Index.withListings]: pages about reasons that it
// did not touch stay.
func (l *Live) Change(ix *Index) {
	l.change.Lock()
	defer l.change.Unlock()
	l.shown.Store(&shown{ix, l.shown.Load().build})
}

// Search is [Index.Search] on the snapshot of this moment, from the cache if it was asked within a page's life. The
// page is shared. The error is that of ctx.
func (l *Live) Search(ctx context.Context, w Query, now time.Time) (*Page, error) {
	s := l.shown.Load()
	key := pageKey{s.build, s.ix.generation(&w), civil.NumberOf(now), w.Key()}
	return l.pages.Get(ctx, key, otter.LoaderFunc[pageKey, *Page](func(context.Context, pageKey) (*Page, error) {
		page := s.ix.Search(w, now)
		return &page, nil
	}))
}

// generation grows with every change of times or listings that concerns the query.
func (ix *Index) generation(w *Query) (sum uint64) {
	for _, code := range w.Reasons {
		if g, known := ix.lexicon.byCode[code]; known {
			sum += ix.groups[g].generation
		}
	}
	return sum
}
