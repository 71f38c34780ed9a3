package browser

// covered are what the keyboard comes to on a page and something else hides at that moment.
const covered = `[...document.querySelectorAll("main :is(a[href], button, input, select, summary, textarea)")].filter(e => {
	e.focus();
	const box = e.getClientRects()[0];
	if (document.activeElement !== e || !box || !box.width) return false;
	const at = document.elementFromPoint(box.left + Math.min(box.width / 2, 8), box.top + box.height / 2);
	return !at || !(e.contains(at) || at.contains(e) || at.closest("label"));
}).map(e => e.outerHTML.slice(0, 80))`

// Covered tells what one cannot see while the keyboard is there: WCAG 2.4.11.
func (v *Tab) Covered() []string { return Eval[[]string](v, covered) }

// unprintable are what of a page that says whose it is on paper cannot be used there; and that saying, if it is hidden.
const unprintable = `[...document.querySelectorAll("button, .button, nav, input, select")].filter(e =>
	document.querySelector(".paper") && e.checkVisibility()).map(e => e.outerHTML.slice(0, 80)).concat(
	[...document.querySelectorAll(".paper")].filter(e => !e.checkVisibility()).map(e => "hidden: " + e.innerText))`

// Unprintable tells what a print of the page has that paper cannot do.
func (v *Tab) Unprintable() []string {
	v.t.Helper()
	v.Prefer("light", "print")
	return Eval[[]string](v, unprintable)
}
