// Files are sent part by part, as tus 1.0 does (https://tus.io): what has arrived is not sent again after a lost
// connection, or when the same file is chosen another time. Without this the form sends them whole.

const partSize = 1 << 20;
const digest = async (blob) => new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
const hex = (bytes) => [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const megabytes = (n) => (n / 1e6).toFixed(1);

// One request. Whoever is led to another page instead has no answer of an upload.
function ask(method, url, headers, stop, body, told) {
  return new Promise((done, fail) => {
    const x = new XMLHttpRequest();
    x.open(method, url);
    x.setRequestHeader("Tus-Resumable", "1.0.0");
    for (const [name, value] of Object.entries(headers)) x.setRequestHeader(name, value);
    x.upload.onprogress = (e) => told?.(e.loaded);
    x.onload = () => done(x);
    x.onerror = () => fail(new TypeError("offline"));
    x.onabort = () => fail(new DOMException("stopped", "AbortError"));
    stop.addEventListener("abort", () => x.abort(), { once: true });
    stop.throwIfAborted();
    x.send(body);
  });
}

// What may go better another time: the connection, a server that is busy, a part that came damaged or twice.
const passes = (status) => status >= 500 || [409, 429, 460].includes(status);

function pause(tries, stop) {
  return new Promise((done, fail) => {
    setTimeout(done, Math.min(30, 2 ** tries) * 500);
    addEventListener("online", done, { once: true });
    stop.addEventListener("abort", () => fail(new DOMException("stopped", "AbortError")), { once: true });
  });
}

// patiently asks until there is an answer that counts.
async function patiently(say, stop, request) {
  for (let tries = 0; ; tries++) {
    const answer = await request().catch((e) => { if (e.name === "AbortError") throw e; });
    if (answer && !passes(answer.status)) return answer;
    say(answer ? "It takes longer than usual. We go on trying." : "There is no connection. We go on when it is back.");
    await pause(tries, stop);
  }
}

// What a file is called, for which document, and its hash, by which it is known when it is chosen again.
async function announce(form, file) {
  const said = { filename: file.name, step: form.elements.step.value, kind: form.elements.kind.value,
    sha256: file.size > form.dataset.most ? "" : hex(await digest(file)) };
  const pairs = Object.entries(said).map(([name, value]) => name + " " + base64(new TextEncoder().encode(value)));
  return { "Upload-Length": file.size, "Upload-Metadata": pairs.join(",") };
}

async function sendParts(at, offset, file, stop, say, told) {
  while (offset < file.size) {
    told(offset);
    const part = file.slice(offset, offset + partSize);
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset,
      "Upload-Checksum": "sha256 " + base64(await digest(part)) };
    let answer = await ask("PATCH", at, headers, stop, part, (n) => told(offset + Math.min(n, part.size))).catch((e) => {
      if (e.name === "AbortError") throw e;
    });
    if (!answer || passes(answer.status)) {
      if (!answer) say("There is no connection. We go on when it is back.");
      await pause(1, stop);
      answer = await patiently(say, stop, () => ask("HEAD", at, {}, stop));
    }
    const now = answer.getResponseHeader("Upload-Offset");
    if (now === null) throw new Error("ended");
    offset = Number(now);
  }
}

async function send(form, file) {
  const box = form.querySelector("[data-sending]");
  const [bar, sent, stopper] = box.children;
  const line = form.querySelector("[data-said]");
  const button = form.querySelector("button:not([type=button])");
  const stopping = new AbortController();
  const stop = stopping.signal;
  let at;
  let quarter = 0;
  const say = (text, wrong) => {
    line.textContent = text;
    line.classList.toggle("error", !!wrong);
  };
  const told = (n) => {
    bar.value = n / file.size * 100;
    sent.textContent = megabytes(n) + " of " + megabytes(file.size) + " MB";
    if (Math.floor(bar.value / 25) === quarter) return;
    quarter = Math.floor(bar.value / 25);
    say(quarter * 25 + " percent is sent.");
  };
  stopper.onclick = () => stopping.abort();
  box.hidden = false;
  button.disabled = true;
  stopper.focus();
  say("Sending " + file.name);
  try {
    const headers = await announce(form, file);
    const made = await patiently(say, stop, () => ask("POST", form.dataset.uploads, headers, stop));
    if (made.status === 422) throw new Error(made.responseText);
    if (made.status !== 201) throw new Error("ended");
    at = made.getResponseHeader("Location");
    await sendParts(at, Number(made.getResponseHeader("Upload-Offset")), file, stop, say, told);
    told(file.size);
    form.elements.upload.value = at.slice(at.lastIndexOf("/") + 1);
    form.elements["file-" + form.elements.kind.value].value = "";
    form.submit();
    return;
  } catch (e) {
    const words = { AbortError: "Stopped. Nothing of it is kept.", NotReadableError: "The file cannot be read any more. Choose it again." };
    const ended = "It cannot be sent any more. Load this page again, and choose the file: it goes on from there.";
    say(words[e.name] || (e.message === "ended" ? ended : e.message + "."), e.name !== "AbortError");
    if (at && e.name === "AbortError") ask("POST", at + "/removal", {}, new AbortController().signal).catch(() => {});
  }
  box.hidden = true;
  button.disabled = false;
  button.focus();
}

document.addEventListener("submit", (e) => {
  const form = e.target;
  const file = form.dataset.uploads && form.querySelector("input[type=file]").files[0];
  if (!file || !window.crypto?.subtle) return;
  e.preventDefault();
  send(form, file);
});
