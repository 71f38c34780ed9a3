package journeys_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"kindward/internal/browser"
	"kindward/internal/document"
	"kindward/internal/sitetest"
)

func Test35AFileGoesOnAfterAReloadAndALostConnectionAndIsSeenToArrive(t *testing.T) {
	site := sitetest.Open(t)
	v := site.Visit(t, site.SignedIn(t, "maya@example.test").Browser(t), sitetest.Phone)
	v.Go("/join?kind=clinic&state=RI&number=1234567893")
	v.Press("Begin the application")
	v.Go(v.Path() + "/steps/documents")
	raw := base64.StdEncoding.EncodeToString(document.Sample("a W-9" + strings.Repeat(" and so on", 250_000)))
	// chooses the file and sends it; the second part is lost, and so is what comes after it if the connection stays away
	sendW9 := func(away string) {
		t.Helper()
		browser.Eval[bool](v, `((raw, away) => {
			const chosen = new DataTransfer();
			chosen.items.add(new File([Uint8Array.from(atob(raw), (c) => c.charCodeAt(0))], "w9.pdf"));
			document.getElementById("file-w9").files = chosen.files;
			const { open, send } = XMLHttpRequest.prototype;
			let asked = 0;
			XMLHttpRequest.prototype.open = function (method, at) { open.call(this, this.method = method, at); };
			XMLHttpRequest.prototype.send = function (body) {
				if (this.method !== "POST") asked++;
				if (asked === 2 || away && asked > 2) setTimeout(this.onerror); else send.call(this, body);
			};
			return true;
		})("`+raw+`", `+away+`)`)
		v.Press("Send: Form W-9")
	}
	sendW9("true")
	v.Sees("There is no connection. We go on when it is back.", "1.0 of 2.5 MB", "Stop")
	v.Reload()
	v.Sees("Of “w9.pdf” 1.0 MB of 2.5 MB have arrived")
	sendW9("false")
	v.Sees("We have “Form W-9”.", "(2.5 MB, ")
	sitetest.Silent(t, v)
}
