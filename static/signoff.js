// The session of a page of work ends by itself. The page warns two minutes before, and shows nothing of what it showed
// once it is over. What asks by itself moves nothing: the server says with each answer what is so.
(() => {
  const box = document.getElementById("sign-off");
  if (!box) return;
  const session = box.dataset.session;
  const say = box.querySelector("[role=status]");
  const stay = box.querySelector("button");
  const tabs = window.BroadcastChannel && new BroadcastChannel("session");
  // The wall clock, not the monotonic one: that stands still while a computer sleeps.
  let end = performance.timeOrigin + box.dataset.seconds * 1000;
  let over = false;

  function cover() {
    over = true;
    clearInterval(ticking);
    document.title = "You were signed out – Kindward";
    document.body.className = "";
    const main = document.createElement("main");
    main.className = "wrap column form stack";
    main.append(box.querySelector("template").content);
    document.body.replaceChildren(main);
    document.querySelector("h1").focus();
  }
  function tick() {
    if (over) return;
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left <= 0) return cover();
    const soon = left <= 120;
    const time = left > 60 ? "2 minutes" : left > 30 ? "1 minute" : "less than 30 seconds";
    const text = soon ? "You will be signed out in " + time + "." : "";
    if (say.textContent !== text) say.textContent = text;
    box.classList.toggle("soon", soon);
    stay.hidden = !soon;
  }
  // Whoever goes on in one tab goes on in all; another session in this browser means that this one is over.
  const tell = () => tabs?.postMessage({ session, end });
  function hear(seconds) {
    if (seconds === null || over) return;
    end = Date.now() + seconds * 1000;
    tell();
    tick();
  }
  if (tabs) tabs.onmessage = ({ data }) => {
    if (data.session !== session) end = 0;
    else end = data.end && Math.max(end, data.end);
    tick();
  };

  stay.addEventListener("click", async () => {
    try {
      const answer = await fetch("/session/extension", { method: "POST" });
      if (answer.status === 204) hear(answer.headers.get("Kindward-Session-Seconds") ?? 0);
      else alertLine("fault", answer.headers.get("X-Request-Id"));
    } catch {
      alertLine("offline");
    }
  });
  document.addEventListener("htmx:afterRequest", (e) => hear(e.detail.xhr.getResponseHeader("Kindward-Session-Seconds")));
  document.addEventListener("htmx:beforeSwap", (e) => { if (over) e.preventDefault(); });
  document.addEventListener("submit", (e) => {
    if (e.target.getAttribute("action") === "/sign-out" && !e.defaultPrevented) tabs?.postMessage({ session, end: 0 });
  });
  document.addEventListener("visibilitychange", tick);
  // A page that the browser kept for "back" shows what was there before somebody else sat down.
  addEventListener("pageshow", (e) => {
    tick();
    if (e.persisted && !over) location.reload();
  });
  const ticking = setInterval(tick, 1000);
  tell();
  tick();
})();
