// What pages do beyond htmx. Each part looks for its own marks and is silent without them.

// The hold counts down against the server's clock. Without this the page still says "Until 10:42 am".
let ticking = 0;
function countDown() {
  clearTimeout(ticking);
  const time = document.querySelector("[data-until]");
  if (!time) return;
  const hold = time.closest(".hold");
  const bar = hold.querySelector("[data-bar]");
  const say = document.querySelector("[data-say]");
  const more = hold.querySelector("[data-extend]");
  // The wall clock, not the monotonic one: that stands still while a phone sleeps.
  const end = Date.now() + time.dataset.until * 1000;
  let warned = false;
  hold.classList.add("ticking");
  mayBook(true);
  const tick = () => {
    if (!hold.isConnected) return;
    const ms = Math.max(0, end - Date.now());
    const left = Math.ceil(ms / 1000);
    time.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    bar.setAttribute("width", Math.min(100, left / bar.dataset.bar * 100).toFixed(1));
    if (left > 0 && left <= 120 && !warned) {
      warned = true;
      hold.classList.add("soon");
      say.textContent = (left > 90 ? "Two minutes" : left + " seconds") + " left to book this time." + (more ? " You can ask for more time." : "");
    }
    if (left > 0) {
      ticking = setTimeout(tick, ms % 1000 || 1000);
      return;
    }
    mayBook(false);
    say.textContent = say.dataset.over;
    if (more) more.hidden = true;
    hold.dispatchEvent(new Event("ended"));
  };
  tick();
}

// What needs a time that is held stops when that is over, and says so where it stands.
function mayBook(held) {
  const over = document.querySelector("[data-ended]");
  if (over) over.hidden = held;
  for (const b of document.querySelectorAll("[data-while-held]")) {
    if (!held && b === document.activeElement && over) over.focus();
    if ("disabled" in b) b.disabled = !held;
    else b.hidden = !held;
  }
}

// A form that came back with problems starts at their summary.
function toProblems(root) {
  const problems = root.querySelector(".problems");
  if (problems) problems.focus();
}

// What is shown to be kept has a button that copies it; without one it is marked whole.
function copies(root) {
  for (const box of root.querySelectorAll("[data-copy]")) {
    box.addEventListener("focus", () => box.select());
    if (!navigator.clipboard) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet mt-2";
    button.textContent = box.dataset.copy;
    button.addEventListener("click", () => navigator.clipboard.writeText(box.value).then(
      () => button.textContent = box.dataset.copied, () => box.focus()));
    box.after(button);
  }
}

// A secret that was not wrong stays in its box while the form around it is exchanged: the answer does not contain it.
let secrets = new Map();
document.addEventListener("htmx:beforeSwap", (e) => {
  secrets = new Map([...e.detail.target.querySelectorAll("input[type=password]")].map((box) => [box.id, box.value]));
});
document.addEventListener("htmx:afterSwap", () => {
  for (const box of document.querySelectorAll("[data-again]")) {
    if (box.value || !secrets.get(box.id)) continue;
    box.value = secrets.get(box.id);
    document.getElementById(box.id + "-again").hidden = true;
  }
  secrets.clear();
});

