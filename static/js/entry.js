// The entry form of a submission: what is typed is judged by the server at once, and kept as a draft.
//
// Nothing typed is lost: until the server has it, it is also kept in this browser, for this person and submission.
// Only what has changed is sent, so that two people can fill in different rows, and one faulty row does not keep the
// others from being saved. Nothing is overwritten: what somebody else has saved meanwhile is shown beside it first.

import { enableGrid } from "./grid.js";

const PREVIEW_AFTER = 350;
const SAVE_AFTER = 4000;
const RETRY_AFTER = 5000;
const KEEPALIVE_BYTES = 60_000; // what a browser goes on sending when the page is left
const FIGURE_PARTS = ["numerator", "denominator", "na", "note"]; // said together, or not at all

const page = document.querySelector("[data-stash]");
const form = document.getElementById("entry"); // null on the page of what is no draft any more
const text = form ? form.dataset : {};
const state = document.querySelector("[data-saved]");

const typed = new Map(); // name of an input → what was typed there and the server does not have yet
const base = new Map(); // name of an input → what the server had there when it was typed over
const held = new Set(); // codes of rows that the server has refused as they are
let saving = null; // the save under way
let frozen = false; // somebody else's version waits for a decision
let leaving = false; // the form is being handed in
const edits = new Map(); // code of a row → how often it was typed into; an answer about less is out of date
let asked = 0; // how many questions the server was sent; the newest answer lists the cautions
let waitingCautions = null; // a list of cautions that came while the cursor stood in the one before
let [previewTimer, saveTimer] = [0, 0];

const codeOf = (name) => name.slice(0, name.indexOf("."));
const partOf = (name) => name.slice(name.indexOf(".") + 1);
const isRowInput = (field) => Boolean(field.name) && field.name.includes(".");
const valueOf = (field) => (field.type === "checkbox" ? (field.checked ? field.value : "") : field.value);

function setValue(field, value) {
  if (field.type === "checkbox") field.checked = value !== "";
  else field.value = value;
}

// ---- what is kept in this browser

function stash() {
  try {
    if (!typed.size) return localStorage.removeItem(page.dataset.stash);
    const before = Object.fromEntries([...typed.keys()].map((name) => [name, base.get(name)]));
    const keep = { version: form.elements.version.value, fields: Object.fromEntries(typed), base: before };
    localStorage.setItem(page.dataset.stash, JSON.stringify(keep));
  } catch {
    // Storage may be forbidden or full: the server still gets everything.
  }
}

function kept() {
  try {
    return JSON.parse(localStorage.getItem(page.dataset.stash));
  } catch {
    return null;
  }
}

function restore() {
  const before = kept();
  if (!before) return;
  let count = 0;
  for (const [name, value] of Object.entries(before.fields)) {
    typed.set(name, value); // also where the page shows it already: it may be a form that was refused
    base.set(name, before.base[name]);
    const field = form.elements[name];
    if (!field) continue;
    if (valueOf(field) !== value) count += 1;
    setValue(field, value);
    mark(field);
  }
  if (count) {
    const note = form.querySelector("[data-restored-note]");
    note.textContent = text.restored.replace("{count}", count);
    note.hidden = false;
  }
  if (frozen) return;
  form.elements.version.value = before.version; // the server shows what somebody else has saved since
  judge();
  save();
}

// What was typed here before a colleague handed the submission in: shown, since it can no longer be saved.
function showKept() {
  const before = kept();
  if (!before) return;
  const made = (tag, how) => Object.assign(document.createElement(tag), how);
  const box = made("section", { className: "restored" });
  const list = made("ul", {});
  for (const [name, value] of Object.entries(before.fields)) {
    list.append(made("li", { textContent: `${codeOf(name)}: ${value}` }));
  }
  const forget = made("button", { type: "button", className: "button-plain small", textContent: page.dataset.forget });
  forget.addEventListener("click", () => {
    localStorage.removeItem(page.dataset.stash);
    box.remove();
  });
  box.append(made("p", { textContent: page.dataset.kept }), list, forget);
  page.prepend(box);
}

// ---- asking and telling the server

// Logging in again, in another window too, makes a new token: the cookie has it.
function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  const field = form.elements.csrfmiddlewaretoken;
  if (cookie) field.value = cookie[1];
  return field.value;
}

// The inputs that must be sent so that the server understands these: of a figure all its parts.
function toSend(names) {
  const wanted = new Map(names.map((name) => [name, typed.get(name)]));
  for (const name of names.filter((each) => FIGURE_PARTS.includes(partOf(each)))) {
    for (const part of FIGURE_PARTS) {
      const field = form.elements[`${codeOf(name)}.${part}`];
      if (field) wanted.set(field.name, valueOf(field));
    }
  }
  return wanted;
}

