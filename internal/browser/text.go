package browser

// DoubleText makes the window a small phone and its letters as large as a browser does at 200 %, until the next page,
// and tells what does not fit then. It does so because all sizes of letters are rem.
func (v *Tab) DoubleText() (findings []string) {
	v.t.Helper()
	v.Resize(320, 800)
	Eval[string](v, `document.documentElement.style.fontSize = "200%"`)
	if wide := v.Sideways(); wide != "" {
		findings = append(findings, "letters of twice the size: "+wide)
	}
	for _, text := range v.CutOff() {
		findings = append(findings, "letters of twice the size: cut off "+text)
	}
	return findings
}

// CutOff are the texts that their box hides a part of.
func (v *Tab) CutOff() []string { return Eval[[]string](v, cutOff) }

const cutOff = `[...document.body.querySelectorAll("*")].filter(e => {
	const style = getComputedStyle(e);
	return style.overflowX !== "visible" && style.overflowX !== "auto" && !e.closest(".sr, svg, select, input, textarea") &&
		e.checkVisibility() && style.clipPath === "none" && e.scrollWidth > e.clientWidth + 1 && e.innerText;
}).map(e => e.tagName.toLowerCase() + "." + e.className + ": " + e.innerText.slice(0, 60))`
