package web

import (
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// Rotating the keys of tickets, request contexts and cookies while people use the site fails nobody's request. The choice of colors, which
// only a cookie knows, outlives one rotation; a second one drops the key that it was sealed with.
func TestKeysRotateUnderTheTrafficOfPagesWithoutAFailure(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	ring := must(keys.Open(filepath.Join(t.TempDir(), "secrets.json")))
	if err := db.Owner.InstallKey(t.Context(), ring.Current()); err != nil {
		t.Fatal(err)
	}
	gateway := must(tenancy.Open(t.Context(), db.AppURL(), ring, tenancy.Options{MaxConns: 8}))
	t.Cleanup(gateway.Close)
	h := openIn(t, db, func(s *Site) { s.Gateway, s.Keys = gateway, ring })
	var asked, failed atomic.Int64
	var stop, second atomic.Bool
	var group sync.WaitGroup
	for range 4 {
		b, who := h.browser(t), h.person(t)
		b.become(who)
		b.post("/theme", url.Values{"theme": {"dark"}, "return": {"/"}})
		group.Go(func() {
			for !stop.Load() {
				mine, page := b.get("/bookings"), b.get("/")
				asked.Add(2)
				if mine.StatusCode != 200 || !strings.Contains(mine.body, who.Email) || page.StatusCode != 200 || !second.Load() && !strings.Contains(page.body, `data-theme="dark"`) {
					if failed.Add(1) < 5 {
						t.Errorf("%d %.80q %d", mine.StatusCode, mine.body, page.StatusCode)
					}
				}
			}
		})
	}
	for n := range 2 {
		time.Sleep(700 * time.Millisecond)
		second.Store(n == 1)
		if err := ring.Rotate(func(k keys.Key) error { return db.Owner.InstallKey(t.Context(), k) }); err != nil {
			t.Error(err)
		}
		if b := h.browser(t); b.get("/").StatusCode != 200 {
			t.Error("a new visitor is turned away")
		}
	}
	time.Sleep(700 * time.Millisecond)
	stop.Store(true)
	group.Wait()
	t.Logf("%d requests over 3 keys, %d failed", asked.Load(), failed.Load())
}
