// Package browser lets tests look at the pages as people do: with Chromium, a mouse and a keyboard, with and without
// scripts. It also runs the development tools that judge pages: axe-core, html-validate and Lighthouse. A tool, not
// product.
package browser

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	cdpbrowser "github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// names are what Chromium is called on the machines that we know. The one without a window of its own comes first: it
// needs a third less of the processor.
var names = []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable"}

// Find gives the path of the browser's program.
func Find() (string, error) {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no Chromium on this machine: apt-get install chromium")
}

// Need skips a test on a machine without Chromium, but never where CI says that it must run.
func Need(t testing.TB) {
	t.Helper()
	if _, err := Find(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// Browser is one running Chromium. Its visitors share nothing: each has cookies and a cache of their own.
type Browser struct {
	ctx  context.Context
	stop func()
}

// Start starts Chromium with a new, empty profile.
func Start() (*Browser, error) {
	program, err := Find()
	if err != nil {
		return nil, err
	}
	profile, err := os.MkdirTemp("", "kindward-browser-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.UserDataDir(profile),
		chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Env("LANG=en_US.UTF-8", "LANGUAGE=en_US"))
	ctx, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, leave := chromedp.NewContext(ctx)
	b := &Browser{ctx: ctx, stop: func() { leave(); end(); os.RemoveAll(profile) }}
	if err := chromedp.Do(ctx); err != nil {
		b.Stop()
		return nil, fmt.Errorf("the browser does not start: %w", err)
	}
	return b, nil
}

var shared struct {
	sync.Once
	*Browser
	err error
}

// Shared is the one Chromium of a test binary: it starts when it is first asked for, and whoever runs the tests calls
// StopShared at their end. Without Chromium the test is skipped.
func Shared(t testing.TB) *Browser {
	t.Helper()
	Need(t)
	shared.Do(func() { shared.Browser, shared.err = Start() })
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	return shared.Browser
}

// StopShared ends it, if it was ever asked for.
func StopShared() {
	if shared.Browser != nil {
		shared.Stop()
	}
}

// Stop ends Chromium and removes its profile.
func (b *Browser) Stop() { b.stop() }

// Options say who visits.
type Options struct {
	Home     string // "http://127.0.0.1:41234"
	NoScript bool
	Width    int // pixels; 0 = 1280
	Height   int // 0 = 900
	Touch    bool
	Cookies  []*http.Cookie // of Home
	Address  string         // where the visitor is, as a proxy says it (X-Forwarded-For); empty: no proxy says anything
}

// Tab is one tab of one visitor. What it cannot do, and what it does not see in time, fails the test.
type Tab struct {
	t      testing.TB
	ctx    context.Context
	o      Options
	record *record
}

// Visit opens a tab for a visitor who has never been here. It closes with the test.
func (b *Browser) Visit(t testing.TB, o Options) *Tab {
	t.Helper()
	ctx, leave := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(leave)
	return open(t, ctx, o)
}

// Another opens a second tab of the same visitor.
func (v *Tab) Another() *Tab {
	v.t.Helper()
	ctx, leave := chromedp.NewContext(v.ctx)
	v.t.Cleanup(leave)
	o := v.o
	o.Cookies = nil
	return open(v.t, ctx, o)
}

func open(t testing.TB, ctx context.Context, o Options) *Tab {
	t.Helper()
	v := &Tab{t: t, ctx: ctx, o: o, record: &record{open: map[network.RequestID]*Answer{}}}
	if v.o.Width == 0 {
		v.o.Width = 1280
	}
	if v.o.Height == 0 {
		v.o.Height = 900
	}
	v.must("a new tab", chromedp.Do(ctx))
	v.must("the tab's events", chromedp.Listen(ctx, v.record.hear))
	call(v, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: o.NoScript})
	v.Resize(v.o.Width, v.o.Height)
	if o.Address != "" {
		headers := network.Headers{"X-Forwarded-For": o.Address}
		call(v, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
	}
	if len(o.Cookies) > 0 {
		v.Cookies(o.Cookies)
	}
	return v
}

// Cookies gives the visitor cookies of the site, such as those of a session that began elsewhere.
func (v *Tab) Cookies(all []*http.Cookie) {
	v.t.Helper()
	var p network.SetCookiesParams
	for _, c := range all {
		p.Cookies = append(p.Cookies, &network.CookieParam{Name: c.Name, Value: c.Value, URL: v.o.Home, Path: "/",
			HTTPOnly: true, SameSite: network.CookieSameSiteLax})
	}
	call(v, network.SetCookies, p)
}

// Resize makes the window this large. Up to 480 pixels it is a phone.
func (v *Tab) Resize(width, height int) {
	v.t.Helper()
	phone := width <= 480
	call(v, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(width),
		Height: int64(height), DeviceScaleFactor: 1, Mobile: phone})
	call(v, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: phone})
}

// Prefer is what the visitor's device says it likes: dark or light pages, on a screen or in print, and nothing that
// moves.
func (v *Tab) Prefer(scheme, media string) {
	v.t.Helper()
	call(v, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: media,
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// tools is where npm puts the development tools: beside this file.
var tools = sync.OnceValues(func() (string, error) {
	dir, err := os.Getwd()
	for err == nil {
		try := filepath.Join(dir, "internal", "browser", "node_modules")
		if _, missing := os.Stat(filepath.Join(try, ".bin", "lighthouse")); missing == nil {
			return try, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	return "", errors.New("the tools that judge pages are not there: npm ci --prefix internal/browser")
})

// NeedTools skips a test where npm's tools were not installed, but never where CI says that it must run.
func NeedTools(t testing.TB) string {
	t.Helper()
	Need(t)
	dir, err := tools()
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return dir
}

// SaveTo is where what the visitor downloads from now on is saved.
func (v *Tab) SaveTo(dir string) {
	v.t.Helper()
	_, err := chromedp.CallBrowser(v.ctx, cdpbrowser.SetDownloadBehavior,
		cdpbrowser.SetDownloadBehaviorParams{Behavior: cdpbrowser.SetDownloadBehaviorBehaviorAllow,
			BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID, DownloadPath: dir})
	v.must("downloads", err)
}
