// Idle logout on shared computers: warns before the end, lets the page save its draft, then logs out.
// All tabs of the browser count as one: activity, going on and leaving are told to the others by localStorage.
//
// A page that has something to save listens for "plan:leaving" and hands over a promise, for which at most five
// seconds are waited:  document.addEventListener("plan:leaving", (event) => event.detail.waitFor(save()));

const ACTIVE = "plan:active"; // when somebody last did something, in any tab
const LEAVING = "plan:leaving"; // when a tab began to log out
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "scroll", "touchstart"];
const WARN = 120_000;
const PING = 180_000;
const SAVE_WITHIN = 5_000;
const OTHERS_SAVE = 1_000; // the session must last until the other tabs have saved, too

const dialog = document.getElementById("idle");
if (dialog) watch(dialog);

function watch(dialog) {
  const limit = Number(dialog.dataset.seconds) * 1000;
  const warn = Math.min(WARN, limit / 2);
  const ping = Math.min(PING, limit / 10);
  const left = dialog.querySelector(".idle-left");
  const form = dialog.querySelector("form");
  let lastPing = Date.now(); // loading the page told the server as well
  let active = lastPing;
  let isLeaving = false;

  function store(key, value) {
    try {
      localStorage.setItem(key, String(value));
    } catch {
      // Storage may be forbidden: then each tab counts for itself.
    }
  }

  function lastActive() {
    try {
      active = Math.max(active, Number(localStorage.getItem(ACTIVE)) || 0);
    } catch {
      // as above
    }
    return Math.min(active, Date.now()); // the computer's clock may have been set back
  }

  function noteActivity() {
    const now = Date.now();
    if (now - active < 250) return;
    active = now;
    store(ACTIVE, now);
  }

  async function tellServer() {
    lastPing = Date.now();
    const headers = { "X-Requested-With": "fetch", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value };
    try {
      const answer = await fetch(dialog.dataset.alive, { method: "POST", headers, credentials: "same-origin" });
      if (answer.status === 401) leave();
    } catch {
      // No network: the next ping tries again.
    }
  }

  function goOn() {
    active = 0;
    noteActivity();
    dialog.close();
    tellServer();
  }

  function showTime(milliseconds) {
    const seconds = Math.ceil(milliseconds / 1000);
    const minutes = Math.floor(seconds / 60);
    left.textContent = dialog.dataset.left.replace("{minutes}", minutes).replace("{seconds}", seconds % 60);
  }

  function tick() {
    if (isLeaving) return;
    const rest = lastActive() + limit - Date.now();
    if (rest <= 0) leave();
    else if (rest <= warn) {
      showTime(rest);
      if (!dialog.open) dialog.showModal();
    } else {
      if (dialog.open) dialog.close(); // somebody went on in another tab
      if (active > lastPing && Date.now() - lastPing >= ping) tellServer();
    }
  }

  async function leave() {
    if (isLeaving) return;
    isLeaving = true;
    store(LEAVING, Date.now());
    const saving = [pause(OTHERS_SAVE)];
    const detail = { waitFor: (promise) => saving.push(promise) };
    document.dispatchEvent(new CustomEvent("plan:leaving", { detail }));
    await Promise.race([Promise.allSettled(saving), pause(SAVE_WITHIN)]);
    form.submit();
  }

  for (const sign of SIGNS) {
    document.addEventListener(sign, () => dialog.open || isLeaving || noteActivity(), { passive: true, capture: true });
  }
  addEventListener("storage", (event) => {
    if (event.key === LEAVING) leave();
  });
  addEventListener("pageshow", tick); // a page taken out of the browser's cache may be long over
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    goOn();
  });
  dialog.querySelector(".idle-go-on").addEventListener("click", goOn);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    leave();
  });
  store(ACTIVE, active);
  setInterval(tick, Math.min(1000, limit / 20));
}

function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
