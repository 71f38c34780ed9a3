// Finds what a person would press or fill in by its name, brings it into view and says where it is.
(kind, name) => {
  const clean = (s) => (s || "").replace(/\s+/g, " ").trim();
  const kinds = {
    press: "a[href], button, summary",
    field: "input:not([type=hidden]), textarea, select",
    any: name,
  };
  const nameOf = (e) => {
    const by = e.getAttribute("aria-labelledby");
    if (by) return clean(document.getElementById(by)?.textContent);
    if (e.getAttribute("aria-label")) return clean(e.getAttribute("aria-label"));
    if (e.labels?.length) return clean(e.labels[0].textContent);
    return clean(e.textContent);
  };
  const seen = [...document.querySelectorAll(kinds[kind])].filter((e) => e.checkVisibility({ visibilityProperty: true }) && e.getClientRects().length > 0);
  const all = seen.map((e) => ({ e, name: nameOf(e) }));
  const found = kind === "any" ? all[0]
    : all.find((x) => x.name === name) || all.find((x) => x.name.startsWith(name)) || all.find((x) => x.name.includes(name));
  if (!found) return { missing: true, names: all.map((x) => x.name).slice(0, 60) };
  const e = found.e;
  const target = e.matches("input[type=radio], input[type=checkbox]") && e.labels.length ? e.labels[0] : e;
  target.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
  const box = target.getClientRects()[0];
  const x = box.x + Math.min(box.width / 2, 200), y = box.y + box.height / 2;
  const top = document.elementFromPoint(x, y);
  const covered = !top || !(target.contains(top) || top.contains(target) || e.contains(top));
  return { x, y, name: found.name, disabled: !!e.disabled, covered: covered ? (top ? top.outerHTML.slice(0, 120) : "nothing is there") : "" };
}
