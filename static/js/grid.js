// Moving and pasting among the inputs of a table as in a spreadsheet, for every page with a grid.
//
//   import { enableGrid } from "./grid.js";
//   enableGrid(table, { selector: "input.cell" });
//
// A pasted column passes by rows without an input, unless `rows` (a selector) says that they are rows of the grid.
// Enter and the arrow keys move among the inputs. A pasted block of cells (tabs and line ends between them) is spread
// out from the input with the caret, and each input that gets a value fires `input`. Afterwards the table fires
// `pasted`; its `detail` says how many values were filled in, and how many found no input: {filled, dropped}.
// Listeners stand at the table, so rows may come and go.

export function enableGrid(table, { selector = "input", rows = null } = {}) {
  table.addEventListener("keydown", (event) => {
    const input = event.target.closest(selector);
    const step = input && stepOf(event, input);
    if (!step) return;
    event.preventDefault();
    const next = neighbour(gridOf(table, selector, rows), input, step);
    if (next) {
      next.focus();
      if (next.select) next.select();
    }
  });
  table.addEventListener("paste", (event) => {
    const input = event.target.closest(selector);
    const block = cellsOf(event.clipboardData.getData("text/plain"));
    if (!input || block.flat().length < 2) return; // a single value goes where the caret is, as everywhere
    event.preventDefault();
    const detail = fill(gridOf(table, selector, rows), input, block);
    table.dispatchEvent(new CustomEvent("pasted", { bubbles: true, detail }));
  });
}

// The rows that have inputs or are counted, each a map from column to input. A cell may hold several; a column is the place of an
// input in the whole table, so that a row where one is missing stays aligned with the others.
function gridOf(table, selector, counted) {
  const rows = [];
  const columns = new Set();
  for (const row of table.rows) {
    const inputs = new Map();
    for (const cell of row.cells) {
      cell.querySelectorAll(selector).forEach((input, index) => inputs.set(cell.cellIndex * 100 + index, input));
    }
    if (inputs.size || (counted && row.matches(counted))) rows.push(inputs);
    for (const column of inputs.keys()) columns.add(column);
  }
  return { rows, columns: [...columns].sort((a, b) => a - b) };
}

function placeOf({ rows, columns }, input) {
  for (const [row, inputs] of rows.entries()) {
    for (const [column, each] of inputs) {
      if (each === input) return { row, column: columns.indexOf(column) };
    }
  }
  return null;
}

// Which way a key leads as [rows, columns], null where the key belongs to the input itself.
function stepOf(event, input) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return null;
  if (input instanceof HTMLTextAreaElement || input instanceof HTMLSelectElement) return null;
  if (event.key === "Enter") return event.shiftKey ? [-1, 0] : [1, 0];
  if (event.shiftKey) return null;
  if (event.key === "ArrowDown") return [1, 0];
  if (event.key === "ArrowUp") return [-1, 0];
  if (event.key === "ArrowLeft" && caretStands(input, "selectionStart", 0)) return [0, -1];
  if (event.key === "ArrowRight" && caretStands(input, "selectionEnd", input.value.length)) return [0, 1];
  return null;
}

// Whether the caret stands at that end of the text, or all of it is selected, as it is after a move.
function caretStands(input, end, position) {
  const all = input.selectionStart === 0 && input.selectionEnd === input.value.length;
  return all || (input.selectionStart === input.selectionEnd && input[end] === position);
}

function neighbour(grid, input, [down, right]) {
  const place = placeOf(grid, input);
  if (!place) return null;
  let { row, column } = place;
  do {
    row += down;
    column += right;
    const next = grid.rows[row]?.get(grid.columns[column]);
    if (next && !next.disabled) return next;
  } while (row >= 0 && row < grid.rows.length && column >= 0 && column < grid.columns.length);
  return null;
}

function fill(grid, input, block) {
  const start = placeOf(grid, input);
  const detail = { filled: 0, dropped: 0 };
  block.forEach((values, down) => {
    values.forEach((value, right) => {
      const target = grid.rows[start.row + down]?.get(grid.columns[start.column + right]);
      if (!target || target.disabled || target.readOnly) {
        if (value.trim()) detail.dropped += 1;
        return;
      }
      target.value = value.trim();
      target.dispatchEvent(new Event("input", { bubbles: true }));
      detail.filled += 1;
    });
  });
  return detail;
}

// A block of cells as spreadsheets put it on the clipboard; a cell with line ends or quotes in it comes in quotes.
export function cellsOf(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"(?=[\t\r\n]|$)|([^\t\r\n]*))(\t|\r\n|\r|\n|$)/y;
  const end = text.replace(/(\r\n|\r|\n)$/, "").length;
  while (cell.lastIndex <= end) {
    const [, quoted, plain, separator] = cell.exec(text);
    rows.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (separator === "" || cell.lastIndex > end) break;
    if (separator !== "\t") rows.push([]);
  }
  return rows;
}
