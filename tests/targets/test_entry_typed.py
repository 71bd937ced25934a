"""From the fields of the form to a draft: a table of what can be typed, and what comes of it."""

from decimal import Decimal

import pytest
from django.http import QueryDict

from targets.domain.entries import FigureEntry, NoteEntry
from targets.domain.explanations import ExplanationEntry
from targets.domain.review import RemarkEntry
from targets.entry.typed import Typed, read_draft, read_remarks
from targets.lines import lines_of_one
from targets.problems import Place
from tests.world import BEDS, COVERAGE, HAISHU, World

pytestmark = pytest.mark.django_db


def typed(world: World, programme: str = "eldercare", rows: str = "0902", version: str = "3", **fields: str) -> Typed:
    """The form as it would be posted; fields are written n0902_numerator="12"."""
    data = QueryDict(mutable=True)
    data.setlist("row", rows.split())
    data["version"] = version
    for name, text in fields.items():
        code, _mark, field = name.removeprefix("n").partition("_")
        data[f"{code}.{field.replace('why_', 'why-')}"] = text
    submission = world.submission(HAISHU, 3, programme)
    return read_draft(submission, lines_of_one(submission), data)


def figure(indicator: str, code: str, *numbers: str, **more: object) -> FigureEntry:
    place = Place(cell=f"{code}.numerator")
    amounts = [Decimal(number) for number in numbers]
    return FigureEntry(HAISHU, indicator, "2020Q3", *amounts, **{"note": "", "place": place, **more})


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("12", figure(BEDS, "0902", "12")),
        ("0", figure(BEDS, "0902", "0")),
        ("１，２００", figure(BEDS, "0902", "1200")),
        (" 46张 ", figure(BEDS, "0902", "46")),
        ("1.9万", figure(BEDS, "0902", "19000")),
        ("-2", figure(BEDS, "0902", "-2")),
        ("", figure(BEDS, "0902")),
        ("-", figure(BEDS, "0902")),
        ("不适用", figure(BEDS, "0902", not_applicable=True)),
    ],
)
def test_a_number_is_read_as_in_a_spreadsheet(world: World, text: str, entry: FigureEntry) -> None:
    read = typed(world, n0902_numerator=text)
    assert (read.draft.figures, read.problems) == ([entry], ())
    assert read.draft.version == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("约50", "approximate"),
        ("10多个", "open_ended"),
        ("3成", "tenths"),
        ("88/299", "fraction_for_number"),
        ("2020-03-10", "date_in_number"),
        ("12户", "unknown_unit"),
        ("1e5", "scientific_notation"),
        ("abc", "not_a_number"),
        ("<script>", "open_ended"),
        ("9" * 40, "too_many_digits"),
    ],
)
def test_what_is_no_number_is_a_problem_at_its_field(world: World, text: str, code: str) -> None:
    read = typed(world, n0902_numerator=text)
    assert read.draft.figures == []
    assert [(each.code, each.place.cell, each.found) for each in read.problems] == [(code, "0902.numerator", text)]


@pytest.mark.parametrize(
    ("fields", "entry"),
    [
        (("88", "275"), figure(COVERAGE, "0704", "88", "275")),
        (("88/299", ""), figure(COVERAGE, "0704", "88", "299")),
        (("88/299", "299"), figure(COVERAGE, "0704", "88", "299")),
        (("88/299", "158"), figure(COVERAGE, "0704", "88", "299")),  # 158 was put there by the form itself
        (("", "158"), figure(COVERAGE, "0704")),
        (("88", ""), figure(COVERAGE, "0704", "88")),  # the hard check asks for the denominator
    ],
)
def test_a_ratio_has_two_fields_or_a_fraction(world: World, fields: tuple[str, str], entry: FigureEntry) -> None:
    world.report(HAISHU, COVERAGE, 2, 30, 158)
    read = typed(world, "children", "0704", n0704_numerator=fields[0], n0704_denominator=fields[1])
    assert (read.draft.figures, read.problems) == ([entry], ())


@pytest.mark.parametrize(
    ("fields", "code", "cell"),
    [
        (("88/299", "300"), "two_denominators", "0704.numerator"),
        (("29.4%", "275"), "percent_for_ratio", "0704.numerator"),
        (("88", "88/275"), "fraction_in_denominator", "0704.denominator"),
        (("88", "many"), "not_a_number", "0704.denominator"),
    ],
)
def test_a_faulty_ratio_is_told_at_the_field(world: World, fields: tuple[str, str], code: str, cell: str) -> None:
    read = typed(world, "children", "0704", n0704_numerator=fields[0], n0704_denominator=fields[1])
    assert [(each.code, each.place.cell) for each in read.problems] == [(code, cell)]


def test_not_applicable_with_its_note(world: World) -> None:
    read = typed(world, n0902_numerator="", n0902_na="1", n0902_note=" 辖区内没有 ")
    assert read.draft.figures == [figure(BEDS, "0902", not_applicable=True, note="辖区内没有")]


def test_a_note_without_a_number_is_not_lost_silently(world: World) -> None:
    read = typed(world, n0902_numerator="", n0902_note="待核实")
    assert [(each.code, each.found) for each in read.problems] == [("note_without_number", "待核实")]


def test_words_and_stages(world: World) -> None:
    read = typed(world, rows="0905", n0905_stage="done", n0905_progress="已完成", n0905_problems="")
    place = Place(cell="0905.progress")
    assert read.draft.notes == [NoteEntry(HAISHU, "0905", "2020Q3", "done", "已完成", "", None, place=place)]


def test_explanations_are_read_by_their_check(world: World) -> None:
    read = typed(world, n0902_why_leapt="集中完成")
    assert read.draft.explanations == [ExplanationEntry("0902", "leapt", "集中完成")]
    assert read.draft.figures == []


def test_only_named_rows_are_read_and_unknown_ones_are_told(world: World) -> None:
    read = typed(world, rows="0905 9999", n0902_numerator="12", n0905_stage="done")
    assert (read.draft.figures, len(read.draft.notes)) == ([], 1)
    assert [(each.code, each.place.cell) for each in read.problems] == [("unknown_commitment", "9999")]


@pytest.mark.parametrize("version", ["", "-1", "abc", "³", "9" * 30])
def test_a_form_without_a_version_is_told_so(world: World, version: str) -> None:
    assert [each.code for each in typed(world, version=version, n0902_numerator="1").problems] == ["invalid"]


def test_remarks_are_read_by_row(world: World) -> None:
    data = QueryDict("0902.remark=%E8%AF%B7%E6%A0%B8%E5%AF%B9&0905.remark=+&9999-remark=x")
    lines = lines_of_one(world.submission(HAISHU, 3))
    assert read_remarks(lines, data) == [RemarkEntry("0902", "请核对")]