function body(names) {
  const data = new URLSearchParams();
  data.set("csrfmiddlewaretoken", token());
  for (const name of ["version", "account"]) data.set(name, form.elements[name].value);
  for (const code of new Set(names.map(codeOf))) data.append("row", code);
  for (const [name, value] of toSend(names)) {
    if (value !== "" || partOf(name) !== "na") data.append(name, value); // an empty box is not sent, as by browsers
  }
  return data;
}

function post(url, names) {
  const headers = { "X-Requested-With": "fetch", Accept: "application/json" };
  const data = body(names);
  const keepalive = document.hidden && String(data).length < KEEPALIVE_BYTES;
  return fetch(url, { method: "POST", headers, body: data, credentials: "same-origin", redirect: "manual", keepalive });
}

// Without a session the server asks to log in, by its words or by sending to that page.
const isLoggedOut = (answer) => answer.status === 401 || answer.type === "opaqueredirect";

const waiting = () => [...typed.keys()].filter((name) => !held.has(codeOf(name)));

// What has been typed and asked up to now, to tell an answer about it from one that is out of date.
function now() {
  asked += 1;
  return { asked, edits: new Map(edits) };
}

async function judge() {
  clearTimeout(previewTimer);
  if (frozen) return;
  const moment = now();
  try {
    const answer = await post(text.preview, [...typed.keys()]);
    if (answer.ok) show(await answer.json(), moment);
  } catch {
    // No network: saving says so.
  }
}

async function save() {
  clearTimeout(saveTimer);
  while (saving) await saving;
  const names = waiting();
  if (frozen || !names.length) return;
  saving = send(names).finally(() => {
    saving = null;
  });
  await saving;
}

async function send(names) {
  const sent = toSend(names);
  tell(text.saving, "busy");
  const moment = now();
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
  } else if (answer.status === 409) ask(await answer.json());
  else if (answer.status === 422) refuse(await answer.json(), moment);
  else if (answer.ok) take(await answer.json(), sent, moment);
  else tell(text.failed, "wrong");
}

function refuse(said, moment) {
  show(said, moment);
  for (const [code, row] of Object.entries(said.rows)) if (row.faults.trim()) held.add(code);
  tell(said.problems[0] ?? text.refused, "wrong");
  if (!said.problems.length && waiting().length) later(0); // the other rows are sound
}

