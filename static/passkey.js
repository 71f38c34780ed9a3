// Passkeys: asks the server for a challenge, the device for an answer, and sends the answer with its form.

const toBytes = (s) => Uint8Array.from(atob(s.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const toText = (b) => b ? btoa(String.fromCharCode(...new Uint8Array(b))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "") : undefined;

// The challenge comes as JSON; the browser wants its binary parts as bytes.
function unpack(options) {
  options.challenge = toBytes(options.challenge);
  if (options.user) options.user.id = toBytes(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials]) for (const one of list || []) one.id = toBytes(one.id);
  return options;
}

function pack(answer) {
  const r = answer.response;
  return JSON.stringify({
    id: answer.id, rawId: toText(answer.rawId), type: answer.type, authenticatorAttachment: answer.authenticatorAttachment || undefined, clientExtensionResults: {},
    response: {
      clientDataJSON: toText(r.clientDataJSON), attestationObject: toText(r.attestationObject), transports: r.getTransports ? r.getTransports() : undefined,
      authenticatorData: r.signature ? toText(r.authenticatorData) : undefined, signature: toText(r.signature), userHandle: toText(r.userHandle),
    },
  });
}

function say(form, what) {
  const line = form.querySelector("[data-device]");
  line.hidden = !what;
  line.textContent = what ? line.dataset[what] : "";
}

async function challenge(form) {
  const body = new URLSearchParams({ next: form.elements.next.value });
  if (form.elements.name) body.set("name", form.elements.name.value);
  const reply = await fetch(form.dataset.challenge, { method: "POST", body });
  if (reply.redirected) return location.assign(reply.url); // something else is asked for first
  if (reply.status === 422) return form.submit(); // the page says what is wrong, before the device makes anything
  return reply.ok ? unpack(await reply.json()) : say(form, "stopped");
}

async function ask(form) {
  say(form, "");
  let options;
  try {
    options = await challenge(form);
  } catch {
    return say(form, "offline");
  }
  if (!options) return;
  try {
    const answer = await navigator.credentials[form.dataset.passkey]({ publicKey: options });
    form.elements.answer.value = pack(answer);
  } catch (e) {
    return say(form, e.name === "InvalidStateError" ? "known" : "stopped");
  }
  form.submit();
}

document.addEventListener("submit", (e) => {
  const form = e.target;
  if (!form.dataset.passkey || !window.PublicKeyCredential) return;
  e.preventDefault();
  ask(form);
});

function offer() {
  const can = !!window.PublicKeyCredential;
  for (const form of document.querySelectorAll("form[data-passkey]")) form.hidden = !can;
  for (const line of document.querySelectorAll("[data-passkey-missing]")) line.hidden = can;
}
document.addEventListener("DOMContentLoaded", offer);
document.addEventListener("htmx:afterSettle", offer);
