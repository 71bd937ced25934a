// The entry form of a submission: what is typed is judged by the server at once, and kept as a draft.
//
// Nothing typed is lost: until the server has it, it is also kept in this browser, for this person and submission.
// Only rows that have changed are sent, so that two people can fill in different rows, and one faulty row does not
// keep the others from being saved.

import { enableGrid } from "./grid.js";

const PREVIEW_AFTER = 350;
const SAVE_AFTER = 4000;
const RETRY_AFTER = 5000;

const page = document.querySelector("[data-stash]");
const form = document.getElementById("entry"); // null on the page of what is no draft any more
const text = form ? form.dataset : {};
const state = document.querySelector("[data-saved]");
const rowOf = (input) => input.name.slice(0, input.name.indexOf("-"));
const fields = () => [...form.elements].filter((each) => /^[A-Za-z0-9]+-/.test(each.name));

const changed = new Set(); // names of the fields that the server does not have yet
const held = new Set(); // rows that the server has refused as they are
let saving = null; // the save under way
let frozen = false; // a conflict waits for a decision
let leaving = false; // the whole form is on its way
let previewTimer = 0;
let saveTimer = 0;

const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? field.value : "") : field.value);

function setValue(field, value) {
  if (field.type === "checkbox") field.checked = value !== "";
  else field.value = value;
}

// ---- what is kept in this browser

function stash() {
  const kept = {};
  for (const name of changed) {
    const field = form.elements[name];
    if (field) kept[name] = valueOf(field);
  }
  try {
    if (Object.keys(kept).length) {
      localStorage.setItem(page.dataset.stash, JSON.stringify({ version: form.elements.version.value, fields: kept }));
    } else localStorage.removeItem(page.dataset.stash);
  } catch {
    // Storage may be forbidden or full: the server still gets everything.
  }
}

function restore() {
  let kept = null;
  try {
    kept = JSON.parse(localStorage.getItem(page.dataset.stash));
  } catch {
    return;
  }
  if (!kept) return;
  let count = 0;
  for (const [name, value] of Object.entries(kept.fields)) {
    const field = form.elements[name];
    if (!field) continue;
    if (valueOf(field) !== value) count += 1;
    setValue(field, value);
    changed.add(name); // also where the page shows it already: it may be a form that was refused
    mark(field);
  }
  if (!changed.size) return stash();
  if (count) {
    form.elements.version.value = kept.version; // the server shows what somebody else has saved since
    const note = form.querySelector("[data-restored-note]");
    note.textContent = text.restored.replace("{count}", count);
    note.hidden = false;
  }
  judge();
  save();
}

// ---- asking and telling the server

function body(names) {
  const data = new URLSearchParams();
  data.set("csrfmiddlewaretoken", token());
  data.set("version", form.elements.version.value);
  const rows = new Set(names.map((name) => name.slice(0, name.indexOf("-"))));
  const whole = new Set(names.filter((name) => !name.includes("-why-")).map((name) => name.slice(0, name.indexOf("-"))));
  for (const code of rows) data.append("row", code);
  for (const field of fields()) {
    const isWhy = field.name.includes("-why-");
    if (isWhy ? !names.includes(field.name) : !whole.has(rowOf(field))) continue;
    if (valueOf(field) !== "" || field.type !== "checkbox") data.append(field.name, valueOf(field));
  }
  return data;
}

// Logging in again, in another window too, makes a new token: the cookie has it.
function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  const field = form.elements.csrfmiddlewaretoken;
  if (cookie) field.value = cookie[1];
  return field.value;
}

function post(url, names) {
  const headers = { "X-Requested-With": "fetch", Accept: "application/json" };
  const how = { method: "POST", headers, credentials: "same-origin", keepalive: true, redirect: "manual" };
  return fetch(url, { ...how, body: body(names) });
}

// Without a session the server asks to log in, by its words or by sending to that page.
const isLoggedOut = (answer) => answer.status === 401 || answer.type === "opaqueredirect";

const waiting = () => [...changed].filter((name) => !held.has(name.slice(0, name.indexOf("-"))));

async function judge() {
  const names = [...changed];
  if (frozen) return;
  try {
    const answer = await post(text.preview, names);
    if (answer.ok) show(await answer.json());
  } catch {
    // No network: saving says so.
  }
}

async function save() {
  clearTimeout(saveTimer);
  if (saving) await saving;
  if (frozen || leaving) return;
  const names = waiting();
  if (!names.length) return;
  saving = send(names).finally(() => {
    saving = null;
  });
  await saving;
}

async function send(names) {
  const sent = new Map(names.map((name) => [name, form.elements[name] ? valueOf(form.elements[name]) : ""]));
  tell(text.saving, "busy");
  let answer;
  try {
    answer = await post(form.action, names);
  } catch {
    tell(text.offline, "wrong");
    later(RETRY_AFTER);
    return;
  }
  if (isLoggedOut(answer)) {
    tell(text.expired, "wrong");
    later(RETRY_AFTER);
  } else if ([200, 409, 422].includes(answer.status)) await take(answer.status, await answer.json(), sent);
  else tell(text.failed, "wrong");
}

