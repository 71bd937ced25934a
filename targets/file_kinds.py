"""What kind of file something is, told by its content alone, and which kinds are accepted as evidence.

The libraries for this (puremagic, filetype) look at first bytes: neither tells macros, passwords or OFD, nor what
an OLE2 file holds. Here the directory of a zip or OLE2 file decides. Nothing is unpacked but the one small part
that names an Office document's type, and of that only the beginning.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from struct import unpack_from
from typing import NoReturn

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from targets.compound_files import SIGNATURE, read_entries
from targets.problems import Problem, Refused

MAX_PARTS = 5_000
TYPES_PART = "[content_types].xml"
MAX_TYPES_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class FileKind:
    """An accepted kind: its name for people, its media type, and its extensions, the usual one first."""

    label: str | Promise
    media_type: str
    extensions: tuple[str, ...]


OFFICE = "application/vnd.openxmlformats-officedocument."
PDF = FileKind("PDF", "application/pdf", (".pdf",))
OFD = FileKind("OFD", "application/ofd", (".ofd",))
PNG = FileKind("PNG", "image/png", (".png",))
JPEG = FileKind("JPEG", "image/jpeg", (".jpg", ".jpeg", ".jfif"))
WEBP = FileKind("WebP", "image/webp", (".webp",))
GIF = FileKind("GIF", "image/gif", (".gif",))
DOCX = FileKind(gettext_lazy("Word document"), f"{OFFICE}wordprocessingml.document", (".docx", ".wps"))
XLSX = FileKind(gettext_lazy("Excel workbook"), f"{OFFICE}spreadsheetml.sheet", (".xlsx", ".et"))
PPTX = FileKind(gettext_lazy("Presentation"), f"{OFFICE}presentationml.presentation", (".pptx", ".dps"))
DOC = FileKind(gettext_lazy("Word document"), "application/msword", (".doc", ".wps"))
XLS = FileKind(gettext_lazy("Excel workbook"), "application/vnd.ms-excel", (".xls", ".et"))
PPT = FileKind(gettext_lazy("Presentation"), "application/vnd.ms-powerpoint", (".ppt", ".dps"))
KINDS = {kind.media_type: kind for kind in (PDF, OFD, PNG, JPEG, WEBP, GIF, DOCX, XLSX, PPTX, DOC, XLS, PPT)}
EXTENSIONS = frozenset(extension for kind in KINDS.values() for extension in kind.extensions)

# First bytes, the bytes without which the rest is missing, and the kind.
SIMPLE = (
    (b"%PDF-", b"%%EOF", PDF),
    (b"\x89PNG\r\n\x1a\n", b"IEND", PNG),
    (b"\xff\xd8\xff", b"\xff\xd9", JPEG),
    (b"GIF87a", b"\x3b", GIF),
    (b"GIF89a", b"\x3b", GIF),
)
PDF_PASSWORD = re.compile(rb"/Encrypt[\s<\d]")
ARCHIVES = (b"PK", b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")

OFFICE_FOLDERS = {"word/": DOCX, "xl/": XLSX, "ppt/": PPTX}
COMPOUND_KINDS = {"worddocument": DOC, "workbook": XLS, "book": XLS, "powerpoint document": PPT}
PASSWORD_STREAMS = {"encryptedpackage", "encryptedsummary"}
COMPOUND_MACROS = {"macros", "vba", "_vba_project", "_vba_project_cur"}
# PowerPoint says in one record, of this type and length, whether the presentation has macros.
PPT_MACROS = re.compile(rb"\x02\0\0\x04\x0c\0\0\0.{4}\x01\0\0\0", re.DOTALL)
XLS_PASSWORD_RECORD = 0x2F


def kind_of(data: bytes) -> FileKind:
    """The accepted kind that the content is; raises Refused with one sentence for anything else."""
    if not data.strip(b"\0 \t\r\n"):
        _refuse("empty_file", _("The file is empty. Choose it again."))
    for start, end, kind in SIMPLE:
        if data.startswith(start):
            if end not in data:
                _refuse_damaged()
            if kind is PDF and PDF_PASSWORD.search(data):
                _refuse_password()
            return kind
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data)
    if data.startswith(SIGNATURE):
        return _kind_of_compound(data)
    return _refuse_other(data)


def served_name(name: str, media_type: str) -> str:
    """The name under which a file is handed out: as it came, but its extension never contradicts its content.

    An extension of another accepted kind is replaced; anything else behind a dot is part of the name.
    """
    kind = KINDS[media_type]
    stem, dot, extension = name.rpartition(".")
    found = f"{dot}{extension}".lower()
    if stem and found in kind.extensions:
        return name
    return (stem if stem and found in EXTENSIONS else name) + kind.extensions[0]


def _kind_of_zip(data: bytes) -> FileKind:
    if data.count(b"PK\x01\x02") > MAX_PARTS:
        _refuse_damaged()
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        _refuse_damaged()
    with archive:
        parts = {part.filename.casefold(): part for part in archive.infolist()}
        if any(part.flag_bits & 1 for part in parts.values()):
            _refuse_password()
        if TYPES_PART in parts and len(parts) == len(archive.infolist()):
            return _kind_of_office(parts.keys(), _types_of(archive, parts[TYPES_PART]))
    return OFD if "ofd.xml" in parts else _refuse_other(data)


def _types_of(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """The beginning of the part that names the types of all others, in small letters."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        _refuse_damaged()
    try:
        with archive.open(part) as stream:
            return stream.read(MAX_TYPES_BYTES).decode("latin-1").replace("\0", "").lower()
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
        _refuse_damaged()


