package browser

import (
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// Stands puts the visitor somewhere, in degrees, and has the browser tell pages that ask where it is.
func (v *Tab) Stands(lat, lon float64) {
	v.t.Helper()
	accuracy := 10.0
	call(v, emulation.SetGeolocationOverride,
		emulation.SetGeolocationOverrideParams{Latitude: &lat, Longitude: &lon, Accuracy: &accuracy})
	v.sharesPosition(browser.PermissionSettingGranted)
}

// StandsHidden has the browser refuse to tell.
func (v *Tab) StandsHidden() { v.t.Helper(); v.sharesPosition(browser.PermissionSettingDenied) }

func (v *Tab) sharesPosition(setting browser.PermissionSetting) {
	v.t.Helper()
	call(v, browser.SetPermission, browser.SetPermissionParams{Setting: setting, Origin: v.o.Home,
		Permission:       &browser.PermissionDescriptor{Name: "geolocation"},
		BrowserContextID: chromedp.FromContext(v.ctx).BrowserContextID})
}