async function take(status, said, sent) {
  if (status === 409) return ask(said);
  show(said);
  if (status === 422) {
    for (const [code, row] of Object.entries(said.rows)) if (row.faults.trim()) held.add(code);
    tell(text.refused, "wrong");
    if (!said.problems.length && waiting().length) later(0); // the other rows are sound
    return;
  }
  form.elements.version.value = said.version;
  for (const [name, value] of sent) {
    const field = form.elements[name];
    if (!field || valueOf(field) === value) changed.delete(name); // else it was typed on meanwhile
  }
  for (const row of form.querySelectorAll("tr.unsaved")) {
    row.classList.toggle("unsaved", [...changed].some((name) => name.startsWith(`${row.dataset.row}-`)));
  }
  stash();
  tell(held.size ? text.refused : said.saved, held.size ? "wrong" : "");
}

function later(milliseconds) {
  clearTimeout(saveTimer);
  saveTimer = setTimeout(save, milliseconds);
}

function tell(message, kind) {
  state.textContent = message;
  state.className = `saved ${kind}`;
}

// ---- showing what the server says

function show(said) {
  for (const [code, row] of Object.entries(said.rows)) {
    const line = form.querySelector(`tr[data-row="${code}"]`);
    for (const part of ["total", "standing", "status", "faults", "doubts"]) {
      const place = line.querySelector(`[data-${part}]`);
      if (place) place.innerHTML = row[part];
    }
    line.classList.toggle("faulty", row.faults.trim() !== "");
    line.classList.toggle("doubted", row.doubts.trim() !== "");
    for (const input of line.querySelectorAll("input.number")) {
      input.toggleAttribute("aria-invalid", row.faults.trim() !== "");
    }
  }
  const general = document.querySelector("[data-general]");
  general.replaceChildren(
    ...said.problems.map((message) => Object.assign(document.createElement("p"), { className: "fault", textContent: message })),
  );
  showCautions(said.cautions);
}

// The list is made anew; what was typed into its fields stays.
function showCautions(html) {
  const place = form.querySelector("[data-cautions]");
  const typed = new Map([...place.querySelectorAll("input.why")].map((input) => [input.name, input.value]));
  const focused = place.contains(document.activeElement) ? document.activeElement : null;
  const caret = focused && focused.selectionStart;
  place.innerHTML = html;
  for (const input of place.querySelectorAll("input.why")) {
    if (typed.has(input.name) && changed.has(input.name)) input.value = typed.get(input.name);
    if (focused && focused.name === input.name) {
      input.focus();
      input.setSelectionRange(caret, caret);
    }
  }
}

// ---- two people at one draft

function ask(said) {
  frozen = true;
  const place = document.querySelector("[data-conflict]");
  place.innerHTML = said.conflict;
  for (const [name, value] of Object.entries(said.fields)) {
    const field = form.elements[name];
    if (field && !changed.has(name)) setValue(field, value);
  }
  for (const button of place.querySelectorAll(".take-theirs")) {
    button.addEventListener("click", () => {
      for (const [name, value] of Object.entries(JSON.parse(button.dataset.fields))) {
        const field = form.elements[name];
        if (field) setValue(field, value);
        changed.delete(name);
      }
      button.closest("tr").classList.add("taken");
      button.disabled = true;
      stash();
    });
  }
  place.querySelector(".keep-mine").addEventListener("click", () => {
    frozen = false;
    held.clear();
    form.elements.version.value = said.version;
    place.replaceChildren();
    tell(said.saved, "");
    stash();
    judge();
    save();
  });
  tell(place.querySelector("h2").textContent, "wrong");
  place.scrollIntoView({ block: "start" });
}

// ---- what people do

function mark(field) {
  const row = field.closest("tr");
  if (!row) return;
  row.classList.add("unsaved");
  const number = row.querySelector("input.number");
  row.classList.toggle("negative", Boolean(number) && /^[-－−]./.test(number.value.trim()));
}

function note(event) {
  const field = event.target;
  if (!field.name || !/^[A-Za-z0-9]+-/.test(field.name)) return;
  changed.add(field.name);
  held.delete(rowOf(field));
  if (field.name.endsWith("-denominator")) field.classList.add("touched");
  mark(field);
  stash();
  if (frozen) return;
  tell(text.unsaved, "busy");
  clearTimeout(previewTimer);
  previewTimer = setTimeout(judge, PREVIEW_AFTER);
  later(SAVE_AFTER);
}

function start() {
  form.addEventListener("input", note);
  form.addEventListener("change", () => changed.size && !frozen && later(50)); // the cursor has left a changed field
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    if (changed.size && !frozen) later(50);
  });
  form.addEventListener("submit", async (event) => {
    if (leaving) return;
    event.preventDefault();
    clearTimeout(saveTimer);
    clearTimeout(previewTimer);
    if (saving) await saving;
    if (frozen) return document.querySelector("[data-conflict]").scrollIntoView();
    leaving = true;
    token();
    setTimeout(() => form.requestSubmit(event.submitter)); // within this very event it would do nothing
  });
  for (const table of form.querySelectorAll("[data-grid]")) enableGrid(table, { selector: "input.number" });
  document.addEventListener("evidence-changed", judge); // it may have been what was missing
  addEventListener("online", save);
  addEventListener("pageshow", () => {
    leaving = false;
  });
  document.addEventListener("visibilitychange", () => document.hidden && save());
  document.addEventListener("plan:leaving", (event) => event.detail.waitFor(save()));
  restore();
}

if (form) start();
else if ("handedIn" in page.dataset) stash();