function take(said, sent, moment) {
  form.elements.version.value = said.version;
  for (const [name, value] of sent) {
    const field = form.elements[name];
    if (field && valueOf(field) !== value) continue; // typed on meanwhile
    typed.delete(name);
    // What was written another way, such as 88/275 or full-width digits, stands there as it was understood.
    if (field && field !== document.activeElement && name in said.fields) setValue(field, said.fields[name]);
    base.set(name, said.fields[name] ?? value);
  }
  for (const row of form.querySelectorAll("tr.unsaved")) {
    row.classList.toggle("unsaved", [...typed.keys()].some((name) => codeOf(name) === row.dataset.row));
  }
  stash();
  show(said, moment);
  tell(held.size ? text.partly : said.saved, held.size ? "wrong" : "");
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

function show(said, moment) {
  for (const [code, row] of Object.entries(said.rows)) {
    if (edits.get(code) !== moment.edits.get(code)) continue;
    const line = form.querySelector(`tr[data-row="${code}"]`);
    for (const part of ["total", "standing", "status", "faults", "doubts"]) {
      const place = line.querySelector(`[data-${part}]`);
      if (place) place.innerHTML = row[part];
    }
    const isFaulty = row.faults.trim() !== "";
    line.classList.toggle("faulty", isFaulty);
    line.classList.toggle("doubted", row.doubts.trim() !== "");
    for (const input of line.querySelectorAll("input.number")) {
      if (isFaulty) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
  }
  const asParagraph = (message) => Object.assign(document.createElement("p"), { className: "fault", textContent: message });
  document.querySelector("[data-general]").replaceChildren(...said.problems.map(asParagraph));
  if (moment.asked === asked) showCautions(said.cautions);
}

// The list is made anew, but never under the cursor: Chinese may just be composed there.
function showCautions(html) {
  const place = form.querySelector("[data-cautions]");
  if (place.contains(document.activeElement)) {
    waitingCautions = html;
    return;
  }
  waitingCautions = null;
  place.innerHTML = html;
  for (const input of place.querySelectorAll("input.why")) {
    if (typed.has(input.name)) input.value = typed.get(input.name);
  }
}

// ---- two people at one draft

// Both versions of what both have changed; where the two do not touch, ours goes on top of theirs without a question.
function ask(said) {
  const clashing = new Set();
  for (const [name, value] of Object.entries(said.fields)) {
    const field = form.elements[name];
    if (!field) continue;
    if (!typed.has(name)) setValue(field, value);
    else if (value !== base.get(name) && value !== typed.get(name)) clashing.add(name);
    base.set(name, value);
  }
  if (!clashing.size) {
    form.elements.version.value = said.version;
    return later(0);
  }
  const place = document.querySelector("[data-conflict]");
  place.innerHTML = said.conflict;
  for (const button of place.querySelectorAll(".take-theirs")) {
    const names = Object.keys(JSON.parse(button.dataset.fields));
    if (!names.some((name) => clashing.has(name))) button.closest("tr").remove();
  }
  freeze(place, said.version);
}

function freeze(place, version) {
  frozen = true;
  for (const button of place.querySelectorAll(".take-theirs")) button.addEventListener("click", () => takeTheirs(button));
  place.querySelector(".keep-mine").addEventListener("click", () => {
    frozen = false;
    held.clear();
    form.elements.version.value = version;
    place.replaceChildren();
    stash();
    judge();
    save();
  });
  tell(place.querySelector("h2").textContent, "wrong");
  place.scrollIntoView({ block: "start" });
}

function takeTheirs(button) {
  for (const [name, value] of Object.entries(JSON.parse(button.dataset.fields))) {
    const field = form.elements[name];
    if (field) setValue(field, value);
    typed.delete(name);
  }
  button.closest("tr").classList.add("taken");
  button.disabled = true;
  stash();
}

// ---- what people do

function mark(field) {
  const row = field.closest("tr");
  if (!row) return;
  row.classList.add("unsaved");
  const number = row.querySelector("input.number");
  row.classList.toggle("negative", Boolean(number) && /^[-－−]./.test(number.value.trim()));
}

function note({ target: field, isComposing }) {
  if (!isRowInput(field)) return;
  typed.set(field.name, valueOf(field));
  held.delete(codeOf(field.name));
  edits.set(codeOf(field.name), (edits.get(codeOf(field.name)) ?? 0) + 1);
  if (partOf(field.name) === "denominator") field.classList.add("touched");
  mark(field);
  stash();
  clearTimeout(previewTimer);
  if (frozen) return;
  tell(text.unsaved, "busy");
  if (!isComposing) previewTimer = setTimeout(judge, PREVIEW_AFTER);
  later(SAVE_AFTER);
}

// Handing in: first everything is saved, then the submission goes as it is saved, and no old row with it.
async function handIn(button) {
  await save();
  while (waiting().length && !frozen && saving) await saving;
  if (frozen) return document.querySelector("[data-conflict]").scrollIntoView();
  if (typed.size) return document.querySelector("tr.faulty")?.scrollIntoView({ block: "center" });
  token();
  setRowsDisabled(true);
  setTimeout(() => form.requestSubmit(button)); // within the very event of submitting it would do nothing
}

// While the submission is handed in no row goes with it; on a page that is come back to, all can be typed into again.
function setRowsDisabled(isDisabled) {
  leaving = isDisabled;
  for (const field of form.elements) if (isRowInput(field) || field.name === "row") field.disabled = isDisabled;
}

function start() {
  for (const field of form.elements) if (isRowInput(field)) base.set(field.name, valueOf(field));
  form.addEventListener("input", note);
  form.addEventListener("compositionend", note);
  form.addEventListener("change", () => typed.size && !frozen && later(50)); // the cursor has left a changed field
  form.addEventListener("focusout", () => {
    setTimeout(() => waitingCautions !== null && showCautions(waitingCautions));
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    if (typed.size && !frozen) later(50);
  });
  form.addEventListener("submit", (event) => {
    if (leaving) return;
    event.preventDefault();
    if (event.submitter?.formAction && event.submitter.hasAttribute("formaction")) handIn(event.submitter);
    else save();
  });
  for (const table of form.querySelectorAll("[data-grid]")) enableGrid(table, { selector: "input.number", rows: "tr.entry" });
  form.addEventListener("pasted", ({ detail }) => {
    if (detail.dropped) tell(text.dropped.replace("{count}", detail.dropped), "wrong");
  });
  document.addEventListener("evidence-changed", judge); // it may have been what was missing
  addEventListener("online", save);
  addEventListener("pageshow", () => setRowsDisabled(false));
  document.addEventListener("visibilitychange", () => document.hidden && !leaving && save());
  document.addEventListener("plan:leaving", (event) => event.detail.waitFor(save()));
  const conflict = document.querySelector("[data-conflict]");
  if (conflict.querySelector(".conflict")) freeze(conflict, form.elements.version.value);
  restore();
}

if (form) start();
else if (page) showKept();
