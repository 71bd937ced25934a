import io
import struct
import zipfile
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter
import xlwt

from targets.problems import Refused
from targets.sheets import package, refusals
from targets.sheets.book import read_book
from targets.sheets.cells import ErrorCell, Merge, PercentCell, UncachedFormula
from tests.targets.sheets.workbooks import delimited, repacked, sheet_xml, xls, xlsx, xlsx_sheets

PLAIN = [["单位", "数值"], ["海曙", 5], [None, 1.1], ["0801", True]]
READ = (("单位", "数值"), ("海曙", Decimal(5)), (None, Decimal("1.1")), ("0801", True))


def refusal(data: bytes, **options: int) -> tuple[str, ...]:
    with pytest.raises(Refused) as caught:
        read_book(data, "表.xlsx", **options)
    assert all(problem.message for problem in caught.value.problems)
    return tuple(problem.code for problem in caught.value.problems)


@pytest.mark.parametrize("data", [xlsx(PLAIN), xls(PLAIN)], ids=["xlsx", "xls"])
def test_workbook_gives_exact_cells_from_a1_on(data):
    (sheet,) = read_book(data, "错误的名字.csv").sheets
    assert sheet.name == "养老"
    assert sheet.rows == READ
    assert not sheet.hidden


def test_cells_keep_their_places_when_the_first_rows_and_columns_are_empty():
    sheet = read_book(xlsx([[], [], [None, None, 7]]), "a").sheets[0]
    assert sheet.cell(2, 2) == 7
    assert str(sheet.place(2, 2)) == "养老!C3"
    assert sheet.cell(0, 0) is None
    assert sheet.cell(99, 99) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_in_usual_encodings_and_separators(encoding, separator):
    rows = [["填报单位:海曙区民政局"], [], ["指标", "本季填报", "备注"], ["床位", "1,234", "甲,乙;丙\n丁"]]
    sheet = read_book(delimited(rows, separator=separator, encoding=encoding), "a.xls").sheets[0]
    assert sheet.rows == (
        ("填报单位:海曙区民政局",),
        (),
        ("指标", "本季填报", "备注"),
        ("床位", "1,234", "甲,乙;丙\n丁"),
    )
    assert str(sheet.place(3, 1)) == "B4"


def test_errors_formulas_percentages_and_dates_of_xlsx_are_told_from_empty_cells():
    stream = io.BytesIO()
    workbook = xlsxwriter.Workbook(stream, {"in_memory": True})
    sheet = workbook.add_worksheet("表")
    sheet.write_formula("A1", "=B9", None, "#REF!")
    sheet.write_formula("B1", "=A9+1", None, "")
    sheet.write_formula("C1", "=A9+2", None, 3)
    sheet.write("D1", 0.3, workbook.add_format({"num_format": 10}))
    sheet.write("E1", 0.3, workbook.add_format({"num_format": '0.0"%"'}))
    sheet.write_datetime("F1", date(2020, 3, 10), workbook.add_format({"num_format": "m/d"}))
    sheet.write("G1", 0.5, workbook.add_format({"num_format": "0.00%;-0.00%"}))
    sheet.write_formula("H1", '=""', None, "text")
    workbook.close()
    data = sheet_xml(stream.getvalue(), b"<v>text</v>", b"<v></v>")
    assert read_book(data, "a").sheets[0].rows[0][:7] == (
        ErrorCell("#REF!"),
        UncachedFormula("=A9+1"),
        Decimal(3),
        PercentCell(Decimal("0.3")),
        Decimal("0.3"),
        date(2020, 3, 10),
        PercentCell(Decimal("0.5")),
    )
    assert read_book(data, "a").sheets[0].cell(0, 7) is None  # worked out, and its result is an empty text


