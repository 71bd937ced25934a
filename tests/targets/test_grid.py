"""The keyboard and the clipboard in a grid of inputs (static/js/grid.js), in Chromium."""

import pytest
from playwright.sync_api import Page

from tests.conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Column b has no input in row 2, the last cell holds two inputs, and beside the grid stands a place to copy from.
GRID = """
<textarea id="clipboard"></textarea>
<form><table>
  <tr><th>head</th><th>a</th><th>b</th><th>c</th></tr>
  <tr><th>1</th><td><input id="a1"></td><td><input id="b1"></td><td><input id="c1"> / <input id="d1"></td></tr>
  <tr><th>2</th><td><input id="a2"></td><td>–</td><td><input id="c2"> / <input id="d2" readonly></td></tr>
  <tr><th>no inputs</th></tr>
  <tr><th>3</th><td><input id="a3"></td><td><input id="b3"></td><td><input id="c3"> / <input id="d3"></td></tr>
</table></form>
"""
ENABLE = """async (html) => {
  document.body.innerHTML = html;
  const { enableGrid } = await import("/static/js/grid.js");
  const table = document.querySelector("table");
  window.heard = [];
  table.addEventListener("input", (event) => window.heard.push(event.target.id));
  table.addEventListener("pasted", (event) => window.heard.push(event.detail));
  document.querySelector("form").addEventListener("submit", (event) => { event.preventDefault(); heard.push("sent"); });
  enableGrid(table, { selector: "td input" });
}"""


@pytest.fixture
def page(open_page: Open) -> Page:
    page = open_page()
    page.goto("/healthz")
    page.evaluate(ENABLE, GRID)
    return page


def focused(page: Page) -> str:
    return page.evaluate("document.activeElement.id")


def walk(page: Page, *keys: str) -> list[str]:
    """Where the caret stands after each key."""
    places = []
    for key in keys:
        page.keyboard.press(key)
        places.append(focused(page))
    return places


def paste(page: Page, text: str, into: str) -> list[object]:
    """Copies the text and pastes it with the keyboard; what the page heard of it."""
    page.evaluate("text => { clipboard.value = text; heard.length = 0; clipboard.select(); clipboard.focus(); }", text)
    page.keyboard.press("Control+c")
    page.focus(f"#{into}")
    page.keyboard.press("Control+v")
    return page.evaluate("heard")


def values(page: Page) -> dict[str, str]:
    found = page.evaluate("[...document.querySelectorAll('td input')].map((each) => [each.id, each.value])")
    return {name: value for name, value in found if value}


def test_enter_and_arrows_move_in_the_column_and_send_nothing(page: Page) -> None:
    page.focus("#a1")
    assert walk(page, "Enter", "ArrowDown", "Enter", "ArrowUp", "Shift+Enter", "ArrowUp") == [
        "a2", "a3", "a3", "a2", "a1", "a1",
    ]  # fmt: skip
    page.focus("#b1")
    assert walk(page, "ArrowDown", "ArrowUp") == ["b3", "b1"]
    assert page.evaluate("heard") == []


def test_arrows_leave_an_input_only_at_the_end_of_its_text(page: Page) -> None:
    page.focus("#a1")
    page.keyboard.type("12")
    assert walk(page, "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowRight") == [
        "a1", "a1", "a1", "a1", "a1", "b1",
    ]  # fmt: skip
    assert walk(page, "ArrowLeft", "ArrowRight") == ["a1", "b1"]  # after a move the text is selected
    page.focus("#a2")
    assert walk(page, "ArrowRight", "ArrowRight") == ["c2", "d2"]


def test_a_block_is_spread_out_and_stays_aligned_where_an_input_is_missing(page: Page) -> None:
    heard = paste(page, "1\t2\t3\t4\r\n5\t\t7\t8\r\n 9 \t10\t11\t12\r\n", "a1")
    assert values(page) == {
        "a1": "1", "b1": "2", "c1": "3", "d1": "4", "a2": "5", "c2": "7",
        "a3": "9", "b3": "10", "c3": "11", "d3": "12",
    }  # fmt: skip
    assert heard == ["a1", "b1", "c1", "d1", "a2", "c2", "a3", "b3", "c3", "d3", {"filled": 10, "dropped": 1}]


def test_what_finds_no_input_is_counted(page: Page) -> None:
    assert paste(page, "1\n2\n3", "b3") == ["b3", {"filled": 1, "dropped": 2}]
    assert values(page) == {"b3": "1"}


def test_an_empty_cell_of_the_block_empties_its_input(page: Page) -> None:
    page.fill("#a2", "5")
    paste(page, "1\n\n3", "a1")
    assert values(page) == {"a1": "1", "a3": "3"}


def test_a_single_value_is_pasted_at_the_caret(page: Page) -> None:
    page.fill("#a1", "1")
    page.evaluate("a1.setSelectionRange(1, 1)")
    assert paste(page, "23", "a1") == ["a1"]
    assert values(page) == {"a1": "123"}


@pytest.mark.parametrize(
    ("text", "cells"),
    [
        ("", [[""]]),
        ("1", [["1"]]),
        ("1\t2\n3\t4", [["1", "2"], ["3", "4"]]),
        ("1\r\n", [["1"]]),
        ("1\t\r\n\t2", [["1", ""], ["", "2"]]),
        ('"two\nlines"\t"say ""so"""\n5', [["two\nlines", 'say "so"'], ["5"]]),
        ('5" pipe\t"half', [['5" pipe', '"half']]),
        ("\n", [[""]]),
        ("1\n\n2", [["1"], [""], ["2"]]),
    ],
)
def test_cells_of_the_clipboard(page: Page, text: str, cells: list[list[str]]) -> None:
    found = page.evaluate("async (text) => (await import('/static/js/grid.js')).cellsOf(text)", text)
    assert found == cells
