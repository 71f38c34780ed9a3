package browser

// nameless are the cells of tables that do not name their column as its head does.
const nameless = `[...document.querySelectorAll("table.data")].flatMap(table => {
	const heads = [...table.tHead.rows[0].cells].map(h => h.textContent.trim());
	const wrong = [...table.tBodies[0].rows].flatMap(row => [...row.cells].filter(c => c.matches("td") &&
		c.childNodes.length && c.dataset.label !== heads[c.cellIndex]));
	return wrong.map(c => table.ariaLabel + ": a cell is called " + c.dataset.label + ", not " + heads[c.cellIndex]);
})`

// NamelessCells tells which cells of the page's tables do not say what they are once a row is a card.
func (v *Tab) NamelessCells() []string { return Eval[[]string](v, nameless) }