def test_errors_percentages_dates_merges_and_hidden_rows_of_xls():
    workbook = xlwt.Workbook()
    sheet = workbook.add_sheet("表")
    sheet.write(0, 0, xlwt.Formula("A9"))
    sheet.row(0).set_cell_error(1, "#REF!")
    sheet.write(0, 2, 0.3, xlwt.easyxf(num_format_str="0%"))
    sheet.write(0, 3, date(2020, 3, 10), xlwt.easyxf(num_format_str="m/d"))
    sheet.write_merge(1, 2, 0, 0, "海曙")
    sheet.row(2).hidden = True
    sheet.write(2, 1, 4)
    stream = io.BytesIO()
    workbook.save(stream)
    read = read_book(stream.getvalue(), "a").sheets[0]
    assert read.rows[0] == (
        UncachedFormula("="),
        ErrorCell("#REF!"),
        PercentCell(Decimal("0.3")),
        date(2020, 3, 10),
    )
    assert read.merges == (Merge(1, 0, 2, 0),)
    assert read.hidden_rows == {2}


def test_merges_hidden_rows_and_hidden_sheets_of_xlsx():
    read = read_book(xlsx([["海曙", 1], [None, 2]], hidden_rows=[1], merges=["A1:A2"]), "a").sheets[0]
    assert (read.merges, read.hidden_rows) == ((Merge(0, 0, 1, 0),), {1})
    data = xlsx_sheets({"甲": [[1]], "乙": [[2]]})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        about = archive.read("xl/workbook.xml").replace(b'sheetId="2"', b'sheetId="2" state="hidden"')
    assert [sheet.hidden for sheet in read_book(repacked(data, {"xl/workbook.xml": about}), "a").sheets] == [
        False,
        True,
    ]


def test_styled_but_empty_cells_far_away_do_not_count():
    far = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    assert read_book(sheet_xml(xlsx(PLAIN), b"</sheetData>", far), "a").sheets[0].rows == READ


def test_a_filled_cell_at_the_sheet_s_far_corner_is_refused_before_it_is_allocated():
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    assert refusal(sheet_xml(xlsx(PLAIN), b"</sheetData>", far)) == ("too_many_rows",)
    wide = b'<row r="9999"><c r="XFD9999"><v>1</v></c></row></sheetData>'
    assert refusal(sheet_xml(xlsx(PLAIN), b"</sheetData>", wide)) == ("too_large_area",)


def test_cells_without_references_are_counted_too(monkeypatch):
    monkeypatch.setattr(package, "MAX_CELLS", 3)
    monkeypatch.setattr(refusals, "MAX_CELLS", 3)
    row = b"<row><c><v>1</v></c><c><v>2</v></c></row>"
    data = sheet_xml(
        xlsx([[1, 2]]), b'<row r="1" spans="1:2"><c r="A1"><v>1</v></c><c r="B1"><v>2</v></c></row>', row * 2
    )
    assert refusal(data) == ("too_large_area",)


def test_too_many_rows_are_refused():
    assert refusal(("a,b\n" * 200_001).encode()) == ("too_many_rows",)
    assert len(read_book(("a,b\n" * 200_000).encode(), "a").sheets[0].rows) == 200_000


def zeros_bomb(declared: int | None = None) -> bytes:
    """Return a workbook with a part of 301 MB of blanks, with a declared size that may be a lie."""
    size = 301 * 1024 * 1024
    stream = io.BytesIO(xlsx(PLAIN))
    with (
        zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/bomb.xml", "w") as part,
    ):
        for _ in range(301):
            part.write(b" " * 1024 * 1024)
    data = stream.getvalue()
    return data if declared is None else data.replace(struct.pack("<L", size), struct.pack("<L", declared))


def test_zip_bomb_is_refused_by_its_declared_and_by_its_real_size():
    honest, lying = zeros_bomb(), zeros_bomb(1000)
    assert len(honest) < 2_000_000
    assert honest != lying
    assert refusal(honest) == ("unpacks_too_large",)
    assert refusal(lying) == ("unpacks_too_large",)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_document_types_and_their_entities_are_refused(part):
    data = xlsx(PLAIN)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read(part)
    entity = b'standalone="yes"?>\n<!DOCTYPE x [<!ENTITY a "1">]>'
    assert refusal(repacked(data, {part: xml.replace(b'standalone="yes"?>', entity)})) == ("damaged_file",)


