package web_test

import (
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"kindward/handlers/web"
	"kindward/internal/keys"
	"kindward/internal/pgtest"
	"kindward/internal/tenancy"
)

// Rotating the keys of tickets, request contexts and cookies while people use the site fails nobody's request. The
// choice of colors, which only a cookie knows, outlives one rotation; a second one drops the key that it was sealed
// with.
func TestKeysRotateUnderTheTrafficOfPagesWithoutAFailure(t *testing.T) {
	db := pgtest.Fresh(t, tenancy.Options{})
	ring := must(keys.Open(filepath.Join(t.TempDir(), "secrets.json")))
	if err := db.Owner.InstallKey(t.Context(), ring.Current()); err != nil {
		t.Fatal(err)
	}
	gateway := must(tenancy.Open(t.Context(), db.AppURL(), ring, tenancy.Options{MaxConns: 12, Wait: time.Minute,
		IdentityPassword: db.Keys.Password("kindward_identity")}))
	t.Cleanup(gateway.Close)
	site := openIn(t, db, func(s *web.Site) { s.Gateway, s.Keys = gateway, ring })
	var asked, failed atomic.Int64
	var stop, second atomic.Bool
	var group sync.WaitGroup
	for range 4 {
		b, who := site.Visitor(t), maya(t, site)
		b.SignInAs(who, 1)
		b.Do("POST", "/theme", url.Values{"theme": {"dark"}, "return": {"/"}})
		group.Go(func() {
			for !stop.Load() {
				mine, page := b.Get("/bookings"), b.Get("/")
				asked.Add(2)
				if mine.Status != 200 || !strings.Contains(mine.Body, who.Email) || page.Status != 200 ||
					!second.Load() && !strings.Contains(page.Body, `data-theme="dark"`) {
					if failed.Add(1) < 5 {
						t.Errorf("%d %.80q %d", mine.Status, mine.Body, page.Status)
					}
				}
			}
		})
	}
	traffic := func() { // until everybody was answered a few times more
		for enough := asked.Load() + 100; asked.Load() < enough && failed.Load() == 0; {
			time.Sleep(5 * time.Millisecond)
		}
	}
	for n := range 2 {
		traffic()
		second.Store(n == 1)
		if err := ring.Rotate(func(k keys.Key) error { return db.Owner.InstallKey(t.Context(), k) }); err != nil {
			t.Error(err)
		}
		if b := site.Visitor(t); b.Get("/").Status != 200 {
			t.Error("a new visitor is turned away")
		}
	}
	traffic()
	stop.Store(true)
	group.Wait()
	t.Logf("%d requests over 3 keys, %d failed", asked.Load(), failed.Load())
}