def _kind_of_office(names: Collection[str], types: str) -> FileKind:
    if "macroenabled" in types or any(name.endswith("vbaproject.bin") or "/macrosheets/" in name for name in names):
        _refuse_macros()
    for folder, kind in OFFICE_FOLDERS.items():
        if f"{kind.media_type}.main+xml" in types and any(name.startswith(folder) for name in names):
            return kind
    return _refuse_other(b"")


def _kind_of_compound(data: bytes) -> FileKind:
    try:
        entries = read_entries(data)
    except ValueError:
        _refuse_damaged()
    top = {entry.name: entry for entry in entries if entry.at_top}
    if PASSWORD_STREAMS & top.keys():
        _refuse_password()
    main = next((name for name in COMPOUND_KINDS if name in top), None)
    if main is None:
        return _refuse_other(b"")
    kind = COMPOUND_KINDS[main]
    if _is_scrambled(kind, top[main].beginning):
        _refuse_password()
    if COMPOUND_MACROS & {entry.name for entry in entries} or (kind is PPT and PPT_MACROS.search(data)):
        _refuse_macros()
    return kind


def _is_scrambled(kind: FileKind, beginning: bytes) -> bool:
    """Whether the first bytes of the main stream say that a password guards the rest."""
    if kind is DOC:
        return bool(beginning[11:12] and beginning[11] & 1)
    return kind is XLS and XLS_PASSWORD_RECORD in _records(beginning)


def _records(beginning: bytes) -> Iterable[int]:
    """The numbers of an old workbook's first records."""
    place = 0
    while place + 4 <= len(beginning):
        record, length = unpack_from("<HH", beginning, place)
        yield record
        place += 4 + length


# ---- refusals


def accepted() -> str:
    """The sentence that says which kinds there are."""
    return _("Accepted are PDF, OFD, pictures (JPEG, PNG, WebP, GIF) and Word, Excel, PowerPoint or WPS files.")


def _refuse(code: str, message: str) -> NoReturn:
    raise Refused([Problem(code, message)])


def _refuse_damaged() -> NoReturn:
    _refuse(
        "damaged_file", _("The file is damaged or incomplete. Open it on your computer, save it anew and add that.")
    )


def _refuse_password() -> NoReturn:
    _refuse(
        "password", _("The file is protected by a password, and nobody could check it. Save it without and add that.")
    )


def _refuse_macros() -> NoReturn:
    _refuse("macros", _("The file holds macros. Save it without them, or as PDF, and add that."))


def _refuse_other(data: bytes) -> NoReturn:
    if data.startswith(ARCHIVES):
        _refuse("archive", _("A packed archive is not accepted. Unpack it and add its files."))
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        _refuse("heic", _("This is a HEIC photo, which most computers cannot show. Save it as JPEG and add that."))
    _refuse("other_kind", _("This kind of file is not accepted. %(accepted)s") % {"accepted": accepted()})