def test_damaged_workbooks_are_refused():
    data = xlsx(PLAIN)
    assert refusal(data[:-200]) == ("damaged_file",)
    assert refusal(sheet_xml(data, b"</sheetData>", b"")) == ("damaged_file",)
    assert refusal(repacked(data, {"xl/_rels/workbook.xml.rels": b"<Relationships/>"})) == ("damaged_file",)
    old = xls(PLAIN)
    assert refusal(old[:600]) == ("damaged_file",)
    flipped = bytearray(data)
    flipped[data.index(b"xl/worksheets/sheet1.xml") + 60] ^= 255
    assert refusal(bytes(flipped)) == ("damaged_file",)


def ole(*streams: str) -> bytes:
    """Return a minimal OLE container with empty streams of these names."""
    entries = [("Root Entry", 5, 1)] + [(name, 2, -1) for name in streams]
    directory = b""
    for number, (name, kind, child) in enumerate(entries):
        text = name.encode("utf-16-le") + b"\0\0"
        right = number + 1 if 0 < number < len(entries) - 1 else -1
        directory += text.ljust(64, b"\0") + struct.pack("<HBBiii", len(text), kind, 1, -1, right, child)
        directory += b"\0" * 36 + struct.pack("<iii", -2, 0, 0)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += b"\0" * 6 + struct.pack("<iiiiiiiiii", 0, 1, 1, 0, 4096, -2, 0, -2, 0, 0)
    header += struct.pack("<i", -1) * 108
    return header.ljust(512, b"\xff") + struct.pack("<ii", -3, -2).ljust(512, b"\xff") + directory.ljust(512, b"\0")


def test_encrypted_workbooks_are_refused():
    assert refusal(ole("EncryptionInfo", "EncryptedPackage")) == ("encrypted_file",)
    old = xls(PLAIN)
    start = old.index(struct.pack("<HH", 0x0809, 16)) + 20  # the first record after the workbook's BOF
    filepass = struct.pack("<HH", 0x002F, 6)
    assert refusal(old[:start] + filepass + old[start + 4 :]) == ("encrypted_file",)


def archive_of(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "<a/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.7\n...",
        b"\x89PNG\r\n\x1a\n",
        b"<html><table><tr><td>1</td></tr></table></html>",
        "\ufeff\r\n <!DOCTYPE html>".encode(),
        b'<?xml version="1.0"?><Workbook/>',
        b"MIME-Version: 1.0\r\n",
        archive_of("word/document.xml"),
        archive_of("mimetype", "content.xml"),
        archive_of("xl/workbook.bin"),
        archive_of("a.xlsx"),
        ole("WordDocument"),
        "指标\t本季".encode("utf-16"),
        b"Rar!\x1a\x07",
        b"\x00\x01\x02\x03",
    ],
)
def test_other_kinds_of_file_are_refused_whatever_their_name(data):
    assert refusal(data) == ("not_a_spreadsheet",)


def test_opendocument_is_told_to_be_saved_as_xlsx():
    with pytest.raises(Refused) as caught:
        read_book(archive_of("mimetype", "content.xml"), "a.ods")
    assert ".xlsx" in caught.value.problems[0].message
    assert ".ods" in caught.value.problems[0].message


@pytest.mark.parametrize("data", [b"", b"\r\n  \r\n", b"\0\0"])
def test_empty_file_is_refused(data):
    assert refusal(data) == ("empty_file",)


def test_size_limit_is_the_caller_s():
    data = b"a,b\n" * 1024 * 512
    assert refusal(data, max_bytes=1024 * 1024) == ("file_too_large",)
    assert read_book(data[: 1024 * 1024 // 64], "a", max_bytes=1024 * 1024).sheets


def test_csv_that_cannot_be_read_is_refused():
    assert refusal(b"\xff\xffabc") == ("unknown_characters",)
    assert refusal('指标,本季填报\n"床位"x,5\n'.encode()) == ("broken_csv",)
