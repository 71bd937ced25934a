// Evidence beside a figure: files are added by choosing or dropping them, and removed, without leaving the page.
// Each [data-evidence-cell] holds templates/targets/_evidence.html; the server's answer takes its place.

const texts = document.querySelector("[data-evidence-texts]")?.dataset ?? {};
const ANSWERS = [200, 422]; // done, and refused with reasons: both are the cell anew

// Logging in again, in another window too, makes a new token: the cookie has it.
function token() {
  const cookie = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/);
  if (cookie) return cookie[1];
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value ?? "";
}

function status(cell) {
  return cell.querySelector("[data-evidence-status]");
}

// Shows what needs scripts, and hides the way that does without.
function enhance(cell) {
  for (const part of cell.querySelectorAll("[data-evidence-live]")) part.hidden = false;
  for (const part of cell.querySelectorAll("[data-evidence-page]")) part.hidden = true;
}

async function send(cell, address, body, waiting) {
  if (cell.getAttribute("aria-busy") === "true") return;
  cell.setAttribute("aria-busy", "true");
  status(cell).textContent = waiting;
  try {
    const headers = { "X-Requested-With": "fetch", "X-CSRFToken": token() };
    const answer = await fetch(address, { method: "POST", headers, body });
    // After a redirect this would be the login page.
    if (answer.redirected || !ANSWERS.includes(answer.status)) throw new Error(String(answer.status));
    cell.innerHTML = await answer.text();
    enhance(cell);
    cell.querySelector("[data-evidence-add]")?.focus();
    cell.dispatchEvent(new CustomEvent("evidence-changed", { bubbles: true }));
  } catch {
    status(cell).textContent = texts.failed;
  } finally {
    cell.removeAttribute("aria-busy");
  }
}

function add(cell, files) {
  const input = cell.querySelector("[data-evidence-add]");
  if (!input || !files.length) return;
  const body = new FormData();
  for (const file of files) body.append("files", file);
  send(cell, input.dataset.evidenceAdd, body, texts.uploading);
}

function watch(cell) {
  enhance(cell);
  cell.addEventListener("change", (event) => {
    if (!event.target.matches("[data-evidence-add]")) return;
    event.stopPropagation(); // the form around has nothing to save
    add(cell, [...event.target.files]);
    event.target.value = "";
  });
  cell.addEventListener("click", (event) => {
    const button = event.target.closest("[data-evidence-remove]");
    if (!button || !window.confirm(texts.question.replace("{name}", () => button.dataset.name))) return;
    send(cell, button.dataset.evidenceRemove, new FormData(), texts.removing);
  });
  cell.addEventListener("dragover", (event) => {
    if (!cell.querySelector("[data-evidence-add]") || !event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    cell.classList.add("is-over");
  });
  cell.addEventListener("dragleave", () => cell.classList.remove("is-over"));
  cell.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault(); // else the browser would leave the page for the file
    cell.classList.remove("is-over");
    add(cell, [...event.dataTransfer.files]);
  });
}

document.querySelectorAll("[data-evidence-cell]").forEach(watch);
