// The decomposition's grid: moves as in a spreadsheet, and asks the server for the balance while one types.

import { enableGrid } from "./grid.js";

const DELAY = 300; // milliseconds after the last key

const form = document.querySelector("form[data-balances]");
if (form) {
  const table = form.querySelector("table.grid");
  const dropped = form.querySelector(".note-dropped");
  let timer;
  let request;

  const askLater = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, DELAY);
  };

  const ask = async () => {
    request?.abort();
    const own = (request = new AbortController());
    try {
      const answer = await fetch(form.dataset.balances, { method: "POST", body: new FormData(form), signal: own.signal });
      if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
      show(await answer.json());
    } catch {
      if (!own.signal.aborted) showUnchecked();
    }
  };

  const show = ({ balances, changed, faults }) => {
    for (const place of form.querySelectorAll("[data-balance]")) {
      const { key, text } = balances[place.dataset.balance] ?? { key: "unknown", text: form.dataset.unchecked };
      showBalance(place, key, text);
    }
    for (const input of table.querySelectorAll("input.cell")) {
      input.classList.toggle("changed", changed.includes(input.id));
      input.toggleAttribute("aria-invalid", false);
      input.title = faults[input.id] ?? "";
      if (input.title) input.setAttribute("aria-invalid", "true");
    }
  };

  const showUnchecked = () => {
    for (const place of form.querySelectorAll("[data-balance]")) {
      showBalance(place, "unknown", form.dataset.unchecked);
    }
  };

  const showBalance = (place, key, text) => {
    place.className = `balance balance-${key}`;
    if (place.textContent !== text) place.textContent = text;
  };

  enableGrid(table, { selector: "input.cell" });
  table.addEventListener("input", askLater);
  table.addEventListener("pasted", (event) => {
    dropped.hidden = !event.detail.dropped;
  });
}