// A password can be shown while it is typed. It is sent as one, so that the browser still offers to keep it.
function shows(root) {
  for (const box of root.querySelectorAll("input[type=password]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "as-link mt-2";
    const set = (shown) => {
      box.type = shown ? "text" : "password";
      button.textContent = shown ? "Hide password" : "Show password";
    };
    button.setAttribute("aria-controls", box.id);
    button.addEventListener("click", () => set(box.type === "password"));
    box.form?.addEventListener("submit", () => set(false), true);
    set(false);
    box.after(button);
  }
}

// The alert line says that a request failed, and how to name it to us.
function alertLine(kind, ref) {
  const line = document.getElementById("alert");
  if (!line) return;
  line.hidden = false;
  line.textContent = line.dataset[kind] + (ref ? " Reference " + ref : "");
}

// Suggestions that do not come are missed by nobody. A filter that failed goes back to what the results show.
function failed(e, kind, ref) {
  const from = e.detail.elt;
  if (from.id === "reason") return;
  alertLine(kind, ref);
  if (from.matches("form.filters")) from.reset();
}
document.addEventListener("htmx:responseError", (e) => failed(e, "fault", e.detail.xhr.getResponseHeader("X-Request-Id")));
document.addEventListener("htmx:sendError", (e) => failed(e, "offline"));
document.addEventListener("htmx:beforeRequest", () => {
  const line = document.getElementById("alert");
  if (line) line.hidden = true;
});
document.addEventListener("htmx:afterSettle", (e) => {
  toProblems(e.detail.elt);
  // What was done before is not what was asked just now, which was refused.
  if (e.detail.elt.querySelector(".problems")) document.querySelector(".flash")?.remove();
  copies(e.detail.elt);
  shows(e.detail.elt);
  if (e.detail.elt.querySelector("[data-until]") || e.detail.elt.matches(".hold")) countDown();
});
// The second press of a double click is none: what the first one answers, such as a key that is shown once, must not be
// lost to it. The server does each thing once in any case.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (form.method !== "post" || form.dataset.passkey) return; // a device that said no may be asked again at once
  const now = Date.now();
  if (now - (form.dataset.pressed || 0) < 1000) {
    e.preventDefault();
    e.stopImmediatePropagation();
    return;
  }
  form.dataset.pressed = now;
}, true);
// Colors change on the page as it is: what was typed into it stays.
document.addEventListener("submit", async (e) => {
  const form = e.target;
  if (!form.matches(".theme") || !e.submitter) return;
  e.preventDefault();
  const theme = e.submitter.value;
  try {
    await fetch(form.action, { method: "POST", body: new URLSearchParams({ theme }), redirect: "manual" });
    document.documentElement.dataset.theme = theme;
    for (const b of form.querySelectorAll("button")) b.setAttribute("aria-pressed", b === e.submitter);
  } catch {
    alertLine("offline");
  }
});
// Whoever is on a link or button stays on it when the part around it is exchanged. What has an id htmx finds by itself.
const likeness = (el) => el.tagName + (el.getAttribute("href") || "") + (el.value || "") + el.textContent;
const alike = (word) => [...document.querySelectorAll("a[href], button, summary")].filter((el) => likeness(el) === word);
let lost, row;
document.addEventListener("htmx:beforeSwap", (e) => {
  const at = document.activeElement;
  row = e.detail.target.contains(at) && at.closest("tr")?.id;
  lost = !at.id && at !== document.body && e.detail.target.contains(at) && { word: likeness(at), nth: alike(likeness(at)).indexOf(at) };
});
document.addEventListener("htmx:afterSwap", () => {
  if (lost && document.activeElement === document.body) alike(lost.word)[lost.nth]?.focus({ preventScroll: true });
  lost = null;
  // A button that is off now cannot keep it: another one of its row has it.
  if (row && document.activeElement === document.body) document.getElementById(row)?.querySelector("button:enabled, summary")?.focus({ preventScroll: true });
});
// On a phone the filters fold; a new answer must not fold them while somebody chooses.
let unfolded = false;
document.addEventListener("htmx:beforeSwap", () => {
  unfolded = !!document.querySelector(".filters .fold[open]");
});
document.addEventListener("htmx:afterSwap", () => {
  if (unfolded) document.querySelector(".filters .fold")?.setAttribute("open", "");
});
// In suggestions the arrow keys walk, and Escape puts them away and leads back to the box.
document.addEventListener("keydown", (e) => {
  const list = document.getElementById("suggestions");
  const box = document.getElementById("reason");
  if (!list || !box || !list.parentElement.contains(document.activeElement)) return;
  if (e.key === "Escape") {
    box.focus();
    list.replaceChildren();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
  const all = [box, ...list.querySelectorAll("a")];
  if (!step || all.length < 2) return;
  e.preventDefault();
  all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
});
// A suggestion goes with the place and the day that were changed in the form since it came; what the question itself said
// of them is in its address.
document.addEventListener("click", (e) => {
  const link = e.target.closest("#suggestions a");
  const form = link?.closest("form");
  if (!form || link.protocol === "tel:" || link.pathname !== "/search") return;
  const to = new URL(link.href);
  const then = link.closest("ul").dataset;
  for (const name of ["near", "from"]) {
    const { value } = form.elements[name];
    if (value === then[name]) continue;
    if (value) to.searchParams.set(name, value);
    else to.searchParams.delete(name);
  }
  link.href = to.href;
});
// "Use my location" asks the browser. What is sent is rounded to about half a mile, and the answer is a ZIP code that
// stands in the box as if it had been typed.
function locates() {
  const part = document.querySelector("[data-locate]");
  if (!part || !navigator.geolocation || !isSecureContext) return;
  const [button, line] = part.children;
  const say = (word) => line.textContent = line.dataset[word];
  const found = async ({ coords }) => {
    const body = new URLSearchParams({ lat: coords.latitude.toFixed(2), lon: coords.longitude.toFixed(2) });
    try {
      const answer = await fetch(part.dataset.locate, { method: "POST", body });
      if (answer.status === 200) button.form.elements.near.value = await answer.text();
      say({ 200: "found", 204: "nowhere" }[answer.status] || "failed");
    } catch {
      say("failed");
    }
  };
  button.addEventListener("click", () => {
    say("finding");
    navigator.geolocation.getCurrentPosition(found, (e) => say(e.code === e.PERMISSION_DENIED ? "refused" : "failed"),
      { timeout: 15000 });
  });
  part.hidden = false;
}
// Whoever turns the calendar hears which month and week it shows now.
document.addEventListener("htmx:afterSettle", () => {
  const say = document.getElementById("turned");
  const shown = [...document.querySelectorAll("#times h2")].map((h) => h.textContent).join(", ");
  if (say && say.textContent !== shown) say.textContent = shown;
});
// A page that the browser kept for "back" shows what was free, and which keys worked, then.
addEventListener("pageshow", (e) => {
  if (e.persisted && document.querySelector(".slot, [data-fresh]")) location.reload();
});
// htmx starts at the same event and asked for it first, so it hears a hold that is over already.
document.addEventListener("DOMContentLoaded", () => {
  // The answer to a form is the form's own page to the browser: "back" asks for that one, and sends nothing again.
  const own = document.querySelector(".theme [name=return]")?.value;
  const same = own === location.pathname + location.search;
  if (own && (!same || document.querySelector(".problems"))) history.replaceState(history.state, "", own + location.hash);
  toProblems(document);
  copies(document);
  shows(document);
  locates();
  countDown();
});
// A list that follows what changes waits while somebody answers a question in it.
document.addEventListener("htmx:beforeRequest", (e) => {
  if (e.target.id === "day-list" && e.detail.requestConfig.verb === "get" && e.target.querySelector("details[open]")) e.preventDefault();
});
// Paper says when it was printed, in the zone of the place.
function prints(root) {
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
}
addEventListener("beforeprint", () => {
  for (const at of document.querySelectorAll("[data-printed]")) {
    at.textContent = "printed " + new Date().toLocaleString("en-US", { dateStyle: "full", timeStyle: "short", timeZone: at.dataset.printed || undefined });
  }
});
document.addEventListener("htmx:afterSettle", (e) => prints(e.detail.elt));
// A day's list opens at what comes next.
document.addEventListener("DOMContentLoaded", () => {
  prints(document);
  const next = document.querySelector(".day-table .next");
  if (next && !location.hash && !document.querySelector(".problems")) next.scrollIntoView({ block: "center" });
});

// In the console, Ctrl K leads to the search from anywhere.
document.addEventListener("keydown", (e) => {
  const jump = document.getElementById("jump");
  if (!jump || e.key !== "k" || !(e.ctrlKey || e.metaKey)) return;
  e.preventDefault();
  jump.select();
});
