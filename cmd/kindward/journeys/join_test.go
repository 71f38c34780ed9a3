package journeys_test

import (
	"testing"

	"kindward/internal/browser"
	"kindward/internal/sitetest"
)

func TestOfTwoQuickChoicesBothCountAndWhatIsTypedMeanwhileStaysWithTheFocus(t *testing.T) {
	site := sitetest.Open(t)
	v := site.Visit(t, site.SignedIn(t, "maya@example.test").Browser(t))
	v.Go("/join?kind=laboratory&state=RI&number=1234567893")
	v.Press("Begin the application")
	v.Go(v.Path() + "/steps/licenses")
	browser.Eval[bool](v, `(document.body.dataset.mark = "the same page", true)`)
	// the second choice is made, and something is typed, before the first is answered
	browser.Eval[bool](v, `((pick) => {
		document.getElementById("clia").value = "41D";
		pick("certificate", "accreditation");
		pick("home_draws", "yes");
		const focused = pick("stations", "yes");
		document.getElementById("clia").value += "2093377";
		focused.focus();
		return focused.id === "stations";
	})((name, value) => {
		const radio = document.querySelector("input[name=" + name + "][value=" + value + "]");
		radio.click();
		return radio;
	})`)
	v.Until("what follows from each choice is asked", `!!document.querySelector("input[name=accreditor]") &&
		!!document.getElementById("home_area") && !!document.getElementById("station_licenses")`)
	v.Until("all choices and what was typed stay", `document.getElementById("clia").value === "41D2093377" &&
		document.querySelector("[name=certificate][value=accreditation]").checked &&
		document.querySelector("[name=home_draws][value=yes]").checked &&
		document.querySelector("[name=stations][value=yes]").checked`)
	v.Until("the keyboard stays on the choice", `document.activeElement.name === "stations" &&
		document.body.dataset.mark === "the same page"`)
	if at := v.Address(); at != v.Path() {
		t.Errorf("answers stand in the address %s", at)
	}
	browser.Eval[bool](v, `(document.querySelector("[name=certificate][value=waiver]").click(), true)`)
	v.Until("what does not follow any more goes", `!document.querySelector("input[type=radio][name=accreditor]")`)
	v.Press("Save and finish later")
	v.Sees("Saved. Go on whenever you like.")
}
