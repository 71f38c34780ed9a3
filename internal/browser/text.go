package browser

// DoubleText makes the letters of the page as large as a browser does at 200 %, until the next page: all sizes are rem.
func (v *Tab) DoubleText() { Eval[string](v, `document.documentElement.style.fontSize = "200%"`) }

// CutOff are the texts that their box hides a part of.
func (v *Tab) CutOff() []string { return Eval[[]string](v, cutOff) }

const cutOff = `[...document.body.querySelectorAll("*")].filter(e => {
	const style = getComputedStyle(e);
	return style.overflowX !== "visible" && style.overflowX !== "auto" && !e.closest(".sr, svg, select, input, textarea") &&
		e.checkVisibility() && style.clipPath === "none" && e.scrollWidth > e.clientWidth + 1 && e.innerText;
}).map(e => e.tagName.toLowerCase() + "." + e.className + ": " + e.innerText.slice(0, 60))`
