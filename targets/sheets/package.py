"""The zip around an .xlsx: its real size, its sheets' real bounds, and what calamine does not tell.

calamine allocates the whole rectangle between the outermost cells, and gives error cells and formulas
without a result as empty ones; so each sheet's XML is streamed once before, in bounded memory, no entities.
"""

import copy
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from posixpath import normpath
from xml.parsers import expat

from django.utils.translation import gettext as _

from targets.sheets.cells import ErrorCell, UncachedFormula
from targets.sheets.refusals import MAX_CELLS, MAX_UNPACKED, check_extent, refuse, refuse_damaged

_CHUNK = 1 << 16
_MAX_PARTS = 5_000
_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_PERCENT_FORMATS = {9, 10}
_NAMESPACE_END = "}"


@dataclass(slots=True)
class SheetFacts:
    """What one sheet's XML says beside the values; rows and columns are counted from 0."""

    last_row: int = -1
    last_column: int = -1
    hidden_rows: set[int] = field(default_factory=set)
    marked: dict[tuple[int, int], ErrorCell | UncachedFormula] = field(default_factory=dict)
    percentages: set[tuple[int, int]] = field(default_factory=set)


def read_package(archive: zipfile.ZipFile) -> dict[str, SheetFacts]:
    """Return by sheet name what stands beside the values; raises Refused for what must not be opened."""
    _check_size(archive)
    parts = _sheet_parts(archive)
    percent_styles = _percent_styles(archive)
    sheets: dict[str, SheetFacts] = {}
    area = 0
    for name, part in parts.items():
        facts = _SheetScan(percent_styles).run(_unpacked(archive, part))
        area += (facts.last_row + 1) * (facts.last_column + 1)
        check_extent(facts.last_row + 1, area)
        sheets[name] = facts
    return sheets


def _check_size(archive: zipfile.ZipFile) -> None:
    """Raise Refused when the parts together unpack to more than the limit, whatever their headers declare."""
    parts = archive.infolist()
    declared = sum(part.file_size for part in parts)
    if declared > MAX_UNPACKED or len(parts) > _MAX_PARTS:
        _refuse_unpacked()
    total = 0
    for part in parts:
        if part.flag_bits & 1 or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refuse_damaged()
        for chunk in _unpacked(archive, part):
            total += len(chunk)
            if total > MAX_UNPACKED:
                _refuse_unpacked()


def _refuse_unpacked() -> None:
    refuse(
        "unpacks_too_large",
        _("Unpacked, the file is larger than %(limit)s MB. Copy the report's sheet into a new workbook and send that.")
        % {"limit": MAX_UNPACKED // 1024 // 1024},
    )


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the part's real content: zipfile alone would stop at the size that the header declares."""
    real = copy.copy(part)
    real.file_size = MAX_UNPACKED + _CHUNK
    try:
        with archive.open(real) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
        refuse_damaged()


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the worksheet parts by sheet name, by way of the workbook's relationships."""
    by_path = {info.filename.casefold(): info for info in archive.infolist()}
    if len(by_path) != len(archive.infolist()):
        refuse_damaged()
    targets: dict[str, str] = {}
    for tag, attributes in _elements(archive, by_path.get("xl/_rels/workbook.xml.rels")):
        if tag == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")
    parts: dict[str, zipfile.ZipInfo] = {}
    for tag, attributes in _elements(archive, by_path.get("xl/workbook.xml")):
        if tag != "sheet":
            continue
        relation = next((value for key, value in attributes.items() if key.endswith(_NAMESPACE_END + "id")), "")
        part = by_path.get(_part_path(targets.get(relation, "")))
        if part is None or attributes.get("name", "") in parts:
            refuse_damaged()
        parts[attributes.get("name", "")] = part
    return parts


def _part_path(target: str) -> str:
    return (target.lstrip("/") if target.startswith("/") else normpath(f"xl/{target}")).casefold()


def _percent_styles(archive: zipfile.ZipFile) -> frozenset[int]:
    """Return the numbers of the cell styles whose number format is a percentage."""
    styles = next((info for info in archive.infolist() if info.filename.casefold() == "xl/styles.xml"), None)
    formats = set(_PERCENT_FORMATS)
    cell_formats: list[int] = []
    inside = False
    for tag, attributes in _elements(archive, styles) if styles else ():
        if tag in ("cellXfs", "cellStyles", "cellStyleXfs", "dxfs"):
            inside = tag == "cellXfs"
        elif tag == "numFmt" and shows_percent(attributes.get("formatCode", "")):
            formats.add(_whole(attributes.get("numFmtId")))
        elif tag == "xf" and inside:
            cell_formats.append(_whole(attributes.get("numFmtId")))
    return frozenset(style for style, number_format in enumerate(cell_formats) if number_format in formats)


def shows_percent(number_format: str) -> bool:
    """Return whether a number format shows 0.3 as 30 %: a percent sign outside quotes and escapes."""
    return "%" in re.sub(r'"[^"]*"|\\.', "", number_format)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _elements(archive: zipfile.ZipFile, part: zipfile.ZipInfo | None) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield each element's local name and attributes, in document order."""
    if part is None:
        refuse_damaged()
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, attributes: found.append((_local(name), attributes))
    for chunk in _unpacked(archive, part):
        _feed(parser, chunk)
        yield from found
        found.clear()
    _feed(parser, b"", final=True)


def _parser() -> expat.XMLParserType:
    """Return a parser that refuses any document type, so that no entity is ever expanded."""

    def refuse_doctype(*args: object) -> None:
        refuse_damaged()

    parser = expat.ParserCreate(namespace_separator=_NAMESPACE_END)
    parser.StartDoctypeDeclHandler = refuse_doctype
    parser.buffer_text = True
    return parser


def _feed(parser: expat.XMLParserType, chunk: bytes, final: bool = False) -> None:
    try:
        parser.Parse(chunk, final)
    except (expat.ExpatError, LookupError, ValueError):
        refuse_damaged()


def _local(name: str) -> str:
    return name.rpartition(_NAMESPACE_END)[2]


class _SheetScan:
    """One pass over a sheet's XML, collecting its SheetFacts."""

    def __init__(self, percent_styles: frozenset[int]) -> None:
        self.percent_styles = percent_styles
        self.facts = SheetFacts()
        self.row, self.column = -1, -1
        self.kind, self.style, self.formula, self.value = "", 0, "", ""
        self.has_formula = self.has_content = False
        self.inside = ""

    def run(self, chunks: Iterator[bytes]) -> SheetFacts:
        """Return the sheet's facts; raises Refused for XML that is broken or spans an absurd area."""
        parser = _parser()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text
        for chunk in chunks:
            _feed(parser, chunk)
        _feed(parser, b"", final=True)
        return self.facts

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Note where a row, a cell or its content begins."""
        tag = _local(name)
        if tag == "row":
            self.row = _whole(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
            if attributes.get("hidden") in ("1", "true"):
                self.facts.hidden_rows.add(self.row)
        elif tag == "c":
            self.start_cell(attributes)
        elif tag in ("f", "v", "is"):
            self.inside = tag
            self.has_formula |= tag == "f"
            self.has_content = True

    def start_cell(self, attributes: dict[str, str]) -> None:
        """Note which cell begins; one without a reference stands right of the one before."""
        if "r" in attributes:
            self.row, self.column = _position(attributes["r"])
        else:
            self.column += 1
        self.kind, self.style = attributes.get("t", "n"), _whole(attributes.get("s"))
        self.formula = self.value = ""
        self.has_formula = self.has_content = False

    def text(self, data: str) -> None:
        """Collect a formula's text or a cell's value."""
        if self.inside == "f":
            self.formula += data
        elif self.inside == "v":
            self.value += data

    def end(self, name: str) -> None:
        """Note what the cell that ends here holds."""
        tag = _local(name)
        if tag in ("f", "v", "is"):
            self.inside = ""
        elif tag == "c" and self.has_content:
            self.end_cell()

    def end_cell(self) -> None:
        """Widen the bounds by a filled cell and remember what its value alone does not tell."""
        facts, cell = self.facts, (self.row, self.column)
        facts.last_row = max(facts.last_row, self.row)
        facts.last_column = max(facts.last_column, self.column)
        if (facts.last_row + 1) * (facts.last_column + 1) > MAX_CELLS:
            check_extent(facts.last_row + 1, (facts.last_row + 1) * (facts.last_column + 1))
        if self.kind == "e":
            facts.marked[cell] = ErrorCell(self.value)
        elif self.has_formula and not self.value and self.kind != "str":
            facts.marked[cell] = UncachedFormula(f"={self.formula}")
        elif self.kind == "n" and self.style in self.percent_styles:
            facts.percentages.add(cell)


def _position(reference: str) -> tuple[int, int]:
    """Return row and column, from 0, of a reference such as D9."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        refuse_damaged()
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(match[2]) - 1, column - 1
